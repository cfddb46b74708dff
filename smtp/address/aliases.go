package address

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Aliases are the names of a machine's users and who gets the mail for them, as
// in a file of aliases(5): "root: me@example.org, you@example.org". A name is
// in lower case; a target without an @ is another name.
type Aliases map[string][]string

// ParseAliases reads a file of aliases. A line that begins with a blank goes on
// with the one before, and # begins a comment. Commands, files and included
// lists, which other programs take as targets, are kept for Expand to refuse.
func ParseAliases(in io.Reader) (Aliases, error) {
	all := Aliases{}
	var name string
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' {
			before, after, ok := strings.Cut(text, ":")
			name = strings.ToLower(strings.Trim(strings.TrimSpace(before), `"`))
			if !ok || name == "" {
				return nil, fmt.Errorf("line %d of the aliases: %s is not of the form name: address", n, shown(text))
			}
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("line %d of the aliases: %s is there twice", n, shown(name))
			}
			all[name] = nil
			text = after
		} else if name == "" {
			return nil, fmt.Errorf("line %d of the aliases goes on with a line that is not there", n)
		}
		all[name] = append(all[name], targets(text)...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the aliases: %w", err)
	}
	return all, nil
}

// targets cuts a list at its commas, outside quotes.
func targets(s string) []string {
	var list []string
	for pos := 0; pos <= len(s); {
		end, quoted := pos, false
		for ; end < len(s) && (quoted || s[end] != ','); end++ {
			quoted = quoted != (s[end] == '"')
		}
		if t := strings.TrimSpace(s[pos:end]); t != "" {
			list = append(list, t)
		}
		pos = end + 1
	}
	return list
}

// Expand returns who gets the mail for a local name: addresses, each once. Its
// error is an *Error.
func (a Aliases) Expand(name string) ([]Mailbox, error) {
	return a.expand(name, nil)
}

func (a Aliases) expand(name string, through []string) ([]Mailbox, error) {
	key := strings.ToLower(strings.TrimPrefix(name, `\`))
	list, ok := a[key]
	switch {
	case slices.Contains(through, key):
		return nil, &Error{Text: name, Reason: "is an alias of itself"}
	case !ok:
		return nil, &Error{Text: name, Reason: "is a user of this machine, and no alias says where their mail goes"}
	case len(list) == 0:
		return nil, &Error{Text: name, Reason: "is an alias of nobody"}
	}
	through = append(slices.Clone(through), key)
	var boxes []Mailbox
	for _, target := range list {
		var more []Mailbox
		var err error
		switch bare := strings.Trim(target, `"`); {
		case strings.HasPrefix(bare, "|"), strings.HasPrefix(bare, "/"), strings.HasPrefix(bare, ":"):
			err = &Error{Text: target, Reason: "is not an address, and mail goes nowhere else"}
		case strings.Contains(target, "@"):
			var m Mailbox
			m, err = Parse(target)
			more = []Mailbox{m}
		default:
			more, err = a.expand(target, through)
		}
		if err != nil {
			return nil, err
		}
		for _, m := range more {
			if !slices.Contains(boxes, m) {
				boxes = append(boxes, m)
			}
		}
	}
	return boxes, nil
}
