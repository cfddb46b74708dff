package queue

import (
	"slices"
	"strings"

	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// giving is what waits for the accounts to be known: mails that another one is to
// send.
type giving struct {
	acts   []kit.Act
	stands map[outbox.ID]kit.Stand // of all that are meant
	marked bool                    // by marks, if it is only one too
}

// reassign asks which account is to send mails, once it is known which there are.
func (s *Screen) reassign(g giving) kit.Intent {
	s.giving = g
	return kit.LoadAccounts{}
}

// chooseAccount offers the accounts that do not send all of the mails already.
func (s *Screen) chooseAccount(msg kit.AccountsLoaded) kit.Intent {
	g := s.giving
	s.giving = giving{}
	switch {
	case len(g.acts) == 0:
		return nil
	case msg.Err != nil:
		s.status = kit.Status{Text: "The accounts can't be read: " + submit.Explain(msg.Err).String(), Trouble: true}
		return nil
	}
	title := "Which account sends it?"
	if g.marked {
		title = "Which account sends " + mails(len(g.acts)) + "?"
	}
	choose := kit.Choose{Title: title, Yes: "send by it"}
	for _, info := range msg.Accounts {
		a := info.Account
		if slices.ContainsFunc(g.acts, func(act kit.Act) bool { return !strings.EqualFold(g.stands[act.ID].Account, a.Name) }) {
			choose.Options = append(choose.Options, kit.Option{Name: a.Name, Beside: a.Address, Text: g.means(info), Then: g.to(a.Name)})
		}
	}
	if len(choose.Options) == 0 {
		s.status = kit.Status{Text: "There is no other account. " + s.env.Keys.Global.Accounts.Help().Key + " leads to where one is added."}
		return nil
	}
	return choose
}

// to gives the mails to an account.
func (g giving) to(account string) kit.Intent {
	acts := slices.Clone(g.acts)
	for i := range acts {
		acts[i].Account = account
	}
	if g.marked {
		return kit.ActAll{Acts: acts}
	}
	return acts[0]
}

// means says what it is to give the mails to an account.
func (g giving) means(info kit.AccountInfo) string {
	var senders []string
	queued := false
	for _, act := range g.acts {
		senders = append(senders, g.stands[act.ID].From)
		queued = queued || g.stands[act.ID].State == outbox.Queued
	}
	says := kit.Stays(info.Account, senders)
	if queued {
		says += " What is queued goes out at once."
	}
	return says + cannot(len(g.stands)-len(g.acts), len(g.stands))
}
