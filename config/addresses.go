package config

import (
	"path/filepath"
	"slices"
	"strings"
)

// Addresses says where the composer finds people as their names are typed.
type Addresses struct {
	// History is whom mail in the outbox went to.
	History bool

	// VCard, Abook and Mutt are files, or folders of cards, of address books.
	// Usual looks where programs usually keep theirs if none is named.
	VCard []string
	Abook []string
	Mutt  []string
	Usual bool

	// Command is a program and its arguments, %s for what was typed, that prints
	// a line for each address: as aerc's address-book-cmd.
	Command []string
}

var addressesFields = []field[Addresses]{
	{"history", false, func(a *Addresses) any { return &a.History }},
	{"usual", false, func(a *Addresses) any { return &a.Usual }},
	{"vcard", false, func(a *Addresses) any { return &a.VCard }},
	{"abook", false, func(a *Addresses) any { return &a.Abook }},
	{"mutt", false, func(a *Addresses) any { return &a.Mutt }},
	{"command", false, func(a *Addresses) any { return &a.Command }},
}

var addressesTable = table{"addresses", false, keysOf(addressesFields), func(d *document, s *section, c *Config) error {
	a := &c.Addresses
	if err := takeChecked(d, s, addressesFields, a, Addresses.check); err != nil {
		return err
	}
	for key, list := range map[string][]string{"vcard": a.VCard, "abook": a.Abook, "mutt": a.Mutt} {
		for i := range list {
			if err := d.resolve(&list[i]); err != nil {
				return d.errorAt(s.place(key), err.Error(), "")
			}
		}
	}
	if cmd := a.Command; len(cmd) > 0 && strings.ContainsAny(cmd[0], "/"+string(filepath.Separator)) {
		if err := d.resolve(&cmd[0]); err != nil {
			return d.errorAt(s.place("command"), err.Error(), "")
		}
	}
	return nil
}}

// Named tells that the person said where address books are.
func (a Addresses) Named() bool { return len(a.VCard)+len(a.Abook)+len(a.Mutt) > 0 }

func (a Addresses) check() *fault {
	for key, list := range map[string][]string{"vcard": a.VCard, "abook": a.Abook, "mutt": a.Mutt} {
		if slices.Contains(list, "") {
			return &fault{key, key + " must be paths, and one is empty", ""}
		}
	}
	if odd := slices.ContainsFunc(a.Command, func(s string) bool { return strings.ContainsRune(s, 0) }); odd || len(a.Command) > 0 && a.Command[0] == "" {
		return &fault{"command", "command must be a program and its arguments, each a text", `write command = ["khard", "email", "--parsable", "--remove-first-line", "%s"]`}
	}
	if len(a.Command) > 0 && !slices.ContainsFunc(a.Command[1:], func(s string) bool { return strings.Contains(s, "%s") }) {
		return &fault{"command", "command does not say where it takes what is typed", `add "%s" to its arguments`}
	}
	return nil
}
