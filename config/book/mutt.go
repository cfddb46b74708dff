package book

import (
	"strings"

	"sendoff/smtp/address"
)

// parseMutt reads the alias commands in a file of mutt's settings: "alias -group
// G key Name <address>, ...". One with several addresses is a group, called by
// its key; one that names other aliases is made of them.
func parseMutt(text string) []Contact {
	const source = "mutt"
	var all []Contact
	known := map[string][]address.Mailbox{}
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(text)
	for line := range strings.Lines(text) {
		key, list := readAlias(line)
		if key == "" {
			continue
		}
		var boxes []address.Mailbox
		for _, entry := range address.Split(list) {
			if entry.Err == nil {
				boxes = append(boxes, entry.Mailboxes...)
			} else {
				boxes = append(boxes, known[strings.ToLower(list[entry.Start:entry.End])]...)
			}
		}
		known[strings.ToLower(key)] = boxes
		switch len(boxes) {
		case 0:
		case 1:
			c := Contact{Name: oneLine(boxes[0].Name), Nick: key, Boxes: boxes[:1:1], Source: source}
			c.Boxes = []address.Mailbox{{Local: boxes[0].Local, Domain: boxes[0].Domain}}
			all = append(all, c)
		default:
			all = append(all, Contact{Name: key, Boxes: boxes, Group: true, Source: source})
		}
	}
	return all
}

// readAlias returns what an alias is called and whom it is for.
func readAlias(line string) (key, list string) {
	word := func() (w string) {
		line = strings.TrimSpace(line)
		w, line, _ = strings.Cut(strings.Replace(line, "\t", " ", 1), " ")
		return w
	}
	if word() != "alias" {
		return "", ""
	}
	key = word()
	for key == "-group" || key == "-addr" {
		word()
		key = word()
	}
	// What stands behind a # is a comment, unless it is within quotes.
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case '#':
			if !quoted && i > 0 && line[i-1] == ' ' {
				return oneLine(key), line[:i]
			}
		}
	}
	return oneLine(key), line
}
