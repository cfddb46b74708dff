package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// param is an ESMTP parameter: the extension it belongs to, and what values it
// may have.
type param struct {
	extension string
	valid     func(value string) bool
}

// maxHold is how long a mail may wait for its release, and minDeliverBy how
// many seconds a deadline must leave.
const (
	maxHold      = 7 * 24 * time.Hour
	minDeliverBy = 60
)

var mailParams = map[string]param{
	"SIZE":        {"SIZE", isSize},
	"BODY":        {"8BITMIME", isBody},
	"SMTPUTF8":    {"SMTPUTF8", isNothing},
	"AUTH":        {"AUTH", isXtext},
	"RET":         {"DSN", isRet},
	"ENVID":       {"DSN", isEnvelopeID},
	"HOLDFOR":     {"FUTURERELEASE", isHoldFor},
	"HOLDUNTIL":   {"FUTURERELEASE", isHoldUntil},
	"BY":          {"DELIVERBY", isDeliverBy},
	"MT-PRIORITY": {"MT-PRIORITY", isPriority},
	"REQUIRETLS":  {"REQUIRETLS", isNothing},
}

var rcptParams = map[string]param{
	"NOTIFY": {"DSN", isNotify},
	"ORCPT":  {"DSN", isOriginalRecipient},
}

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
	if _, ok := params["HOLDFOR"]; ok && params["HOLDUNTIL"] != "" {
		s.violation("HOLDFOR with HOLDUNTIL")
		s.reply(501, "5.5.4", "HOLDFOR and HOLDUNTIL exclude each other")
		return nil, false
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

func isRet(value string) bool {
	return strings.EqualFold(value, "FULL") || strings.EqualFold(value, "HDRS")
}

func isEnvelopeID(value string) bool { return isXtext(value) && len(value) <= 100 }

// isNotify checks RFC 3461 section 4.1: NEVER stands alone.
func isNotify(value string) bool {
	value = strings.ToUpper(value)
	if value == "NEVER" {
		return true
	}
	seen := make(map[string]bool)
	for event := range strings.SplitSeq(value, ",") {
		if seen[event] || event != "SUCCESS" && event != "FAILURE" && event != "DELAY" {
			return false
		}
		seen[event] = true
	}
	return true
}

// isOriginalRecipient checks RFC 3461 section 4.2, and RFC 6533 for addresses
// of the type utf-8.
func isOriginalRecipient(value string) bool {
	kind, address, ok := strings.Cut(value, ";")
	if !ok || !isKeyword(kind) || len(value) > 500 {
		return false
	}
	return isXtext(address) || strings.EqualFold(kind, "utf-8") && address != ""
}

func isHoldFor(value string) bool {
	seconds, err := strconv.ParseInt(value, 10, 64)
	return err == nil && isDigits(value, 9) && seconds > 0 && seconds <= int64(maxHold/time.Second)
}

func isHoldUntil(value string) bool {
	until, err := time.Parse(time.RFC3339, value)
	return err == nil && time.Until(until) <= maxHold
}

// isDeliverBy checks RFC 2852 section 4. Only with mode N may the time be past.
func isDeliverBy(value string) bool {
	seconds, mode, ok := strings.Cut(strings.ToUpper(value), ";")
	n, err := strconv.Atoi(seconds)
	if !ok || err != nil || !isDigits(strings.TrimLeft(seconds, "+-"), 9) {
		return false
	}
	switch strings.TrimSuffix(mode, "T") {
	case "N":
		return true
	case "R":
		return n >= minDeliverBy
	}
	return false
}

func isPriority(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n >= -9 && n <= 9 && value[0] != '+'
}
