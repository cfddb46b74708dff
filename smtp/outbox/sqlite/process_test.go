package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// TestMain makes the test binary play a program that delivers mail, for tests
// that kill it.
func TestMain(m *testing.M) {
	if path := os.Getenv("OUTBOX_TEST_FLUSH"); path != "" {
		if err := flush(path, os.Getenv("OUTBOX_TEST_LOG"), os.Getenv("OUTBOX_TEST_PAUSE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("OUTBOX_TEST_PERSON"); path != "" {
		fmt.Fprintln(os.Stderr, live(path, os.Getenv("OUTBOX_TEST_LOG"), os.Getenv("OUTBOX_TEST_SEED")))
		os.Exit(1)
	}
	if path := os.Getenv("OUTBOX_TEST_IDLE"); path != "" {
		if err := idle(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("OUTBOX_TEST_BIG"); path != "" {
		if err := handleBigMail(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// idle has the outbox open, says so, and waits for the end of its input.
func idle(path string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, s.Close())
}

// flush delivers all that is due to a log, until nothing is left.
func flush(path, log, pause string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	w := outbox.NewWorker(outbox.Options{
		Store: s, Sender: recorder{f, pause}, Lease: 10 * time.Second,
		Poll: 50 * time.Millisecond, Policy: outbox.DefaultPolicy(),
	})
	_, err = w.Flush(ctx, outbox.Only{})
	return err
}

// person is somebody who uses an outbox, at random and without an end. What they
// do that the fate of a mail is judged by is in the diary: that a mail is in the
// outbox, and that one is about to be sent again, called sent, or deleted.
type person struct {
	store  *sqlite.Store
	diary  *os.File
	random *rand.Rand
}

func live(path, diary, seed string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := os.OpenFile(diary, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	p := person{s, f, rand.New(rand.NewPCG(n, 0))}
	fmt.Println("living")
	for i := 0; ; i++ {
		subject := fmt.Sprint(seed, "-", i)
		if _, err := s.Put(ctx, written(p.random, subject)); err != nil {
			return err
		}
		if err := p.note("put", subject); err != nil {
			return err
		}
		for range p.random.IntN(4) {
			if err := p.act(ctx); err != nil {
				return err
			}
		}
	}
}

// note writes a line into the diary.
func (p person) note(words ...string) error {
	_, err := p.diary.WriteString(strings.Join(words, " ") + "\n")
	return err
}

// actions are what a person does with a mail on the screen.
var actions = []outbox.Action{
	outbox.Hold, outbox.Release, outbox.Cancel, outbox.Retry, outbox.TakeBack, outbox.Schedule,
	outbox.Resend, outbox.Resolve, outbox.Delete,
}

// act does something to one of the latest mails, or of those that nobody knows the
// fate of, if its state allows it.
func (p person) act(ctx context.Context) error {
	items, err := p.store.List(ctx, outbox.Query{Limit: 30})
	if err != nil {
		return err
	}
	unknown, err := p.store.List(ctx, outbox.Query{States: []outbox.State{outbox.Uncertain}, Limit: 30})
	if err != nil {
		return err
	}
	if len(unknown) > 0 && p.random.IntN(3) == 0 {
		items = unknown
	}
	it, action := items[p.random.IntN(len(items))], actions[p.random.IntN(len(actions))]
	if action == outbox.Delete && p.random.IntN(4) > 0 {
		return nil // else little is left to look at
	}
	switch action {
	case outbox.Resend, outbox.Resolve, outbox.Delete:
		if !outbox.Allowed(it.State, action) {
			return nil // also if it is by the time it would be done
		}
		err = p.note(string(action), it.ID.String(), it.Subject)
	}
	if err != nil {
		return err
	}
	if action == outbox.Schedule {
		err = p.store.Schedule(ctx, it.ID, time.Now().Add(time.Duration(p.random.IntN(50))*time.Millisecond))
	} else {
		err = p.store.Act(ctx, it.ID, action)
	}
	switch {
	case errors.Is(err, outbox.ErrTransition), errors.Is(err, outbox.ErrBusy), errors.Is(err, outbox.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	if action == outbox.TakeBack { // to edit it
		again := written(p.random, it.Subject)
		again.Draft.ID = it.ID
		if _, err := p.store.Put(ctx, again); err != nil {
			return err
		}
	}
	return p.note("did", string(action))
}

// written is a mail as a composer makes it.
func written(random *rand.Rand, subject string) outbox.New {
	n := outbox.New{
		Account: "home", From: "me@example.org", Recipients: []string{"you@example.org"}, Subject: subject,
		Fields: []byte("{}"), Write: write("Subject: " + subject + "\r\n\r\nhi\r\n"),
	}
	switch n.State = outbox.Queued; random.IntN(6) {
	case 0:
		n.State = outbox.Held
	case 1:
		n.State, n.NotBefore = outbox.Scheduled, time.Now().Add(time.Duration(random.IntN(50))*time.Millisecond)
	}
	return n
}

// recorder is a server that takes every mail: a line in the log, written at
// once, is a mail delivered. It says on standard output that it begins. With a
// pause, "before" or "after" the commit of each mail, it says so too, and waits
// for a line before it goes on.
type recorder struct {
	log   *os.File
	pause string
}

// Deliver implements outbox.Sender.
func (r recorder) Deliver(ctx context.Context, _ string, src smtp.Source, _ func(smtp.Event)) error {
	fmt.Println("delivering")
	for {
		m, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		body, err := m.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return err
		}
		if err := r.rest("before"); err != nil {
			return err
		}
		if err := src.Commit(ctx, m); err != nil {
			return err
		}
		if err := r.rest("after"); err != nil {
			return err
		}
		id, _, _ := strings.Cut(m.ID, "/")
		if _, err := r.log.WriteString(id + "\n"); err != nil {
			return err
		}
		var res smtp.Result
		for _, to := range m.To {
			res.Recipients = append(res.Recipients, smtp.Outcome{Address: to, Status: smtp.Accepted})
		}
		src.Done(m, res)
	}
}

// rest pauses if that is to be here.
func (r recorder) rest(at string) error {
	if r.pause != at {
		return nil
	}
	fmt.Println("paused")
	_, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return err
}

// program starts the test binary to flush the outbox at path into a log.
func program(t testing.TB, path, log string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "OUTBOX_TEST_FLUSH="+path, "OUTBOX_TEST_LOG="+log)...)
	cmd.Stderr = os.Stderr
	return cmd
}

// emptyLog makes a log for a recorder.
func emptyLog(t testing.TB) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// copies counts the lines of a log.
func copies(t testing.TB, log string) map[string]int {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for line := range strings.Lines(string(b)) {
		n[strings.TrimSpace(line)]++
	}
	return n
}

// write makes content.
func write(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// put queues a mail.
func put(t testing.TB, s outbox.Store, content string) outbox.ID {
	t.Helper()
	id, err := s.Put(t.Context(), outbox.New{
		Account: "home", From: "me@example.org", Recipients: []string{"you@example.org"}, State: outbox.Queued,
		Subject: "hello", Write: write(content),
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
