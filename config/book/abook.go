package book

import (
	"slices"
	"strings"

	"sendoff/smtp/address"
)

// parseAbook reads the file of abook: sections of "key=value". People who share
// a word of "groups" are a group too.
func parseAbook(text string) []Contact {
	const source = "abook"
	var all []Contact
	groups := map[string][]address.Mailbox{}
	var names []string // of groups, in order
	entry := map[string]string{}
	end := func() {
		for i, addr := range strings.Split(entry["email"], ",") {
			c, ok := person(entry["name"], entry["nick"], addr, source)
			if !ok {
				continue
			}
			all = append(all, c)
			box := c.Boxes[0]
			box.Name = c.Name
			for g := range strings.SplitSeq(entry["groups"], ",") {
				if g = oneLine(g); g == "" || i > 0 {
					continue
				}
				if !slices.Contains(names, g) {
					names = append(names, g)
				}
				groups[g] = append(groups[g], box)
			}
		}
		clear(entry)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			end()
		default:
			if key, value, ok := strings.Cut(line, "="); ok {
				entry[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
			}
		}
	}
	end()
	for _, g := range names {
		all = append(all, Contact{Name: g, Group: true, Boxes: groups[g], Source: source})
	}
	return all
}
