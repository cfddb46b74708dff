package compose

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// sender is whom the mail is from: one of the accounts, or another identity of
// one.
type sender struct {
	accounts []config.Account
	standard string // the name of the account to begin with
	loaded   bool
	name     string // of the account; empty until there is one
	typed    string // another sender than the account's own address; empty for that

	takes map[string]int64 // octets of a mail, by the account's name

	rules  []config.Rule
	chosen bool // by the person, or by what the mail began with; else by its recipients
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

// choose goes n senders on, through the identities of all accounts.
func (f *sender) choose(n int) {
	type choice struct{ name, typed string }
	var all []choice
	for _, a := range f.accounts {
		all = append(all, choice{a.Name, ""})
		for _, i := range a.Senders()[1:] {
			all = append(all, choice{a.Name, shown(i)})
		}
	}
	if len(all) == 0 {
		return
	}
	at := slices.Index(all, choice{f.name, f.typed})
	if at < 0 { // some other address of the account
		at = slices.Index(all, choice{f.name, ""})
	}
	if at >= 0 {
		at = (at + n + len(all)) % len(all)
	}
	next := all[max(at, 0)]
	f.name, f.typed = next.name, next.typed
}

// shown returns an identity as it stands in a From field.
func shown(i config.Identity) string {
	m, err := address.Parse(i.Address)
	if err != nil {
		return i.Address
	}
	m.Name = i.FullName
	return m.String()
}

// identity is whom the mail is from now, as far as the account says.
func (f *sender) identity() config.Identity {
	a, _ := f.account()
	if m, err := address.Parse(f.typed); err == nil && f.typed != "" {
		i, _ := a.Sender(m.Addr())
		return i
	}
	return a.Own()
}

// owner names the account that has typed among its senders; own tells that it is
// the account's own address. The name is empty if there is none.
func (f *sender) owner(typed string) (name string, own bool) {
	m, err := address.Parse(typed)
	if err != nil {
		return "", false
	}
	for _, a := range f.accounts {
		for n, i := range a.Senders() {
			if strings.EqualFold(i.Address, m.Addr()) {
				return a.Name, n == 0
			}
		}
	}
	return "", false
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
	s.from.accounts, s.from.takes = s.from.accounts[:0], map[string]int64{}
	for _, a := range msg.Accounts {
		s.from.accounts = append(s.from.accounts, a.Account)
		s.from.takes[a.Account.Name] = a.Takes
	}
	s.from.standard, s.from.rules, s.from.loaded = msg.Default, msg.Rules, true
	s.setWriting(msg.Writing)
	s.settle()
	if untouched {
		s.sign(before)
	}
}

// settle makes the choice one that there is.
func (s *Screen) settle() {
	f := &s.from
	if f.typed != "" && f.name == "" {
		f.name, _ = f.owner(f.typed)
	}
	if name, own := f.owner(f.typed); own && name == f.name {
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
	sig := strings.Trim(strings.ReplaceAll(s.from.identity().Signature, "\r\n", "\n"), "\n")
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

// pressFrom chooses among the senders.
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
	s.chooseFrom(step)
	return true
}

// chooseFrom takes another sender, and the signature that goes with it.
func (s *Screen) chooseFrom(step int) {
	before := s.signature()
	s.from.choose(step)
	s.from.chosen = true
	s.sign(before)
}

// follow lets the recipients choose whom the mail is from, as the configuration
// says, while nobody else has.
func (s *Screen) follow() {
	f := &s.from
	if f.chosen || len(f.accounts) == 0 {
		return
	}
	var recipients []string
	for _, p := range []place{inTo, inCc, inBcc} {
		for _, e := range s.lists[p].Entries() {
			for _, m := range e.Mailboxes {
				recipients = append(recipients, m.Addr())
			}
		}
	}
	conf := config.Config{Default: f.standard, Accounts: f.accounts, Rules: f.rules}
	a, i, err := conf.From("", "", recipients)
	if err != nil || a.Name == f.name && strings.EqualFold(i.Address, f.identity().Address) {
		return
	}
	before := s.signature()
	f.name, f.typed = a.Name, ""
	if !strings.EqualFold(i.Address, a.Address) {
		f.typed = shown(i)
	}
	s.sign(before)
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
	value = shown(a.Own())
	if s.from.typed != "" {
		value = s.from.typed
	}
	if len(s.from.accounts) > 1 || len(a.Identities) > 0 {
		hint = text.Clean(a.Name)
		if s.focus == inFrom {
			hint = s.env.Keys.Form.Choose.Help().Key + " takes another  " + hint
		}
	}
	return text.Clean(value), s.pen.Dim.Render(hint)
}
