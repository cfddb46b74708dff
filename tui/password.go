package tui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
)

// insist is how long after the person set a delivery off, or a test, a missing
// password is still their business: it is asked for at once then.
const insist = 30 * time.Second

// accountNews asks for a password when deliveries wait for one.
func (m *App) accountNews(e outbox.Event) {
	if e.Problem == nil {
		m.forget(e.Account)
		return
	}
	if who := kit.LackedBy(e.Account, e.Problem); kit.LacksPassword(e.Problem) && !m.refused[who] {
		m.want(kit.PasswordWanted{
			Account: who, Refused: kit.RefusedPassword(e.Problem), Vault: kit.WantsPassphrase(e.Problem),
			Why: "Mail of this account waits: " + kit.Waits(e.Problem) + ".",
		})
	}
}

// urge notes that the person set off something that needs an account. If its
// password is known to be missing the question opens before the next key can
// mean anything else.
func (m *App) urge(account string) {
	m.urged = m.env.Now()
	delete(m.refused, account)
	lacking := func(a kit.AccountInfo) bool { return a.Account.Name == account && lacksPassword(a) }
	if i := slices.IndexFunc(m.accountList, lacking); i >= 0 && m.dialogs.Empty() {
		m.refused[account] = true
		m.dialogs.Open(dialog.NewPassword(m.env, kit.PasswordWanted{
			Account: account, Why: "It is needed to log in.", Vault: m.accountList[i].Sealed,
		}))
	}
}

// urgeAll is urge where only the store knows which account it is. While that
// may be one without a password, keys are not for the screen for a moment.
func (m *App) urgeAll() {
	m.urged = m.env.Now()
	clear(m.refused)
	if slices.ContainsFunc(m.accountList, lacksPassword) {
		m.deaf = m.urged.Add(settle / 3)
	}
}

// lacksPassword tells that the password of a, or what opens the vault it is in,
// is only in the person's head.
func lacksPassword(a kit.AccountInfo) bool {
	return a.Sealed || a.Account.Secret == config.SecretAsk && a.Account.TakesPassword() && !a.Ready
}

// accountOf names the account of a draft.
func (m *App) accountOf(d message.Draft) string {
	return cmp.Or(d.Account, m.inUse(), m.standard)
}

// inUse names the account that the program was started with; empty if it was with
// none, or that is gone.
func (m *App) inUse() string {
	for _, a := range m.accountList {
		if strings.EqualFold(a.Account.Name, m.account) {
			return a.Account.Name
		}
	}
	return ""
}

// want keeps a question for a password until the person rests.
func (m *App) want(ask kit.PasswordWanted) {
	for _, w := range m.wanted {
		if w.Account == ask.Account {
			return
		}
	}
	if top, ok := m.dialogs.Top().(*dialog.Password); ok && top.Account() == ask.Account {
		return
	}
	m.wanted = append(m.wanted, ask)
}

// forget drops the questions for the passwords of an account.
func (m *App) forget(account string) {
	about := func(name string) bool {
		of, _ := config.PasswordOf(name)
		return of == account
	}
	maps.DeleteFunc(m.refused, func(name string, _ bool) bool { return about(name) })
	m.wanted = slices.DeleteFunc(m.wanted, func(w kit.PasswordWanted) bool { return about(w.Account) })
	m.dialogs.Close(func(d dialog.Dialog) bool {
		p, ok := d.(*dialog.Password)
		return ok && about(p.Account())
	})
}

// openWanted asks for a password: at once if the person waits for what needs
// it, else not while they are typing.
func (m *App) openWanted() {
	if len(m.wanted) == 0 || !m.dialogs.Empty() {
		return
	}
	now := m.env.Now()
	waiting := !m.typing() && (m.here == kit.Session || now.Sub(m.urged) < insist)
	if !waiting && now.Sub(m.typed) < settle {
		return
	}
	ask := m.wanted[0]
	m.wanted = m.wanted[1:]
	m.refused[ask.Account] = true // until it is given, or the account goes on
	m.deaf = time.Time{}
	m.dialogs.OpenUnasked(dialog.NewPassword(m.env, ask))
}

// unwanted drops the questions of deliveries when no mail waits for them.
func (m *App) unwanted() {
	for _, state := range []outbox.State{outbox.Queued, outbox.Sending, outbox.Deferred, outbox.Scheduled} {
		if m.counts[state] > 0 {
			return
		}
	}
	m.wanted = slices.DeleteFunc(m.wanted, func(w kit.PasswordWanted) bool {
		account, _ := config.PasswordOf(w.Account)
		return account != m.retest
	})
}

func (m *App) afterPassword(msg passwordGiven) tea.Cmd {
	if kit.WantsPassphrase(msg.err) {
		m.dialogs.Open(dialog.NewPassword(m.env, kit.PasswordWanted{
			Account: msg.account, Why: "It is needed to log in.", Vault: true, Refused: true,
		}))
		return nil
	}
	if msg.err != nil {
		m.say(trouble("The password could not be used: ", msg.err))
		return nil
	}
	if account, _ := config.PasswordOf(msg.account); m.retest == account {
		m.retest = ""
		return tea.Batch(m.loadAccounts(""), m.do(kit.Accounts, m.accounts.Test(account)))
	}
	return m.loadAccounts("")
}

// afterTest asks for the password that a test lacked. One that is in a form is
// mended there.
func (m *App) afterTest(t kit.Tested) {
	if t.Err == nil || t.Typed || !kit.LacksPassword(t.Err) || m.here != kit.Accounts {
		m.retest = ""
		return
	}
	m.retest = t.Name
	m.want(kit.PasswordWanted{
		Account: kit.LackedBy(t.Name, t.Err), Refused: kit.RefusedPassword(t.Err), Vault: kit.WantsPassphrase(t.Err), Why: "The test waits: " + kit.Waits(t.Err) + ".",
	})
	m.openWanted()
}
