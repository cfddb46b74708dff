package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/message"
)

// ID names an item for as long as the outbox exists.
type ID int64

// String returns the ID as people type it.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// MarshalText writes the ID as String does, so that JSON holds a string.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not the number of a mail", s)
	}
	return ID(n), nil
}

// Errors that callers tell apart.
var (
	ErrNotFound   = errors.New("no such mail in the outbox")
	ErrTransition = errors.New("the mail's state does not allow that")
	ErrChanged    = errors.New("another program changed the draft")
	ErrBusy       = errors.New("the mail is being sent by another program")
	ErrLeaseLost  = errors.New("the lease on the mail ran out")
	ErrCorrupt    = errors.New("the outbox file is damaged or is not an outbox")
	ErrNoDraft    = errors.New("the mail was not written in the composer and can't be edited")
	ErrFull       = errors.New("no room left for the outbox")
	ErrReadOnly   = errors.New("the outbox can't be written where it is")
	ErrAlready    = errors.New("the mail was put into the outbox before")
	ErrVersion    = errors.New("the outbox was written by a newer version of this program")
)

// State is where an item stands.
type State string

// The states of an item; see the package's transition table.
const (
	Draft     State = "draft"
	Held      State = "held"
	Scheduled State = "scheduled"
	Queued    State = "queued"
	Sending   State = "sending"
	Deferred  State = "deferred"
	Sent      State = "sent"
	Partial   State = "partial"
	Failed    State = "failed"
	Uncertain State = "uncertain"
	Cancelled State = "cancelled"
)

// Phrase is what a mail in the state is, as a sentence has it.
func (s State) Phrase() string {
	if s == Draft {
		return "a draft"
	}
	return string(s)
}

// States is every state there is.
var States = []State{Draft, Held, Scheduled, Queued, Sending, Deferred, Sent, Partial, Failed, Uncertain, Cancelled}

// Unsent are the states of mails that are to go out yet; all but those held do so
// by themselves.
var Unsent = []State{Queued, Sending, Deferred, Scheduled, Held}

// RecipientState is where one recipient of an item stands.
type RecipientState string

// The states of a recipient.
const (
	Pending            RecipientState = "pending"
	RecipientAccepted  RecipientState = "accepted"
	RecipientDeferred  RecipientState = "deferred"
	RecipientRejected  RecipientState = "rejected"
	RecipientUncertain RecipientState = "uncertain"
)

// Item is what the outbox knows of one message, its content apart.
type Item struct {
	ID         ID
	State      State
	Account    string
	MessageID  string // without angle brackets
	From       string // envelope sender
	Subject    string // decoded
	Recipients []Recipient
	Size       int64 // octets of content
	Created    time.Time
	Updated    time.Time
	UTF8       bool // see New
	Wishes     message.Wishes
	NotBefore  time.Time // zero: as soon as possible
	Since      time.Time // when delivery was first due; giving up counts from here

	// Date is what the Date field says, in the time zone it says it in: when
	// the mail was let go. It stays as it is once the mail was tried. Zero: the
	// content has a field of its own.
	Date time.Time

	// NextTry is when it will be tried again: while State is Deferred, and
	// while it is Queued but its account waits for the network or a server.
	NextTry time.Time

	// Owner and Claimed say who sends it and since when, while State is Sending;
	// see Want.
	Owner   string
	Claimed time.Time

	// Committing tells that a mail being sent is past the point of no return:
	// the end of its content may have reached the server.
	Committing bool

	// Progress is how far a mail being sent is; zero until that has taken a
	// moment. While nothing gets through it stays as it was.
	Progress Progress

	Attempts int
	Reply    string // the last thing a server said of it, cleaned
	Problem  string // what is wrong now, in one line; empty if nothing
}

// Progress tells how far a mail is that is being sent.
type Progress struct {
	Octets, Total int64     // of content: gone out, and all there are
	Rate          int64     // octets a second, lately
	At            time.Time // when that was so
}

// NeedsYou stands for the mails whose next step is the person's, in a Query
// and in counts; see Item.NeedsYou. No item is in that state.
const NeedsYou State = "needs you"

// NeedsYou tells that the next step is the person's: somebody does not get it,
// or it is not known whether they do, or it is held with a question.
func (it Item) NeedsYou() bool {
	switch it.State {
	case Partial, Failed, Uncertain:
		return true
	case Held:
		return it.Problem != ""
	case Deferred:
		return slices.ContainsFunc(it.Recipients, func(r Recipient) bool { return r.State == RecipientRejected })
	}
	return false
}

// Recipient is one envelope recipient and its outcome.
type Recipient struct {
	Address  string
	State    RecipientState
	Code     int
	Enhanced string
	Text     string
	Tries    int       // times a server put it off since it was queued or retried
	NextTry  time.Time // set while State is RecipientDeferred

	// Doubt tells that an earlier copy may have arrived, which was sent anew
	// without anybody knowing.
	Doubt bool
}

// Attempt is the record of one try; attempts are only ever added.
type Attempt struct {
	N          int // counted from 1
	Started    time.Time
	Elapsed    time.Duration
	Stage      smtp.Stage // how far it came
	Code       int
	Enhanced   string
	Text       string
	Bytes      int64
	Waits      int
	Transcript string // the dialogue, without secrets
}

// Copy is the copy of a mail that goes to a folder of the person's own. It is a
// job of its own: that it fails changes nothing of the mail.
type Copy struct {
	ID      ID     // of the mail
	Folder  string // as New.Copy has it
	Tries   int
	NextTry time.Time // zero: once somebody has got the mail
	Done    time.Time // zero: not made yet
	Problem string    // why the last try failed
}

// New is a message about to be put into the outbox.
type New struct {
	Account    string
	MessageID  string
	From       string   // envelope sender, wire form
	Recipients []string // envelope recipients, wire form, no duplicates
	Subject    string
	State      State     // Queued, Held or Scheduled
	NotBefore  time.Time // for Scheduled
	UTF8       bool      // the header has more than ASCII in the raw, so the server needs SMTPUTF8 (RFC 6532)
	Undated    bool      // the content has no Date field: the outbox puts one in front, see Item.Date
	Wishes     message.Wishes
	Draft      Ref    // the draft this was made from, which it replaces; zero for none
	Fields     []byte // a message.Draft as JSON, so that the mail can be edited again; or nil

	// Once keeps the mail from being put in again: while it is remembered, for
	// OnceFor, Put answers ErrAlready to another with the same. Empty for none.
	Once string

	// Copy names the person's own folder that a copy goes to once somebody has
	// got the mail; empty for none.
	Copy string

	// Text is what a search is to find the mail by, next to its subject,
	// addresses and Message-ID: its body, and the names of people. It is not
	// kept as such.
	Text string

	// Write produces the content once: CRLF line ends, final.
	Write func(w io.Writer) error
}

// Ref names a draft as somebody saw it last. The zero Ref is a draft that is not in
// the outbox yet.
type Ref struct {
	ID   ID
	Seen time.Time // its Item.Updated then; zero stands for however it is now
}

// OnceFor is how long New.Once is remembered, whatever becomes of the mail.
const OnceFor = 30 * 24 * time.Hour

// Query selects items for a list.
type Query struct {
	States []State // empty: all; NeedsYou is one too
	Search string  // words, or beginnings of words, all of which have to be there
	Sort   Sort    // zero: newest first
	Limit  int     // 0: no limit
	Before ID      // items that come after this one in the list; 0: from its top

	// Backward selects from the other end: the last items of the list, or those
	// that come right in front of Before. They are in the order of the list.
	Backward bool
}

// Sort is the order of a list. Items that are equal in it are newest first.
type Sort string

// The orders.
const (
	ByNewest  Sort = ""
	ByOldest  Sort = "oldest"
	ByChange  Sort = "change"  // the latest change first
	BySubject Sort = "subject" // case aside
	BySize    Sort = "size"    // the largest first
)

// Event is news of an item in this process. Events are hints: the store is the
// truth, and other processes change it too.
type Event struct {
	ID      ID
	State   State       // set when the state changed
	Item    *Item       // as it is then, set when a try ended
	Session *smtp.Event // set when it comes from the wire

	// Account is set, with ID 0, when deliveries of a whole account wait for
	// something: Problem says for what, and is empty when they go on.
	Account string
	Problem error
}

// Sender takes the mails of one account to its server. It returns when src has
// no more, when the server takes no more in one session, or when it can't go
// on; outcomes go to src.
type Sender interface {
	Deliver(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error
}
