// Package address reads and writes the mailboxes of RFC 5322 and RFC 6531.
//
// It is lenient where a person types or pastes (any usual separator, names
// that ought to be quoted, IP addresses without their tag) and strict in what
// it gives back: no mailbox of Parse can carry a control character or an
// unquoted bracket into a header or an SMTP command.
package address

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mailbox is one address with an optional name (RFC 5322 section 3.4).
type Mailbox struct {
	Name   string // decoded display name; empty for none
	Local  string // unquoted local part
	Domain string // as a person reads it, lower case, in Unicode; or a literal in brackets
}

// Addr returns local@domain as a person reads it, quoted where it has to be.
func (m Mailbox) Addr() string { return quoteLocal(m.Local) + "@" + m.Domain }

// Wire returns the address for the envelope: the domain in ASCII, the local
// part quoted where it has to be. A local part outside ASCII needs SMTPUTF8.
// It is an *Error when m is not an address that Parse could have returned.
func (m Mailbox) Wire() (string, error) {
	wire, reason := m.wire()
	if reason != "" {
		return "", &Error{Text: m.Addr(), Reason: reason}
	}
	return wire, nil
}

func (m Mailbox) wire() (wire, reason string) {
	if reason := checkLocal(m.Local); reason != "" {
		return "", reason
	}
	domain, reason := wireDomain(m.Domain)
	if reason != "" {
		return "", reason
	}
	wire = quoteLocal(m.Local) + "@" + domain
	if len(wire) > maxAddr {
		return "", reasonTooLong
	}
	return wire, ""
}

// String returns the mailbox for a list that a person reads and Parse reads
// back: Name <local@domain>, in Unicode.
func (m Mailbox) String() string {
	if m.Name == "" {
		return m.Addr()
	}
	return quoteName(m.Name) + " <" + m.Addr() + ">"
}

// Error tells why a piece of text is not an address. Text and Reason together
// make a sentence: "dave@@example.org has two @ signs".
type Error struct {
	Text   string // as it was typed; empty when there was none
	Reason string
}

// Error returns the sentence, fit for a terminal whatever was typed.
func (e *Error) Error() string {
	if e.Text == "" {
		return e.Reason
	}
	return shown(e.Text) + " " + e.Reason
}

// shown cuts s to what fits into a sentence, and escapes it if it holds
// anything that a terminal might act on.
func shown(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}

// maxAddr is the longest address that fits a path of RFC 5321 section
// 4.5.3.1.3. The 64 octets that section allows a local part are exceeded by
// reply addresses in daily use, so they are not enforced.
const maxAddr = 254

const (
	reasonTooLong = "is too long for an address"
	reasonNoLocal = "needs something before the @"
)

// checkLocal says what is wrong with an unquoted local part, or nothing.
func checkLocal(local string) string {
	if local == "" {
		return reasonNoLocal
	}
	if !utf8.ValidString(local) {
		return "is not valid UTF-8"
	}
	for _, r := range local {
		if !unicode.IsPrint(r) {
			return fmt.Sprintf("has an invisible character (%U) before the @", r)
		}
	}
	return ""
}

// isAtom tells whether r can stand unquoted in a local part or a name
// (RFC 5322 section 3.2.3, RFC 6532 section 3.2).
func isAtom(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return unicode.IsPrint(r) && !isSeparator(r)
}

// dotAtom says what keeps s from being a dot-atom, or nothing.
func dotAtom(s string) string {
	for _, r := range s {
		switch {
		case r == '.' || isAtom(r):
		case unicode.IsPrint(r):
			return fmt.Sprintf("can't have %c before the @", r)
		default:
			return fmt.Sprintf("has an invisible character (%U) before the @", r)
		}
	}
	switch {
	case strings.HasPrefix(s, "."):
		return "starts with a dot"
	case strings.HasSuffix(s, "."):
		return "has a dot right before the @"
	case strings.Contains(s, ".."):
		return "has two dots in a row"
	}
	return ""
}

func quoteLocal(local string) string {
	if local != "" && dotAtom(local) == "" {
		return local
	}
	return quote(local)
}

// quoteName quotes what Parse would not read back as it stands. A dot is left
// alone, which the strict syntax does not allow but everybody writes.
func quoteName(name string) string {
	plain := !strings.Contains(name, "=?") && strings.Join(strings.Fields(name), " ") == name
	for _, r := range name {
		plain = plain && (isAtom(r) || r == ' ' || r == '.')
	}
	if plain {
		return name
	}
	return quote(name)
}

// quote makes a quoted-string (RFC 5322 section 3.2.4).
func quote(s string) string {
	return `"` + quoter.Replace(s) + `"`
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
