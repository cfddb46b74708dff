// Package queue is the outbox screen: every mail, what became of it, and what
// can be done about it.
package queue

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/outbox"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/stage"
	"sendoff/tui/widget"
)

// wide is the width from which list and detail stand side by side.
const wide = 120

// Screen is the outbox.
type Screen struct {
	env  kit.Env
	pen  widget.Pen
	keys keys.Outbox

	width, height int
	now           time.Time

	tab     int
	chosen  bool // the person went to the tab
	arrived bool // the screen has just come into sight
	search  search
	marks   marks
	undo    undo
	giving  giving
	list    widget.List
	rows    rows
	sort    outbox.Sort
	counts  map[outbox.State]int // of what the search finds
	moving  map[outbox.ID]*stage.Steps
	parked  map[string]string // account -> why its mail waits

	detail  detail
	status  kit.Status
	looking outbox.ID // the uncertain mail that is looked at again
	doing   outbox.ID // the mail whose outcome is to replace the status; 0 for none
}

// New returns the screen, empty until it is told of the outbox.
func New(env kit.Env) *Screen {
	pen := widget.Pen{Styles: env.Styles, Method: env.Cells}
	return &Screen{
		env: env, pen: pen, keys: env.Keys.Outbox, now: env.Now(),
		list: widget.NewList(env.Keys.List.Marking()), search: newSearch(env), marks: newMarks(), moving: map[outbox.ID]*stage.Steps{}, parked: map[string]string{},
		detail: newDetail(env, pen), tab: 1,
	}
}

// SetSize implements kit.Screen.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.list.SetHeight(max(1, height-2))
	if s.sideBySide() {
		s.detail.setSize(width-s.listWidth()-3, height)
		if it, ok := s.Selected(); ok {
			s.detail.preview(it)
		}
	} else {
		s.detail.setSize(width, height)
	}
}

func (s *Screen) sideBySide() bool { return s.width >= wide }

func (s *Screen) listWidth() int {
	if s.sideBySide() {
		return max(66, s.width*55/100)
	}
	return s.width
}

// Update implements kit.Screen.
func (s *Screen) Update(msg tea.Msg) kit.Intent {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s.press(msg)
	case tea.PasteMsg:
		if s.search.typing {
			return s.typeSearch(msg)
		}
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		return s.mouse(msg.(tea.MouseMsg))
	case kit.OutboxChanged:
		return s.changed()
	case kit.ItemsLoaded:
		return s.load(msg)
	case kit.Counted:
		return s.counted(msg)
	case kit.ItemLoaded:
		s.detail.load(msg, s.env.Now())
		s.looked(msg)
		return s.settled(msg)
	case kit.Events:
		return s.hear(msg)
	case kit.Acted:
		return s.acted(msg)
	case kit.ActedAll:
		return s.actedAll(msg)
	case kit.SourceLoaded:
		s.detail.source.load(msg, s.detail.width)
	case kit.Exported:
		s.exported(msg)
	case kit.AccountsLoaded:
		return s.chooseAccount(msg)
	case kit.StandsLoaded:
		return s.loadMarks(msg)
	case kit.Tick:
		s.now = msg.Now
		s.detail.now = msg.Now
	case kit.Restyled:
		s.detail.source.draw(s.detail.width)
		s.detail.draw()
	}
	return nil
}

func (s *Screen) changed() kit.Intent {
	if s.doing != 0 && s.doing != s.detail.item.ID {
		return kit.Do{s.reload(), kit.LoadItem{ID: s.doing}}
	}
	if s.detail.open || s.sideBySide() {
		return kit.Do{s.reload(), s.inspect()}
	}
	return s.reload()
}

// follow keeps the detail beside the list on the selected mail, and asks for
// more of the list when its end comes near.
func (s *Screen) follow() kit.Intent {
	var want kit.Do
	if more := s.more(); more != nil {
		want = append(want, more)
	}
	if s.sideBySide() && !s.detail.open {
		if it, ok := s.Selected(); ok && it.ID != s.detail.item.ID {
			s.detail.preview(it)
			want = append(want, s.inspect())
		}
	}
	if len(want) == 0 {
		return nil
	}
	return want
}

// inspect asks for all that is known of the mail in the detail.
func (s *Screen) inspect() kit.Intent {
	if s.detail.item.ID == 0 {
		return kit.Do{}
	}
	return kit.LoadItem{ID: s.detail.item.ID}
}

// hear notes what happens on the wire, for the rows of mails on their way.
func (s *Screen) hear(events kit.Events) kit.Intent {
	stale := false
	for _, e := range events {
		switch {
		case e.Session != nil && e.ID != 0:
			if s.moving[e.ID] == nil {
				s.moving[e.ID] = &stage.Steps{}
			}
			s.moving[e.ID].Hear(*e.Session)
		case e.Account != "":
			delete(s.parked, e.Account)
			if e.Problem != nil {
				s.parked[e.Account] = kit.Waits(e.Problem)
			}
		case e.State != "":
			stale = true
			s.marks.hear(e)
			if e.State != outbox.Sending {
				delete(s.moving, e.ID)
			}
		}
	}
	if stale {
		return s.changed()
	}
	return nil
}

// Selected returns the mail the cursor is on.
func (s *Screen) Selected() (outbox.Item, bool) {
	if s.detail.open {
		return s.detail.item, s.detail.item.ID != 0
	}
	return s.listed()
}

// Counting tells that a time on the screen runs.
func (s *Screen) Counting() bool {
	it, ok := s.Selected()
	return ok && (it.State == outbox.Sending || it.State == outbox.Deferred || it.State == outbox.Scheduled)
}

// mouse selects rows and tabs; a click on the selected row opens it, and one on
// the way to search begins that. Beside the list it scrolls the detail.
func (s *Screen) mouse(msg tea.MouseMsg) kit.Intent {
	if s.detail.open && !s.sideBySide() || s.sideBySide() && msg.Mouse().X >= s.listWidth() {
		return s.detail.scroll(msg)
	}
	searchFrom := s.listWidth() - s.pen.Width(s.searchHint(s.listWidth()))
	s.detail.open = false
	click, ok := msg.(tea.MouseClickMsg)
	switch {
	case !ok:
		s.list.Update(msg)
	case click.Y == 0 && click.X >= searchFrom:
		return s.startSearch()
	case click.Y == 0:
		if i := s.pen.TabAt(s.listWidth(), s.tabs(), s.tab, click.X); i >= 0 {
			return s.choose(i)
		}
	default:
		click.Y -= 2
		before := s.list.Cursor()
		if s.list.Update(click) && s.list.Cursor() == before {
			return s.enter()
		}
	}
	return s.follow()
}

// Status implements kit.Screen.
func (s *Screen) Status() kit.Status {
	if s.status.Text != "" {
		return s.status
	}
	it, ok := s.Selected()
	if why := s.parked[it.Account]; ok && why != "" && it.State == outbox.Queued {
		return kit.Status{Text: "Its account waits: " + why, Trouble: true}
	}
	if !ok || s.detail.open || s.sideBySide() {
		return kit.Status{} // the detail says it
	}
	sentence, needs := stage.Explain(it, s.now)
	return kit.Status{Text: sentence, Trouble: needs}
}
