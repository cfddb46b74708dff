package accounts

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/tui/dialog"
	"sendoff/tui/text"
)

// hint says what the row is for, and of a place for passwords what it is like.
func (f *form) hint() string {
	switch {
	case f.row == rowPassword && f.before != "":
		return "Empty leaves it as it is. It never shows."
	case f.row != rowSecret:
		return hints[f.row]
	}
	store := f.place()
	switch {
	case store.Name == "":
		return "Looking where passwords can be kept on this machine."
	case !choosable(store):
		return "It can't be used now: " + text.Clean(store.Why)
	}
	switch store.Name {
	case config.SecretKeyring:
		return "The desktop keeps it, and sendoff finds it there at each start."
	case config.SecretVault:
		return "An encrypted file on this computer; a passphrase opens it for you alone."
	case config.SecretAsk:
		return "Kept nowhere: sendoff asks you once each time it runs."
	case config.SecretEnv:
		return "You set the variable " + f.variable() + " before sendoff starts."
	case config.SecretConfig:
		return "It stands in config.toml, unencrypted: choose a safer place, and it moves there."
	case config.SecretCommand:
		return "This program prints it: " + text.Clean(strings.Join(f.base.PasswordCommand, " "))
	}
	return "It is the first line of the file " + text.Clean(f.base.CredentialFile)
}

// variable names the environment variable for the account's password.
func (f *form) variable() string { return config.PasswordVariable(f.value(rowName)) }

// view draws the rows, those around the cursor if not all fit.
func (f *form) view(width, height int) ([]string, *tea.Cursor) {
	title := " New account"
	if f.before != "" {
		title = " Account " + text.Clean(f.before)
	}
	rows := []string{f.pen.Strong.Render(f.pen.Truncate(title, width)), ""}
	count := f.last() + 1 // those that are hidden are the last
	top, from := f.window(height)
	rows = rows[:top]
	var cursor *tea.Cursor
	for row := from; row < count && len(rows) < height; row++ {
		line, x := f.draw(row, width-labelWidth-2)
		if row == f.row {
			if f.lines[row] != nil {
				cursor = tea.NewCursor(labelWidth+1+x, len(rows))
			}
			rows = append(rows, " "+f.pen.Accent.Render(f.pen.Pad(labels[row], labelWidth))+line)
			continue
		}
		rows = append(rows, " "+f.pen.Label.Render(f.pen.Pad(labels[row], labelWidth))+line)
	}
	return rows, cursor
}

// window tells in which of height lines the rows begin, and with which row.
func (f *form) window(height int) (top, from int) {
	count := f.last() + 1
	if height >= count+2 {
		top = 2
	}
	return top, max(0, min(f.row-height/2, count-height))
}

// draw returns the value of a row and where in it the cursor is.
func (f *form) draw(row, width int) (string, int) {
	if why := f.idle(row); why != "" {
		return f.pen.Dim.Render(f.pen.Truncate(text.Clean(why), width)), 0
	}
	switch row {
	case rowTLS:
		return f.choice(security[securities[f.tls]], row), 0
	case rowAuth:
		name := f.auths[f.auth]
		if word, ok := logins[name]; ok {
			return f.choice(word, row), 0
		}
		return f.choice(strings.ToUpper(name), row), 0
	case rowSecret:
		return f.choice(f.pen.Truncate(text.Clean(f.place().Title), width), row), 0
	case rowPassword, rowPassphrase, rowAgain:
		return dialog.Mask(f.pen, f.lines[row], width)
	}
	f.lines[row].SetSize(width, 1)
	x, _, _ := f.lines[row].Cursor()
	return f.lines[row].View(), x
}

func (f *form) choice(word string, row int) string {
	if row == f.row {
		return f.pen.Here.Render(word)
	}
	return word
}

func (f *form) bindings() []key.Binding {
	k := f.keys
	if f.lines[f.row] == nil {
		return []key.Binding{k.Save, k.Choose, k.Next, k.Cancel, k.Previous}
	}
	return []key.Binding{k.Save, k.Next, k.Cancel, k.Previous}
}
