package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Password asks for the password of an account, or for the passphrase of the
// vault it is in. What is typed never shows.
type Password struct {
	pen     widget.Pen
	keys    keys.Dialog
	account string
	why     string
	refused bool
	vault   bool
	line    *editor.Editor
}

// NewPassword returns the question for the password of an account.
func NewPassword(env kit.Env, ask kit.PasswordWanted) *Password {
	return &Password{
		pen: pen(env), keys: env.Keys.Dialog, account: ask.Account, why: text.Clean(ask.Why), refused: ask.Refused, vault: ask.Vault,
		line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells),
	}
}

// Account is whose password is asked for.
func (d *Password) Account() string { return d.account }

// Title implements Dialog.
func (d *Password) Title() string {
	if d.vault {
		return "Passphrase of the vault"
	}
	return "Password of " + text.Clean(config.PasswordOwner(d.account))
}

// Update implements Dialog.
func (d *Password) Update(msg tea.Msg) (bool, kit.Intent) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, d.keys.Press):
			if d.line.Empty() {
				return false, nil
			}
			return true, kit.GivePassword{Account: d.account, Password: secret.New(d.line.Text())}
		case key.Matches(press, d.keys.Close):
			return true, nil
		}
	}
	d.line.Update(msg)
	return false, nil
}

// View implements Dialog.
func (d *Password) View(width, _ int) ([]string, *tea.Cursor) {
	var rows []string
	last, kept := "The server did not take the last one.", "Forgotten when the program ends."
	if d.vault {
		last, kept = "The last one did not open it.", "The vault stays open until the program ends."
	}
	if d.refused {
		for _, row := range d.pen.Wrap(last, width) {
			rows = append(rows, d.pen.Bad.Render(row))
		}
	}
	rows = append(append(rows, d.pen.Wrap(d.why, width)...), "")
	masked, at := Mask(d.pen, d.line, width-1)
	rows = append(rows, d.pen.Pad(masked, width), d.pen.Line(width), d.pen.Dim.Render(d.pen.Truncate(kept, width)))
	return rows, tea.NewCursor(at, len(rows)-3)
}

// Bindings implements Dialog.
func (d *Password) Bindings() []key.Binding {
	give, later := d.keys.Press, d.keys.Close
	give.SetHelp(give.Help().Key, "use it")
	later.SetHelp(later.Help().Key, "later")
	return []key.Binding{give, later}
}

// Mask draws a line of input as dots, and says in which column its cursor is.
func Mask(p widget.Pen, line *editor.Editor, width int) (dots string, cursor int) {
	dot := "•"
	if p.Glyphs.ASCII {
		dot = "*"
	}
	_, column := line.Position()
	count := func(s string) (n int) {
		for s != "" {
			cluster, _ := p.Next(s)
			s = s[len(cluster):]
			n++
		}
		return n
	}
	whole := line.Text()
	before := count(whole[:column])
	shown := max(0, min(count(whole), width))
	return strings.Repeat(dot, shown), min(before, shown)
}
