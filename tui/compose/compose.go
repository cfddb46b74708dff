// Package compose is the screen a mail is written on: whom it is from and to,
// its subject, its text, and the files that go along.
package compose

import (
	"maps"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/editor"
	"sendoff/tui/field"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// place is a part of the screen that can have the focus. Its value is what
// message.Draft keeps.
type place string

const (
	inFrom    place = "from"
	inTo      place = "to"
	inCc      place = "cc"
	inBcc     place = "bcc"
	inReplyTo place = "reply-to"
	inSubject place = "subject"
	inHeaders place = "headers"
	inBody    place = "body"
	inFiles   place = "attachments"
)

// Screen is the composer.
type Screen struct {
	env  kit.Env
	pen  widget.Pen
	keys keys.Compose

	width, height int
	layout        layout

	from    sender
	lists   map[place]*field.Addresses
	subject *field.Line
	body    *editor.Editor
	files   files
	pasted  *pasted // what was pasted last and may be files; nil once something else was done
	headers headers
	wishes  message.Wishes
	format  message.Format
	seal    sealing

	writing  kit.Writing
	headed   bool // the outside editor was given the header
	spelling spelling

	offer offer
	known map[string]kit.Known // of recipients, by address; empty while it is asked for
	over  overlay              // nil while the mail itself shows

	focus place
	more  bool // Cc, Bcc and Reply-To show though they are empty

	draft    outbox.ID
	revision uint64
	last     snapshot // when revision was counted

	status  kit.Status
	saved   time.Time // the draft was, last
	saveErr error     // of the last save
	sending step
	at      time.Time // it is to go out at; zero for now
}

// New returns an empty composer.
func New(env kit.Env) *Screen {
	s := &Screen{
		env: env, pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Compose,
		subject: field.NewLine(env.Keys.Text, env.Styles, env.Cells),
		body:    editor.New(env.Keys, env.Styles, env.Cells),
		lists:   map[place]*field.Addresses{},
		known:   map[string]kit.Known{},
		width:   80, height: 20,
	}
	for _, p := range []place{inTo, inCc, inBcc, inReplyTo} {
		s.lists[p] = field.NewAddresses(env.Keys.Text, env.Styles, env.Cells)
		s.lists[p].Share(s.body)
		s.lists[p].SetLook(s.standing)
	}
	s.subject.Share(s.body)
	s.body.SetClock(env.Now)
	s.goTo(inTo)
	s.arrange()
	s.last = s.snapshot()
	return s
}

// SetSize implements kit.Screen.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.arrange()
}

// Update implements kit.Screen.
func (s *Screen) Update(msg tea.Msg) kit.Intent {
	press, pressed := msg.(tea.KeyPressMsg)
	var revision uint64
	if list := s.lists[s.focus]; list != nil {
		revision = list.Revision()
	}
	typedIn := s.focus
	intent := s.update(msg)
	if intent == nil && s.focus == inFiles && typedIn != inFiles && key.Matches(press, s.keys.Next, s.keys.Previous) {
		intent = s.look() // they may have changed meanwhile
	}
	if now := s.snapshot(); now.to != s.last.to || now.cc != s.last.cc || now.bcc != s.last.bcc {
		s.follow()
	}
	s.arrange()
	s.count()
	switch words := s.spell(); {
	case words == nil && intent == nil:
		list := s.lists[typedIn]
		return both(s.wonders(pressed && list != nil && typedIn == s.focus && list.Revision() != revision), s.askKeys())
	default:
		return both(intent, words)
	}
}

// both joins what is wanted; either may be nil.
func both(a, b kit.Intent) kit.Intent {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return kit.Do{a, b}
}

func (s *Screen) update(msg tea.Msg) kit.Intent {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s.press(msg)
	case tea.PasteMsg:
		return s.paste(msg)
	case tea.MouseMsg:
		return s.mouse(msg)
	case kit.AccountsLoaded:
		s.accounts(msg)
	case kit.DraftLoaded:
		return s.load(msg)
	case kit.DraftSaved:
		s.draftSaved(msg)
	case kit.FolderListed:
		if p, ok := s.over.(*picker); ok {
			p.listed(msg)
		}
	case kit.FolderSearched:
		if p, ok := s.over.(*picker); ok {
			p.found(msg)
		}
	case kit.RecentListed:
		if p, ok := s.over.(*picker); ok {
			p.offerRecent(msg)
		}
	case kit.Completed:
		s.completed(msg)
	case kit.LookedUp:
		maps.Copy(s.known, msg.Known)
	case kit.PastedFound:
		return s.pastedFound(msg)
	case kit.FilesChecked:
		return s.checked(msg)
	case kit.WordsChecked:
		return s.wordsChecked(msg)
	case kit.WordKnown:
		if msg.Err != nil {
			s.unspelled(msg.Err)
		}
	case kit.Edited:
		return s.edited(msg)
	case kit.Queued:
		s.notQueued(msg)
	case kit.KeysChecked:
		if s.seal.lack = msg.Err; msg.Err != nil && !s.status.Trouble {
			s.status = kit.Status{}
		}
	case kit.TemplatesLoaded:
		if p, ok := s.over.(*templates); ok {
			p.loaded(msg)
		}
	case kit.Previewed:
		s.previewed(msg)
	case kit.PageShown:
		if msg.Err != nil {
			s.trouble(msg.Err)
		}
	case kit.FileOpened:
		if msg.Err != nil {
			s.trouble(msg.Err)
		}
	case kit.MailChecked:
		s.sending, s.over = writing, &sheet{Screen: s, MailChecked: msg}
	}
	return nil
}

// press takes a key: commands first, for none of them types anything, then
// whatever has the focus.
func (s *Screen) press(msg tea.KeyPressMsg) kit.Intent {
	if s.over != nil {
		return s.over.press(msg)
	}
	if s.sending == queuing {
		// What is typed now would neither be sent nor kept.
		if key.Matches(msg, s.env.Keys.Dialog.Close) {
			return kit.Back{}
		}
		return nil
	}
	s.status = kit.Status{}
	if want, used := s.pressPasted(msg); used {
		return want
	}
	s.wake(msg)
	if s.focus == inBody && s.body.Asking() {
		if r := s.body.Update(msg); r.Used {
			return s.came(r)
		}
	}
	if s.pressOffer(msg) {
		return nil
	}
	switch {
	case key.Matches(msg, s.env.Keys.Text.Undo) && s.filesLast():
		return s.undoFiles()
	case key.Matches(msg, s.keys.Shift):
		s.shift()
	case key.Matches(msg, s.keys.Send):
		s.at = time.Time{}
		return s.send()
	case key.Matches(msg, s.keys.Later):
		return s.later()
	case key.Matches(msg, s.keys.Attach):
		return s.openPicker()
	case key.Matches(msg, s.keys.Detach):
		return s.detach()
	case key.Matches(msg, s.keys.Editor):
		return s.editOutside()
	case key.Matches(msg, s.keys.Cc):
		s.toggleMore()
	case key.Matches(msg, s.keys.Wishes):
		s.openWishes()
	case key.Matches(msg, s.keys.Fields):
		s.openFields()
	case key.Matches(msg, s.keys.Template):
		return s.openTemplates()
	case key.Matches(msg, s.keys.Seal):
		s.cycleSeal()
	case key.Matches(msg, s.keys.Markdown):
		s.toggleFormat()
	case key.Matches(msg, s.keys.Preview):
		return s.openPreview()
	case key.Matches(msg, s.keys.New):
		return kit.NewDraft{}
	case key.Matches(msg, s.keys.Discard):
		return s.discard()
	case key.Matches(msg, s.keys.Next):
		s.move(1)
	case key.Matches(msg, s.keys.Previous):
		s.move(-1)
	default:
		return s.pressIn(msg)
	}
	return nil
}

// pressIn gives a key to what has the focus, and takes it back where it means
// nothing there.
func (s *Screen) pressIn(msg tea.KeyPressMsg) kit.Intent {
	text := s.env.Keys.Text
	var result editor.Result
	switch s.focus {
	case inFrom:
		result.Used = s.pressFrom(msg)
	case inFiles:
		if want, used := s.pressFiles(msg); used {
			return want
		}
	case inHeaders:
		if key.Matches(msg, text.Newline) {
			s.openFields()
			return nil
		}
	case inBody:
		if line, col := s.body.Position(); line == 0 && col == 0 && key.Matches(msg, text.Up) {
			s.move(-1)
			return nil
		}
		result = s.body.Update(msg)
	case inSubject:
		result = s.subject.Update(msg)
	default:
		result = s.lists[s.focus].Update(msg)
	}
	switch {
	case result.Used:
		return s.came(result)
	case key.Matches(msg, text.Up):
		s.move(-1)
	case key.Matches(msg, text.Down, text.Newline, text.LineBreak):
		s.move(1)
	case key.Matches(msg, s.env.Keys.Dialog.Close):
		return kit.Back{}
	}
	return nil
}

// came tells and does what came of a key in the text.
func (s *Screen) came(r editor.Result) kit.Intent {
	if r.Said != "" {
		s.status = kit.Status{Text: r.Said}
	}
	if r.Known != "" {
		return kit.KnowWord{Language: s.spelling.language, Word: r.Known, Learn: r.Learn}
	}
	if r.Copied != "" {
		return kit.Copy{Text: r.Copied}
	}
	return nil
}

func (s *Screen) paste(msg tea.PasteMsg) kit.Intent {
	switch {
	case s.over != nil:
		return s.over.paste(msg)
	case s.sending == queuing:
		return nil
	}
	s.status = kit.Status{}
	switch s.focus {
	case inFrom, inHeaders:
		return nil
	case inFiles:
	case inBody:
		s.body.Update(msg)
	case inSubject:
		s.subject.Update(msg)
	default:
		s.lists[s.focus].Update(msg)
	}
	return s.wonderPasted(msg.Content)
}

// fields returns the header fields that show, in order.
func (s *Screen) fields() []place {
	all := []place{inFrom, inTo}
	for _, p := range []place{inCc, inBcc, inReplyTo} {
		roomy := s.height >= tall && p != inReplyTo
		if s.more || roomy || !s.lists[p].Empty() || s.focus == p {
			all = append(all, p)
		}
	}
	if all = append(all, inSubject); len(s.headers.list) > 0 || s.focus == inHeaders {
		all = append(all, inHeaders)
	}
	return all
}

// places returns all that the focus goes through, in order.
func (s *Screen) places() []place {
	all := append(s.fields(), inBody)
	if len(s.files.list) > 0 {
		all = append(all, inFiles)
	}
	return all
}

// move brings the focus n places on, around the end.
func (s *Screen) move(n int) {
	all := s.places()
	i := slices.Index(all, s.focus) + n
	s.goTo(all[(i+len(all))%len(all)])
}

func (s *Screen) goTo(p place) {
	if s.focus = p; p != inBody {
		s.body.Close()
	}
	for name, list := range s.lists {
		list.Focus(name == p)
	}
	s.subject.Focus(p == inSubject)
}

// toggleMore shows the fields that are seldom needed, or hides the empty ones.
func (s *Screen) toggleMore() {
	if s.more = !s.more; s.more {
		s.goTo(inCc)
		return
	}
	if list := s.lists[s.focus]; list != nil && s.focus != inTo && list.Empty() {
		s.goTo(inTo)
	}
}

func (s *Screen) discard() kit.Intent {
	if s.Empty() {
		return nil
	}
	return kit.Confirm{
		Title: "Throw this draft away?",
		Text:  "What you have written here will be gone.",
		Yes:   "throw away",
		Then:  kit.DropDraft{ID: s.draft},
	}
}
