package outbox

import (
	"context"
	"io"
	"slices"
	"time"

	"sendoff/smtp/message"
)

// Store keeps items durably: when a method returns nil, what it did survives a
// crash of the program and of the machine. Any number of goroutines and, where
// the store can be shared, processes may use it at the same time. Package
// storetest says in code what an implementation must do.
//
// Errors are, or wrap, those of this package where a caller may want to know.
type Store interface {
	Deliveries

	// Put adds a mail, and removes the draft it was made from in the same
	// step: of two attempts to queue one draft, one gets ErrNotFound. See
	// SaveDraft for ErrChanged, and New.Once for ErrAlready.
	Put(ctx context.Context, n New) (ID, error)

	// SaveDraft keeps what a person is writing in place of a draft, or as a new
	// one, and returns what to name it by from now on. ErrTransition means that
	// it is a draft no longer, ErrChanged that somebody else wrote it since it
	// was seen: nothing of theirs is overwritten.
	SaveDraft(ctx context.Context, ref Ref, d message.Draft) (Ref, error)

	// Draft returns what an item was written as, also after it was queued.
	// ErrNoDraft means that it was not written in a composer.
	Draft(ctx context.Context, id ID) (message.Draft, error)

	// Schedule makes a mail wait until a moment.
	Schedule(ctx context.Context, id ID, at time.Time) error

	// Reassign has another account send a mail, whoever it is from: see
	// Item.Reassign. What it was written as names that account from then on. A
	// copy that was not made yet is for the folder given; empty for none.
	Reassign(ctx context.Context, id ID, account, folder string) error

	// Sweep deletes the mails that were sent before a moment, and tells how
	// many there were.
	Sweep(ctx context.Context, before time.Time) (int, error)

	// ClaimCopies returns copies that are to be made now, at most so many:
	// those of mails that somebody has got. They are nobody else's for a while.
	ClaimCopies(ctx context.Context, while time.Duration, most int) ([]Copy, error)

	// EndCopy writes down how making a copy went, and when to try again; zero
	// when it is made.
	EndCopy(ctx context.Context, id ID, next time.Time, problem string) error

	// Copy returns the copy of a mail; ErrNotFound if it is to have none.
	Copy(ctx context.Context, id ID) (Copy, error)

	// List returns the items that q selects, in its order. The recipients of
	// a draft are its fields as they were typed.
	List(ctx context.Context, q Query) ([]Item, error)

	// Counts tells how many items there are in each state that has any, and
	// as NeedsYou: of all, or of those that a search finds.
	Counts(ctx context.Context, search string) (map[State]int, error)

	// Correspondents returns whom mail went or is to go to, those apart who
	// never took any; who was written to last comes first, at most so many.
	Correspondents(ctx context.Context, most int) ([]Correspondent, error)

	// Attempts returns all attempts at an item, oldest first.
	Attempts(ctx context.Context, id ID) ([]Attempt, error)

	// KeepNotices makes this Store value keep a Notice, from now on, whenever a
	// mail becomes sent, partial, failed, uncertain or deferred by a delivery:
	// in the same step, so that none is lost. TakeNotice returns the oldest
	// that nobody is at, and ErrNotFound if there is none; until DropNotice, or
	// for the time of lease, nobody else gets it.
	KeepNotices()
	TakeNotice(ctx context.Context, lease time.Duration) (Notice, error)
	DropNotice(ctx context.Context, n Notice) error

	Close() error
}

// Deliveries is what a Worker needs of a Store.
type Deliveries interface {
	Item(ctx context.Context, id ID) (Item, error)

	// Content returns the octets of a mail. Reading takes constant memory. An
	// io.Seeker is one that reads from anywhere at the same cost.
	Content(ctx context.Context, id ID) (io.ReadCloser, error)

	// Contents returns the octets of several mails at once, for as many as can
	// be held in memory. What can't be read is not among them.
	Contents(ctx context.Context, ids ...ID) (map[ID][]byte, error)

	// Act does what a person wants with an item, if its state allows it.
	// Cancelling a mail that is being sent goes through Worker.Cancel. What is
	// taken back keeps its ID as a draft; ErrNoDraft means that it can't be,
	// for it was not written in a composer.
	Act(ctx context.Context, id ID, action Action) error

	// Version returns a number that moves whenever anybody changed the store.
	// It can be compared with others from the same Store value only.
	Version(ctx context.Context) (int64, error)

	// Due returns the accounts that have mail to be claimed now, in order, and
	// when to look again if nothing changes; zero when there is nothing to
	// wait for.
	Due(ctx context.Context, only Only) (accounts []string, next time.Time, err error)

	// Claim makes due mails the owner's to send: first those that are queued,
	// then those whose time has come; longest due first, told in the order of
	// their IDs. It returns none when there are none.
	Claim(ctx context.Context, w Want) ([]Claimed, error)

	// HoldBack holds the mails that were scheduled for a moment before one and that
	// no server was asked to take yet, and returns which: see Item.HoldBack.
	HoldBack(ctx context.Context, before time.Time) ([]ID, error)

	// Renew makes leases run for another while from now. It renews those it
	// can, and returns ErrLeaseLost when there was one it could not.
	Renew(ctx context.Context, while time.Duration, leases ...Lease) error

	// Aside names recipients of a mail that is being sent who are in no
	// transaction yet, until it is called for the lease again: what is past the
	// point of no return is so for the others alone.
	Aside(ctx context.Context, lease Lease, addresses []string) error

	// Committing marks mails as past the point of no return, all or none.
	// ErrLeaseLost means that they are not ours to send any more.
	Committing(ctx context.Context, leases ...Lease) error

	// Report notes how far mails are, for who looks on: see Item.Progress. That
	// is a hint, which a crash of the machine may lose; of a claim that is over
	// it changes nothing.
	Report(ctx context.Context, reports ...Report) error

	// Part writes down what became of some recipients of a mail, all of which
	// are given, while it is still being sent to the others: to those it is
	// not past the point of no return any more.
	Part(ctx context.Context, lease Lease, recipients []Recipient) error

	// Finish ends claims. A claim whose lease was lost is written down too:
	// its attempt always; its outcome when that is better knowledge than the
	// store has. ErrLeaseLost means that there was one that changed nothing.
	Finish(ctx context.Context, finished ...Finished) error

	// Exchange is Finish and Committing in one step, for the price of one. The
	// errors are those of the two; one that is not ErrLeaseLost means that
	// neither was done, and both are that.
	Exchange(ctx context.Context, finished []Finished, next []Lease) (ended, begun error)

	// Recover takes mails away from owners who let their lease run out or are
	// known to be dead: to be queued again, or uncertain if committing, for
	// all but those who are aside. It returns what it changed. Waits beyond
	// LongestWait end now, and leases in a minute.
	Recover(ctx context.Context) ([]ID, error)

	// Park keeps the mail of an account from being claimed, replacing what it
	// waited for before; Unpark lets it go on. Parked lists who waits.
	Park(ctx context.Context, p Parking) error
	Unpark(ctx context.Context, account string) error
	Parked(ctx context.Context) ([]Parking, error)

	// EndWaits lets accounts go on that wait for a time, all if none are
	// named. Their misses stay, so that the next wait is not shorter for it;
	// those that wait for a person do so still.
	EndWaits(ctx context.Context, accounts ...string) error
}

// Correspondent is somebody mail went to.
type Correspondent struct {
	Address string    // as in the envelope
	Mails   int       // how many there are
	Last    time.Time // when the latest was made
	Typed   string    // To, Cc and Bcc of that as they were typed; empty if nobody typed them
}

// Only says which mail is meant. The zero value means all.
type Only struct {
	Account string // empty: of any account
	IDs     []ID   // empty: any
}

// Has tells whether it is meant.
func (o Only) Has(it Item) bool {
	return (o.Account == "" || o.Account == it.Account) && (len(o.IDs) == 0 || slices.Contains(o.IDs, it.ID))
}

// Want says what to claim.
type Want struct {
	Account string
	Owner   string        // of the lease; different for each worker there is
	Lease   time.Duration // how long it runs unless renewed
	Max     int           // at most so many mails; 0 means 1
	IDs     []ID          // only these; empty for all
	Late    time.Time     // leave what was scheduled for before that; zero for nothing
}

// Lease is the right to send a mail, until it runs out.
type Lease struct {
	ID    ID
	Owner string
	N     int64 // which claim of the mail this is, counted from 1
}

// Claimed is a mail to be sent.
type Claimed struct {
	Item  Item
	Lease Lease

	// To is who is to get it in this attempt, in the order of Item.Recipients.
	To []string

	// Started is when it was claimed.
	Started time.Time

	// Misses is how many times in a row the account's server was not reached.
	Misses int
}

// Finished is what a claim came to.
type Finished struct {
	Lease Lease

	// Attempt is the record of it. One without a Stage and a Text is not
	// kept: nothing was tried. N is counted by the store.
	Attempt Attempt

	Decision Decision
}

// Report is how far the mail of a claim is.
type Report struct {
	Lease    Lease
	Progress Progress
}

// Parking says why and how long the mail of an account waits.
type Parking struct {
	Account string
	Reason  string
	Since   time.Time // set by the store
	Until   time.Time // zero: until Unpark
	Misses  int       // how many times in a row the server was not reached
	Waiting bool      // told by the store: there is mail that waits for it

	// Refused tells the secret that a login was refused with from others,
	// without being it; empty if it is not about a login. See Options.Refused.
	Refused string
}

// Notice is what became of a mail, which somebody is yet to be told.
type Notice struct {
	N     int64 // of its own
	ID    ID
	State State
	At    time.Time
}
