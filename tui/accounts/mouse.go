package accounts

import tea "charm.land/bubbletea/v2"

// mouse chooses an account by a click, and opens it by another; in a form it
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
	case s.form != nil, s.test != nil, s.wizard != nil, s.signIn != nil, s.senders != nil, s.doctor != nil:
	case wheel:
		s.list.Update(msg)
	case clicked:
		click.Y -= 2
		before := s.list.Cursor()
		if it, ok := s.selected(); s.list.Update(click) && ok && s.list.Cursor() == before {
			s.edit(it.Account)
		}
	}
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
