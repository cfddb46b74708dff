// Package accounts is the screen that lists the accounts, adds one and tests
// one while the person watches.
package accounts

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/submit"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Screen is the accounts.
type Screen struct {
	env  kit.Env
	pen  widget.Pen
	keys keys.Accounts

	width, height int

	list     widget.List
	accounts []kit.AccountInfo
	standard string // name of the default
	stores   []kit.SecretStore
	loaded   bool
	status   kit.Status
	removing string // the account whose mail is counted before it may go

	wizard *wizard // nil unless the servers of a new account are looked for

	form   *form   // nil unless an account is being added or changed
	test   *test   // nil unless an account is or was being tested
	signIn *signIn // nil unless the person is signing in in a browser

	doctor  *doctor     // nil unless an account is or was being examined
	senders *identities // nil unless it is shown whom mail of an account can be from
}

// test is a login, live or just over.
type test struct {
	name  string
	steps stage.Steps
	over  bool
	err   error
	trial *trial // nil for an account that was saved before
	saved bool   // after its trial
}

// New returns the screen, empty until it is told of the accounts.
func New(env kit.Env) *Screen {
	return &Screen{
		env: env, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Accounts,
		list: widget.NewList(env.Keys.List),
	}
}

// SetSize implements kit.Screen.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.list.SetHeight(max(1, height-2))
}

// Add begins a new account.
func (s *Screen) Add() {
	s.status, s.test, s.form, s.signIn, s.senders, s.doctor = kit.Status{}, nil, nil, nil, nil, nil
	s.wizard = newWizard(s.env)
}

// edit opens the form for what is to change about an account.
func (s *Screen) edit(a config.Account) {
	s.status, s.test = kit.Status{}, nil
	s.form = editForm(s.env, s.stores, a)
}

// DropForm closes the form that is open, with what was typed there.
func (s *Screen) DropForm() {
	s.form = nil
	if s.senders != nil {
		s.senders.sheet = nil
	}
}

// Adding tells that what a person types is text.
func (s *Screen) Adding() bool {
	return s.form != nil || s.senders != nil && s.senders.sheet != nil || s.wizard != nil && !s.wizard.known || s.signIn != nil && s.signIn.pastes()
}

// Unsaved tells that something was typed which is nowhere else: into a form, or for
// an account that is on trial.
func (s *Screen) Unsaved() bool {
	return s.test != nil && s.test.trial != nil || s.form != nil && s.form.touched ||
		s.senders != nil && s.senders.sheet != nil && s.senders.sheet.touched
}

// Counting tells that a time on the screen runs.
func (s *Screen) Counting() bool { return s.test != nil && !s.test.over }

// Update implements kit.Screen.
func (s *Screen) Update(msg tea.Msg) kit.Intent {
	switch msg := msg.(type) {
	case kit.OutboxChanged:
		return kit.LoadAccounts{}
	case kit.AccountsLoaded:
		s.load(msg)
	case kit.AccountAdded:
		return s.added(msg)
	case kit.StandsLoaded:
		return s.confirmRemoval(msg)
	case kit.AccountRemoved:
		return s.removed(msg)
	case kit.DefaultSet:
		s.status = kit.Status{Text: "Mail is from " + text.Clean(msg.Name) + " now where nothing else is said."}
		if msg.Err != nil {
			s.status = kit.Status{Text: submit.Explain(msg.Err).String(), Trouble: true}
		}
		return kit.LoadAccounts{}
	case kit.DiscoverStep:
		if s.wizard != nil {
			s.wizard.hearStep(msg)
		}
	case kit.Discovered:
		if s.wizard != nil {
			s.wizard.hear(msg)
		}
	case kit.ExamineSteps:
		if s.doctor != nil && s.doctor.account == msg.Account && s.doctor.done == nil {
			s.doctor.steps = append(s.doctor.steps, msg.Steps...)
		}
	case kit.Examined:
		if s.doctor != nil && s.doctor.account == msg.Account {
			s.doctor.done = &msg
		}
	case kit.Exported:
		if s.doctor != nil {
			s.doctor.saved(msg)
		}
	case kit.SignInPrompt:
		if s.signIn != nil && s.signIn.account == msg.Account {
			s.signIn.hear(msg)
		}
	case kit.SignedIn:
		return s.signedIn(msg)
	case kit.CommandTried:
		if s.form != nil {
			s.form.tried(msg.Err)
		}
	case kit.TestEvents:
		if s.test != nil && s.test.name == msg.Name {
			for _, e := range msg.Events {
				s.test.steps.Hear(e)
			}
		}
	case kit.Tested:
		if s.test != nil && s.test.name == msg.Name {
			s.test.over, s.test.err = true, msg.Err
			if s.test.trial != nil {
				return s.tried()
			}
			return kit.LoadAccounts{}
		}
	case tea.KeyPressMsg:
		return s.press(msg)
	case tea.PasteMsg:
		switch {
		case s.form != nil:
			s.form.paste(msg)
		case s.senders != nil:
			if s.senders.sheet != nil {
				s.senders.sheet.update(msg)
			}
		case s.signIn != nil:
			if s.signIn.pastes() {
				s.signIn.line.Update(msg)
			}
		case s.wizard != nil && s.Adding():
			s.wizard.line.Update(msg)
		}
	case tea.MouseMsg:
		s.mouse(msg)
	}
	return nil
}

func (s *Screen) load(msg kit.AccountsLoaded) {
	s.loaded = true
	if msg.Err != nil {
		s.status = kit.Status{Text: submit.Explain(msg.Err).String(), Trouble: true}
		return
	}
	s.accounts, s.standard, s.stores = msg.Accounts, msg.Default, msg.Stores
	s.list.SetLength(len(s.accounts))
	if s.form != nil {
		s.form.setStores(s.stores)
	}
	if s.senders != nil {
		if it, ok := s.called(s.senders.account.Name); ok {
			s.senders.load(it.Account)
		} else {
			s.senders = nil
		}
	}
}

// removed goes back to the list, without the account that is gone.
func (s *Screen) removed(msg kit.AccountRemoved) kit.Intent {
	if s.test != nil && s.test.name == msg.Name {
		s.test = nil
	}
	s.status = kit.Status{Text: "The account " + text.Clean(msg.Name) + " is removed."}
	if msg.Err != nil {
		s.status = kit.Status{Text: submit.Explain(msg.Err).String(), Trouble: true}
	}
	return kit.LoadAccounts{}
}

// added goes on to test the account as it is now, or shows why it is not.
func (s *Screen) added(msg kit.AccountAdded) kit.Intent {
	if s.senders != nil {
		s.senders.saved(msg.Err)
		return kit.LoadAccounts{}
	}
	if s.test != nil && s.test.trial != nil && s.test.name == msg.Name {
		return s.kept(msg.Err)
	}
	if s.form == nil { // a key is trusted now
		if msg.Err != nil {
			s.status = kit.Status{Text: submit.Explain(msg.Err).String(), Trouble: true}
			return nil
		}
		return kit.Do{kit.LoadAccounts{}, s.Test(msg.Name)}
	}
	s.form.saving = false
	if msg.Err != nil {
		s.form.trouble = submit.Explain(msg.Err).String()
		return nil
	}
	browser := s.form.signsIn()
	s.form = nil
	if browser {
		return kit.Do{kit.LoadAccounts{}, s.begin(msg.Name)}
	}
	return kit.Do{kit.LoadAccounts{}, s.Test(msg.Name)}
}

// begin begins the sign-in of an account.
func (s *Screen) begin(name string) kit.Intent {
	s.test, s.signIn = nil, newSignIn(s.env, name)
	return s.signIn.begin(false)
}

// signedIn goes on to test the account, or shows why nobody is signed in.
func (s *Screen) signedIn(msg kit.SignedIn) kit.Intent {
	if s.signIn == nil || s.signIn.account != msg.Account {
		return nil
	}
	if s.signIn.end(msg); msg.Err != nil {
		return nil
	}
	s.signIn = nil
	return kit.Do{kit.LoadAccounts{}, s.Test(msg.Account)}
}

// Test begins the test of an account.
func (s *Screen) Test(name string) kit.Intent {
	if s.test != nil && s.test.trial != nil {
		if s.test.name == name {
			return kit.TryAccount(s.test.trial.add)
		}
		s.reopen("")
	}
	s.test = &test{name: name}
	return kit.TestAccount{Name: name}
}

// called finds an account by its name.
func (s *Screen) called(name string) (kit.AccountInfo, bool) {
	i := slices.IndexFunc(s.accounts, func(a kit.AccountInfo) bool { return a.Account.Name == name })
	if i < 0 {
		return kit.AccountInfo{}, false
	}
	return s.accounts[i], true
}

// trust asks whether the certificate that the test ended at is the server's own.
func (s *Screen) trust() kit.Intent {
	shown, ok := submit.UntrustedIn(s.test.err)
	if !ok {
		return nil
	}
	what := "Is it the one that the server's owner told you?"
	if len(shown.Wanted) > 0 {
		what = "The key has changed. " + what
	}
	it, ok := s.called(s.test.name)
	where, then := s.test.name, kit.Intent(kit.TrustKey{Account: s.test.name, Key: shown.Pin})
	if s.test.trial != nil {
		again := s.test.trial.trusting(shown.Pin)
		it.Account, then, ok = again.Account, again, true
	}
	if ok {
		where = fmt.Sprintf("%s:%d", it.Account.Host, it.Account.Port)
	}
	return kit.Confirm{
		Title: "Trust this key, and no other, for " + text.Clean(where) + "?",
		Text:  strings.Join(shown.Lines(), "\n") + "\n\n" + what,
		Yes:   "trust it",
		Then:  then,
	}
}

func (s *Screen) selected() (kit.AccountInfo, bool) {
	i := s.list.Cursor()
	if i < 0 || i >= len(s.accounts) {
		return kit.AccountInfo{}, false
	}
	return s.accounts[i], true
}

// View implements kit.Screen.
func (s *Screen) View() (string, *tea.Cursor) {
	switch {
	case s.form != nil:
		rows, cursor := s.form.view(s.width, s.height)
		return s.pen.Page(s.width, s.height, rows), cursor
	case s.wizard != nil:
		rows, cursor := s.wizard.view(s.width, s.height)
		return s.pen.Page(s.width, s.height, rows), cursor
	case s.doctor != nil:
		return s.pen.Page(s.width, s.height, s.doctor.view(s.width, s.height)), nil
	case s.senders != nil:
		rows, cursor := s.senders.view(s.width, s.height)
		return s.pen.Page(s.width, s.height, rows), cursor
	case s.signIn != nil:
		rows, cursor := s.signIn.view(s.width, s.height)
		return s.pen.Page(s.width, s.height, rows), cursor
	case s.test != nil:
		title := " Test of " + text.Clean(s.test.name)
		if s.test.trial != nil {
			title += ", not saved yet"
		}
		rows := []string{s.pen.Strong.Render(s.pen.Truncate(title, s.width)), ""}
		rows = append(rows, s.test.steps.View(s.pen, s.width, s.env.Now())...)
		return s.pen.Page(s.width, s.height, append(rows, s.unsaved()...)), nil
	}
	rows := []string{s.pen.Strong.Render(" Accounts"), ""}
	if s.loaded && len(s.accounts) == 0 {
		rows = append(rows, s.pen.Dim.Render(" No account yet. "+s.keys.Add.Help().Key+" adds one."))
		return s.pen.Page(s.width, s.height, rows), nil
	}
	return s.pen.Page(s.width, s.height, append(rows, s.rows()...)), nil
}

// Status implements kit.Screen.
func (s *Screen) Status() kit.Status {
	switch {
	case s.form != nil && s.form.saving:
		return kit.Status{Text: "Saving the account."}
	case s.form != nil && s.form.trouble != "":
		return kit.Status{Text: s.form.trouble, Trouble: true}
	case s.form != nil:
		return kit.Status{Text: s.form.hint()}
	case s.wizard != nil:
		return s.wizard.status()
	case s.doctor != nil:
		return s.doctor.status()
	case s.senders != nil:
		return s.senders.status()
	case s.signIn != nil:
		return s.signIn.status()
	case s.test != nil && s.test.trial != nil && s.test.trial.saving:
		return kit.Status{Text: "Saving the account."}
	case s.test != nil && !s.test.over:
		return kit.Status{Text: "Connecting and logging in, as for a mail. Nothing is sent."}
	case s.test != nil && s.test.err != nil:
		return kit.Status{Text: kit.Waits(s.test.err), Trouble: true}
	case s.test != nil && s.test.saved:
		return kit.Status{Text: "It works, and is saved: " + text.Clean(s.test.name) + " can send mail."}
	case s.test != nil:
		return kit.Status{Text: "It works: " + text.Clean(s.test.name) + " can send mail."}
	}
	it, ok := s.selected()
	switch {
	case !ok || s.status.Text != "" || s.width >= wide: // what stands beside the list says it
	case it.Waits != "":
		return kit.Status{Text: "It waits: " + text.Clean(it.Waits), Trouble: true}
	default:
		return kit.Status{Text: server(it.Account) + "; password: " + text.Clean(it.Secret)}
	}
	return s.status
}

// Bindings implements kit.Screen.
func (s *Screen) Bindings() []key.Binding {
	k, test := s.keys, s.keys.Test
	switch {
	case s.form != nil:
		return s.form.bindings()
	case s.wizard != nil:
		return s.wizard.bindings()
	case s.doctor != nil:
		return s.doctor.bindings()
	case s.senders != nil:
		return s.senders.bindings()
	case s.signIn != nil:
		return s.signIn.bindings()
	case s.test != nil && s.test.trial != nil:
		return s.trialBindings()
	case s.test != nil && s.test.over:
		test.SetHelp(test.Help().Key, "again")
		all := []key.Binding{test, k.Edit, k.Back}
		if s.test.err != nil {
			all = slices.Insert(all, 2, k.Remove)
		}
		it, there := s.called(s.test.name)
		if !there {
			return []key.Binding{test, k.Back}
		}
		if _, ok := submit.UntrustedIn(s.test.err); ok {
			return slices.Insert(all, 0, k.Trust)
		}
		if s.test.err != nil && it.Account.OAuth != "" {
			return slices.Insert(all, 0, k.SignIn)
		}
		if kit.LacksPassword(s.test.err) && unlock(it) != nil {
			return slices.Insert(all, 0, k.Unlock)
		}
		return all
	case s.test != nil:
		return []key.Binding{k.Back}
	case len(s.accounts) == 0:
		return []key.Binding{k.Add, k.Back}
	}
	all := []key.Binding{k.Edit, k.Test, k.Add, k.Identities, k.Doctor, k.Remove, k.Back}
	it, ok := s.selected()
	if ok && it.Account.Name != s.standard {
		all = slices.Insert(all, 5, k.Default)
	}
	if ok && it.Account.OAuth != "" {
		all = slices.Insert(all, 2, k.SignIn)
	}
	if ok && unlock(it) != nil {
		all = slices.Insert(all, 0, k.Unlock)
	}
	return all
}
