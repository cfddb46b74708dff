package smtp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// DSN asks for delivery status notifications (RFC 3461).
type DSN struct {
	// Return is how much of the message a report of failure brings back:
	// "FULL", "HDRS", or empty for the server's choice.
	Return string

	// EnvelopeID comes back in reports, so that they can be told apart; empty
	// for none. It is printable ASCII of at most 100 characters.
	EnvelopeID string

	// Notify is when to report, for every recipient: "NEVER" alone, or any of
	// "SUCCESS", "FAILURE" and "DELAY"; empty for the server's choice.
	Notify []string
}

// check refuses what RFC 3461 section 4 does not allow.
func (d *DSN) check() error {
	if d.Return != "" && d.Return != "FULL" && d.Return != "HDRS" {
		return fmt.Errorf("return %q is neither FULL nor HDRS", d.Return)
	}
	for _, r := range d.EnvelopeID {
		if r < ' ' || r > '~' {
			return errors.New("the envelope ID is not printable ASCII")
		}
	}
	if len(d.EnvelopeID) > 100 {
		return errors.New("the envelope ID has more than 100 characters")
	}
	for i, when := range d.Notify {
		if !slices.Contains([]string{"NEVER", "SUCCESS", "FAILURE", "DELAY"}, when) {
			return fmt.Errorf("notify %q is not known", when)
		}
		if when == "NEVER" && len(d.Notify) > 1 {
			return errors.New("notify NEVER does not go with another")
		}
		if slices.Contains(d.Notify[:i], when) {
			return fmt.Errorf("notify %s is there twice", when)
		}
	}
	return nil
}

func (d *DSN) notify() string {
	if len(d.Notify) == 0 {
		return ""
	}
	return " NOTIFY=" + strings.Join(d.Notify, ",")
}

// maxORCPT is the longest original recipient (RFC 3461 section 4.2).
const maxORCPT = 500

// originalRecipient names the address for a report that may come for another
// one, which the mail was forwarded to.
func originalRecipient(address string) string {
	if ascii(address) {
		return "rfc822;" + xtext(address)
	}
	return "utf-8;" + utf8Address(address)
}

// xtext encodes s as RFC 3461 section 4 wants it.
func xtext(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '+' || c == '=' {
			fmt.Fprintf(&b, "+%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// utf8Address encodes an address of RFC 6532 for ORCPT where SMTPUTF8 is in
// use (RFC 6533 section 3, utf-8-addr-unitext).
func utf8Address(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '+' || r == '=' || r == '\\' {
			fmt.Fprintf(&b, `\x{%02X}`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
