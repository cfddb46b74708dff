package smtp

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Mail is one message with its envelope, ready to be submitted.
type Mail struct {
	// ID is the caller's name for the mail. It is repeated in events and never
	// leaves the machine.
	ID string

	// From is the reverse-path and To the forward-paths, in wire form and
	// without angle brackets. An empty From is the null reverse-path.
	From string
	To   []string

	// Size is the number of octets that Open yields, with CRLF line ends and
	// before dot-stuffing: what SIZE declares (RFC 1870 section 3).
	Size int64

	// EightBit tells that the content has octets above 127, which the server
	// must be ready for (RFC 6152).
	EightBit bool

	// UTF8 tells that header fields have characters beyond ASCII in the raw
	// (RFC 6532), which the server must be ready for (RFC 6531). That implies
	// EightBit. Addresses that have such characters are noticed without it.
	UTF8 bool

	// HoldUntil has the server keep the mail until then (RFC 4865); zero: not.
	HoldUntil time.Time

	// DeliverBy has the mail come back if it is not delivered by then (RFC
	// 2852); zero: not.
	DeliverBy time.Time

	// Priority is from -9 to 9 (RFC 6710); 0 is the usual one.
	Priority int

	// RequireTLS has the mail come back rather than go on in clear text (RFC
	// 8689).
	RequireTLS bool

	// DSN asks for reports on what becomes of the mail; nil for the server's
	// usual ones.
	DSN *DSN

	// Open yields the content. It is called once for each transaction: once
	// for each attempt, or more often if there are more recipients than the
	// server takes at a time.
	Open func() (io.ReadCloser, error)
}

// needsUTF8 tells that m can't be sent without SMTPUTF8.
func (m *Mail) needsUTF8() bool {
	return m.UTF8 || !ascii(m.From) || slices.ContainsFunc(m.To, func(to string) bool { return !ascii(to) })
}

// eightBit tells that m can't be sent without 8BITMIME.
func (m *Mail) eightBit() bool { return m.EightBit || m.UTF8 }

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// Source hands mails to a session and hears what became of them. A session
// may ask for the next mail before the one before it is done, so that several
// can be under way at once; it never does so after Next returned io.EOF.
type Source interface {
	// Next returns the next mail to submit, or io.EOF when there is none now.
	// It does not wait for one to come up: others may be under way meanwhile.
	Next(ctx context.Context) (*Mail, error)

	// Commit is called before the octets that end the content of the mails are
	// sent. After it returns nil they are, and the mails can no longer be taken
	// back; after an error none of them is terminated and the connection is
	// cut. A mail with more recipients than the server takes at a time is
	// committed once for each transaction: then, and where the server refused
	// some before, To has those alone whom the end of the content is for.
	Commit(ctx context.Context, mails ...*Mail) error

	// Part tells that the server took a mail for some of its recipients, and
	// that the others get a transaction of their own now: what is known so
	// far, as in Result.Recipients. Until the next Commit the mail can be
	// taken back from those who are untried.
	Part(mail *Mail, outcomes []Outcome)

	// Done tells the outcome of a mail that Next returned. It is called
	// exactly once for each of them, in the order of Next.
	Done(mail *Mail, result Result)
}

// Outcome tells what the server said of one recipient.
type Outcome struct {
	Address string
	Status  Status
	Reply   Reply // the reply that decided; its Code is 0 when there was none
}

// Status is what became of a recipient in one attempt.
type Status string

// A recipient is accepted when the server took responsibility for the mail to
// it; rejected for good; deferred, to be tried again; uncertain, when the
// connection was lost between the end of the content and the reply to it; or
// untried, when the attempt ended before the server had a say.
const (
	Accepted  Status = "accepted"
	Rejected  Status = "rejected"
	Deferred  Status = "deferred"
	Uncertain Status = "uncertain"
	Untried   Status = "untried"
)

// Result is what one attempt at one mail came to.
type Result struct {
	// Recipients has one outcome for each of Mail.To, in its order.
	Recipients []Outcome

	// Reply is the server's answer to the end of the content, or the reply
	// that ended the attempt.
	Reply Reply

	// Err is why the attempt failed as a whole; nil when the server took the
	// content, even if it refused recipients before. A mail whose every
	// recipient was refused has an Err of ScopeRecipient.
	Err *Error

	Bytes   int64         // octets of content handed over
	Waits   int           // times the client had to wait for the server, counted as Elapsed is
	Elapsed time.Duration // from Next to Done, the session's set-up included for its first mail
}
