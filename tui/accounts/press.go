package accounts

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// press does what a key means on the page that is open.
func (s *Screen) press(msg tea.KeyPressMsg) kit.Intent {
	switch {
	case s.form != nil:
		return s.pressForm(msg)
	case s.wizard != nil:
		return s.pressWizard(msg)
	case s.doctor != nil:
		want, closed := s.doctor.press(msg)
		if closed {
			s.doctor = nil
		}
		return want
	case s.senders != nil:
		want, closed := s.senders.press(msg)
		if closed {
			s.senders = nil
		}
		return want
	case s.signIn != nil:
		want, closed := s.signIn.press(msg)
		if closed {
			s.signIn = nil
		}
		return want
	}
	s.status, s.removing = kit.Status{}, ""
	if s.test != nil {
		return s.pressTest(msg)
	}
	switch {
	case key.Matches(msg, s.keys.Add):
		s.Add()
	case key.Matches(msg, s.keys.Back):
		return kit.Back{}
	case key.Matches(msg, s.keys.Test):
		if it, ok := s.selected(); ok {
			return s.Test(it.Account.Name)
		}
	case key.Matches(msg, s.keys.Edit):
		if it, ok := s.selected(); ok {
			s.edit(it.Account)
		}
	case key.Matches(msg, s.keys.Doctor):
		if it, ok := s.selected(); ok {
			s.doctor = newDoctor(s.env, it.Account.Name)
			return kit.Examine{Account: it.Account.Name}
		}
	case key.Matches(msg, s.keys.Identities):
		if it, ok := s.selected(); ok {
			s.senders = newIdentities(s.env, it.Account)
		}
	case key.Matches(msg, s.keys.Default):
		if it, ok := s.selected(); ok && it.Account.Name != s.standard {
			return kit.SetDefault{Name: it.Account.Name}
		}
	case key.Matches(msg, s.keys.Remove):
		if it, ok := s.selected(); ok {
			return s.remove(it.Account.Name)
		}
	case key.Matches(msg, s.keys.Unlock):
		if it, ok := s.selected(); ok {
			return unlock(it)
		}
	case key.Matches(msg, s.keys.SignIn):
		if it, ok := s.selected(); ok && it.Account.OAuth != "" {
			if it.Sealed {
				return unlock(it)
			}
			return s.begin(it.Account.Name)
		}
	default:
		s.list.Update(msg)
	}
	return nil
}

// unlock asks the person for what the password of an account waits for; nil if
// there is nothing to ask.
func unlock(a kit.AccountInfo) kit.Intent {
	name := a.Account.Name
	proxy, _ := a.Account.ProxyLogin()
	switch {
	case a.Sealed && a.Account.Secret != config.SecretVault:
		return kit.WantPassword{Account: proxy.Name, Vault: true}
	case a.Sealed:
		return kit.WantPassword{Account: name, Vault: true}
	case a.Account.Secret == config.SecretAsk && !a.Ready:
		return kit.WantPassword{Account: name}
	case a.Account.Secret == config.SecretCommand:
		return kit.RunPasswordCommand{Account: name}
	case proxy.Secret == config.SecretAsk && !a.ProxyReady:
		return kit.WantPassword{Account: proxy.Name}
	case proxy.Secret == config.SecretCommand:
		return kit.RunPasswordCommand{Account: proxy.Name}
	}
	return nil
}

// remove asks whether an account is to go, once it is known what mail of it waits.
func (s *Screen) remove(name string) kit.Intent {
	s.removing = name
	return kit.LoadStands{Query: outbox.Query{States: outbox.Unsent}}
}

// confirmRemoval says what becomes of the mail. Where that can't be read, it is
// what becomes of any.
func (s *Screen) confirmRemoval(msg kit.StandsLoaded) kit.Intent {
	name, waiting := s.removing, 0
	if s.removing = ""; name == "" {
		return nil
	}
	for _, stand := range msg.Stands {
		if strings.EqualFold(stand.Account, name) {
			waiting++
		}
	}
	mail := "No mail of it waits."
	const stays = "stays in the outbox, and goes out only when another account sends it"
	another := " (" + s.env.Keys.Outbox.Reassign.Help().Key + " there)."
	switch {
	case msg.Err != nil:
		mail = "Mail of it that waits " + stays + another
	case waiting == 1:
		mail = "1 mail of it waits; it " + stays + another
	case waiting > 1:
		mail = fmt.Sprintf("%d mails of it wait. Each %s%s", waiting, stays, another)
	}
	it, _ := s.called(name)
	switch it.Account.Secret {
	case config.SecretKeyring, config.SecretVault, config.SecretConfig: // the others are not kept here
		mail += " Its stored password goes with it."
	}
	return kit.Confirm{
		Title: "Remove the account " + text.Clean(name) + "?",
		Text:  mail,
		Yes:   "remove it",
		Then:  kit.RemoveAccount{Name: name},
	}
}

// pressWizard goes on to the form once it is known what to fill in.
func (s *Screen) pressWizard(msg tea.KeyPressMsg) kit.Intent {
	step, want := s.wizard.press(msg)
	switch step {
	case leave:
		s.wizard = nil
	case byHand, take:
		s.fill(step)
	}
	return want
}

// fill goes on from the wizard to the form.
func (s *Screen) fill(step step) {
	s.form = newForm(s.env, s.stores)
	s.wizard.propose(s.form, step == take)
	s.wizard = nil
}

func (s *Screen) pressForm(msg tea.KeyPressMsg) kit.Intent {
	want, closed := s.form.press(msg)
	if closed {
		s.form = nil
	}
	return want
}

func (s *Screen) pressTest(msg tea.KeyPressMsg) kit.Intent {
	switch {
	case s.test.trial != nil:
		return s.pressTrial(msg)
	case key.Matches(msg, s.keys.Back):
		s.test = nil
	case s.test.over && key.Matches(msg, s.keys.Test):
		return s.Test(s.test.name)
	case s.test.over && key.Matches(msg, s.keys.Trust):
		return s.trust()
	case s.test.over && s.test.err != nil && key.Matches(msg, s.keys.Remove):
		if it, ok := s.called(s.test.name); ok {
			return s.remove(it.Account.Name)
		}
	case s.test.over && key.Matches(msg, s.keys.Edit):
		if it, ok := s.called(s.test.name); ok {
			s.edit(it.Account)
		}
	case s.test.over && key.Matches(msg, s.keys.SignIn):
		if it, ok := s.called(s.test.name); ok && it.Account.OAuth != "" {
			return s.begin(s.test.name)
		}
	case s.test.over && kit.LacksPassword(s.test.err) && key.Matches(msg, s.keys.Unlock):
		if it, ok := s.called(s.test.name); ok {
			return unlock(it)
		}
	}
	return nil
}
