package field

import (
	"slices"
	"strings"

	"sendoff/smtp/address"
)

// Standing is what is known of an entry of a list, as its mark shows.
type Standing string

// The standings, by the names of their marks.
const (
	Valid       Standing = "accepted"
	Broken      Standing = "rejected"  // it can't be read
	Unreachable Standing = "uncertain" // its domain takes no mail
	New         Standing = "new"       // it never got a mail
	Group       Standing = "group"
)

// SetLook tells who knows how an entry stands that can be read.
func (a *Addresses) SetLook(look func(address.Entry) Standing) { a.look = look }

// Typing returns what stands of an entry in front of the cursor, if that is all
// there is of it.
func (a *Addresses) Typing() string {
	e, ok := a.at()
	if !ok || e.End != a.Position() || e.Group != "" {
		return ""
	}
	return a.Text()[e.Start:e.End]
}

// Typed tells that e is being typed, so that there is nothing to say of it yet.
func (a *Addresses) Typed(e address.Entry) bool { return a.typing(e) }

// Complete puts an entry in the place of the one that the cursor is in, and the
// cursor where the next begins.
func (a *Addresses) Complete(s string) {
	from, to := a.Position(), a.Position()
	if e, ok := a.at(); ok {
		from, to = e.Start, e.End
	}
	a.swap(from, to, s)
}

// Take removes the entry that the cursor is in or behind, and returns it; empty
// if there is none.
func (a *Addresses) Take() string {
	e, ok := a.at()
	if !ok {
		if e, ok = a.before(); !ok {
			return ""
		}
	}
	s := a.Text()[e.Start:e.End]
	a.swap(e.Start, e.End, "")
	return s
}

// Remove takes the mailboxes away that have one of those addresses and stand
// alone.
func (a *Addresses) Remove(who []string) {
	for i := len(a.entries) - 1; i >= 0; i-- {
		e := a.entries[i]
		if e.Group == "" && len(e.Mailboxes) == 1 && slices.Contains(who, e.Mailboxes[0].Addr()) {
			a.swap(e.Start, e.End, "")
		}
	}
}

// Add puts an entry behind all others.
func (a *Addresses) Add(s string) {
	a.line.ToEnd()
	a.swap(len(a.Text()), len(a.Text()), s)
}

// swap puts s in the place of a part of the text, and commas around it.
func (a *Addresses) swap(from, to int, s string) {
	head := strings.TrimRight(a.Text()[:from], " ,")
	tail := strings.TrimLeft(a.Text()[to:], " ,")
	if head != "" {
		head += ", "
	}
	if s != "" {
		head += s + ", "
	}
	a.line.ReplaceAll(head + tail)
	a.place(len(head))
	a.refresh()
	a.follow()
}

// at returns the entry that the cursor is in or at the end of.
func (a *Addresses) at() (address.Entry, bool) {
	at := a.Position()
	for _, e := range a.entries {
		if e.Start <= at && at <= e.End {
			return e, true
		}
	}
	return address.Entry{}, false
}
