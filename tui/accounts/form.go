package accounts

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/tui/dialog"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// The rows of the form.
const (
	rowFullName = iota
	rowAddress
	rowName
	rowHost
	rowTLS
	rowPort
	rowUser
	rowPassword
	rowSecret
	rowCount
)

var labels = [rowCount]string{
	"Your name", "Address", "Account", "Server", "Security", "Port", "User", "Password", "Kept in",
}

var hints = [rowCount]string{
	"As others see it beside your address.",
	"The address your mail comes from.",
	"A short word for the account, such as work.",
	"The provider calls it outgoing or SMTP server.",
	"TLS is usual; STARTTLS on older servers.",
	"465 for TLS, 587 for STARTTLS.",
	"Mostly the whole address.",
	"Many providers want an app password here. It never shows.",
	"",
}

var securities = []string{config.TLSImplicit, config.TLSStart, config.TLSNone}

var ports = map[string]string{config.TLSImplicit: "465", config.TLSStart: "587", config.TLSNone: "25"}

// labelWidth is the column of names.
const labelWidth = 13

// form asks for a new account.
type form struct {
	pen   widget.Pen
	keys  keys.Form
	lines [rowCount]*editor.Editor // nil for rows that are chosen
	row   int

	stores  []kit.SecretStore
	tls     int
	store   int
	saving  bool
	trouble string
}

func newForm(env kit.Env, stores []kit.SecretStore) *form {
	f := &form{pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Form}
	for i := range f.lines {
		if i != rowTLS && i != rowSecret {
			f.lines[i] = editor.NewLine(env.Keys.Text, env.Styles, env.Cells)
		}
	}
	f.set(rowPort, "465")
	f.setStores(stores)
	return f
}

// setStores says where the password can be kept; the first usable place is
// the one proposed.
func (f *form) setStores(stores []kit.SecretStore) {
	first := f.stores == nil
	f.stores = stores
	f.store = min(f.store, max(0, len(stores)-1))
	for i, s := range stores {
		if first && s.Usable {
			f.store = i
			return
		}
	}
}

// press returns done with the account when the person saves a complete form,
// and closed when there is to be none.
func (f *form) press(msg tea.KeyPressMsg) (a config.Account, password secret.Secret, done, closed bool) {
	switch {
	case f.saving:
	case key.Matches(msg, f.keys.Cancel):
		return a, password, false, true
	case key.Matches(msg, f.keys.Save), f.row == rowSecret && msg.Code == tea.KeyEnter:
		a, password, done = f.save()
		return a, password, done, false
	case key.Matches(msg, f.keys.Next):
		f.leave()
		f.row = (f.row + 1) % rowCount
	case key.Matches(msg, f.keys.Previous):
		f.leave()
		f.row = (f.row + rowCount - 1) % rowCount
	case f.lines[f.row] == nil && key.Matches(msg, f.keys.Choose):
		f.choose(1)
	case f.lines[f.row] == nil && key.Matches(msg, f.keys.ChooseBack):
		f.choose(-1)
	default:
		f.update(msg)
	}
	return a, password, false, false
}

func (f *form) update(msg tea.Msg) {
	f.trouble = ""
	if line := f.lines[f.row]; line != nil {
		line.Update(msg)
	}
}

func (f *form) choose(by int) {
	f.trouble = ""
	switch f.row {
	case rowTLS:
		usual := f.lines[rowPort].Text() == ports[securities[f.tls]]
		f.tls = (f.tls + by + len(securities)) % len(securities)
		if usual {
			f.set(rowPort, ports[securities[f.tls]])
		}
	case rowSecret:
		if n := len(f.stores); n > 0 {
			f.store = (f.store + by + n) % n
		}
	}
}

func (f *form) set(row int, value string) {
	f.lines[row].SetText(value)
	f.lines[row].ToEnd()
}

func (f *form) value(row int) string { return strings.TrimSpace(f.lines[row].Text()) }

// leave fills in what an address mostly means, where nothing stands yet.
func (f *form) leave() {
	local, domain, ok := strings.Cut(f.value(rowAddress), "@")
	if f.row != rowAddress || !ok || local == "" || domain == "" {
		return
	}
	short, _, _ := strings.Cut(domain, ".")
	for row, value := range map[int]string{
		rowName: short, rowHost: "smtp." + domain, rowUser: f.value(rowAddress),
	} {
		if f.value(row) == "" {
			f.set(row, value)
		}
	}
}

// save makes the account, or moves to what is wrong.
func (f *form) save() (config.Account, secret.Secret, bool) {
	port, err := strconv.Atoi(f.value(rowPort))
	if err != nil {
		return f.wrong(rowPort, "the port is a number: 465 for TLS, 587 for STARTTLS")
	}
	for _, row := range []int{rowAddress, rowName, rowHost} {
		if f.value(row) == "" {
			return f.wrong(row, strings.ToLower(labels[row])+" is missing")
		}
	}
	if len(f.stores) == 0 {
		return f.wrong(rowSecret, "there is no place for the password")
	}
	store := f.stores[f.store]
	password := secret.New(f.lines[rowPassword].Text())
	switch {
	case !store.Usable:
		return f.wrong(rowSecret, store.Title+" can't be used: "+text.Clean(store.Why))
	case password.Empty() && store.Name == config.SecretKeyring:
		return f.wrong(rowPassword, "the password is missing")
	}
	a := config.Account{
		Name: f.value(rowName), Address: f.value(rowAddress), FullName: f.value(rowFullName),
		Host: f.value(rowHost), Port: port, TLS: securities[f.tls], User: f.value(rowUser), Secret: store.Name,
	}.Complete()
	if err := a.Check(); err != nil {
		f.trouble = text.Clean(err.Error())
		return a, password, false
	}
	f.saving, f.trouble = true, ""
	return a, password, true
}

func (f *form) wrong(row int, what string) (config.Account, secret.Secret, bool) {
	f.row, f.trouble = row, what
	return config.Account{}, secret.Secret{}, false
}

// hint says what the row is for, and of a place for passwords what it is like.
func (f *form) hint() string {
	if f.row != rowSecret {
		return hints[f.row]
	}
	if len(f.stores) == 0 {
		return "Looking where passwords can be kept on this machine."
	}
	for _, s := range f.stores {
		if !s.Usable {
			return text.Clean(s.Why) + "; space shows the other places."
		}
	}
	return "Space shows the next place."
}

// view draws the rows, those around the cursor if not all fit.
func (f *form) view(width, height int) ([]string, *tea.Cursor) {
	rows := []string{f.pen.Strong.Render(" New account"), ""}
	if height < rowCount+2 {
		rows = nil
	}
	from := max(0, min(f.row-height/2, rowCount-height))
	var cursor *tea.Cursor
	for row := from; row < rowCount && len(rows) < height; row++ {
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

// draw returns the value of a row and where in it the cursor is.
func (f *form) draw(row, width int) (string, int) {
	switch row {
	case rowTLS:
		return f.choice(security[securities[f.tls]], row), 0
	case rowSecret:
		if len(f.stores) == 0 {
			return "", 0
		}
		return f.choice(f.stores[f.store].Title, row), 0
	case rowPassword:
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
		return []key.Binding{k.Choose, k.Next, k.Save, k.Cancel, k.Previous}
	}
	return []key.Binding{k.Next, k.Save, k.Cancel, k.Previous}
}
