package sandbox

import (
	"strconv"
	"strings"
)

// param is an ESMTP parameter: the extension it belongs to, and what values it
// may have.
type param struct {
	extension string
	valid     func(value string) bool
}

var mailParams = map[string]param{
	"SIZE":     {"SIZE", isSize},
	"BODY":     {"8BITMIME", isBody},
	"SMTPUTF8": {"SMTPUTF8", isNothing},
	"AUTH":     {"AUTH", isXtext},
}

var rcptParams = map[string]param{}

// params reads and checks parameters; it has answered when ok is false.
func (s *session) params(text string, known map[string]param) (_ Params, ok bool) {
	params, err := parseParams(text)
	if err != nil {
		s.violation("bad parameter syntax")
		s.reply(501, "5.5.4", "Bad parameter syntax")
		return nil, false
	}
	for keyword, value := range params {
		p, ok := known[keyword]
		if !ok || !s.offers(p.extension) {
			s.violation("unknown parameter " + quoteShort(keyword))
			s.reply(555, "5.5.4", "Unsupported parameter "+keyword)
			return nil, false
		}
		if !p.valid(value) {
			s.violation("bad value of parameter " + keyword)
			s.reply(501, "5.5.4", "Bad value of parameter "+keyword)
			return nil, false
		}
	}
	return params, true
}

func isNothing(value string) bool { return value == "" }

func isDigits(value string, atMost int) bool {
	_, err := strconv.ParseUint(value, 10, 64)
	return err == nil && len(value) <= atMost
}

func isSize(value string) bool { return isDigits(value, 20) }

func isBody(value string) bool {
	value = strings.ToUpper(value)
	return value == "7BIT" || value == "8BITMIME"
}

// isXtext checks RFC 3461 section 4: "+" begins two hexadecimal digits.
func isXtext(value string) bool {
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '+':
			if i+2 >= len(value) || !isUpperHex(value[i+1]) || !isUpperHex(value[i+2]) {
				return false
			}
			i += 2
		case c <= ' ' || c > '~' || c == '=':
			return false
		}
	}
	return value != ""
}

func isUpperHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }
