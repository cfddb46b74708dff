package session

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sasl"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// story is a session as it happens, at times after tuitest.Now.
type story struct {
	id  outbox.ID
	at  time.Duration
	out kit.Events
}

func (s *story) tell(e smtp.Event) *story {
	s.at += e.Elapsed
	e.Time = tuitest.Now().Add(s.at)
	s.out = append(s.out, outbox.Event{ID: s.id, Session: &e})
	return s
}

func (s *story) begin(stage smtp.Stage) *story {
	return s.tell(smtp.Event{Kind: smtp.KindBegin, Stage: stage, Deadline: tuitest.Now().Add(s.at + 5*time.Minute)})
}

func (s *story) end(e smtp.Event, ms int) *story {
	s.begin(e.Stage)
	e.Kind, e.Elapsed = smtp.KindEnd, time.Duration(ms)*time.Millisecond
	return s.tell(e)
}

func (s *story) rcpt(address string, code int, enhanced, line string) *story {
	s.tell(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageRecipient, Recipient: address})
	return s.tell(smtp.Event{
		Kind: smtp.KindEnd, Stage: smtp.StageRecipient, Recipient: address,
		Reply: smtp.Reply{Code: code, Enhanced: enhanced, Lines: []string{line}},
	})
}

// underway tells of a session until most of the content went.
func underway(id outbox.ID) *story {
	s := &story{id: id}
	s.end(smtp.Event{Stage: smtp.StageResolve, Text: "203.0.113.7, 2001:db8::7"}, 12)
	s.end(smtp.Event{Stage: smtp.StageConnect, Text: "203.0.113.7 port 465"}, 31)
	s.end(smtp.Event{Stage: smtp.StageTLS, TLS: &smtp.TLSInfo{
		Version: "TLS 1.3", ServerName: "smtp.example.org",
		Cipher: "TLS_AES_128_GCM_SHA256",
		Certificate: &x509.Certificate{
			Raw: []byte("certificate"), Subject: pkix.Name{CommonName: "smtp.example.org", Organization: []string{"Example"}},
			DNSNames: []string{"smtp.example.org", "mail.example.org"}, Issuer: pkix.Name{CommonName: "Example Trust R1"},
			NotBefore: time.Date(2026, 11, 13, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 2, 11, 0, 0, 0, 0, time.UTC),
		},
	}}, 64)
	s.end(smtp.Event{Stage: smtp.StageGreeting, Text: "ready"}, 3)
	s.end(smtp.Event{Stage: smtp.StageHello, Capabilities: &smtp.Capabilities{
		Pipelining: true, Chunking: true, Size: 35_000_000, UTF8: true, DSN: true, Greeting: "smtp.example.org",
		Extensions: []string{"PIPELINING", "CHUNKING", "SIZE 35000000", "SMTPUTF8", "DSN", "AUTH PLAIN LOGIN DIGEST-MD5"},
	}}, 33)
	s.tell(smtp.Event{
		Kind: smtp.KindBegin, Stage: smtp.StageAuth, Mechanism: "PLAIN", Text: "the best of PLAIN, LOGIN",
		Choice: &sasl.Choice{
			Offered: []string{"PLAIN", "LOGIN", "DIGEST-MD5"}, Tried: []string{"PLAIN", "LOGIN"},
			Passed: []sasl.Passed{{Mechanism: "DIGEST-MD5", Why: "used only where the account names it"}},
		},
	})
	s.tell(smtp.Event{Kind: smtp.KindWait, Stage: smtp.StageAuth, Text: "AUTH", Deadline: tuitest.Now().Add(s.at + 5*time.Minute)})
	s.tell(smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageAuth, Mechanism: "PLAIN", Text: "235 2.7.0 welcome", Elapsed: 98 * time.Millisecond})
	s.tell(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageMail, Used: []string{"PIPELINING", "CHUNKING", "SIZE"}})
	s.tell(smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageMail, Text: "250 2.1.0 fine", Elapsed: 34 * time.Millisecond})
	s.rcpt("bob@example.org", 250, "2.1.5", "fine").rcpt("carol@b.example", 250, "2.1.5", "fine")
	s.rcpt("dave@example.org", 550, "5.1.1", "no such user here")
	s.tell(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageContent, Total: 1_400_000})
	for i := range 4 {
		s.at += 500 * time.Millisecond
		s.tell(smtp.Event{Kind: smtp.KindProgress, Stage: smtp.StageContent, Bytes: int64(i+1) * 206_000, Total: 1_400_000})
	}
	s.tell(smtp.Event{Kind: smtp.KindLine, Text: "EHLO [203.0.113.9]"})
	return s.tell(smtp.Event{Kind: smtp.KindLine, FromServer: true, Text: "250 smtp.example.org"})
}

func item(state outbox.State, problem string, states ...outbox.RecipientState) outbox.Item {
	it := outbox.Item{
		ID: 7, State: state, Account: "work", From: "alice@example.org", Subject: "Minutes of Tuesday", Size: 1_400_000,
		Created: tuitest.Now(), Updated: tuitest.Now(), Problem: problem,
	}
	for i, s := range states {
		r := outbox.Recipient{Address: []string{"bob@example.org", "carol@b.example", "dave@example.org"}[i], State: s}
		switch s {
		case outbox.RecipientAccepted:
			r.Code, r.Enhanced, r.Text = 250, "2.0.0", "queued as 4XyZ"
		case outbox.RecipientRejected:
			r.Code, r.Enhanced, r.Text = 550, "5.1.1", "no such user here"
		case outbox.RecipientDeferred:
			r.Code, r.Enhanced, r.Text = 451, "4.7.1", "greylisted, try again"
		}
		it.Recipients = append(it.Recipients, r)
	}
	return it
}

const (
	pending  = outbox.Pending
	accepted = outbox.RecipientAccepted
	rejected = outbox.RecipientRejected
)

// watching returns a screen in the middle of a session.
func watching(t *testing.T, env kit.Env) *Screen {
	t.Helper()
	s := New(env)
	s.SetSize(80, 19)
	s.Update(underway(7).out) // before anybody watches
	if want := (kit.LoadItem{ID: 7}); s.Watch(7) != kit.Intent(want) {
		t.Error("does not ask for the mail")
	}
	s.Update(kit.ItemLoaded{Item: item(outbox.Sending, "", pending, pending, pending)})
	s.Update(kit.Tick{Now: tuitest.Now().Add(2300 * time.Millisecond)})
	return s
}

func TestGoldenUnderWay(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	for _, size := range [][2]int{{80, 19}, {40, 9}, {200, 55}} {
		tuitest.Golden(t, "underway-"+sized(size), tuitest.Frame(t, env, s, size[0], size[1]))
	}
}

// TestGoldenConnection: what the connection showed of itself is a key away.
func TestGoldenConnection(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	tuitest.Press(s, "d")
	for _, size := range [][2]int{{80, 19}, {40, 9}} {
		tuitest.Golden(t, "connection-"+sized(size), tuitest.Frame(t, env, s, size[0], size[1]))
	}
	if tuitest.Press(s, "esc") != nil || s.open != noSheet {
		t.Error("esc leaves the screen instead of the sheet")
	}
}

// TestSideBySide: where there is room the transcript stands beside the steps, or
// what the connection showed, and the wheel scrolls what it is over.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	frame := func() string { return tuitest.Frame(t, env, s, 120, 8) }
	if view := frame(); !strings.Contains(view, "content") || !strings.Contains(view, "Transcript") || !strings.Contains(view, "S 250 smtp.example.org") {
		t.Errorf("not both show:\n%s", view)
	}
	tuitest.Press(s, "d")
	before := frame()
	if !strings.Contains(before, "content") || !strings.Contains(before, "encryption") {
		t.Errorf("not both show:\n%s", before)
	}
	s.Update(tea.MouseWheelMsg{X: 110, Button: tea.MouseWheelDown})
	if view := frame(); strings.Contains(view, "encryption") || !strings.Contains(view, "content") {
		t.Errorf("the wheel does not scroll the sheet, or more than it:\n%s", view)
	}
	tuitest.Press(s, "esc")
	if view := frame(); !strings.Contains(view, "Transcript") {
		t.Errorf("esc leaves the sheet:\n%s", view)
	}
}

// TestGoldenStalled: a link through which nothing gets is told from a slow one,
// and so is what is waited for.
func TestGoldenStalled(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	stall := &story{id: 7, at: 2300 * time.Millisecond}
	stall.tell(smtp.Event{
		Kind: smtp.KindStall, Stage: smtp.StageContent, Elapsed: 25 * time.Second, Bytes: 824_000, Total: 1_400_000,
		Deadline: tuitest.Now().Add(3 * time.Minute),
	})
	s.Update(stall.out)
	s.Update(kit.Tick{Now: tuitest.Now().Add(30 * time.Second)})
	for _, size := range [][2]int{{80, 19}, {40, 9}} {
		tuitest.Golden(t, "stalled-"+sized(size), tuitest.Frame(t, env, s, size[0], size[1]))
	}

	s = New(env)
	s.SetSize(80, 19)
	slow := &story{id: 8}
	slow.end(smtp.Event{Stage: smtp.StageConnect, Text: "203.0.113.7 port 465"}, 31)
	slow.begin(smtp.StageMail)
	slow.tell(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageRecipient, Recipient: "slow@example.org"})
	slow.tell(smtp.Event{
		Kind: smtp.KindWait, Stage: smtp.StageRecipient, Recipient: "slow@example.org", Text: "RCPT",
		Deadline: tuitest.Now().Add(5 * time.Minute),
	})
	s.Update(slow.out)
	s.Watch(8)
	s.Update(kit.Tick{Now: tuitest.Now().Add(10 * time.Second)})
	if view, _ := s.View(); !strings.Contains(view, "slow@example.org") || !strings.Contains(view, "waiting; the server has 4:50 more") {
		t.Errorf("does not tell whom it waits for:\n%s", view)
	}
}

func sized(size [2]int) string {
	return map[[2]int]string{{80, 19}: "80x24", {40, 9}: "40x12", {200, 55}: "200x60"}[size]
}

// TestGoldenReceipt: what the person sees when it is over, and how it is told.
func TestGoldenReceipt(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	end := &story{id: 7, at: 3 * time.Second}
	end.tell(smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageContent, Bytes: 1_400_000, Elapsed: 3200 * time.Millisecond})
	end.begin(smtp.StageAccepted)
	s.Update(end.out)
	s.Update(kit.Tick{Now: tuitest.Now().Add(7 * time.Second)})
	tuitest.Golden(t, "answer-80x24", tuitest.Frame(t, env, s, 80, 19))

	end.out = nil
	end.end(smtp.Event{Stage: smtp.StageAccepted, Reply: smtp.Reply{Code: 250, Enhanced: "2.0.0", Lines: []string{"queued as 4XyZ"}}}, 800)
	s.Update(end.out)
	s.Update(kit.ItemLoaded{Item: item(outbox.Partial, "", accepted, accepted, rejected), Attempts: []outbox.Attempt{{
		N: 1, Started: tuitest.Now(), Elapsed: 4200 * time.Millisecond, Stage: smtp.StageAccepted,
		Code: 250, Enhanced: "2.0.0", Text: "queued as 4XyZ", Bytes: 1_400_000, Waits: 4,
		Transcript: "C: EHLO [203.0.113.9]\nS: 250 smtp.example.org\n",
	}}})
	for _, size := range [][2]int{{80, 19}, {40, 9}} {
		tuitest.Golden(t, "receipt-"+sized(size), tuitest.Frame(t, env, s, size[0], size[1]))
	}
	if want := (kit.OpenDraft{ID: 7, Rest: true}); tuitest.Press(s, "e") != kit.Intent(want) {
		t.Error("e does not edit for those who did not get it")
	}
	tuitest.Press(s, "ctrl+t")
	tuitest.Golden(t, "transcript-80x24", tuitest.Frame(t, env, s, 80, 19))
	if tuitest.Press(s, "esc") != nil {
		t.Error("esc leaves the screen instead of the transcript")
	}
	if tuitest.Press(s, "esc") != kit.Intent(kit.Back{}) {
		t.Error("esc does not go back")
	}
}

// TestStored: what nobody watched is told from the store.
func TestStored(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := New(env)
	s.SetSize(80, 19)
	s.Watch(7)
	it := item(outbox.Deferred, "", accepted, outbox.RecipientDeferred)
	it.NextTry, it.Reply = tuitest.Now().Add(5*time.Minute), "451 4.7.1 greylisted, try again"
	s.Update(kit.ItemLoaded{Item: it, Attempts: []outbox.Attempt{
		{N: 1, Started: tuitest.Now(), Elapsed: 300 * time.Millisecond, Stage: smtp.StageRecipient, Code: 451, Enhanced: "4.7.1", Text: "greylisted, try again"},
	}})
	tuitest.Golden(t, "stored-80x24", tuitest.Frame(t, env, s, 80, 19))
}

// TestSentByAnother: a mail that another program sends is shown as far as the
// store knows it.
func TestSentByAnother(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := New(env)
	s.SetSize(80, 19)
	s.Watch(7)
	it := item(outbox.Sending, "", outbox.Pending, outbox.Pending)
	it.Owner, it.Claimed = "process 4711 on mail #XYZ", tuitest.Now().Add(-time.Minute)
	s.Update(kit.ItemLoaded{Item: it})
	if frame := tuitest.Frame(t, env, s, 80, 19); strings.Contains(frame, "%") || !strings.Contains(frame, "by process 4711 on mail.") {
		t.Errorf("nothing is known yet:\n%s", frame)
	}
	it.Progress = outbox.Progress{Octets: 29e5, Total: 5e6, Rate: 3e6, At: tuitest.Now().Add(-time.Second)}
	s.Update(kit.ItemLoaded{Item: it})
	tuitest.Golden(t, "another-80x24", tuitest.Frame(t, env, s, 80, 19))
	it.Progress.At = tuitest.Now().Add(-time.Minute)
	s.Update(kit.ItemLoaded{Item: it})
	if frame := tuitest.Frame(t, env, s, 80, 19); !strings.Contains(frame, "stalled 1:00 at 2.9 MB of 5.0 MB") {
		t.Errorf("nothing gets through:\n%s", frame)
	}
	it.Progress.Octets, it.Committing = 5e6, true
	s.Update(kit.ItemLoaded{Item: it})
	if frame := tuitest.Frame(t, env, s, 80, 19); !strings.Contains(frame, "answer    waiting") || !strings.Contains(frame, "can't be stopped any more") {
		t.Errorf("all is handed over:\n%s", frame)
	}
}

// TestCancel asks the outbox, and says when that came too late.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := watching(t, tuitest.Env())
	if want := (kit.Act{ID: 7, Action: kit.Cancel}); tuitest.Press(s, "c") != kit.Intent(want) {
		t.Fatal("c does not cancel")
	}
	if got := s.Status().Text; !strings.Contains(got, "Stopping") {
		t.Errorf("status %q", got)
	}
	s.Update(kit.Acted{ID: 7, Action: kit.Cancel, Err: errors.New("too late")})
	if got := s.Status(); !strings.Contains(got.Text, "too late") || !got.Trouble {
		t.Errorf("status %+v", got)
	}
}

// TestNewTry: a second try does not mix with what was seen of the first, and
// shows how it reached the server.
func TestNewTry(t *testing.T) {
	t.Parallel()
	for _, first := range []smtp.Stage{smtp.StageResolve, smtp.StageConnect} {
		env := tuitest.Env()
		s := watching(t, env)
		again := &story{id: 7, at: time.Minute}
		again.end(smtp.Event{Stage: first, Text: "203.0.113.8"}, 5)
		again.end(smtp.Event{Stage: smtp.StageMail}, 5)
		s.Update(again.out)
		frame := tuitest.Frame(t, env, s, 80, 19)
		if strings.Contains(frame, "dave@") || !strings.Contains(frame, "203.0.113.8") || !strings.Contains(frame, "sender") {
			t.Errorf("the second try shows:\n%s", frame)
		}
	}
}

// TestOthersDoNotDisturb: news of other mails leaves the screen as it is, and
// what is kept of them is bounded.
func TestOthersDoNotDisturb(t *testing.T) {
	t.Parallel()
	env := tuitest.Env()
	s := watching(t, env)
	before := tuitest.Frame(t, env, s, 80, 19)
	for id := outbox.ID(100); id < 300; id++ {
		s.Update(underway(id).out)
	}
	if diff := cmp.Diff(before, tuitest.Frame(t, env, s, 80, 19)); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	if len(s.live) > kept+1 {
		t.Errorf("%d sessions are kept", len(s.live))
	}
}

// TestParkedAccount: a mail whose account waits says why, as the reason it
// does not go.
func TestParkedAccount(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	s.Watch(7)
	s.Update(kit.ItemLoaded{Item: item(outbox.Queued, "", pending)})
	s.Update(kit.Events{{Account: "work", Problem: &smtp.Error{
		Stage: smtp.StageConnect, Class: smtp.ClassNetwork, Scope: smtp.ScopeServer, Err: errors.New("connection refused"),
	}}})
	if got := s.Status(); !got.Trouble || !strings.Contains(got.Text, "account waits") {
		t.Errorf("status %+v", got)
	}
	s.Update(kit.Events{{Account: "work"}})
	if got := s.Status(); got.Trouble {
		t.Errorf("status %+v after the account went on", got)
	}
}

// TestDoubt: the receipt of a mail that may have arrived has what can be done
// about it, and keys that would send it once more do nothing.
func TestDoubt(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	s.Watch(7)
	it := outbox.Item{ID: 7, State: outbox.Uncertain, MessageID: "abc@example.org", Recipients: []outbox.Recipient{
		{Address: "bob@x.example", State: outbox.RecipientUncertain}, {Address: "ann@x.example", State: outbox.RecipientAccepted, Code: 250},
	}}
	s.Update(kit.ItemLoaded{Item: it})
	if body, _ := s.View(); !strings.Contains(ansi.Strip(body), "Its Message-ID is abc@example.org") {
		t.Errorf("it does not show the Message-ID:\n%s", ansi.Strip(body))
	}
	for _, name := range []string{"r", "e", "c"} {
		if got := tuitest.Press(s, name); got != nil {
			t.Errorf("%s wants %+v", name, got)
		}
	}
	for name, want := range map[string]kit.Action{"s": kit.SendAgain, "m": kit.MarkSent} {
		ask, ok := tuitest.Press(s, name).(kit.Confirm)
		if !ok || ask.Then != kit.Intent(kit.Act{ID: 7, Action: want}) || !strings.Contains(ask.Text, "bob@x.example") || strings.Contains(ask.Text, "ann@") {
			t.Errorf("%s asks %+v", name, ask)
		}
	}
	if got := tuitest.Press(s, "l"); got != kit.Intent(kit.LoadItem{ID: 7}) {
		t.Errorf("l wants %+v", got)
	}
	s.Update(kit.ItemLoaded{Item: it})
	if got := s.Status().Text; !strings.Contains(got, "Nothing new is known.") || !strings.Contains(got, "ask bob@x.example.") {
		t.Errorf("it says %q", got)
	}
	tuitest.Press(s, "l")
	it.State, it.Recipients[0].State, it.Recipients[0].Code = outbox.Sent, outbox.RecipientAccepted, 250
	s.Update(kit.ItemLoaded{Item: it})
	if got := s.Status().Text; !strings.HasPrefix(got, "It is settled.") {
		t.Errorf("it says %q", got)
	}
	if body, _ := s.View(); strings.Contains(ansi.Strip(body), "Message-ID") {
		t.Error("what is settled has to be looked for still")
	}
	if got := tuitest.Press(s, "s"); got != nil {
		t.Errorf("once it is settled s wants %+v", got)
	}
}

// TestTitleFits: where the title is too long for the window, the account goes
// first, for that is what is known.
func TestTitleFits(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	it := outbox.Item{ID: 1, State: outbox.Sent, Account: "work", Subject: "Minutes", Recipients: []outbox.Recipient{{Address: "bob@example.org", State: outbox.RecipientAccepted}}}
	s.Watch(1)
	s.Update(kit.ItemLoaded{Item: it})
	for width, title := range map[int]string{40: `Sent "Minutes" to 1 person`, 80: `Sent "Minutes" to 1 person through work`} {
		s.SetSize(width, 12)
		if got, _ := s.Title(); got != title {
			t.Errorf("in %d columns %q", width, got)
		}
	}
}
