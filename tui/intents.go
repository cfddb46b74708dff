package tui

import (
	"context"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
	"sendoff/tui/dialog"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
)

// many is how many mails take long enough to be told of.
const many = 100

// do does what a screen wants; answers go to that screen.
func (m *App) do(from kit.Name, want kit.Intent) tea.Cmd {
	switch want := want.(type) {
	case nil:
		return nil
	case kit.Do:
		var cmds []tea.Cmd
		for _, w := range want {
			cmds = append(cmds, m.do(from, w))
		}
		return tea.Batch(cmds...)
	case kit.LoadItems:
		if want.More {
			return m.loadItems(from, want)
		}
		return tea.Batch(m.loadItems(from, want), m.count(from, want.Query.Search))
	case kit.LoadItem:
		return m.loadItem(from, want.ID)
	case kit.Act:
		if urgent(want) {
			m.urgeAll()
		}
		return m.act(from, want)
	case kit.ActAll:
		if n := len(want.Acts); n >= many {
			m.say(kit.Status{Text: fmt.Sprintf("Busy with %d mails. You can go on meanwhile.", n)})
		}
		if slices.ContainsFunc(want.Acts, urgent) {
			m.urgeAll()
		}
		return m.actAll(from, want.Acts)
	case kit.LoadSource:
		return m.loadSource(from, want)
	case kit.Export:
		return m.export(from, want)
	case kit.LoadStands:
		return m.loadStands(from, want)
	case kit.LoadAccounts:
		return m.loadAccounts(from)
	case kit.AddAccount:
		return m.storeAccount(want, m.service.AddAccount)
	case kit.RemoveAccount:
		return m.each(kit.Accounts, quick, func(ctx context.Context) tea.Msg {
			return kit.AccountRemoved{Name: want.Name, Err: m.service.Remove(ctx, want.Name)}
		})
	case kit.SetDefault:
		return m.each(kit.Accounts, quick, func(ctx context.Context) tea.Msg {
			return kit.DefaultSet{Name: want.Name, Err: m.service.SetDefault(ctx, want.Name)}
		})
	case kit.UpdateAccount:
		return m.storeAccount(kit.AddAccount(want), m.service.UpdateAccount)
	case kit.SignIn:
		return m.signIn(want)
	case kit.PasteAddress:
		m.paste(want.Text)
	case kit.StopSignIn:
		m.stopSignIn()
	case kit.Examine:
		return m.examine(want.Account)
	case kit.StopExamine:
		m.stopExamine()
	case kit.SaveText:
		return m.each(from, quick, func(ctx context.Context) tea.Msg {
			path, err := m.service.SaveText(ctx, want.Path, want.Text)
			return kit.Exported{Path: path, Err: err}
		})
	case kit.TryCommand:
		return m.tryCommand(want.Argv)
	case kit.TestAccount:
		if from != kit.Accounts { // where it can be watched
			return tea.Batch(m.show(kit.Accounts), m.do(kit.Accounts, m.accounts.Test(want.Name)))
		}
		m.retest = want.Name
		m.urge(want.Name)
		return m.testAccount(want.Name)
	case kit.TryAccount:
		m.accounts.Try(kit.AddAccount(want))
		m.urge(want.Account.Name)
		return m.tryAccount(want)
	case kit.StopTest:
		m.stopTest()
	case kit.DropForm:
		m.accounts.DropForm()
	case kit.GivePassword:
		account, _ := config.PasswordOf(want.Account)
		m.forget(account)
		return m.givePassword(want.Account, want.Password)
	case kit.WantPassword:
		m.dialogs.Open(dialog.NewPassword(m.env, kit.PasswordWanted{
			Account: want.Account, Vault: want.Vault, Why: "It is needed to log in.",
		}))
	case kit.TrustKey:
		return m.each(kit.Accounts, quick, func(ctx context.Context) tea.Msg {
			return kit.AccountAdded{Name: want.Account, Err: m.service.TrustKey(ctx, want.Account, want.Key)}
		})
	case kit.Discover:
		return m.discover(want.Address, want.ThirdParty)
	case kit.StopDiscover:
		m.stopDiscover()
	case kit.RunPasswordCommand:
		return m.runPasswordCommand(want.Account)
	case kit.Complete:
		return m.findPeople(from, want.Typed)
	case kit.LookUp:
		return m.lookUp(from, want.Addresses)
	case kit.ListFolder:
		return m.listFolder(from, want.Path)
	case kit.FindPasted:
		return m.findPasted(from, want)
	case kit.SearchFolder:
		return m.searchFolder(from, want)
	case kit.ListRecent:
		return m.listRecent(from)
	case kit.UsedFolder:
		return m.usedFolder(want.Path)
	case kit.CheckFiles:
		return m.checkFiles(from, want.Paths)
	case kit.LoadTemplates:
		return m.loadTemplates(from)
	case kit.OpenFile:
		return m.openFile(from, want.Path)
	case kit.CheckKeys:
		return m.checkKeys(from, want.Fields)
	case kit.MakePreview:
		return m.makePreview(from, want.Fields)
	case kit.ShowPage:
		return m.showPage(from, want.Page)
	case kit.CheckWords:
		return m.checkWords(from, want)
	case kit.KnowWord:
		return m.knowWord(from, want)
	case kit.EditOutside:
		return tea.Batch(m.saveNow(), m.handOut(want.Text))
	case kit.Copy:
		return m.copy(want.Text)
	case kit.Choose:
		if from == m.here { // else the person went on before all was known
			m.dialogs.Open(dialog.NewChoose(m.env, want))
		}
		return nil
	}
	return m.move(want)
}

// urgent tells that something is done to a mail to have it go out, so that a
// password may be asked for.
func urgent(a kit.Act) bool {
	return a.Action == kit.Retry || a.Action == kit.Release || a.Action == kit.Reassign
}

// move is do for what changes where the person is or what is being written.
func (m *App) move(want kit.Intent) tea.Cmd {
	switch want := want.(type) {
	case kit.Show:
		return m.show(want.Screen)
	case kit.Back:
		return m.back()
	case kit.Watch:
		return tea.Batch(m.show(kit.Session), m.do(kit.Session, m.session.Watch(want.ID)))
	case kit.Confirm:
		m.dialogs.Open(dialog.NewConfirm(m.env, want, "no"))
	case kit.Ask:
		m.dialogs.Open(dialog.NewAsk(m.env, want))
	case kit.Say:
		m.say(want.Status)
	case endTour:
		m.start = want.start
		return m.show(want.Screen)
	case perform:
		return m.perform(want)
	case kit.Press:
		return m.press(keys.Press(want.Key))
	case kit.Quit:
		return m.quit()
	case quitNow:
		m.behind = m.behind || want.behind
		return tea.Quit
	case kit.Send:
		return m.send(want)
	case kit.NewDraft:
		return m.leave(m.newMail)
	case kit.OpenDraft:
		return m.openDraft(want)
	case kit.DropDraft:
		return m.dropDraft(m.autosave.draft)
	}
	return nil
}

// show goes to a screen and has it look at what it shows.
func (m *App) show(to kit.Name) tea.Cmd {
	if to == kit.Session && m.here != kit.Session {
		m.before = m.here
	}
	m.start = m.start && to == kit.Compose
	m.here = to
	switch to {
	case kit.Compose:
		return m.loadAccounts(to) // a server may have told more since
	case kit.Outbox:
		m.outbox.Arrive()
	}
	return m.tell(to, kit.OutboxChanged{})
}

func (m *App) back() tea.Cmd {
	if m.here == kit.Session {
		return m.show(m.before)
	}
	m.start = m.known && len(m.accountList) == 0 && m.composer.Empty()
	return m.show(kit.Compose)
}

// send queues what the composer holds. While that runs the composer takes no
// keys and nothing is saved; if it fails the draft is as it was.
func (m *App) send(want kit.Send) tea.Cmd {
	if m.autosave.sending {
		return nil
	}
	m.autosave.sending = true
	m.urge(m.accountOf(want.Fields))
	if !want.Sure {
		return m.checkMail(m.autosave.draft, want)
	}
	return m.queue(m.autosave.draft, want.Fields, want.At)
}

// afterCheck sends a mail of which nothing is to be said, and lets the composer
// ask about others.
func (m *App) afterCheck(msg mailChecked) tea.Cmd {
	if msg.draft != m.autosave.draft {
		return nil
	}
	m.autosave.sending = false
	if len(msg.Findings) == 0 {
		return m.send(msg.Sure)
	}
	return tea.Batch(m.autosave.tick(saveRest), m.tell(kit.Compose, msg.MailChecked))
}

func (m *App) afterQueue(msg queued) tea.Cmd {
	if msg.draft != m.autosave.draft {
		return nil
	}
	if seal.AsksPerson(msg.err) {
		return m.queueAsking(msg.draft, msg.fields, msg.at)
	}
	m.notice = kit.Status{}
	m.autosave.sending = false
	if msg.err != nil {
		again := m.autosave.tick(saveRest)
		return tea.Batch(again, m.tell(kit.Compose, kit.Queued{Err: msg.err}))
	}
	cmd := tea.Batch(m.newMail(), m.do(kit.Compose, kit.Watch{ID: msg.id}), m.changed())
	if msg.at.IsZero() {
		cmd = tea.Batch(cmd, m.standing(msg.id))
	}
	return cmd
}

// newMail empties the composer.
func (m *App) newMail() tea.Cmd {
	return m.fill(kit.DraftLoaded{Fields: message.Draft{Account: m.inUse()}})
}

// fill puts fields into the composer and keeps them from now on.
func (m *App) fill(l kit.DraftLoaded) tea.Cmd {
	cmd := m.tell(kit.Compose, l)
	m.autosave.adopt(outbox.Ref{ID: l.ID, Seen: l.Seen}, m.composer.Revision())
	return tea.Batch(cmd, m.occupy())
}

// openLoaded brings a draft into the composer: one that was asked for always,
// the latest one only if nothing was written since the program started.
func (m *App) openLoaded(msg loaded) tea.Cmd {
	switch {
	case seal.AsksPerson(msg.Err) && msg.offered:
		m.say(kit.Status{Text: "An encrypted draft waits in the outbox. Opening it there asks for your passphrase."})
		return nil
	case seal.AsksPerson(msg.Err):
		return m.readDraftAsking(msg)
	case msg.Err != nil && msg.offered:
		m.say(trouble("", msg.Err))
		return nil
	case msg.Err != nil && msg.back:
		m.say(late(msg.Err))
		return m.changed()
	case msg.Err != nil:
		m.say(trouble("It can't be edited: ", msg.Err))
		return nil
	case msg.elsewhere && m.composer.Empty():
		m.say(kit.Status{Text: "Your latest draft is open in another window; this one begins another mail."})
		return m.occupy()
	case msg.offered && (msg.ID == 0 || !m.composer.Empty()):
		return m.occupy()
	}
	return m.leave(func() tea.Cmd {
		m.here, m.start = kit.Compose, false
		cmd := m.fill(msg.DraftLoaded)
		m.say(m.welcome(msg))
		return cmd
	})
}

// welcome says what it is that the composer has now.
func (m *App) welcome(msg loaded) kit.Status {
	switch {
	case msg.offered:
		key := m.env.Keys.Compose.New.Help().Key
		return kit.Status{Text: "Your draft is back as you left it. " + key + " begins another mail and keeps this one."}
	case msg.back:
		return kit.Status{Text: "Taken back. It goes out only when you send it again."}
	case msg.rest:
		return kit.Status{Text: "A new mail to those who have not got it; the old one stays in the outbox."}
	case msg.ID == 0:
		return kit.Status{Text: "A new mail from the old one, which stays in the outbox."}
	}
	return kit.Status{}
}
