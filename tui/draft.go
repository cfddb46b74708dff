package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// A draft is on disk at the latest rest after the last key, or limit after the
// first key that is not on disk yet, and the time a write takes.
const (
	saveRest  = 500 * time.Millisecond
	saveLimit = 1500 * time.Millisecond
	saveAgain = 2 * time.Second // after a save failed
)

// draft is one mail being written, as far as the disk knows of it. Its methods
// do I/O, one at a time: a mail must not be saved and queued at once, nor saved
// twice as two new drafts.
type draft struct {
	mu     sync.Mutex
	ref    outbox.Ref
	saved  uint64 // the revision on disk
	queued bool   // it is a mail now, or dropped; there is nothing left to save
}

// save puts fields on disk, unless something newer is there. With empty fields
// there is nothing to keep, and what the disk had goes. apart tells that another
// window wrote, sent or deleted the draft, and fields are one of their own now.
func (d *draft) save(ctx context.Context, s Service, revision uint64, fields message.Draft, empty bool) (id outbox.ID, apart bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queued || revision <= d.saved {
		return d.ref.ID, false, nil
	}
	if empty {
		err := d.discard(ctx, s)
		if err == nil {
			d.saved = revision
		}
		return d.ref.ID, false, err
	}
	ref, err := s.SaveDraft(ctx, d.ref, fields)
	if err == nil {
		apart = d.ref.ID != 0 && ref.ID != d.ref.ID
		d.ref, d.saved = ref, revision
	}
	return d.ref.ID, apart, err
}

// queue puts the mail into the outbox in place of the draft. If another window
// did something to that, the fields are kept as a draft of their own.
func (d *draft) queue(ctx context.Context, s Service, fields message.Draft, at time.Time) (outbox.ID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, err := s.Queue(ctx, d.ref, fields, at)
	d.queued = err == nil
	if errors.Is(err, outbox.ErrChanged) {
		if ref, failed := s.SaveDraft(ctx, d.ref, fields); failed == nil {
			d.ref = ref
		}
	}
	return id, err
}

// drop deletes the draft for good.
func (d *draft) drop(ctx context.Context, s Service) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.discard(ctx, s)
	d.queued = err == nil
	return err
}

func (d *draft) discard(ctx context.Context, s Service) error {
	if d.ref.ID != 0 {
		ref, err := s.SaveDraft(ctx, d.ref, message.Draft{}) // not what another window wrote into it
		if err == nil {
			err = s.Act(ctx, ref.ID, kit.Delete)
		}
		if err != nil && !errors.Is(err, outbox.ErrNotFound) {
			return err
		}
	}
	d.ref = outbox.Ref{}
	return nil
}

// autosave is what the model knows of saving the composer's draft.
type autosave struct {
	draft   *draft
	id      outbox.ID // of it, as far as that is known here
	seen    uint64    // the composer's revision when last looked at
	stored  uint64    // the revision that is on disk
	kept    bool      // the disk has some revision of it
	first   time.Time // of the changes that are not on disk
	last    time.Time
	timer   int // number of the tick that counts
	ticking bool
	running bool  // a save is under way
	sending bool  // the mail is being queued
	err     error // of the last save

	then func() tea.Cmd // what waits until all is on disk; nil for nothing
}

// saveTick is a moment to see whether to save.
type saveTick struct{ timer int }

// draftSaved is how a save went.
type draftSaved struct {
	draft    *draft
	revision uint64
	at       time.Time
	id       outbox.ID
	apart    bool
	err      error
}

// adopt begins to keep another draft, whose fields the composer has just got:
// those of a draft as it is on disk, or of a new mail.
func (a *autosave) adopt(ref outbox.Ref, revision uint64) {
	*a = autosave{
		draft: &draft{ref: ref, saved: revision}, id: ref.ID, kept: ref.ID != 0,
		seen: revision, stored: revision, timer: a.timer + 1,
	}
}

// dirty tells that something typed is not on disk.
func (a *autosave) dirty() bool { return a.seen != a.stored }

// watchDraft looks at the composer after every message, and returns the command
// that comes back when it is time to save.
func (m *App) watchDraft() tea.Cmd {
	a := &m.autosave
	revision := m.composer.Revision()
	if revision == a.seen {
		return nil
	}
	now := m.env.Now()
	if !a.dirty() {
		a.first = now
	}
	a.seen, a.last = revision, now
	return a.tick(saveRest)
}

// tick arms one timer at a time.
func (a *autosave) tick(after time.Duration) tea.Cmd {
	if a.ticking || a.running || a.sending {
		return nil
	}
	a.ticking = true
	a.timer++
	timer := a.timer
	return tea.Tick(after, func(time.Time) tea.Msg { return saveTick{timer} })
}

// saveDue saves when the person rests, or has not for too long.
func (m *App) saveDue(msg saveTick) tea.Cmd {
	a := &m.autosave
	if msg.timer != a.timer {
		return nil
	}
	a.ticking = false
	if !a.dirty() || a.sending {
		return nil
	}
	now := m.env.Now()
	due := a.last.Add(saveRest)
	if limit := a.first.Add(saveLimit); limit.Before(due) {
		due = limit
	}
	if wait := due.Sub(now); wait > 0 && a.err == nil {
		return a.tick(wait)
	}
	return m.saveNow()
}

// saveNow saves the composer's draft, unless there is nothing to save.
func (m *App) saveNow() tea.Cmd {
	a := &m.autosave
	if a.running || a.sending || !a.dirty() {
		return nil
	}
	empty := m.composer.Empty()
	if empty && !a.kept {
		a.stored = a.seen
		return nil
	}
	a.running = true
	return m.saveDraft(a.draft, a.seen, m.composer.Draft(), empty)
}

// leave does what replaces the composer's content, once all that it has is on
// disk. If that fails the content stays.
func (m *App) leave(then func() tea.Cmd) tea.Cmd {
	a := &m.autosave
	if a.sending {
		m.say(kit.Status{Text: "The mail is just being put into the outbox; try again in a moment."})
		return nil
	}
	a.seen = m.composer.Revision()
	cmd := m.saveNow()
	if !a.running {
		return tea.Batch(cmd, then())
	}
	a.then = then
	return cmd
}

// savedDraft takes the answer to a save.
func (m *App) savedDraft(msg draftSaved) tea.Cmd {
	a := &m.autosave
	if msg.draft != a.draft {
		return nil
	}
	a.running, a.err = false, msg.err
	cmd := m.tell(kit.Compose, kit.DraftSaved{ID: msg.id, At: msg.at, Err: msg.err})
	if msg.err != nil {
		a.then = nil
		return tea.Batch(cmd, a.tick(saveAgain))
	}
	if msg.apart {
		m.say(kit.Status{Text: "Another window changed, sent or threw away this draft. What you write here is kept as a draft of its own, mail " + msg.id.String() + "."})
	}
	if msg.id != a.id {
		a.id = msg.id
		cmd = tea.Batch(cmd, m.occupy())
	}
	a.stored, a.kept, a.first = msg.revision, true, a.last
	a.seen = m.composer.Revision()
	then := a.then
	switch {
	case a.dirty() && then != nil:
		return tea.Batch(cmd, m.saveNow())
	case a.dirty():
		return tea.Batch(cmd, a.tick(saveRest))
	case then != nil:
		a.then = nil
		return tea.Batch(cmd, then())
	}
	return cmd
}

// saveLast saves what the composer holds when the program has ended. It returns
// when ctx ends, whatever a command that still runs waits for.
func (m *App) saveLast(ctx context.Context) error {
	a := &m.autosave
	if m.composer.Empty() && !a.kept {
		return nil
	}
	revision, fields, empty := m.composer.Revision(), m.composer.Draft(), m.composer.Empty()
	done := make(chan error, 1)
	go func() {
		_, _, err := a.draft.save(ctx, m.service, revision, fields, empty)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // the draft is being queued, and a file of it does not answer
		return ctx.Err()
	}
}

// rescue keeps what could not be saved in a file, and puts where into the error.
func (m *App) rescue(why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(m.ctx), finalSave)
	defer cancel()
	where, err := m.service.Rescue(ctx, m.composer.Draft(), m.temp)
	return errors.Join(&kit.UnsavedError{Err: why, Where: where}, err)
}
