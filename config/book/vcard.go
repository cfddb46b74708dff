package book

import (
	"io"
	"mime/quotedprintable"
	"strings"
)

const (
	mostCard = 64        // addresses of a card, so that one fills no list
	mostLine = 64 << 10  // octets of a line; photographs have more and are left out
	cardWord = "vCard"   // Contact.Source
	memberID = "\x00id:" // leads an unresolved member in Contact.Nick
)

// property is a line of a card.
type property struct {
	name   string // in upper case, without the group in front
	params string // in upper case, between the first ; and the :
	value  string // as it stands
}

// card is what counts of one.
type card struct {
	old        bool // version 2.1
	full, name string
	nick, org  string
	uid, kind  string
	mails      []string
	members    []string
}

// parseVCards reads cards of versions 2.1 to 4.0, one after the other. A card
// that is broken takes no other with it.
func parseVCards(text string) []Contact {
	var all []Contact
	var c *card
	for _, line := range unfold(text) {
		p, ok := readProperty(line)
		switch {
		case !ok:
		case p.name == "BEGIN":
			c = &card{}
		case c == nil:
		case p.name == "END":
			all = append(all, c.contacts()...)
			c = nil
		default:
			c.take(p)
		}
	}
	return all
}

// unfold joins the lines that go on with a blank (RFC 6350 section 3.2), or,
// in quoted-printable, behind a = at the end.
func unfold(text string) []string {
	var lines []string
	var b strings.Builder
	soft := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		folded := line != "" && (line[0] == ' ' || line[0] == '\t')
		if !soft && !folded {
			if b.Len() > 0 {
				lines = append(lines, b.String())
			}
			b.Reset()
		} else if folded && !soft {
			line = line[1:]
		}
		if b.Len() < mostLine {
			b.WriteString(line)
		}
		head := b.String()
		if soft = strings.HasSuffix(line, "=") && len(head) < mostLine && quotedPrintable(head); soft {
			b.Reset()
			b.WriteString(head[:len(head)-1])
		}
	}
	return append(lines, b.String())
}

func quotedPrintable(line string) bool {
	head, _, ok := strings.Cut(line, ":")
	return ok && strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
}

func readProperty(line string) (p property, ok bool) {
	if len(line) >= mostLine {
		return p, false
	}
	// The colon that counts is the first outside quotes.
	quoted, colon := false, -1
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				colon = i
			}
		}
		if colon >= 0 {
			break
		}
	}
	if colon < 0 {
		return p, false
	}
	p.value = strings.TrimSpace(line[colon+1:])
	p.name, p.params, _ = strings.Cut(strings.ToUpper(line[:colon]), ";")
	p.name = p.name[strings.LastIndexByte(p.name, '.')+1:] // item1.EMAIL
	if strings.Contains(p.params, "QUOTED-PRINTABLE") {
		decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(p.value)))
		if err != nil {
			return p, false
		}
		p.value = strings.ToValidUTF8(string(decoded), "\ufffd")
	}
	return p, true
}

func (c *card) take(p property) {
	switch p.name {
	case "VERSION":
		c.old = p.value == "2.1"
	case "FN":
		c.full = unescape(p.value)
	case "N":
		c.name = structured(p.value)
	case "NICKNAME":
		c.nick = unescape(p.value)
	case "ORG":
		c.org = unescape(split(p.value, ';')[0])
	case "UID":
		c.uid = urn(p.value)
	case "KIND", "X-ADDRESSBOOKSERVER-KIND":
		c.kind = strings.ToLower(p.value)
	case "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER":
		if len(c.members) < mostContacts {
			c.members = append(c.members, unescape(p.value))
		}
	case "EMAIL":
		preferred := strings.Contains(p.params, "PREF")
		switch addr := strings.TrimPrefix(unescape(p.value), "mailto:"); {
		case len(c.mails) >= mostCard:
		case preferred:
			c.mails = append([]string{addr}, c.mails...)
		default:
			c.mails = append(c.mails, addr)
		}
	}
}

// contacts returns one contact for each address, or the group that the card is.
// Its members are found when all cards are known: until then they stand in
// contacts of their own behind it.
func (c *card) contacts() []Contact {
	name := oneLine(c.full)
	if name == "" {
		name = oneLine(c.name)
	}
	if name == "" {
		name = oneLine(c.org)
	}
	if c.kind == "group" && name != "" {
		return []Contact{{Name: name, Group: true, Source: cardWord, Nick: memberID + strings.Join(c.members, "\n")}}
	}
	var all []Contact
	for i, addr := range c.mails {
		if p, ok := person(name, c.nick, addr, cardWord); ok {
			if i == 0 && c.uid != "" {
				p.Boxes[0].Name = memberID + c.uid
			}
			all = append(all, p)
		}
	}
	return all
}

// gather puts members into the groups of cards, and leaves out groups of
// nobody.
func gather(all []Contact) []Contact {
	byID := map[string]Contact{}
	for i := range all {
		if c := &all[i]; !c.Group {
			if id, ok := strings.CutPrefix(c.Boxes[0].Name, memberID); ok {
				c.Boxes[0].Name = ""
				byID[id] = *c
			}
		}
	}
	kept := all[:0]
	for _, c := range all {
		members, open := strings.CutPrefix(c.Nick, memberID)
		if !c.Group || !open {
			kept = append(kept, c)
			continue
		}
		c.Nick = ""
		for m := range strings.SplitSeq(members, "\n") {
			who, ok := byID[urn(m)]
			if addr, direct := strings.CutPrefix(m, "mailto:"); direct {
				who, ok = person("", "", addr, cardWord)
			}
			if ok {
				box := who.Boxes[0]
				box.Name = who.Name
				c.Boxes = append(c.Boxes, box)
			}
		}
		if len(c.Boxes) > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// urn is what an identifier is compared by.
func urn(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.TrimPrefix(s, "urn:uuid:")
}

// structured makes a name of family; given; additional; prefix; suffix (RFC
// 6350 section 6.2.2).
func structured(value string) string {
	parts := append(split(value, ';'), "", "", "", "", "")
	return strings.Join([]string{unescape(parts[3]), unescape(parts[1]), unescape(parts[2]), unescape(parts[0]), unescape(parts[4])}, " ")
}

// split cuts at a separator that no backslash stands before.
func split(s string, at byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case at:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\:`, ":")

func unescape(s string) string { return unescaper.Replace(s) }
