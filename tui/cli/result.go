package cli

import (
	"slices"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// itemJSON is a mail of the outbox as scripts see it.
type itemJSON struct {
	ID         outbox.ID       `json:"id"`
	State      outbox.State    `json:"state"`
	Account    string          `json:"account"`
	MessageID  string          `json:"message_id"`
	From       string          `json:"from"`
	Subject    string          `json:"subject"`
	Recipients []recipientJSON `json:"recipients"`
	Bytes      int64           `json:"bytes"`
	Created    instant         `json:"created"`
	Updated    instant         `json:"updated"`
	NotBefore  instant         `json:"not_before,omitzero"`
	NextTry    instant         `json:"next_try,omitzero"`
	Attempts   int             `json:"attempts"`
	Reply      string          `json:"reply"`
	Problem    string          `json:"problem,omitempty"`
	Progress   progressJSON    `json:"progress,omitzero"` // of a mail that is being sent, once that takes its time
	ByHand     bool            `json:"by_hand,omitempty"` // a person said that it arrived
	Wishes     message.Wishes  `json:"wishes,omitzero"`   // what was asked for beyond the content
	Granted    string          `json:"granted,omitempty"` // what the server made of that: "agreed", "refused", "not asked yet"
}

// recipientJSON is one recipient and what a server said of it.
type recipientJSON struct {
	Address  string                `json:"address"`
	State    outbox.RecipientState `json:"state"`
	Code     int                   `json:"code"`
	Enhanced string                `json:"enhanced"`
	Text     string                `json:"text"`
	Doubt    bool                  `json:"doubt,omitempty"` // an earlier copy may have arrived
}

// progressJSON is how much of a mail went out.
type progressJSON struct {
	Bytes int64   `json:"bytes"`
	Total int64   `json:"total"`
	Rate  int64   `json:"rate"` // octets a second
	Time  instant `json:"time"` // when that was so
}

// instant is a time that a template of --format makes nothing of where there is
// none.
type instant struct{ time.Time }

// String is that of time.Time.
func (t instant) String() string {
	if t.IsZero() {
		return ""
	}
	return t.Time.String()
}

// Format is that of time.Time.
func (t instant) Format(layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Time.Format(layout)
}

// After is that of time.Time.
func (t instant) After(u instant) bool { return t.Time.After(u.Time) }

// Before is that of time.Time.
func (t instant) Before(u instant) bool { return t.Time.Before(u.Time) }

// Sub is that of time.Time.
func (t instant) Sub(u instant) time.Duration { return t.Time.Sub(u.Time) }

// Local is that of time.Time.
func (t instant) Local() instant { return instant{t.Time.Local()} }

// UTC is that of time.Time.
func (t instant) UTC() instant { return instant{t.Time.UTC()} }

// attemptJSON is one try.
type attemptJSON struct {
	N          int       `json:"n"`
	Started    time.Time `json:"started"`
	Seconds    float64   `json:"seconds"`
	Stage      string    `json:"stage"`
	Code       int       `json:"code"`
	Enhanced   string    `json:"enhanced"`
	Text       string    `json:"text"`
	Bytes      int64     `json:"bytes"`
	RoundTrips int       `json:"round_trips"`
	Transcript string    `json:"transcript"`
}

// resultJSON is the last thing said of a mail that was sent or queued.
type resultJSON struct {
	Event      string          `json:"event"`
	ID         outbox.ID       `json:"id"`
	State      outbox.State    `json:"state"`
	Account    string          `json:"account"`
	MessageID  string          `json:"message_id"`
	Recipients []recipientJSON `json:"recipients"`
	Reply      string          `json:"reply"`
	Bytes      int64           `json:"bytes"`
	RoundTrips int             `json:"round_trips"`
	Seconds    float64         `json:"seconds"`
}

func itemOf(it outbox.Item) itemJSON {
	return itemJSON{
		ID: it.ID, State: it.State, Account: it.Account, MessageID: it.MessageID, From: it.From,
		Subject: it.Subject, Recipients: recipientsOf(it), Bytes: it.Size,
		Created: instant{it.Created}, Updated: instant{it.Updated}, NotBefore: instant{it.NotBefore}, NextTry: instant{it.NextTry},
		Attempts: it.Attempts, Reply: it.Reply, Problem: it.Problem,
		Progress: progressJSON{it.Progress.Octets, it.Progress.Total, it.Progress.Rate, instant{it.Progress.At}},
		ByHand:   slices.ContainsFunc(it.Recipients, byHand),
		Wishes:   it.Wishes, Granted: granted(it),
	}
}

func recipientsOf(it outbox.Item) []recipientJSON {
	list := make([]recipientJSON, len(it.Recipients))
	for i, r := range it.Recipients {
		list[i] = recipientJSON{r.Address, r.State, r.Code, r.Enhanced, r.Text, r.Doubt}
	}
	return list
}

func attemptOf(a outbox.Attempt) attemptJSON {
	return attemptJSON{
		N: a.N, Started: a.Started, Seconds: a.Elapsed.Seconds(), Stage: string(a.Stage),
		Code: a.Code, Enhanced: a.Enhanced, Text: a.Text, Bytes: a.Bytes, RoundTrips: a.Waits,
		Transcript: a.Transcript,
	}
}

// resultOf tells what the last attempt came to; bytes are those of the mail
// until some were handed over.
func resultOf(it outbox.Item, attempts []outbox.Attempt) resultJSON {
	r := resultJSON{
		Event: "result", ID: it.ID, State: it.State, Account: it.Account, MessageID: it.MessageID,
		Recipients: recipientsOf(it), Reply: it.Reply, Bytes: it.Size,
	}
	if n := len(attempts); n > 0 {
		last := attempts[n-1]
		r.Bytes, r.RoundTrips, r.Seconds = last.Bytes, last.Waits, last.Elapsed.Seconds()
	}
	return r
}

// stateCode is the exit code for a mail as it stands after a delivery.
func stateCode(state outbox.State) int {
	switch state {
	case outbox.Sent:
		return 0
	case outbox.Partial, outbox.Failed, outbox.Cancelled:
		return exitRefused
	case outbox.Uncertain:
		return exitUncertain
	}
	return exitDeferred
}

// copyJSON is the copy of a mail for the person's own folder.
type copyJSON struct {
	Folder  string    `json:"folder"`
	Made    time.Time `json:"made,omitzero"`
	NextTry time.Time `json:"next_try,omitzero"`
	Problem string    `json:"problem,omitempty"`
}

func copyOf(c outbox.Copy, ok bool) *copyJSON {
	if !ok {
		return nil
	}
	return &copyJSON{c.Folder, c.Done, c.NextTry, c.Problem}
}

// tellCopy says where the copy of a mail is; nothing if there is to be none.
func tellCopy(c outbox.Copy, ok bool) string {
	switch {
	case !ok:
		return ""
	case !c.Done.IsZero():
		return c.Folder
	case c.Problem != "":
		return "not made yet, next try " + stamp(c.NextTry) + ": " + c.Problem
	}
	return "will go to " + c.Folder + " when somebody has got the mail"
}
