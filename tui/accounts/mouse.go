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
	case s.form != nil, s.test != nil, s.wizard != nil, s.signIn != nil:
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
	row := f.rowAt(y, height)
	switch {
	case f.saving, row < 0, f.rows[row].fixed != "":
	case row != f.at:
		f.leave()
		f.at = row
	case f.rows[row].line == nil:
		f.choose(1)
		f.chose(row)
	default:
		f.rows[row].line.Update(tea.MouseClickMsg{X: x - labelWidth - 1, Button: tea.MouseLeft})
	}
}
