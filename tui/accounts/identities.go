package accounts

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/submit"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// identities is whom mail of an account can be from: its own address, others,
// and whole domains.
type identities struct {
	env  kit.Env
	pen  widget.Pen
	keys keys.Accounts

	account config.Account
	list    widget.List
	sheet   *identity // nil unless one is being added or changed
	saving  bool
	done    string // what just became of one
	trouble string
}

func newIdentities(env kit.Env, a config.Account) *identities {
	p := &identities{
		env: env, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Accounts,
		list: widget.NewList(env.Keys.List),
	}
	p.load(a)
	return p
}

func (p *identities) load(a config.Account) {
	p.account = a
	p.list.SetLength(1 + len(a.Identities))
}

// press returns what is wanted, and whether the page is done with.
func (p *identities) press(msg tea.KeyPressMsg) (want kit.Intent, closed bool) {
	if p.saving {
		return nil, false
	}
	if p.sheet != nil {
		return p.pressSheet(msg), false
	}
	p.done, p.trouble = "", ""
	at := p.list.Cursor()
	switch {
	case key.Matches(msg, p.keys.Back):
		return nil, true
	case key.Matches(msg, p.keys.Add):
		p.sheet = newIdentity(p.env, p.account, len(p.account.Identities)+1)
	case key.Matches(msg, p.keys.Edit):
		p.sheet = newIdentity(p.env, p.account, at)
	case key.Matches(msg, p.keys.Remove) && at > 0:
		a := p.account
		gone := a.Identities[at-1]
		a.Identities = slices.Delete(slices.Clone(a.Identities), at-1, at)
		return kit.Confirm{
			Title: "Remove " + text.Clean(gone.Address) + "?",
			Text:  "Mail can't be from it any more, and its signature is gone. Mail that waits keeps its sender.",
			Yes:   "remove it",
			Then:  kit.UpdateAccount{Account: a},
		}, false
	default:
		p.list.Update(msg)
	}
	return nil, false
}

func (p *identities) pressSheet(msg tea.KeyPressMsg) kit.Intent {
	switch p.sheet.press(msg) {
	case cancel:
		if ask := p.sheet.abandon(); ask != nil {
			return ask
		}
		p.sheet = nil
	case save:
		a, ok := p.sheet.save(p.account)
		if !ok {
			return nil
		}
		p.saving = true
		return kit.UpdateAccount{Account: a}
	}
	return nil
}

// saved goes back to the list, or says why nothing was changed.
func (p *identities) saved(err error) {
	p.saving = false
	switch {
	case err != nil && p.sheet != nil:
		p.sheet.trouble = submit.Explain(err).String()
	case err != nil:
		p.trouble = submit.Explain(err).String()
	default:
		p.sheet, p.done = nil, "It counts from now on."
	}
}

func (p *identities) view(width, height int) ([]string, *tea.Cursor) {
	if p.sheet != nil {
		return p.sheet.view(p.sheet.title(), width, height)
	}
	rows := []string{p.pen.Strong.Render(p.pen.Truncate(" Whom mail of "+text.Clean(p.account.Name)+" can be from", width)), ""}
	under := p.domains(width)
	p.list.SetHeight(max(1, min(p.list.Length(), height-len(rows)-len(under))))
	all := p.account.Senders()
	address, name := 0, 0
	for _, i := range all {
		address = max(address, p.pen.Width(text.Clean(i.Address)))
		name = max(name, p.pen.Width(text.Clean(i.FullName)))
	}
	narrow := width < 60 // then it does without the rest
	address = min(address, max(10, width*2/5))
	name = min(name, max(8, width/4))
	if narrow {
		address = min(address, width-name-3)
	}
	rows = append(rows, p.list.Rows(func(n int, selected bool) string {
		i := all[n]
		row := " " + p.pen.Pad(text.Clean(i.Address), address) + "  " + p.pen.Pad(text.Clean(i.FullName), name)
		if !narrow {
			row = p.pen.Truncate(row+"  "+p.pen.Dim.Render(traits(i)), width)
		}
		if selected {
			return p.pen.Pick(row, width)
		}
		return row
	})...)
	return append(rows, under...), nil
}

// domains says of which domains any address will do.
func (p *identities) domains(width int) []string {
	if len(p.account.CatchAll) == 0 {
		return nil
	}
	rows := []string{""}
	for _, row := range p.pen.Wrap("And any address of "+text.Clean(strings.Join(p.account.CatchAll, ", "))+".", max(10, width-2)) {
		rows = append(rows, " "+p.pen.Dim.Render(row))
	}
	return rows
}

// traits says in a few words what mail of an identity is like.
func traits(i config.Identity) string {
	var all []string
	add := func(there bool, words string) {
		if there {
			all = append(all, words)
		}
	}
	add(len(i.Recipients) > 0, "for "+text.Clean(strings.Join(i.Recipients, ", ")))
	add(i.ReplyTo != "", "answers to "+text.Clean(i.ReplyTo))
	add(len(i.Bcc) > 0, "copy to "+text.Clean(strings.Join(i.Bcc, ", ")))
	add(i.Markdown, "markdown")
	add(i.Seal != config.Seal{}, seals[sealOf(i.Seal)])
	add(i.Signature != "", "signature")
	return strings.Join(all, "; ")
}

func (p *identities) status() kit.Status {
	switch {
	case p.saving:
		return kit.Status{Text: "Saving it."}
	case p.sheet != nil && p.sheet.trouble != "":
		return kit.Status{Text: p.sheet.trouble, Trouble: true}
	case p.sheet != nil:
		return kit.Status{Text: p.sheet.rows[p.sheet.at].hint}
	case p.trouble != "":
		return kit.Status{Text: p.trouble, Trouble: true}
	case p.done != "":
		return kit.Status{Text: p.done}
	}
	return kit.Status{Text: "Compose chooses among them; mail to the recipients of one is from it."}
}

func (p *identities) bindings() []key.Binding {
	k := p.keys
	switch {
	case p.sheet != nil:
		return p.sheet.bindings()
	case p.list.Cursor() > 0:
		return []key.Binding{k.Edit, k.Add, k.Remove, k.Back}
	}
	return []key.Binding{k.Edit, k.Add, k.Back}
}
