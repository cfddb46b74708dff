package config

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strings"
)

// Update changes the account called name into a, which may have another name.
// Only what differs is written anew. An empty field of a takes its default;
// relative paths are taken from the working directory.
func Update(ctx context.Context, path, name string, a Account) error {
	a, err := a.settled()
	if err != nil {
		return err
	}
	return edit(ctx, path, func(d *document, c Config) ([]byte, Config, error) {
		i, err := c.index(name)
		if err != nil {
			return nil, c, err
		}
		others := slices.Delete(slices.Clone(c.Accounts), i, i+1)
		if f := clash(others, a); f != nil {
			return nil, c, &Error{Path: path, Text: f.text, Hint: f.hint}
		}
		before := c.Accounts[i]
		cuts := append(d.updateRules(&c, before.Name, a.Name), d.updateAccount(d.accounts[i], before, a)...)
		if e, ok := d.top.find("default"); ok && c.Default == before.Name && a.Name != c.Default {
			cuts = append(cuts, cut{e.value, e.end, tomlString(a.Name)})
		}
		if c.Default == before.Name {
			c.Default = a.Name
		}
		c.Accounts[i] = a
		if r, stray := c.strayRule(); stray {
			return nil, c, &Error{Path: path, Text: "a rule sends as " + quote(r.Sender), Hint: "change the rule first"}
		}
		return apply(d.text, cuts), c, nil
	})
}

// Remove deletes the account called name, and the rules that choose it, with the
// comments that belong to them: those without an empty line between. If it was
// the default, the first of the others becomes it.
func Remove(ctx context.Context, path, name string) error {
	return edit(ctx, path, func(d *document, c Config) ([]byte, Config, error) {
		i, err := c.index(name)
		if err != nil {
			return nil, c, err
		}
		cuts := append(d.removeRules(&c, c.Accounts[i].Name), d.removal(d.accounts[i]))
		wasDefault := c.Default == c.Accounts[i].Name
		c.Accounts = slices.Delete(c.Accounts, i, i+1)
		if len(c.Accounts) == 0 {
			c.Accounts = nil
		}
		if wasDefault {
			c.Default = ""
			if len(c.Accounts) > 0 {
				c.Default = c.Accounts[0].Name
			}
			if e, ok := d.top.find("default"); ok {
				cuts = append(cuts, d.line(e))
			}
		}
		return apply(d.text, cuts), c, nil
	})
}

// index finds the account called name.
func (c Config) index(name string) (int, error) {
	a, err := c.Account(name)
	if err != nil {
		return 0, err
	}
	return slices.IndexFunc(c.Accounts, func(b Account) bool { return b.Name == a.Name }), nil
}

// cut replaces a part of a text.
type cut struct {
	start, end int
	with       string
}

// apply makes all cuts from the last to the first, so that the places of the
// others stay true. Removals may claim the same comment.
func apply(text []byte, cuts []cut) []byte {
	slices.SortStableFunc(cuts, func(a, b cut) int { return b.start - a.start })
	next := len(text)
	for _, c := range cuts {
		text = splice(text, c.start, min(c.end, max(next, c.start)), c.with)
		next = c.start
	}
	return text
}

// updateAccount are the cuts that make after of before in section s.
func (d *document) updateAccount(s *section, before, after Account) []cut {
	usual := Account{Address: after.Address}.Complete()
	usual.Port = standardPort(after.TLS)
	// Identities come first: what is written at the same place as a key goes
	// behind it.
	cuts := d.updateIdentities(s, before.Identities, after.Identities)
	return append(cuts, updates(d, s, accountFields, before, after, usual)...)
}

// updates are the cuts that make after of before in section s. What is as usual
// is not written anew.
func updates[T any](d *document, s *section, fields []field[T], before, after, usual T) []cut {
	var cuts []cut
	var added strings.Builder
	for _, f := range fields {
		if reflect.DeepEqual(f.of(&before), f.of(&after)) {
			continue
		}
		value := valueOf(f.of(&after))
		switch e, ok := s.find(f.key); {
		case ok && value == "":
			cuts = append(cuts, d.line(e))
		case ok:
			cuts = append(cuts, cut{e.value, e.end, value})
		case value != "" && value != valueOf(f.of(&usual)):
			added.WriteString(f.key + " = " + value + d.newline())
		}
	}
	at := d.endOf(s)
	return append(cuts, cut{at, at, added.String()})
}

// endOf is the start of the line after the last key of a section.
func (d *document) endOf(s *section) int {
	if n := len(s.entries); n > 0 {
		return d.lineEnd(s.entries[n-1].end)
	}
	return d.lineEnd(s.header)
}

// removal is the cut that takes a section out.
func (d *document) removal(s *section) cut {
	start, end := d.extent(s)
	return cut{start, end, ""}
}

// line is the cut that removes an entry with its whole line or lines.
func (d *document) line(e entry) cut {
	return cut{d.lineStart(e.start), d.lineEnd(e.end), ""}
}

func (d *document) lineStart(offset int) int {
	return bytes.LastIndexByte(d.text[:offset], '\n') + 1
}

// lineEnd is the start of the line after the one that offset is in.
func (d *document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.text[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(d.text)
}

// extent is where a section, with its comments and those below it, begins and
// ends. A comment that begins the file stays out: it may be about the file.
func (d *document) extent(s *section) (start, end int) {
	start = s.header
	for start > 0 && d.comment(d.lineStart(start-1)) {
		start = d.lineStart(start - 1)
	}
	if start == 0 {
		start = s.header
	}
	last := s
	if n := len(s.below); n > 0 {
		last = s.below[n-1]
	}
	end = d.endOf(last)
	for end < len(d.text) && d.comment(end) {
		end = d.lineEnd(end)
	}
	for end < len(d.text) && d.blank(end) {
		end = d.lineEnd(end)
	}
	return start, end
}

// comment and blank tell what the line that begins at offset is.
func (d *document) comment(offset int) bool {
	return bytes.HasPrefix(bytes.TrimLeft(d.text[offset:d.lineEnd(offset)], " \t"), []byte("#"))
}

func (d *document) blank(offset int) bool {
	return len(bytes.TrimSpace(d.text[offset:d.lineEnd(offset)])) == 0
}
