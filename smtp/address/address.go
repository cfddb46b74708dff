// Package address reads and writes the mailboxes of RFC 5322 and RFC 6531.
package address

import "errors"

// Mailbox is one address with an optional name (RFC 5322 section 3.4).
type Mailbox struct {
	Name   string // decoded display name; empty for none
	Local  string // unquoted local part
	Domain string // as a person reads it, lower case, in Unicode; or a literal in brackets
}

// Entry is one comma-separated piece of a list, as far as it could be read:
// what a composer marks right or wrong while the person types.
type Entry struct {
	Start, End int       // octets in the input, white space left out
	Group      string    // the name of a group (RFC 5322 section 3.4); empty for a mailbox
	Mailboxes  []Mailbox // one, or a group's members
	Err        error     // why it can't be read; nil if it can
}

// Parse reads exactly one mailbox.
func Parse(s string) (Mailbox, error) { return Mailbox{}, errors.New("to be written") }

// ParseList reads a list of mailboxes and groups, flattened. Its error names
// the piece that is wrong.
func ParseList(s string) ([]Mailbox, error) { return nil, errors.New("to be written") }

// Split reads a list leniently, one Entry a piece.
func Split(s string) []Entry { return nil }

// Addr returns local@domain as a person reads it, quoted where it has to be.
func (m Mailbox) Addr() string { return "" }

// Wire returns the address for the envelope: the domain in ASCII, the local
// part quoted where it has to be. A local part outside ASCII needs SMTPUTF8.
func (m Mailbox) Wire() (string, error) { return "", nil }

// String returns the mailbox for a list that a person reads and Parse reads
// back: Name <local@domain>, in Unicode.
func (m Mailbox) String() string { return "" }
