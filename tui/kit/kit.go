// Package kit is the contract between the program's one tea.Model and its
// screens: what a screen is, what it may ask for, and what it is told.
//
// A screen does no I/O, reads no clock and starts no goroutine. It asks by
// returning an Intent; the answer comes back to its Update as one of the
// messages of this package.
package kit

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

// Name says which screen is meant.
type Name string

// The screens.
const (
	Compose  Name = "compose"
	Outbox   Name = "outbox"
	Session  Name = "session"
	Accounts Name = "accounts"
)

// Screen is one of the program's views. The frame around it, top line, rules,
// status and key line, belongs to the program.
type Screen interface {
	// SetSize tells the columns and rows that View may fill.
	SetSize(width, height int)

	// Update takes keys, pastes, mouse events and answers, and returns what
	// the screen wants, or nil.
	Update(msg tea.Msg) Intent

	// View draws exactly the rows of SetSize, from state alone, and says
	// where in them the real cursor stands; nil hides it.
	View() (string, *tea.Cursor)

	// Bindings lists the keys that work now, most useful first.
	Bindings() []key.Binding

	// Status is the line above the keys: what just happened, or what is wrong
	// and which key helps.
	Status() Status
}

// Status is one line for the person.
type Status struct {
	Text    string
	Right   string // at the right edge, quiet: "draft saved 14:02"
	Trouble bool   // it needs the person
}

// Drafter is a Screen in which a draft is written. The program watches
// Revision and keeps Draft on disk.
type Drafter interface {
	Screen

	// Draft returns the fields as they stand.
	Draft() message.Draft

	// Revision grows whenever Draft would return something else, the
	// cursor's place included. Loading and emptying count as well.
	Revision() uint64

	// Empty tells that nothing was written that is worth keeping.
	Empty() bool
}

// Env is what every screen is given when it is made. Styles and Cells change
// in place when the terminal tells of its colors and of how it counts cells;
// screens that keep drawn or wrapped text throw it away on Restyled.
type Env struct {
	Now    Clock
	Keys   *keys.Map
	Styles *theme.Styles
	Cells  *text.Method
}

// Restyled tells that Env.Styles or Env.Cells changed.
type Restyled struct{}

// Clock tells the time; tests set it.
type Clock func() time.Time
