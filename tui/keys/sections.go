package keys

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
)

// Section is the bindings of one context, for the key reference.
type Section struct {
	Title    string
	Bindings []key.Binding
}

// Sections lists every context in the order a person meets them.
func (m *Map) Sections() []Section {
	return []Section{
		{"Everywhere", bindings(m.Global)},
		{"First start", bindings(m.Start)},
		{"Composer", bindings(m.Compose)},
		{"Choosing files", bindings(m.Picker)},
		{"Attachments", bindings(m.Files)},
		{"Before it goes", bindings(m.Sheet)},
		{"Text", bindings(m.Text)},
		{"Search", bindings(m.Search)},
		{"Spelling", bindings(m.Spelling)},
		{"Lists", bindings(m.List)},
		{"Outbox", bindings(m.Outbox)},
		{"Session", bindings(m.Session)},
		{"Accounts", bindings(m.Accounts)},
		{"Sign-in", bindings(m.SignIn)},
		{"Forms", bindings(m.Form)},
		{"Dialogs", bindings(m.Dialog)},
	}
}

// bindings returns the fields of a context struct in their order.
func bindings(context any) []key.Binding {
	v := reflect.ValueOf(context)
	out := make([]key.Binding, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Interface().(key.Binding)
	}
	return out
}

// Conflict is a key that would mean two things at once.
type Conflict struct {
	Where, Key string
	One, Other string // what it would do
}

// String tells it in a sentence.
func (c Conflict) String() string {
	return fmt.Sprintf("%s means both %q and %q in the %s", c.Key, c.One, c.Other, c.Where)
}

// Conflicts names every key that would mean two things at once. Contexts that
// are never there at the same time may share keys; so may two bindings of
// which only one is ever offered, like hold and release.
func (m *Map) Conflicts() []Conflict {
	typing := append(bindings(m.Global), bindings(m.Text)...)
	typing = except(typing, m.Global.HelpPlain, m.Global.TakeBackPlain)
	reading := append(bindings(m.Global), bindings(m.List)...)
	shut := []key.Binding{m.Dialog.Close}

	var found []Conflict
	for _, c := range []struct {
		name string
		all  []key.Binding
	}{
		{"composer", slices.Concat(typing, bindings(m.Compose), shut)},
		{"sheet", slices.Concat(except(typing, m.Text.Newline), bindings(m.Sheet), shut, []key.Binding{m.Dialog.Press})},
		{"file picker", slices.Concat(except(typing, m.Text.Mark), bindings(m.Picker), shut)},
		{"attachments", slices.Concat(except(bindings(m.Global), m.Global.HelpPlain, m.Global.TakeBackPlain), bindings(m.Compose), bindings(m.Files))},
		{"outbox", slices.Concat(except(bindings(m.Global), m.Global.TakeBackPlain), bindings(m.List.Marking()), except(bindings(m.Outbox), m.Outbox.Release, m.Outbox.TestAccount))},
		{"first start", slices.Concat(bindings(m.Global), bindings(m.Start))},
		{"session", slices.Concat(reading, except(bindings(m.Session), m.Session.TestAccount))},
		{"accounts", slices.Concat(reading, bindings(m.Accounts))},
		{"dialog", slices.Concat(bindings(m.Global), except(bindings(m.Dialog), m.Dialog.Close))},                   // with a question
		{"dialog", slices.Concat(except(reading, m.List.Up, m.List.Down), except(bindings(m.Dialog), m.Dialog.No))}, // with a list
		{"spelling", slices.Concat(except(bindings(m.Global), m.Global.HelpPlain, m.Global.TakeBackPlain), bindings(m.Spelling))},
		{"search", slices.Concat(except(typing, m.Text.Newline, m.Text.LineBreak, m.Text.Up, m.Text.Down), bindings(m.Search))},
		{"sign-in", slices.Concat(except(typing, m.Text.Newline), bindings(m.SignIn))},
		{"form", slices.Concat(bindings(m.Global), bindings(m.Form))},
	} {
		owner := map[string]string{}
		for _, b := range c.all {
			for _, k := range b.Keys() {
				if other, taken := owner[k]; taken {
					found = append(found, Conflict{c.name, k, other, b.Help().Desc})
				}
				owner[k] = b.Help().Desc
			}
		}
	}
	return found
}

func except(all []key.Binding, drop ...key.Binding) []key.Binding {
	return slices.DeleteFunc(slices.Clone(all), func(b key.Binding) bool {
		return slices.ContainsFunc(drop, func(d key.Binding) bool { return same(b, d) })
	})
}

func same(a, b key.Binding) bool {
	return a.Help() == b.Help() && strings.Join(a.Keys(), " ") == strings.Join(b.Keys(), " ")
}
