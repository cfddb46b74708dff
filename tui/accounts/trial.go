package accounts

import (
	"errors"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// trial is of a new account, which is saved once its login works, or if the
// person says so.
type trial struct {
	add    kit.AddAccount
	form   *form // with all that was typed
	saving bool
}

// Try shows the test of an account of the form that is not saved.
func (s *Screen) Try(add kit.AddAccount) {
	from := s.form
	if s.test != nil && s.test.trial != nil {
		from = s.test.trial.form
	}
	s.form, s.test = nil, &test{name: add.Account.Name, trial: &trial{add: add, form: from}}
}

// tried goes on to save the account if its login works, and back to the form if it
// can't be saved at all.
func (s *Screen) tried() kit.Intent {
	switch err := s.test.err; {
	case errors.As(err, new(*kit.UnfitError)):
		s.reopen(submit.Explain(err).String())
	case err == nil:
		return s.keep()
	}
	return nil
}

func (s *Screen) keep() kit.Intent {
	s.test.trial.saving = true
	return s.test.trial.add
}

// kept says that the account is saved, or goes back to the form.
func (s *Screen) kept(err error) kit.Intent {
	switch {
	case err != nil && s.test.err == nil:
		s.reopen("The login works. " + submit.Explain(err).String())
	case err != nil:
		s.reopen(submit.Explain(err).String())
	case s.test.err == nil:
		s.test.trial, s.test.saved = nil, true
	default:
		s.status = kit.Status{Text: "The account " + text.Clean(s.test.name) + " is saved, and does not work yet."}
		s.test = nil
	}
	return kit.LoadAccounts{}
}

// reopen goes back to the form, and says what is wrong.
func (s *Screen) reopen(trouble string) {
	trial := s.test.trial
	s.form, s.test = trial.form, nil
	s.form.trusted = trial.add.Account
	s.form.saving, s.form.trouble = false, trouble
	s.form.setStores(s.stores)
}

// trusting is the test of the account with a key that the person trusts.
func (t *trial) trusting(pin string) kit.TryAccount {
	again := kit.TryAccount(t.add)
	again.Account.Pins, again.Account.CAFile = []string{pin}, ""
	return again
}

func (s *Screen) pressTrial(msg tea.KeyPressMsg) kit.Intent {
	switch {
	case s.test.trial.saving:
	case key.Matches(msg, s.keys.Back) && !s.test.over:
		s.reopen("")
		return kit.StopTest{}
	case !s.test.over:
	case key.Matches(msg, s.keys.Back), key.Matches(msg, s.keys.Edit):
		s.reopen("")
	case key.Matches(msg, s.keys.Test):
		return kit.TryAccount(s.test.trial.add)
	case key.Matches(msg, s.keys.Trust):
		return s.trust()
	case key.Matches(msg, s.keys.Keep):
		return s.keep()
	}
	return nil
}

func (s *Screen) trialBindings() []key.Binding {
	k, test := s.keys, s.keys.Test
	switch {
	case s.test.trial.saving:
		return nil
	case !s.test.over:
		return []key.Binding{k.Back}
	}
	test.SetHelp(test.Help().Key, "again")
	all := []key.Binding{k.Edit, k.Keep, test}
	if s.width >= 60 { // it is the same as edit
		all = append(all, k.Back)
	}
	if _, ok := submit.UntrustedIn(s.test.err); ok {
		all = append([]key.Binding{k.Trust}, all...)
	}
	return all
}

// unsaved says below a login that failed what became of the account.
func (s *Screen) unsaved() []string {
	t := s.test
	if t.trial == nil || t.trial.saving || !t.over {
		return nil
	}
	said := "Nothing is saved yet. " + s.keys.Edit.Help().Key + " goes back to all that you typed, " +
		s.keys.Keep.Help().Key + " saves it as it is."
	rows := []string{""}
	for _, row := range s.pen.Wrap(said, max(10, s.width-2)) {
		rows = append(rows, " "+row)
	}
	return rows
}
