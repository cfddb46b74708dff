package compose

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// sender is whom the mail is from: one of the accounts.
type sender struct {
	accounts []config.Account
	standard string // the name of the account to begin with
	loaded   bool
	name     string // of the account; empty until there is one
	typed    string // an address that came with a draft and is no account's own
}

// account returns the account that sends; ok is false if there is none.
func (f *sender) account() (a config.Account, ok bool) {
	for _, a := range f.accounts {
		if strings.EqualFold(a.Name, f.name) {
			return a, true
		}
	}
	return config.Account{}, false
}

// choose goes n accounts on.
func (f *sender) choose(n int) {
	if len(f.accounts) == 0 {
		return
	}
	at := 0
	for i, a := range f.accounts {
		if strings.EqualFold(a.Name, f.name) {
			at = (i + n + len(f.accounts)) % len(f.accounts)
		}
	}
	f.name, f.typed = f.accounts[at].Name, ""
}

// own returns an account's address as it stands in a From field.
func own(a config.Account) string {
	m, err := address.Parse(a.Address)
	if err != nil {
		return a.Address
	}
	m.Name = a.FullName
	return m.String()
}

// owner names the account whose address typed is; empty if there is none.
func (f *sender) owner(typed string) string {
	m, err := address.Parse(typed)
	if err != nil {
		return ""
	}
	for _, a := range f.accounts {
		if strings.EqualFold(a.Address, m.Addr()) {
			return a.Name
		}
	}
	return ""
}

// accounts takes over what accounts there are. A mail that has not been begun
// gets the signature now.
func (s *Screen) accounts(msg kit.AccountsLoaded) {
	if msg.Err != nil {
		s.trouble(msg.Err)
		return
	}
	untouched := s.Empty()
	before := s.signature()
	s.from.accounts = s.from.accounts[:0]
	for _, a := range msg.Accounts {
		s.from.accounts = append(s.from.accounts, a.Account)
	}
	s.from.standard, s.from.loaded = msg.Default, true
	s.settle()
	if untouched {
		s.sign(before)
	}
}

// settle makes the choice one that there is.
func (s *Screen) settle() {
	f := &s.from
	if f.typed != "" && f.name == "" {
		f.name = f.owner(f.typed)
	}
	if f.typed != "" && f.name != "" && f.owner(f.typed) == f.name {
		f.typed = ""
	}
	if _, ok := f.account(); ok || len(f.accounts) == 0 {
		return
	}
	gone := f.name
	f.name = f.standard
	if _, ok := f.account(); !ok {
		f.name = f.accounts[0].Name
	}
	if gone != "" {
		s.status = kit.Status{Trouble: true, Text: fmt.Sprintf("the account %s is gone; this mail goes through %s now", text.Clean(gone), text.Clean(f.name))}
	}
}

// signature returns what a new mail's text ends with.
func (s *Screen) signature() string {
	a, _ := s.from.account()
	sig := strings.Trim(strings.ReplaceAll(a.Signature, "\r\n", "\n"), "\n")
	if strings.TrimSpace(sig) == "" {
		return ""
	}
	return "\n\n-- \n" + strings.TrimPrefix(sig, "-- \n")
}

// sign puts the sender's signature in the place of another's, if the text
// still ends with that as it was.
func (s *Screen) sign(before string) {
	after := s.signature()
	if rest, ok := strings.CutSuffix(s.body.Text(), before); ok && after != before {
		if s.Empty() && before == "" {
			s.body.SetText(after)
			return
		}
		s.body.ReplaceAll(rest + after)
	}
}

// pressFrom chooses among the accounts.
func (s *Screen) pressFrom(msg tea.KeyPressMsg) bool {
	step := 0
	switch form := s.env.Keys.Form; {
	case key.Matches(msg, form.Choose):
		step = 1
	case key.Matches(msg, form.ChooseBack):
		step = -1
	default:
		return false
	}
	before := s.signature()
	s.from.choose(step)
	s.sign(before)
	return true
}

// fromText returns what stands in the From row, and a hint at its right.
func (s *Screen) fromText() (value, hint string) {
	a, ok := s.from.account()
	switch {
	case !ok && !s.from.loaded:
		return text.Clean(s.from.typed), ""
	case !ok:
		return s.pen.Bad.Render("no account yet, " + s.env.Keys.Global.Accounts.Help().Key + " adds one"), ""
	}
	value = own(a)
	if s.from.typed != "" {
		value = s.from.typed
	}
	if len(s.from.accounts) > 1 {
		hint = text.Clean(a.Name)
		if s.focus == inFrom {
			hint = "left, right: " + hint
		}
	}
	return text.Clean(value), s.pen.Dim.Render(hint)
}
