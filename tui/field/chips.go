package field

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/address"
	"sendoff/tui/keys"
)

// An entry that the person has left is a chip: the cursor stands on it or goes
// over it as a whole, and it is removed as a whole. Letters are edited in the
// entry that is being typed, and in one that was opened.

// edit is what the cursor does in an entry.
type edit int

const (
	whole    edit = iota // goes over it as over a chip
	fresh                // is in letters that are being typed
	reopened             // is in a chip that was opened
)

// chipKeys are the keys that mean something else on chips than in text.
type chipKeys struct{ left, right, selectLeft, selectRight, remove, delete, open key.Binding }

func newChipKeys(k keys.Text) chipKeys {
	join := func(all ...key.Binding) key.Binding {
		var names []string
		for _, b := range all {
			names = append(names, b.Keys()...)
		}
		return key.NewBinding(key.WithKeys(names...))
	}
	return chipKeys{
		left: join(k.Left, k.WordLeft), right: join(k.Right, k.WordRight),
		selectLeft: join(k.SelectLeft, k.SelectWordLeft), selectRight: join(k.SelectRight, k.SelectWordRight),
		remove: join(k.DeleteBack, k.DeleteWordBack), delete: join(k.DeleteForward, k.DeleteWordForward), open: k.Newline,
	}
}

// Chosen returns the chip that the cursor stands on.
func (a *Addresses) Chosen() (e address.Entry, ok bool) {
	e, ok = a.at()
	return e, ok && a.focused && a.edit == whole && a.Position() < e.End
}

// behind returns the chip that ends at the cursor, with no comma between.
func (a *Addresses) behind() (e address.Entry, ok bool) {
	e, ok = a.at()
	return e, ok && a.focused && a.edit == whole && a.Position() == e.End
}

// pressChip takes a key on or beside a chip; false leaves it to the text.
func (a *Addresses) pressChip(msg tea.KeyPressMsg) bool {
	if e, on := a.at(); on && a.typing(e) {
		if a.edit == reopened && key.Matches(msg, a.keys.open) {
			a.close(e)
			return true
		}
		return a.leave(e, msg)
	}
	e, on := a.Chosen()
	switch k := a.keys; {
	case key.Matches(msg, k.selectLeft):
		a.extend(msg, a.left())
	case key.Matches(msg, k.selectRight):
		a.extend(msg, a.right())
	case a.selecting():
		return false
	case key.Matches(msg, k.left):
		a.place(a.left())
	case key.Matches(msg, k.right):
		a.place(a.right())
	case on && key.Matches(msg, k.open):
		a.Select(e)
	case on && key.Matches(msg, k.remove, k.delete):
		a.swap(e.Start, e.End, "")
	case key.Matches(msg, k.remove):
		return a.removeBefore()
	default:
		return false
	}
	return true
}

// removeBefore takes away the chip in front of the cursor.
func (a *Addresses) removeBefore() bool {
	e, ok := a.behind()
	if !ok {
		if e, ok = a.before(); !ok {
			return false
		}
	}
	a.swap(e.Start, e.End, "")
	return true
}

// insert puts what is typed or pasted at the cursor, apart from chips, but not
// from half of an address, which goes on.
func (a *Addresses) insert(s string) {
	at := a.Position()
	_, on := a.Chosen()
	e, behind := a.behind()
	switch {
	case a.selecting() || !on && !behind || behind && half(e, a.Text()):
		a.line.Insert(s)
	case on:
		a.line.Insert(s + ", ")
		a.line.SetPosition(0, at+len(s))
	default:
		a.line.Insert(", " + s)
	}
}

// half tells that an entry of a text can't be read yet, but could with more letters
// behind it.
func half(e address.Entry, text string) bool {
	written := text[e.Start:e.End]
	return e.Err != nil && (!strings.Contains(written, "@") || slices.ContainsFunc([]string{"x.example", "x.example>", ";"}, func(more string) bool {
		_, err := address.ParseList(written + more)
		return err == nil
	}))
}

// leave goes out of the entry that is being typed, at either end.
func (a *Addresses) leave(e address.Entry, msg tea.KeyPressMsg) bool {
	switch at := a.Position(); {
	case at == e.Start && key.Matches(msg, a.keys.left) && a.left() < at:
		a.place(a.left())
	case at == e.End && key.Matches(msg, a.keys.right) && a.right() > at:
		a.place(a.right())
	default:
		return false
	}
	return true
}

// left is where the chip in front of the cursor begins.
func (a *Addresses) left() (to int) {
	for _, e := range a.entries {
		if e.Start < a.Position() {
			to = e.Start
		}
	}
	return to
}

// right is where the next chip begins, or the end.
func (a *Addresses) right() int {
	for _, e := range a.entries {
		if e.Start > a.Position() {
			return e.Start
		}
	}
	return len(a.Text())
}

func (a *Addresses) place(at int) {
	a.edit = whole
	a.line.SetPosition(0, at)
}

// extend selects on as far as to.
func (a *Addresses) extend(msg tea.KeyPressMsg, to int) {
	for at := a.Position(); at != to; at = a.Position() {
		if a.line.Update(msg); (at < to) != (a.Position() < to) && a.Position() != to || a.Position() == at {
			break
		}
	}
}

// close ends the editing of an entry that was opened.
func (a *Addresses) close(e address.Entry) {
	a.place(a.right())
	if e.End == len(a.Text()) {
		a.swap(e.Start, e.End, a.Text()[e.Start:e.End])
	}
}

// Select opens an entry, with the cursor at its end.
func (a *Addresses) Select(e address.Entry) {
	a.line.SetPosition(0, e.End)
	a.edit = reopened
	a.follow()
}

// settle looks where the cursor has come to: in an entry that is being typed, or
// on a chip. typed tells that letters came, changed that the text is another.
func (a *Addresses) settle(from int, typed, changed bool) {
	e, on := a.at()
	end := e.End == len(a.Text()) && a.Position() == e.End
	switch {
	case !on:
		a.edit = whole
	case a.edit != whole && (changed || e.Start <= from && from <= e.End):
	case typed:
		a.edit = fresh
	default:
		if a.edit = whole; !end && !a.selecting() {
			a.line.SetPosition(0, e.Start)
		}
	}
}

// typing tells that e is the entry that is being typed.
func (a *Addresses) typing(e address.Entry) bool {
	at := a.Position()
	return a.focused && a.edit != whole && e.Start <= at && at <= e.End
}

// before returns the entry that ends in front of the cursor with nothing but
// separators between.
func (a *Addresses) before() (address.Entry, bool) {
	at := a.Position()
	for _, e := range a.entries {
		if e.End < at && strings.Trim(a.Text()[e.End:at], " ,;") == "" {
			return e, true
		}
	}
	return address.Entry{}, false
}
