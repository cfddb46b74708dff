package sandbox

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// authDigest is RFC 2831 with qop=auth, without a second login on one nonce.
func authDigest(e *exchange) (string, error) {
	nonce := rand.Text()
	response, err := e.ask(`realm="` + hostname + `",nonce="` + nonce + `",qop="auth",charset=utf-8,algorithm=md5-sess`)
	if err != nil {
		return "", err
	}
	said, ok := parseDigest(response)
	if !ok || said["nonce"] != nonce || said["nc"] != "00000001" || said["cnonce"] == "" ||
		said["qop"] != "auth" || said["charset"] != "utf-8" || !strings.HasPrefix(said["digest-uri"], "smtp/") {
		return "", errExchange
	}
	user := said["username"]
	base := md5.Sum([]byte(isoLatin(user) + ":" + isoLatin(said["realm"]) + ":" + isoLatin(e.s.opts.Password)))
	key := md5Hex(string(base[:]) + ":" + nonce + ":" + said["cnonce"])
	proof := func(method string) string {
		return md5Hex(strings.Join([]string{
			key, nonce, said["nc"], said["cnonce"], "auth", md5Hex(method + ":" + said["digest-uri"]),
		}, ":"))
	}
	if said["realm"] != hostname || user != e.s.opts.User || !same(said["response"], proof("AUTHENTICATE")) {
		return "", errRefused
	}
	answer, err := e.ask("rspauth=" + proof(""))
	if err == nil && answer != "" {
		err = errExchange
	}
	return user, err
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// isoLatin is what gets hashed of a string in UTF-8: where possible, its form
// in ISO 8859-1 (RFC 2831 section 2.1.2.1).
func isoLatin(s string) string {
	var latin []byte
	for _, r := range s {
		if r >= 0x100 {
			return s
		}
		latin = append(latin, byte(r))
	}
	return string(latin)
}

// parseDigest reads the directives of a response; none may come twice.
func parseDigest(s string) (map[string]string, bool) {
	said := make(map[string]string)
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if _, twice := said[name]; !ok || twice {
			return nil, false
		}
		var value []byte
		if strings.HasPrefix(rest, `"`) {
			end := 1
			for ; end < len(rest) && rest[end] != '"'; end++ {
				if rest[end] == '\\' && end+1 < len(rest) {
					end++
				}
				value = append(value, rest[end])
			}
			if end >= len(rest) {
				return nil, false
			}
			rest = rest[end+1:]
		} else {
			end := len(rest)
			if comma := strings.IndexByte(rest, ','); comma >= 0 {
				end = comma
			}
			value, rest = []byte(rest[:end]), rest[end:]
		}
		said[name] = string(value)
		if rest != "" && rest[0] != ',' {
			return nil, false
		}
		s = strings.TrimPrefix(rest, ",")
	}
	return said, true
}
