package accounts

import (
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/widget"
)

// mouse chooses a row of a list by a click, and opens it by another; in a form it
// goes to the row that is clicked, and changes a choice by another click.
func (s *Screen) mouse(msg tea.MouseMsg) {
	click, clicked := msg.(tea.MouseClickMsg)
	clicked = clicked && click.Button == tea.MouseLeft
	_, wheel := msg.(tea.MouseWheelMsg)
	switch {
	case s.form != nil && clicked:
		s.form.click(click.X, click.Y, s.height)
	case s.senders != nil && s.senders.sheet != nil && clicked:
		s.senders.sheet.click(click.X, click.Y, s.height)
	case s.form != nil:
	case s.wizard != nil:
		if s.wizard.mouse(msg, s.width, s.height) == take {
			s.fill(take)
		}
	case s.doctor != nil:
		s.doctor.pager.Update(msg)
	case s.senders != nil:
		s.senders.mouse(msg)
	case s.test != nil, s.signIn != nil:
	case wheel:
		s.list.Update(msg)
	case clicked:
		if it, ok := s.selected(); opens(&s.list, msg, 2) && ok {
			s.edit(it.Account)
		}
	}
}

// opens lets a list, whose first row is top, have what the mouse did, and tells
// that it clicked the row that was marked already.
func opens(list *widget.List, msg tea.MouseMsg, top int) bool {
	click, ok := msg.(tea.MouseClickMsg)
	if !ok {
		list.Update(msg)
		return false
	}
	click.Y -= top
	before := list.Cursor()
	return list.Update(click) && list.Cursor() == before
}

// mouse marks an identity, or opens the one that is marked.
func (p *identities) mouse(msg tea.MouseMsg) {
	if p.saving || p.sheet != nil {
		return
	}
	p.done, p.trouble = "", ""
	if opens(&p.list, msg, 2) {
		p.sheet = newIdentity(p.env, p.account, p.list.Cursor())
	}
}

// mouse marks a server or a way to sign in, or goes on with the one that is
// marked, as view draws them; before there are any it places the cursor in the
// address.
func (w *wizard) mouse(msg tea.MouseMsg, width, height int) step {
	click, clicked := msg.(tea.MouseClickMsg)
	switch {
	case len(w.offers) > 0:
		top := len(w.question(width))
		if w.roomy(width, height) {
			top++
		}
		if opens(&w.ways, msg, top) {
			return take
		}
	case w.known && opens(&w.list, msg, len(w.head(width, height))):
		w.use()
	case w.known, w.looking:
	case clicked && click.Button == tea.MouseLeft && click.Y == 2:
		w.line.Update(tea.MouseClickMsg{X: click.X - labelWidth - 1, Button: tea.MouseLeft})
	}
	return stay
}

// click goes to a row as view draws it in height rows.
func (f *form) click(x, y, height int) {
	if f.saving {
		return
	}
	f.leave()
	if row := f.sheet.click(x, y, height); row >= 0 {
		f.chose(row)
	}
}

// click goes to a row as view draws it in height rows; or it changes the choice
// there, and returns which row that is, else -1.
func (s *sheet) click(x, y, height int) (chose int) {
	row, line := s.rowAt(y, height)
	switch {
	case row < 0, s.rows[row].fixed != "":
	case row != s.at:
		s.at = row
	case s.rows[row].line == nil:
		s.choose(1)
		return row
	default:
		s.rows[row].line.Update(tea.MouseClickMsg{X: x - labelWidth - 1, Y: line, Button: tea.MouseLeft})
	}
	return -1
}
