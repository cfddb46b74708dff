package tui

import (
	"context"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// How long the domain may take before the person hears that it does not
// answer.
const (
	quick    = 10 * time.Second // what reads or writes a little
	slow     = 2 * time.Minute  // building a mail with its attachments
	unending = 5 * time.Minute  // a login test, which has deadlines of its own
)

// keyRest is how long no key must have come before a program is asked about
// what was typed.
const keyRest = 150 * time.Millisecond

// answer carries a message to the screen that asked. Of several answers of one
// kind only that to the last question counts.
type answer struct {
	to   kit.Name
	kind string // empty when every answer counts
	n    int
	msg  tea.Msg
}

// ask runs f as a command with a time limit and addresses its answer.
func (m *App) ask(to kit.Name, kind string, limit time.Duration, f func(context.Context) tea.Msg) tea.Cmd {
	kind = string(to) + " " + kind
	m.asked[kind]++
	n := m.asked[kind]
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, limit)
		defer cancel()
		return answer{to, kind, n, f(ctx)}
	}
}

// each is ask for questions of which every answer counts.
func (m *App) each(to kit.Name, limit time.Duration, f func(context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, limit)
		defer cancel()
		return answer{to: to, msg: f(ctx)}
	}
}

func (m *App) loadItems(to kit.Name, want kit.LoadItems) tea.Cmd {
	kind := "items"
	if want.More {
		kind = "more items"
	}
	return m.ask(to, kind, quick, func(ctx context.Context) tea.Msg {
		items, err := m.service.Items(ctx, want.Query)
		return kit.ItemsLoaded{Query: want.Query, More: want.More, Items: items, Err: err}
	})
}

func (m *App) loadItem(to kit.Name, id outbox.ID) tea.Cmd {
	return m.ask(to, "item", quick, func(ctx context.Context) tea.Msg {
		item, attempts, err := m.service.Item(ctx, id)
		return kit.ItemLoaded{Item: item, Attempts: attempts, Err: err}
	})
}

func (m *App) act(to kit.Name, act kit.Act) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg { return m.acted(ctx, act) })
}

func (m *App) acted(ctx context.Context, act kit.Act) kit.Acted {
	done := kit.Acted{ID: act.ID, Action: act.Action}
	switch act.Action {
	case kit.Delay:
		done.Err = m.service.Schedule(ctx, act.ID, act.At)
	case kit.Reassign:
		done.Err = m.service.Reassign(ctx, act.ID, act.Account)
	default:
		done.Err = m.service.Act(ctx, act.ID, act.Action)
	}
	return done
}

func (m *App) loadSource(to kit.Name, want kit.LoadSource) tea.Cmd {
	return m.ask(to, "source", slow, func(ctx context.Context) tea.Msg {
		octets, size, err := m.service.Excerpt(ctx, want.ID, want.From, want.N)
		return kit.SourceLoaded{ID: want.ID, From: want.From, Octets: octets, Size: size, Err: err}
	})
}

func (m *App) export(to kit.Name, want kit.Export) tea.Cmd {
	return m.each(to, slow, func(ctx context.Context) tea.Msg {
		path, err := m.service.Export(ctx, want.ID, want.Path)
		return kit.Exported{Path: path, Err: err}
	})
}

// actAll does one thing after the other; what fails keeps nothing else back.
func (m *App) actAll(to kit.Name, acts []kit.Act) tea.Cmd {
	return m.each(to, unending, func(ctx context.Context) tea.Msg {
		out := make(kit.ActedAll, len(acts))
		for i, a := range acts {
			out[i] = m.acted(ctx, a)
		}
		return out
	})
}

func (m *App) loadStands(to kit.Name, want kit.LoadStands) tea.Cmd {
	return m.ask(to, "stands", slow, func(ctx context.Context) tea.Msg {
		stands, err := m.service.Stands(ctx, want.Query)
		return kit.StandsLoaded{Query: want.Query, Others: want.Others, Stands: stands, Err: err}
	})
}

// count asks how many mails a search finds, or there are.
func (m *App) count(to kit.Name, search string) tea.Cmd {
	return m.ask(to, "counts", quick, func(ctx context.Context) tea.Msg {
		counts, err := m.service.Counts(ctx, search)
		return kit.Counted{Search: search, Counts: counts, Err: err}
	})
}

// version is the outbox's, some time after it was last asked for.
type version struct {
	version int64
	err     error
}

func (m *App) poll(after time.Duration) tea.Cmd {
	return func() tea.Msg {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-m.ctx.Done():
			return nil
		}
		ctx, cancel := context.WithTimeout(m.ctx, quick)
		defer cancel()
		v, err := m.service.Version(ctx)
		return version{v, err}
	}
}

func (m *App) saveDraft(d *draft, revision uint64, fields message.Draft, empty bool) tea.Cmd {
	now := m.env.Now
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, quick)
		defer cancel()
		id, apart, err := d.save(ctx, m.service, revision, fields, empty)
		return draftSaved{draft: d, revision: revision, at: now(), id: id, apart: apart, err: err}
	}
}

// queued is how putting a mail into the outbox went.
type queued struct {
	draft *draft
	id    outbox.ID
	at    time.Time // the moment it was asked to go out at; zero for now
	err   error

	fields message.Draft
}

// mailChecked is what there is to say of a mail before it goes.
type mailChecked struct {
	draft *draft
	kit.MailChecked
}

func (m *App) checkMail(d *draft, want kit.Send) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, slow)
		defer cancel()
		found := m.service.Check(ctx, want.Fields)
		want.Sure = true
		return mailChecked{d, kit.MailChecked{Findings: found, Sure: want}}
	}
}

func (m *App) queue(d *draft, fields message.Draft, at time.Time) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, slow)
		defer cancel()
		id, err := d.queue(ctx, m.service, fields, at)
		return queued{d, id, at, err, fields}
	}
}

// queueAsking is queue with the terminal for programs that ask for a passphrase.
func (m *App) queueAsking(d *draft, fields message.Draft, at time.Time) tea.Cmd {
	var done queued
	run := inTerminal(func(*os.File) error {
		ctx, cancel := context.WithTimeout(m.service.Asking(m.ctx), unending)
		defer cancel()
		id, err := d.queue(ctx, m.service, fields, at)
		done = queued{d, id, at, err, fields}
		return nil
	})
	return tea.Exec(run, func(err error) tea.Msg {
		if err != nil {
			done = queued{d, 0, at, err, fields}
		}
		return done
	})
}

// dropped is how deleting the composer's draft went.
type dropped struct{ err error }

func (m *App) dropDraft(d *draft) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, quick)
		defer cancel()
		return dropped{d.drop(ctx, m.service)}
	}
}

// loaded is a draft for the composer: one that nobody asked for, one without
// those who got the mail already, or one that was a mail until now.
type loaded struct {
	kit.DraftLoaded
	offered, rest, back bool

	id        outbox.ID // of the item
	elsewhere bool      // it is open in another window, and was not read
}

// occupied tells that the draft in the composer is open in another window.
type occupied struct {
	draft     *draft
	elsewhere bool
}

// occupy tells other windows what is open here.
func (m *App) occupy() tea.Cmd {
	a := &m.autosave
	draft, id := a.draft, a.id
	return m.ask("", "occupy", quick, func(context.Context) tea.Msg {
		return occupied{draft, m.service.Occupy(id)}
	})
}

func (m *App) openDraft(want kit.OpenDraft) tea.Cmd {
	return m.ask("", "draft", quick, func(ctx context.Context) tea.Msg {
		if want.TakeBack {
			if err := m.service.Act(ctx, want.ID, kit.TakeBack); err != nil {
				return loaded{back: true, DraftLoaded: kit.DraftLoaded{Err: err}}
			}
		}
		return m.readDraft(ctx, loaded{id: want.ID, rest: want.Rest, back: want.TakeBack})
	})
}

// readDraft fills in the fields of what is to be loaded.
func (m *App) readDraft(ctx context.Context, l loaded) loaded {
	id := l.id
	fields, ref, err := m.service.Draft(ctx, id)
	if err == nil && l.rest {
		var it outbox.Item
		it, _, err = m.service.Item(ctx, id)
		fields = kit.Rest(fields, it.Recipients)
	}
	l.DraftLoaded = kit.DraftLoaded{ID: ref.ID, Seen: ref.Seen, Fields: fields, Err: err}
	return l
}

// readDraftAsking is readDraft with the terminal for the program that decrypts.
func (m *App) readDraftAsking(l loaded) tea.Cmd {
	run := inTerminal(func(*os.File) error {
		ctx, cancel := context.WithTimeout(m.service.Asking(m.ctx), unending)
		defer cancel()
		l = m.readDraft(ctx, l)
		return nil
	})
	return tea.Exec(run, func(err error) tea.Msg {
		if err != nil {
			l.Err = err
		}
		return l
	})
}

func (m *App) offerDraft() tea.Cmd {
	return m.ask("", "draft", quick, func(ctx context.Context) tea.Msg {
		id, err := m.service.LatestDraft(ctx)
		if err != nil || id == 0 {
			return loaded{offered: true, DraftLoaded: kit.DraftLoaded{Err: err}}
		}
		if m.service.Occupy(id) {
			return loaded{offered: true, elsewhere: true}
		}
		return m.readDraft(ctx, loaded{id: id, offered: true})
	})
}

func (m *App) makePreview(to kit.Name, fields message.Draft) tea.Cmd {
	return m.ask(to, "preview", slow, func(ctx context.Context) tea.Msg {
		p, err := m.service.Preview(ctx, fields)
		return kit.Previewed{Preview: p, Err: err}
	})
}

// showPage opens a page outside; only trouble with that is news.
func (m *App) showPage(to kit.Name, page string) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		return kit.PageShown{Err: m.service.ShowPage(ctx, page)}
	})
}

// openFile shows a file outside; only trouble with that is news.
func (m *App) openFile(to kit.Name, path string) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		return kit.FileOpened{Err: m.service.OpenFile(ctx, path)}
	})
}

func (m *App) checkWords(to kit.Name, want kit.CheckWords) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		wrong, err := m.service.Misspelled(ctx, want.Language, want.Words)
		return kit.WordsChecked{Language: want.Language, Words: want.Words, Wrong: wrong, Err: err}
	})
}

func (m *App) knowWord(to kit.Name, want kit.KnowWord) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		return kit.WordKnown{Err: m.service.Spelled(ctx, want.Language, want.Word, want.Learn)}
	})
}

// findPeople looks into history and address books at once, and asks the
// person's own command when no other key follows; the next key stops it.
func (m *App) findPeople(to kit.Name, typed string) tea.Cmd {
	m.stopFind()
	stopped, stop := context.WithCancel(m.ctx)
	m.stopFind = stop
	find := m.ask(to, "people", quick, func(ctx context.Context) tea.Msg {
		found, err := m.service.People(ctx, typed)
		return kit.Completed{Typed: typed, People: found, Err: err}
	})
	return tea.Batch(find, m.ask(to, "book", quick, func(context.Context) tea.Msg {
		defer stop()
		timer := time.NewTimer(keyRest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-stopped.Done():
			return nil
		}
		found, err := m.service.AskBook(stopped, typed)
		if stopped.Err() != nil || len(found) == 0 && err == nil {
			return nil
		}
		return kit.Completed{Typed: typed, People: found, Asked: true, Err: err}
	}))
}

func (m *App) lookUp(to kit.Name, addresses []string) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		return kit.LookedUp{Known: m.service.LookUp(ctx, addresses)}
	})
}

func (m *App) listFolder(to kit.Name, path string) tea.Cmd {
	return m.ask(to, "folder", quick, func(ctx context.Context) tea.Msg {
		entries, err := m.service.ListFolder(ctx, path)
		return kit.FolderListed{Path: path, Entries: entries, Err: err}
	})
}

func (m *App) findPasted(to kit.Name, want kit.FindPasted) tea.Cmd {
	return m.ask(to, "pasted", quick, func(ctx context.Context) tea.Msg {
		return kit.PastedFound{Ways: want.Ways, Files: m.service.FindPasted(ctx, want.Ways)}
	})
}

func (m *App) searchFolder(to kit.Name, want kit.SearchFolder) tea.Cmd {
	return m.ask(to, "search", quick, func(ctx context.Context) tea.Msg {
		entries, cut, err := m.service.SearchFolder(ctx, want.Path, want.Hidden)
		return kit.FolderSearched{Path: want.Path, Hidden: want.Hidden, Entries: entries, Cut: cut, Err: err}
	})
}

func (m *App) listRecent(to kit.Name) tea.Cmd {
	return m.ask(to, "recent", quick, func(ctx context.Context) tea.Msg {
		folders, err := m.service.RecentFolders(ctx)
		return kit.RecentListed{Folders: folders, Err: err}
	})
}

// usedFolder has nobody to tell: a folder that is not remembered is found again.
func (m *App) usedFolder(path string) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, quick)
		defer cancel()
		_ = m.service.UsedFolder(ctx, path)
		return nil
	}
}

func (m *App) checkFiles(to kit.Name, paths []string) tea.Cmd {
	return m.each(to, quick, func(ctx context.Context) tea.Msg {
		return kit.FilesChecked{Paths: paths, Files: m.service.CheckFiles(ctx, paths)}
	})
}

func (m *App) loadTemplates(to kit.Name) tea.Cmd {
	return m.ask(to, "templates", quick, func(ctx context.Context) tea.Msg {
		all, err := m.service.Templates(ctx)
		return kit.TemplatesLoaded{Folder: m.service.TemplateFolder(), Templates: all, Err: err}
	})
}

func (m *App) checkKeys(to kit.Name, fields message.Draft) tea.Cmd {
	return m.ask(to, "keys", quick, func(ctx context.Context) tea.Msg {
		return kit.KeysChecked{Err: m.service.CheckKeys(ctx, fields)}
	})
}
