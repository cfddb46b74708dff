package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// digestMD5 is the mechanism DIGEST-MD5 (RFC 2831) with qop=auth. It is historic
// (RFC 6331) and used only for accounts that name it.
type digestMD5 struct {
	login  Login
	cnonce string
	want   string // the server's proof; empty before the answer
	proved bool
}

func newDigest(l Login, _ link) Mechanism { return &digestMD5{login: l, cnonce: rand.Text()} }

func (*digestMD5) Name() string { return "DIGEST-MD5" }

func (*digestMD5) Start() ([]byte, error) { return nil, nil }

// Next answers the server's question, and then takes its proof.
func (m *digestMD5) Next(challenge []byte) ([]byte, error) {
	said, err := parseDirectives(string(challenge))
	switch {
	case err != nil:
		return nil, err
	case m.proved:
		return nil, errChallenge
	case m.want == "":
		return m.answer(said)
	}
	if !hmac.Equal([]byte(said.one("rspauth")), []byte(m.want)) {
		return nil, errUnproven
	}
	m.proved = true
	return []byte{}, nil
}

func (m *digestMD5) Finish() error {
	if !m.proved {
		return errUnproven
	}
	return nil
}

// answer is RFC 2831 section 2.1.2.
func (m *digestMD5) answer(said directives) ([]byte, error) {
	nonce, utf8 := said.one("nonce"), strings.EqualFold(said.one("charset"), "utf-8")
	switch {
	case nonce == "" || said.one("algorithm") != "md5-sess":
		return nil, errors.New("the server's challenge is not one of DIGEST-MD5")
	case !said.offersAuth():
		return nil, errors.New("the server wants DIGEST-MD5 to protect the whole session, which TLS does")
	}
	realm := m.realm(said["realm"])
	user, password := m.login.User, m.login.Password
	if !utf8 {
		var fits bool
		if user, fits = latin1(user); !fits {
			return nil, errors.New("the server's DIGEST-MD5 has no such characters as the user name does")
		}
		if password, fits = latin1(password); !fits {
			return nil, errors.New("the server's DIGEST-MD5 has no such characters as the password does")
		}
	}
	uri := "smtp/" + m.login.Host
	session := digestSession(user, realm, password, nonce, m.cnonce)
	m.want = digestProof(session, nonce, m.cnonce, "", uri)
	response := fmt.Sprintf("username=%s,realm=%s,nonce=%s,cnonce=%s,nc=00000001,qop=auth,digest-uri=%s,response=%s",
		quoted(user), quoted(realm), quoted(nonce), quoted(m.cnonce), quoted(uri),
		digestProof(session, nonce, m.cnonce, "AUTHENTICATE", uri))
	if utf8 {
		response += ",charset=utf-8"
	}
	return []byte(response), nil
}

// realm chooses of the realms offered: that of the user's address, or the first.
func (m *digestMD5) realm(offered []string) string {
	_, domain, _ := strings.Cut(m.login.User, "@")
	for _, realm := range offered {
		if strings.EqualFold(realm, domain) {
			return realm
		}
	}
	if len(offered) > 0 {
		return offered[0]
	}
	return ""
}

// digestSession is HEX(H(A1)) of RFC 2831 section 2.1.2.1. What can be ISO
// 8859-1 is hashed as that, whatever goes over the wire.
func digestSession(user, realm, password, nonce, cnonce string) string {
	var parts []string
	for _, part := range []string{user, realm, password} {
		if short, fits := latin1(part); fits {
			part = short
		}
		parts = append(parts, part)
	}
	secret := md5.Sum([]byte(strings.Join(parts, ":")))
	return hexMD5(string(secret[:]) + ":" + nonce + ":" + cnonce)
}

// digestProof is the response, or without a method the server's.
func digestProof(session, nonce, cnonce, method, uri string) string {
	return hexMD5(session + ":" + nonce + ":00000001:" + cnonce + ":auth:" + hexMD5(method+":"+uri))
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// latin1 returns s in ISO 8859-1, if it can be.
func latin1(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		if r > 0xff {
			return s, false
		}
		b.WriteByte(byte(r))
	}
	return b.String(), true
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// directives are what a server says, by name in lower case.
type directives map[string][]string

// one returns the value of what must not come twice; empty if it did, or not
// at all.
func (d directives) one(name string) string {
	if len(d[name]) != 1 {
		return ""
	}
	return d[name][0]
}

// offersAuth tells that the login alone may be protected, which is what a server
// means that says nothing.
func (d directives) offersAuth() bool {
	if len(d["qop"]) == 0 {
		return true
	}
	for option := range strings.SplitSeq(d.one("qop"), ",") {
		if strings.EqualFold(strings.TrimSpace(option), "auth") {
			return true
		}
	}
	return false
}

// parseDirectives reads name=value pairs between commas; a value may be quoted
// (RFC 2831 section 7.1).
func parseDirectives(s string) (directives, error) {
	d := directives{}
	for s = strings.TrimLeft(s, ", \t"); s != ""; s = strings.TrimLeft(s, ", \t") {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return nil, errDirectives
		}
		value, rest, ok := directive(strings.TrimLeft(rest, " \t"))
		if rest = strings.TrimLeft(rest, " \t"); !ok || rest != "" && rest[0] != ',' {
			return nil, errDirectives
		}
		name = strings.ToLower(strings.TrimSpace(name))
		d[name] = append(d[name], value)
		s = rest
	}
	return d, nil
}

var errDirectives = errors.New("the server's challenge can't be read")

// directive takes a value off s.
func directive(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ',')
		if end < 0 {
			end = len(s)
		}
		return strings.TrimRight(s[:end], " \t"), s[end:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
