package compose

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
	"sendoff/tui/text"
)

// sheet says what may be wrong with a mail that is about to go.
type sheet struct {
	*Screen
	kit.MailChecked
	first int // row that shows
}

// press sends the mail anyway, or goes back to it. Other keys are no
// answer: they may have been meant for the text. One that lacks keys can't go as
// it is, and is changed first.
func (p *sheet) press(msg tea.KeyPressMsg) kit.Intent {
	k := p.env.Keys
	keys, lacks := p.lacks()
	switch {
	case lacks && key.Matches(msg, k.Sheet.Plain):
		p.unseal(keys.Who)
		return p.send()
	case lacks && p.spare(keys.Who) && key.Matches(msg, k.Sheet.Without):
		for _, to := range []place{inTo, inCc, inBcc} {
			p.lists[to].Remove(keys.Who)
		}
		return p.send()
	case !lacks && key.Matches(msg, k.Dialog.Press):
		p.over, p.sending = nil, queuing
		return p.Sure
	case key.Matches(msg, k.Dialog.Close):
		p.over = nil
	case key.Matches(msg, k.Text.Down):
		p.scroll(1)
	case key.Matches(msg, k.Text.Up):
		p.scroll(-1)
	}
	return nil
}

func (p *sheet) scroll(by int) { p.first = max(0, min(p.first+by, len(p.rows())-p.height)) }

func (p *sheet) mouse(msg tea.MouseMsg) kit.Intent {
	p.scroll(wheel(msg))
	return nil
}

func (p *sheet) paste(tea.PasteMsg) kit.Intent { return nil }
func (p *sheet) arrange()                      {}
func (p *sheet) status() kit.Status            { return kit.Status{} }

func (p *sheet) view() (string, *tea.Cursor) {
	rows := p.rows()
	return p.pen.Page(p.width, p.height, rows[min(p.first, len(rows)-1):]), nil
}

func (p *sheet) rows() []string {
	rows := []string{p.pen.Accent.Render(p.pen.Truncate(" Before it goes", p.width)), p.pen.Line(p.width)}
	for _, f := range p.Findings {
		lead := " " + p.pen.Glyphs.Dot + " "
		said := sentence(text.Clean(f.Text))
		for _, line := range p.pen.Wrap(said, max(1, min(measure, p.width)-p.pen.Width(lead)-1)) {
			rows = append(rows, p.pen.Truncate(lead+line, p.width))
			lead = strings.Repeat(" ", p.pen.Width(lead))
		}
	}
	return rows
}

// sentence makes one of what was found. Addresses stay as they are written.
func sentence(found string) string {
	if first, _, _ := strings.Cut(found, " "); first != "" && !strings.Contains(first, "@") {
		r, n := utf8.DecodeRuneInString(found)
		found = string(unicode.ToUpper(r)) + found[n:]
	}
	if strings.ContainsAny(found[max(0, len(found)-1):], ".?!") {
		return found
	}
	return found + "."
}

func (p *sheet) bindings() []key.Binding {
	k := p.env.Keys.Dialog
	send, back := k.Press, k.Close
	send.SetHelp(send.Help().Key, "send anyway")
	back.SetHelp(back.Help().Key, "back")
	keys, lacks := p.lacks()
	if !lacks {
		return []key.Binding{send, back}
	}
	plain, without := p.env.Keys.Sheet.Plain, p.env.Keys.Sheet.Without
	if _, encrypt := p.seals(); !encrypt {
		plain.SetHelp(plain.Help().Key, "send unsigned")
	}
	if !p.spare(keys.Who) {
		return []key.Binding{plain, back}
	}
	return []key.Binding{plain, without, back}
}

// lacks returns what is said of missing keys, if anything.
func (p *sheet) lacks() (f presend.Finding, ok bool) {
	i := slices.IndexFunc(p.Findings, func(f presend.Finding) bool { return f.Kind == presend.Keys })
	if i < 0 {
		return f, false
	}
	return p.Findings[i], true
}

// spare tells that those who lack keys can be left out: each stands alone, and
// there are others.
func (p *sheet) spare(who []string) bool {
	others := false
	for _, to := range []place{inTo, inCc, inBcc} {
		for _, e := range p.lists[to].Entries() {
			for _, m := range e.Mailboxes {
				keyless := slices.Contains(who, m.Addr())
				if keyless && e.Group != "" {
					return false
				}
				others = others || !keyless
			}
		}
	}
	return others && len(who) > 0
}

// unseal has the mail go unencrypted, and unsigned too unless only recipients
// lack keys.
func (p *sheet) unseal(who []string) {
	sign, _ := p.seals()
	p.seal.encrypt = message.No
	if len(who) == 0 || !sign {
		p.seal.sign = message.No
	}
}

// send goes on with the mail as it is now, and closes the sheet.
func (p *sheet) send() kit.Intent {
	p.over = nil
	return p.Screen.send()
}
