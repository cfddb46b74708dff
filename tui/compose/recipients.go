package compose

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config/book"
	"sendoff/smtp/address"
	"sendoff/tui/field"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// offer is who may be meant by what is being typed of a recipient.
type offer struct {
	typed  string // what was asked for last
	closed string // what the offer for was closed
	people []book.Contact
	at     int // the chosen one; below 0 while what is typed will do as it is
}

// typing is what stands of the recipient that is being typed; empty for none.
func (s *Screen) typing() string {
	if list := s.lists[s.focus]; list != nil && s.over == nil {
		return strings.TrimSpace(list.Typing())
	}
	return ""
}

// wonders asks what there is to know about recipients that were written since,
// if anything: who is meant by the one being typed, if a key changed it.
func (s *Screen) wonders(changed bool) kit.Intent {
	var want kit.Do
	if typed := s.typing(); typed != s.offer.typed {
		s.offer = offer{typed: typed, closed: s.offer.closed}
		if typed != "" && changed {
			want = append(want, kit.Complete{Typed: typed})
		}
	}
	var unknown []string
	for _, p := range []place{inTo, inCc, inBcc} {
		for _, e := range s.lists[p].Entries() {
			if e.Err != nil || s.lists[p].Typed(e) {
				continue
			}
			for _, m := range e.Mailboxes {
				if _, asked := s.known[m.Addr()]; !asked {
					s.known[m.Addr()] = kit.Known{}
					unknown = append(unknown, m.Addr())
				}
			}
		}
	}
	if len(unknown) > 0 {
		want = append(want, kit.LookUp{Addresses: unknown})
	}
	switch len(want) {
	case 0:
		return nil
	case 1:
		return want[0]
	}
	return want
}

// completed takes over who may be meant, if that is still being typed.
func (s *Screen) completed(msg kit.Completed) {
	o := &s.offer
	if msg.Err != nil && len(msg.People) == 0 {
		if !s.status.Trouble {
			s.status = kit.Status{Text: text.Clean(msg.Err.Error()), Trouble: true}
		}
	}
	if msg.Typed != o.typed || o.typed == o.closed {
		return
	}
	if !msg.Asked {
		o.people, o.at = nil, 0
		if _, err := address.Parse(o.typed); err == nil {
			o.at = -1
		}
	}
	for _, c := range msg.People {
		same := func(other book.Contact) bool {
			return other.Group == c.Group && other.Boxes[0].Addr() == c.Boxes[0].Addr()
		}
		if len(o.people) < offered && !slices.ContainsFunc(o.people, same) && c.String() != o.typed {
			o.people = append(o.people, c)
		}
	}
}

// offered is how many people show at most.
const offered = 8

// pressOffer takes the keys that choose among the people who are offered.
func (s *Screen) pressOffer(msg tea.KeyPressMsg) bool {
	o, keys := &s.offer, s.env.Keys
	if len(o.people) == 0 || s.typing() == "" {
		return false
	}
	switch {
	case key.Matches(msg, keys.Dialog.Close):
		o.closed, o.people = o.typed, nil
	case key.Matches(msg, keys.Text.Down):
		o.at = min(o.at+1, s.offerRows()-1)
	case key.Matches(msg, keys.Text.Up) && o.at >= 0:
		o.at--
	case o.at >= 0 && key.Matches(msg, s.keys.Next, keys.Text.Newline):
		s.lists[s.focus].Complete(o.people[o.at].String())
	default:
		return false
	}
	return true
}

// clickOffer takes who is offered in a row.
func (s *Screen) clickOffer(y int) bool {
	i := y - slices.Index(s.layout.header, s.focus) - 1
	if s.typing() == "" || i < 0 || i >= s.offerRows() {
		return false
	}
	s.lists[s.focus].Complete(s.offer.people[i].String())
	return true
}

// shift moves the recipient at the cursor from To to Cc, from there to Bcc, and
// back to To.
func (s *Screen) shift() {
	next, ok := map[place]place{inTo: inCc, inCc: inBcc, inBcc: inTo}[s.focus]
	if !ok {
		s.status = kit.Status{Text: "a recipient is moved from the field it stands in"}
		return
	}
	moved := s.lists[s.focus].Take()
	if moved == "" {
		s.status = kit.Status{Text: "there is no recipient at the cursor to be moved"}
		return
	}
	s.lists[next].Add(moved)
	s.status = kit.Status{Text: text.Clean(moved) + " is in " + labels[next] + " now"}
}

// standing tells how a recipient's mark looks.
func (s *Screen) standing(e address.Entry) field.Standing {
	standing := field.Valid
	if e.Group != "" {
		standing = field.Group
	}
	for _, m := range e.Mailboxes {
		switch k := s.known[m.Addr()]; {
		case k.Dead != "":
			return field.Unreachable
		case k.First && e.Group == "":
			standing = field.New
		}
	}
	return standing
}

// recipientsSay tells what is known of the recipients: who can't be reached,
// and, where they are written, who never got a mail.
func (s *Screen) recipientsSay() (said kit.Status) {
	for _, p := range []place{inTo, inCc, inBcc} {
		for _, e := range s.lists[p].Entries() {
			for _, m := range e.Mailboxes {
				k := s.known[m.Addr()]
				if k.Dead != "" {
					return kit.Status{Text: text.Clean(m.Addr() + " can't be reached: " + k.Dead), Trouble: true}
				}
				if k.First && p == s.focus && said.Text == "" {
					said.Text = "this is your first mail to " + text.Clean(m.Addr())
				}
			}
		}
	}
	return said
}

// offerRows is how many people have room below the field.
func (s *Screen) offerRows() int {
	row := slices.Index(s.layout.header, s.focus)
	return max(0, min(len(s.offer.people), s.height-row-1))
}

// withOffer draws who is offered over the rows below the field.
func (s *Screen) withOffer(rows []string) []string {
	at := slices.Index(s.layout.header, s.focus)
	if s.typing() == "" || at < 0 {
		return rows
	}
	for i := range s.offerRows() {
		c := s.offer.people[i]
		name := text.Clean(c.String())
		if c.Group {
			name = s.pen.Mark(string(field.Group)) + " " + text.Clean(c.Name) + ", " + strconv.Itoa(len(c.Boxes)) + " people"
		}
		from := c.Source
		if c.Uses > 0 {
			from = strconv.Itoa(c.Uses) + " mails"
			if c.Uses == 1 {
				from = "1 mail"
			}
		}
		row := strings.Repeat(" ", label) + s.pen.Ends(name, s.pen.Dim.Render(text.Clean(from))+" ", max(1, s.width-label))
		if i == s.offer.at {
			row = s.pen.Pick(row, s.width)
		}
		for at+1+i >= len(rows) {
			rows = append(rows, "")
		}
		rows[at+1+i] = row
	}
	return rows
}

// chipBindings are the keys for the recipient that the cursor stands on.
func (s *Screen) chipBindings() []key.Binding {
	list := s.lists[s.focus]
	if list == nil {
		return nil
	}
	if _, on := list.Chosen(); !on {
		return nil
	}
	edit, remove := s.env.Keys.Text.Newline, s.env.Keys.Text.DeleteBack
	edit.SetHelp(edit.Help().Key, "edit")
	remove.SetHelp(remove.Help().Key, "remove")
	if s.focus == inReplyTo {
		return []key.Binding{edit, remove}
	}
	return []key.Binding{edit, remove, s.keys.Shift}
}
