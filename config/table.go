package config

import (
	"strings"
	"time"
)

// identityTable stands below an account.
const identityTable = "account.identity"

// table is a kind of section that a file can have beside [[account]] and what is
// below that.
type table struct {
	name string
	many bool // [[name]], for each of several; else [name], once
	keys []string
	take func(d *document, s *section, c *Config) error
}

// tables lists them all. To add one, name its fields and where in Config it
// goes.
var tables = append([]table{
	once("outbox", outboxFields, func(c *Config) *Outbox { return &c.Outbox }, Outbox.check),
	composeTable,
	addressesTable,
	hookTable,
	ruleTable,
	keysTable,
}, themeTables...)

// once makes the table of a section that stands in a file once at most. check
// looks at what was read.
func once[T any](name string, fields []field[T], in func(*Config) *T, check func(T) *fault) table {
	return table{name, false, keysOf(fields), func(d *document, s *section, c *Config) error {
		return takeChecked(d, s, fields, in(c), check)
	}}
}

// takeChecked reads a section into v, which begins with its defaults.
func takeChecked[T any](d *document, s *section, fields []field[T], v *T, check func(T) *fault) error {
	if err := take(d, s, fields, v); err != nil {
		return err
	}
	if f := check(*v); f != nil {
		return d.blame(s, f)
	}
	return nil
}

// head is the line that begins a section of the table.
func (t table) head() string {
	if t.many {
		return "[[" + t.name + "]]"
	}
	return "[" + t.name + "]"
}

// suggestTable is the hint for the name of a table that is none.
func suggestTable(name string) string {
	switch strings.ToLower(name) {
	case "account":
		return "write [[account]], with two brackets on each side"
	case "identity", identityTable:
		return "write [[" + identityTable + "]], below its account"
	}
	heads, names := []string{"[[account]]"}, []string{"account"}
	for _, t := range tables {
		if strings.EqualFold(name, t.name) {
			return "write " + t.head()
		}
		heads, names = append(heads, t.head()), append(names, t.name)
	}
	if near := nearest(name, names); near >= 0 {
		return "did you mean " + heads[near] + "?"
	}
	return "the tables here are called " + strings.Join(heads, ", ")
}

// Outbox is what the person wants of the outbox.
type Outbox struct {
	Undo        time.Duration // how long mail from the screen waits to be taken back; 0 not at all
	AskWhenLate time.Duration // mail that is due for longer waits for a yes; 0 for none
	Keep        time.Duration // how long sent mail is kept; 0 for ever
	AfterQuit   string        // what mail does that waits when the screens are left: one of the AfterQuit constants
}

// What becomes of mail that waits when the screens are left, or the terminal
// goes away: the values of Outbox.AfterQuit. Empty is AfterQuitWait with a
// question while a mail is about to go.
const (
	AfterQuitDeliver = "deliver" // it is delivered in the background
	AfterQuitWait    = "wait"    // it goes when sendoff runs again
)

// Standard is what an empty file says.
func Standard() Config {
	return Config{
		Outbox:    Outbox{Undo: 10 * time.Second},
		Compose:   Compose{CheckDomains: true},
		Addresses: Addresses{History: true, Usual: true},
	}
}

var outboxFields = []field[Outbox]{
	{"undo", false, func(o *Outbox) any { return &o.Undo }},
	{"ask-when-late", false, func(o *Outbox) any { return &o.AskWhenLate }},
	{"keep", false, func(o *Outbox) any { return &o.Keep }},
	{"after-quit", false, func(o *Outbox) any { return &o.AfterQuit }},
}

// longestUndo bounds Outbox.Undo: beyond it, mail is scheduled.
const longestUndo = time.Hour

func (o Outbox) check() *fault {
	switch {
	case o.Undo > longestUndo:
		return &fault{"undo", "undo can be an hour at most", "schedule mail that is to wait for longer"}
	case o.AskWhenLate != 0 && o.AskWhenLate < time.Minute:
		return &fault{"ask-when-late", "ask-when-late must be a minute at least", "write 0 for never"}
	case o.Keep != 0 && o.Keep < time.Hour:
		return &fault{"keep", "keep must be an hour at least", "write 0 for ever"}
	case o.AfterQuit != "" && o.AfterQuit != AfterQuitDeliver && o.AfterQuit != AfterQuitWait:
		return &fault{"after-quit", "after-quit must be deliver or wait", "leave it out to be asked"}
	}
	return nil
}
