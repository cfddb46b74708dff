package queue

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

var sizes = map[string][2]int{"80x24": {80, 19}, "40x12": {40, 9}, "200x60": {200, 55}}

func items() []outbox.Item {
	at := func(minutes int) time.Time { return tuitest.Now().Add(time.Duration(minutes) * time.Minute) }
	to := func(names ...string) (out []outbox.Recipient) {
		for _, n := range names {
			out = append(out, outbox.Recipient{Address: n, State: outbox.Pending})
		}
		return out
	}
	return []outbox.Item{
		{ID: 9, State: outbox.Sending, Account: "work", Subject: "Photos", Recipients: to("jo@example.org"), Updated: at(0), Size: 5e6},
		{ID: 8, State: outbox.Deferred, Account: "work", Subject: "Minutes of Tuesday", Attempts: 1, Reply: "451 4.7.1 greylisted",
			Recipients: to("bob@example.org", "carol@b.example", "dave@example.org"), NextTry: at(5), Updated: at(-20)},
		{ID: 7, State: outbox.Scheduled, Account: "work", Subject: "Happy birthday", Recipients: to("mum@example.org"), NotBefore: at(60 * 24 * 5)},
		{ID: 6, State: outbox.Held, Account: "work", Subject: "Resignation", Recipients: to("boss@example.org"), Updated: at(-60)},
		{ID: 5, State: outbox.Queued, Account: "home", Subject: "\x1b]52;c;evil\a名前", Recipients: to("ann@example.org"), Updated: at(-2)},
	}
}

var counts = map[outbox.State]int{
	outbox.Sending: 1, outbox.Deferred: 1, outbox.Scheduled: 1, outbox.Held: 1, outbox.Queued: 1, outbox.Sent: 214, outbox.Draft: 3,
}

// waiting returns a screen on the tab of what waits.
func waiting(env kit.Env) *Screen {
	s := New(env)
	s.SetSize(80, 19)
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states, Limit: atOnce}, Items: items()})
	s.Update(kit.Counted{Counts: counts})
	s.Update(kit.Events{
		{ID: 9, Session: &smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageContent, Total: 5e6, Time: tuitest.Now()}},
		{ID: 9, Session: &smtp.Event{Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: 29e5, Total: 5e6, Time: tuitest.Now().Add(time.Second)}},
	})
	return s
}

func TestGoldenWaiting(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := waiting(env)
		s.SetSize(size[0], size[1])
		tuitest.Press(s, "down")
		tuitest.Golden(t, "waiting-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

func uncertain() (outbox.Item, []outbox.Attempt) {
	it := outbox.Item{
		ID: 4, State: outbox.Uncertain, Account: "work", Subject: "Contract, signed", From: "alice@example.org", Attempts: 2,
		MessageID: "abc@example.org", Size: 120_000, Created: tuitest.Now().Add(-time.Hour), Updated: tuitest.Now(),
		Recipients: []outbox.Recipient{
			{Address: "lawyer@firm.example", State: outbox.RecipientUncertain},
			{Address: "bob@example.org", State: outbox.RecipientRejected, Code: 550, Enhanced: "5.1.1", Text: "no such user"},
		},
	}
	return it, []outbox.Attempt{
		{N: 1, Started: tuitest.Now().Add(-20 * time.Minute), Elapsed: 300 * time.Millisecond, Stage: smtp.StageRecipient, Code: 451, Enhanced: "4.7.1", Text: "greylisted"},
		{N: 2, Started: tuitest.Now(), Elapsed: 9 * time.Second, Stage: smtp.StageContent, Bytes: 120_000, Text: "connection reset by peer",
			Transcript: "C: MAIL FROM:<alice@example.org>\nS: 250 2.1.0 fine\n"},
	}
}

// needing returns a screen on the tab of what needs the person.
func needing(env kit.Env) *Screen {
	s := New(env)
	s.Arrive()
	s.SetSize(80, 19)
	it, attempts := uncertain()
	c := map[outbox.State]int{outbox.Uncertain: 1, outbox.NeedsYou: 1}
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states}})
	s.Update(kit.Counted{Counts: c})
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[0].states}, Items: []outbox.Item{it}})
	s.Update(kit.Counted{Counts: c})
	s.Update(kit.ItemLoaded{Item: it, Attempts: attempts})
	return s
}

func TestGoldenDetail(t *testing.T) {
	t.Parallel()
	for name, size := range sizes {
		env := tuitest.Env()
		s := needing(env)
		s.SetSize(size[0], size[1])
		it, attempts := uncertain()
		tuitest.Golden(t, "uncertain-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "enter")
		s.Update(kit.ItemLoaded{Item: it, Attempts: attempts})
		tuitest.Golden(t, "detail-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "t")
		tuitest.Golden(t, "transcript-"+name, tuitest.Frame(t, env, s, size[0], size[1]))
		tuitest.Press(s, "esc", "esc")
		if s.detail.open {
			t.Error("esc does not close transcript and detail, one after the other")
		}
	}
}

func TestGoldenEmpty(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := New(env)
	s.SetSize(80, 19)
	for i, tab := range tabs {
		s.goTo(i)
		s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tab.states}})
		frame := tuitest.Frame(t, env, s, 80, 19)
		if !strings.Contains(frame, tab.empty[:20]) {
			t.Errorf("%s, empty:\n%s", tab.title, frame)
		}
	}
}

// TestUncertainIsAskedFor: nothing sends an uncertain mail a second time
// without the person saying so in answer to a question.
func TestUncertainIsAskedFor(t *testing.T) {
	t.Parallel()
	s := needing(tuitest.Env())
	got, ok := tuitest.Press(s, "s").(kit.Confirm)
	if !ok || !strings.Contains(got.Text, "twice") || got.Then != kit.Intent(kit.Act{ID: 4, Action: kit.SendAgain}) {
		t.Errorf("s asks %+v", got)
	}
	got, ok = tuitest.Press(s, "m").(kit.Confirm)
	if !ok || !strings.Contains(got.Text, "lawyer@firm.example") || got.Then != kit.Intent(kit.Act{ID: 4, Action: kit.MarkSent}) {
		t.Errorf("m asks %+v", got)
	}
	for _, name := range []string{"r", "h", "c"} {
		if got := tuitest.Press(s, name); got != nil {
			t.Errorf("%s does %+v to an uncertain mail", name, got)
		}
	}
}

// TestLookAgain: what is known is read again, and what to look for is shown.
func TestLookAgain(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := needing(env)
	if got := tuitest.Press(s, "l"); got != kit.Intent(kit.LoadItem{ID: 4}) {
		t.Errorf("l wants %+v", got)
	}
	it, attempts := uncertain()
	s.Update(kit.ItemLoaded{Item: it, Attempts: attempts})
	tuitest.Golden(t, "look-80x24", tuitest.Frame(t, env, s, 80, 19))
	tuitest.Press(s, "l")
	for i := range it.Recipients {
		it.Recipients[i].State, it.Recipients[i].Code = outbox.RecipientAccepted, 250
	}
	it.State = outbox.Sent
	s.Update(kit.ItemLoaded{Item: it, Attempts: attempts})
	if got := s.Status(); !strings.HasPrefix(got.Text, "It is settled. The server took") || got.Trouble {
		t.Errorf("says %+v", got)
	}
}

// TestKeysByState: in each state the keys offered are those that work.
func TestKeysByState(t *testing.T) {
	t.Parallel()
	want := map[outbox.State]string{
		outbox.Draft: "e d", outbox.Held: "h e c d", outbox.Scheduled: "r h e c d", outbox.Queued: "w h c e d", outbox.Sending: "w c",
		outbox.Deferred: "r h c e d", outbox.Sent: "e d", outbox.Partial: "e r d", outbox.Failed: "e r d",
		outbox.Uncertain: "l s m e d", outbox.Cancelled: "s e d",
	}
	for state, keys := range want {
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.goTo(len(tabs) - 1)
		s.Update(kit.ItemsLoaded{Items: []outbox.Item{{ID: 3, State: state}}})
		offered := map[string]bool{}
		for _, b := range s.Bindings() {
			offered[b.Help().Key] = true
		}
		for _, name := range strings.Fields("w r s e c h m d l") {
			listed := strings.Contains(" "+keys+" ", " "+name+" ")
			if offered[name] != listed {
				t.Errorf("%s: %s offered: %v", state, name, offered[name])
			}
			if intent := tuitest.Press(s, name); (intent != nil) != listed {
				t.Errorf("%s: %s does %+v", state, name, intent)
			}
		}
	}
}

// TestCursorStaysOnMail: the selected mail stays selected when others come.
func TestCursorStaysOnMail(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "down", "down")
	before, _ := s.Selected()
	more := append([]outbox.Item{{ID: 11, State: outbox.Queued}, {ID: 10, State: outbox.Queued}}, items()...)
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states, Limit: atOnce}, Items: more})
	s.Update(kit.Counted{Counts: counts})
	if after, _ := s.Selected(); after.ID != before.ID {
		t.Errorf("was on %d, is on %d", before.ID, after.ID)
	}
}

// TestAnswerForOtherTab is not taken for this one's.
func TestAnswerForOtherTab(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[2].states}, Items: []outbox.Item{{ID: 1, State: outbox.Sent}}})
	if got, _ := s.Selected(); got.ID != 9 {
		t.Errorf("shows mail %d", got.ID)
	}
}

// TestActions: how they went is said, and the list read again.
func TestActions(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "down", "h")
	if s.Update(kit.Acted{ID: 8, Action: kit.Hold}) == nil {
		t.Error("does not read the list again")
	}
	if got := s.Status(); got.Trouble || got.Text != "Held. z undoes it." {
		t.Errorf("status %+v", got)
	}
	s.Update(kit.Acted{ID: 8, Action: kit.Cancel, Err: errors.New("too late")})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "too late") {
		t.Errorf("status %+v", got)
	}
}

// TestMouse: a click selects, a second one opens, tabs can be clicked.
func TestMouse(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	click := func(x, y int) kit.Intent { return s.Update(tea.MouseClickMsg{Button: tea.MouseLeft, X: x, Y: y}) }
	click(5, 3)
	if got, _ := s.Selected(); got.ID != 8 {
		t.Errorf("a click selects %d", got.ID)
	}
	if want := (kit.LoadItem{ID: 8}); click(5, 3) != kit.Intent(want) || !s.detail.open {
		t.Error("a click on the selected mail does not open it")
	}
	tuitest.Press(s, "esc")
	if got, ok := click(16, 0).(kit.LoadItems); !ok || s.tab != 1 {
		t.Errorf("a click on a tab wants %+v, is on %d", got, s.tab)
	}
	end := s.width - 3
	if click(end, 0); !s.search.typing {
		t.Error("a click on the way to search does not begin it")
	}
	tuitest.Press(s, "esc")
	s.SetSize(40, 12)
	if click(37, 0); s.search.typing {
		t.Error("a click where there is no room for the way to search begins it")
	}
}

// TestMouseBesideTheList scrolls what is there, and leaves the list alone.
func TestMouseBesideTheList(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	s.SetSize(130, 6)
	s.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown, X: 120, Y: 3})
	if above, _ := s.detail.pager.Position(); above == 0 || s.list.Cursor() != 0 {
		t.Errorf("the wheel leaves the detail at %d and the list at %d", above, s.list.Cursor())
	}
	tuitest.Press(s, "enter", "down")
	s.Update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 5, Y: 4})
	if got, _ := s.listed(); s.detail.open || got.ID != 7 {
		t.Errorf("a click on the list leaves the detail open: %v, and selects %d", s.detail.open, got.ID)
	}
}

// TestArrival: who comes to the outbox sees what most likely brought them, and
// is left alone afterwards.
func TestArrival(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts map[outbox.State]int
		want   int
	}{
		{map[outbox.State]int{outbox.NeedsYou: 1, outbox.Failed: 1, outbox.Queued: 1, outbox.Sent: 9}, 0},
		{map[outbox.State]int{outbox.Queued: 1, outbox.Sent: 9}, 1},
		{map[outbox.State]int{outbox.Sent: 9, outbox.Draft: 1}, 2},
		{map[outbox.State]int{outbox.Cancelled: 1}, 4},
		{nil, 1},
	} {
		s := New(tuitest.Env())
		s.SetSize(80, 19)
		s.Arrive()
		s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states}})
		s.Update(kit.Counted{Counts: c.counts})
		if s.tab != c.want {
			t.Errorf("%v: lands on %s", c.counts, tabs[s.tab].title)
		}
		s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[s.tab].states}})
		s.Update(kit.Counted{Counts: map[outbox.State]int{outbox.NeedsYou: 1, outbox.Failed: 1}})
		if s.tab != c.want {
			t.Errorf("%v: is moved away to %s", c.counts, tabs[s.tab].title)
		}
	}
}

// TestRefusedWhileOthersWait: a mail that somebody is not going to get needs
// the person, also while the others' tries go on.
func TestRefusedWhileOthersWait(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	all := items()
	all[1].Recipients[0] = outbox.Recipient{Address: "bob@example.org", State: outbox.RecipientAccepted, Code: 250}
	all[1].Recipients[1] = outbox.Recipient{Address: "carol@b.example", State: outbox.RecipientRejected, Code: 550, Text: "no such user"}
	all[1].Recipients[2] = outbox.Recipient{Address: "dave@example.org", State: outbox.RecipientDeferred, Code: 451, Text: "later"}
	calm := all[1]
	calm.ID, calm.Subject, calm.Recipients = 3, "Only late", all[1].Recipients[2:]
	s := New(env)
	s.Arrive()
	s.SetSize(80, 19)
	c := map[outbox.State]int{outbox.Deferred: 2, outbox.NeedsYou: 1}
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[1].states, Limit: atOnce}, Items: append(all, calm)})
	s.Update(kit.Counted{Counts: c})
	if s.tab != 0 || s.count(0) != 1 || s.count(1) != 2 {
		t.Fatalf("lands on %s; %d need the person, %d wait", tabs[s.tab].title, s.count(0), s.count(1))
	}
	s.Update(kit.ItemsLoaded{Query: outbox.Query{States: tabs[0].states, Limit: atOnce}, Items: all[1:2]})
	s.Update(kit.Counted{Counts: c})
	tuitest.Golden(t, "refused-80x24", tuitest.Frame(t, env, s, 80, 19))
}

// TestOutcomeReplacesWord: what was begun is not said any more once it is known
// how it ended, wherever the mail is then.
func TestOutcomeReplacesWord(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	s.Update(kit.Acted{ID: 8, Action: kit.Retry})
	it := items()[1]
	it.State = outbox.Sending
	s.Update(kit.ItemLoaded{Item: it})
	if got := s.Status().Text; got != "It is tried now." {
		t.Errorf("on its way: %q", got)
	}
	do, _ := s.Update(kit.OutboxChanged{}).(kit.Do)
	if !slices.Contains(do, kit.Intent(kit.LoadItem{ID: 8})) {
		t.Errorf("the outcome is not asked for: %+v", do)
	}
	it.State = outbox.Sent
	for i := range it.Recipients {
		it.Recipients[i].State, it.Recipients[i].Code = outbox.RecipientAccepted, 250
	}
	s.Update(kit.ItemLoaded{Item: it})
	if got := s.Status().Text; !strings.Contains(got, "will get it") {
		t.Errorf("at the end: %q", got)
	}
}

// TestEnterSaysWhatItDoes: the word beside enter is what it does to the mail.
func TestEnterSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	for state, want := range map[outbox.State]struct {
		word string
		does kit.Intent
	}{
		outbox.Draft:   {"go on writing", kit.OpenDraft{ID: 3}},
		outbox.Sending: {"watch", kit.Watch{ID: 3}},
		outbox.Sent:    {"details", kit.LoadItem{ID: 3}},
	} {
		env := tuitest.Env()
		s := New(env)
		s.SetSize(80, 19)
		s.goTo(len(tabs) - 1)
		s.Update(kit.ItemsLoaded{Items: []outbox.Item{{ID: 3, State: state, Recipients: []outbox.Recipient{{Address: "ok@example.org,"}}}}})
		frame := tuitest.Frame(t, env, s, 80, 19)
		if !strings.Contains(frame, "enter "+want.word) || strings.Contains(frame, "ok@example.org,") {
			t.Errorf("%s:\n%s", state, frame)
		}
		if got := tuitest.Press(s, "enter"); got != want.does {
			t.Errorf("%s: enter does %+v", state, got)
		}
	}
}

// TestSentByOthers: what the store knows of a mail that another program sends
// is shown, and what is not known is not made up.
func TestSentByOthers(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := waiting(env)
	s.SetSize(200, 55)
	it := outbox.Item{
		ID: 12, State: outbox.Sending, Account: "work", Subject: "From cron", Recipients: []outbox.Recipient{{Address: "ops@example.org", State: outbox.Pending}},
		Owner: "process 4711 on mail #XYZ", Claimed: tuitest.Now().Add(-time.Minute),
	}
	show := func() string {
		s.Update(kit.ItemsLoaded{Query: s.selection(), Items: []outbox.Item{it}})
		tuitest.Press(s, "home")
		s.Update(kit.ItemLoaded{Item: it})
		return tuitest.Frame(t, env, s, 200, 55)
	}
	if got := show(); !strings.Contains(got, "since 14:29") || !strings.Contains(got, "Sent since 14:29:00 by process 4711 on mail. The server does not have") {
		t.Errorf("on its way:\n%s", got)
	}
	it.Progress = outbox.Progress{Octets: 29e5, Total: 5e6, Rate: 3e6, At: tuitest.Now().Add(-time.Second)}
	if got := show(); !strings.Contains(got, "58 %  3.0 MB/s") || !strings.Contains(got, "█████▊") {
		t.Errorf("it takes its time:\n%s", got)
	}
	it.Progress.At = tuitest.Now().Add(-42 * time.Second)
	if got := show(); !strings.Contains(got, "58 %  stalled 0:42") {
		t.Errorf("nothing gets through:\n%s", got)
	}
	it.Committing, it.Progress.Octets = true, 5e6
	if got := show(); !strings.Contains(got, "waits for the answer") || !strings.Contains(got, "stopped any more") {
		t.Errorf("past the point of no return:\n%s", got)
	}
}
