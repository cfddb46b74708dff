package address

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	maxDomain = 253 // RFC 1035 section 2.3.4, without the root's dot
	maxLabel  = 63
)

// readDomain returns what a person typed in the form that Mailbox.Domain has,
// or says what is wrong with it.
func readDomain(s string) (domain, reason string) {
	if strings.HasPrefix(s, "[") {
		return readLiteral(s)
	}
	ascii, reason := wireDomain(strings.TrimSuffix(s, "."))
	if reason != "" {
		return "", reason
	}
	if !strings.Contains(ascii, "xn--") {
		return ascii, ""
	}
	// An A-label that has no way back from its Unicode form is left as it is.
	unicode, err := idna.Lookup.ToUnicode(ascii)
	if err != nil {
		return ascii, ""
	}
	if back, reason := wireDomain(unicode); reason != "" || back != ascii {
		return ascii, ""
	}
	return unicode, ""
}

// wireDomain returns a domain or literal in the ASCII form of the envelope.
func wireDomain(s string) (ascii, reason string) {
	if strings.HasPrefix(s, "[") {
		return readLiteral(s)
	}
	ascii, reason = lookup(s)
	if reason != "" {
		return "", reason
	}
	labels := strings.Split(ascii, ".")
	for i, label := range labels {
		switch {
		case label == "" && i == 0:
			return "", "has a dot right after the @"
		case label == "":
			return "", "has two dots in a row"
		case len(label) > maxLabel:
			return "", fmt.Sprintf("has more than %d letters between two dots", maxLabel)
		case strings.HasPrefix(label, "-"), strings.HasSuffix(label, "-"):
			return "", "has a hyphen next to a dot or to the @"
		}
	}
	if len(ascii) > maxDomain {
		return "", reasonTooLong
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		if _, err := netip.ParseAddr(ascii); err == nil {
			return "", fmt.Sprintf("needs brackets around the IP address: @[%s]", ascii)
		}
		return "", "ends in a number, as no domain does"
	}
	return ascii, ""
}

// lookup maps a domain to ASCII and lower case (RFC 5891 with the mapping of
// UTS 46). A name in ASCII keeps its hyphens wherever they stand.
func lookup(s string) (ascii, reason string) {
	if s == "" {
		return "", "needs a domain after the @"
	}
	plain := true
	for _, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			plain = false
		case r == '.', r == '-', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r < ' ' || r == 0x7f:
			return "", "has a control character in it"
		default:
			return "", fmt.Sprintf("can't have %c after the @", r)
		}
	}
	lower := strings.ToLower(s)
	if plain && !strings.Contains(lower, "xn--") {
		return lower, ""
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", "has characters after the @ that no domain can have"
	}
	return ascii, ""
}

// readLiteral reads an address literal (RFC 5321 section 4.1.3), with or
// without the tag of IPv6.
func readLiteral(s string) (domain, reason string) {
	const tag = "IPv6:"
	text := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	tagged := len(text) >= len(tag) && strings.EqualFold(text[:len(tag)], tag)
	if tagged {
		text = text[len(tag):]
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || tagged && addr.Is4() || !strings.HasSuffix(s, "]") {
		return "", "needs an IP address between [ and ]"
	}
	if addr.Is4() {
		return "[" + addr.String() + "]", ""
	}
	return "[" + tag + addr.String() + "]", ""
}
