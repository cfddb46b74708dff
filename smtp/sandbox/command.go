package sandbox

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// command is a line of the client: a verb in capitals and what follows it.
type command struct {
	verb, arg string
	size      int // octets of the line, CRLF included
}

func parseCommand(line string) command {
	verb, arg, _ := strings.Cut(line, " ")
	return command{strings.ToUpper(verb), strings.TrimRight(arg, " "), len(line) + len("\r\n")}
}

// quoteShort is for logs.
func quoteShort(s string) string { return strconv.Quote(s[:min(len(s), 40)]) }

var (
	errPath   = errors.New("bad address syntax")
	errParams = errors.New("bad parameter syntax")
)

// path is a reverse-path or forward-path (RFC 5321 section 4.1.2) without its
// angle brackets.
type path struct {
	text   string // as it came; empty for <>
	local  string // unquoted
	domain string // empty for <> and <postmaster>
}

// parsePath reads keyword (FROM: or TO:) and a path off arg, and returns what
// follows, which is empty or begins with a space. Source routes, obsolete for
// decades, are not understood.
func parsePath(arg, keyword string) (path, string, error) {
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return path{}, "", errPath
	}
	arg = arg[len(keyword):]
	if !strings.HasPrefix(arg, "<") || !utf8.ValidString(arg) {
		return path{}, "", errPath
	}
	arg = arg[1:]
	local, n := parseLocal(arg)
	rest := arg[n:]
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		return path{}, "", errPath
	}
	p := path{text: arg[:n+end], local: local, domain: rest[:end]}
	rest = rest[end+1:]
	if rest != "" && rest[0] != ' ' {
		return path{}, "", errPath
	}
	if p.text == "" || strings.EqualFold(p.text, "postmaster") {
		return p, rest, nil
	}
	if p.local == "" && arg[0] != '"' || !strings.HasPrefix(p.domain, "@") {
		return path{}, "", errPath
	}
	p.domain = p.domain[1:]
	if n > 64+len(`""`) || len(p.domain) > 255 || !validDomain(p.domain) {
		return path{}, "", errPath
	}
	return p, rest, nil
}

// parseLocal reads the local part at the start of s, a dot-string or a quoted
// string, and returns it without quoting, with the octets it took. Both are
// zero when there is none.
func parseLocal(s string) (string, int) {
	if !strings.HasPrefix(s, `"`) {
		n := 0
		for n < len(s) && (isAtext(s[n]) || s[n] == '.') {
			n++
		}
		if local := s[:n]; !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..") {
			return local, n
		}
		return "", 0
	}
	var local strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return local.String(), i + 1
		case c == '\\' && i+1 < len(s) && s[i+1] >= ' ' && s[i+1] <= '~':
			i++
			local.WriteByte(s[i])
		case c == '\\' || c < ' ' || c == 0x7f:
			return "", 0
		default:
			local.WriteByte(c)
		}
	}
	return "", 0
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isAtext includes all of UTF-8 beyond ASCII (RFC 6531 section 3.3).
func isAtext(c byte) bool {
	return isAlnum(c) || c >= utf8.RuneSelf || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// validDomain accepts a host name, in UTF-8 too, or an address literal.
func validDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		v6, isV6 := strings.CutPrefix(literal, "IPv6:")
		ip, err := netip.ParseAddr(v6)
		return ok && err == nil && ip.Zone() == "" && ip.Is6() == isV6
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !isAlnum(c) && c != '-' && c != '_' && c < utf8.RuneSelf {
				return false
			}
		}
	}
	return utf8.ValidString(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// parseParams reads the parameters that follow a path (RFC 5321 section
// 4.1.2, esmtp-param). None may come twice.
func parseParams(s string) (Params, error) {
	params := Params{}
	for field := range strings.SplitSeq(strings.TrimPrefix(s, " "), " ") {
		if field == "" {
			if s == "" {
				break
			}
			return nil, errParams
		}
		keyword, value, hasValue := strings.Cut(field, "=")
		keyword = strings.ToUpper(keyword)
		if _, twice := params[keyword]; twice || !isKeyword(keyword) || hasValue && !isParamValue(value) {
			return nil, errParams
		}
		params[keyword] = value
	}
	return params, nil
}

func isKeyword(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && (s[i] != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

func isParamValue(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == '=' || s[i] == 0x7f {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}
