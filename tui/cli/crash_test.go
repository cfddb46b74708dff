//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/folder"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/tui/post"
)

// station is a server that runs in a process of its own, keeps what arrives
// in a Maildir, and a home with an account for it.
type station struct {
	t       *testing.T
	home    string
	maildir string
}

func newStation(t *testing.T) *station {
	t.Helper()
	s := &station{t: t, home: t.TempDir(), maildir: t.TempDir()}
	server := s.command("sandbox", "--json", "--maildir", s.maildir)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	drained := make(chan struct{})
	t.Cleanup(func() {
		if err := server.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-drained
		if err := server.Wait(); err != nil {
			t.Errorf("sendoff sandbox: %v", err)
		}
	})
	line, err := lines.ReadString('\n')
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines)
	}()
	if err != nil {
		t.Fatal(err)
	}
	var listening struct {
		TLS    string `json:"tls"`
		CAFile string `json:"ca_file"`
	}
	if err := json.Unmarshal([]byte(line), &listening); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(listening.TLS, ":")
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1",
		"--port", port, "--auth", "none", "--ca-file", listening.CAFile)
	return s
}

// command is the program in the station's home.
func (s *station) command(args ...string) *exec.Cmd {
	cmd := exec.Command("sendoff", args...)
	cmd.Env = s.environ()
	return cmd
}

func (s *station) environ() []string {
	return append(os.Environ(), "SENDOFF_HOME="+s.home, "DBUS_SESSION_BUS_ADDRESS=disabled:", "GORACE="+noRest)
}

// run runs the program to its end and returns what it printed.
func (s *station) run(code int, args ...string) string {
	s.t.Helper()
	cmd := s.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("sendoff %q: exit code %d, want %d\n%s", args, got, code, stderr.String())
	}
	return string(out)
}

// queue puts mails into the outbox, through what send --queue goes through.
func (s *station) queue(n int) {
	s.t.Helper()
	room, err := post.Open(post.Options{Home: config.HomeAt(s.home)})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range n {
		_, err := room.Post(context.Background(), message.Draft{
			To: "ok@example.org", Subject: fmt.Sprint("mail ", i), Body: strings.Repeat("text\n", i),
		}, time.Time{})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := room.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// seen is what these tests look at in the program's JSON.
type seen struct {
	ID        string       `json:"id"`
	State     outbox.State `json:"state"`
	MessageID string       `json:"message_id"`
	Attempts  int          `json:"attempts"`
}

// items reads the outbox.
func (s *station) items() []seen {
	s.t.Helper()
	var items []seen
	for line := range strings.Lines(s.run(0, "outbox", "list", "--json")) {
		var it seen
		if err := json.Unmarshal([]byte(line), &it); err != nil {
			s.t.Fatal(err)
		}
		items = append(items, it)
	}
	return items
}

// waiting counts the mails that are still to be delivered.
func (s *station) waiting() int {
	n := 0
	for _, it := range s.items() {
		switch it.State {
		case outbox.Queued, outbox.Sending, outbox.Deferred:
			n++
		}
	}
	return n
}

// arrived counts what the server has by Message-ID.
func (s *station) arrived() map[string]int {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.maildir, "new", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	count := map[string]int{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			s.t.Fatal(err)
		}
		m, err := mail.ReadMessage(f)
		if err != nil {
			s.t.Fatalf("%s: %v", file, err)
		}
		count[strings.Trim(m.Header.Get("Message-Id"), "<>")]++
		_ = f.Close()
	}
	return count
}

// checkOnce checks that each mail is at the server once, if the outbox says
// that it was sent; and at most once if the outbox does not know.
func (s *station) checkOnce(want int) {
	s.t.Helper()
	items, arrived := s.items(), s.arrived()
	if len(items) != want {
		s.t.Errorf("the outbox has %d mails, want %d", len(items), want)
	}
	uncertain := 0
	for _, it := range items {
		n := arrived[it.MessageID]
		switch {
		case it.State == outbox.Sent && n == 1:
		case it.State == outbox.Uncertain && n <= 1:
			uncertain++
		default:
			s.t.Errorf("mail %s is %s and arrived %d times", it.ID, it.State, n)
		}
	}
	s.t.Logf("%d mails, %d of them uncertain", len(items), uncertain)
}

// TestKilledFlushNeverSendsTwice kills a flush again and again at whatever it
// happens to be doing, and then lets one end. A copy of each mail that was sent is
// in the person's own folder, once.
func TestKilledFlushNeverSendsTwice(t *testing.T) {
	t.Parallel()
	for kind, filed := range map[string]func(*testing.T, string) map[string]int{folder.Maildir: inMaildir, folder.Mbox: inMbox} {
		t.Run(strings.TrimSuffix(kind, ":"), func(t *testing.T) {
			t.Parallel()
			const mails, kills = 100, 6
			s := newStation(t)
			path := filepath.Join(t.TempDir(), "sent")
			s.run(0, "account", "edit", "work", "--sent-copy", kind+path)
			s.queue(mails)
			for range kills {
				s.killFlush(rand.IntN(600))
			}
			for range kills {
				s.killFiling(path)
			}
			for range kills {
				if s.waiting() == 0 {
					break
				}
				_ = s.command("flush").Run() // it is known by the outbox how it went
			}
			if n := s.waiting(); n > 0 {
				t.Errorf("%d mails are left", n)
			}
			s.checkOnce(mails)
			s.flushLater(time.Hour) // copies that the killed were at
			copies := filed(t, path)
			for _, it := range s.items() {
				want := 0
				if it.State == outbox.Sent {
					want = 1
				}
				if n := copies[it.MessageID]; n != want {
					t.Errorf("mail %s is %s and has %d copies", it.ID, it.State, n)
				}
			}
		})
	}
}

// killFlush kills a flush after so many lines of what it tells: each is a step of
// the delivery, so any step may be the last.
func (s *station) killFlush(after int) {
	s.t.Helper()
	flush := s.command("flush", "--json")
	out, err := flush.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := flush.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := after; n > 0 && lines.Scan(); n-- {
	}
	if err := flush.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = flush.Wait() // killed, or just done
}

// killFiling kills a flush a moment after it put a copy into the folder.
func (s *station) killFiling(folder string) {
	s.t.Helper()
	flush := s.command("flush")
	if err := flush.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- flush.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for before, left := contents(folder), rand.IntN(5); ; {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if contents(folder) == before {
			continue
		}
		if left--; left < 0 {
			_ = flush.Process.Kill() // or it is just done
		}
	}
}

// contents tells how much is in a folder: octets of a file, names of a directory.
func contents(path string) int64 {
	if names, err := filepath.Glob(filepath.Join(path, "*", "*")); err == nil && len(names) > 0 {
		return int64(len(names))
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return info.Size()
	}
	return 0
}

// flushLater is a flush by a clock that is ahead.
func (s *station) flushLater(ahead time.Duration) {
	s.t.Helper()
	room, err := post.Open(post.Options{Home: config.HomeAt(s.home), Clock: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = room.Flush(s.t.Context(), func(outbox.Event) {}, outbox.Only{})
	if err := errors.Join(err, room.Close()); err != nil {
		s.t.Error(err)
	}
}

// inMaildir counts the mails of a maildir by Message-ID.
func inMaildir(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "cur", "*"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		countMail(t, count, b)
	}
	return count
}

// inMbox is inMaildir for an mbox.
func inMbox(t *testing.T, file string) map[string]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for part := range bytes.SplitSeq(bytes.TrimPrefix(b, []byte("From ")), []byte("\n\nFrom ")) {
		_, rest, _ := bytes.Cut(part, []byte("\n"))
		countMail(t, count, rest)
	}
	return count
}

func countMail(t *testing.T, count map[string]int, b []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v: %q", err, b)
	}
	count[strings.Trim(m.Header.Get("Message-Id"), "<>")]++
}

// TestProgramsShareTheWork lets a screen and several programs deliver one outbox
// at once, while more mail comes in.
func TestProgramsShareTheWork(t *testing.T) {
	t.Parallel()
	const mails, batches, programs = 50, 3, 2
	s := newStation(t)
	s.queue(mails)
	room, err := post.Open(post.Options{Home: config.HomeAt(s.home), Attended: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	screen := make(chan error)
	go func() { screen <- room.Deliver(ctx, func(outbox.Event) {}) }()
	var all sync.WaitGroup
	for range programs {
		all.Go(func() {
			for range batches {
				if out, err := s.command("flush").CombinedOutput(); err != nil {
					t.Errorf("flush: %v\n%s", err, out)
				}
			}
		})
	}
	for range batches - 1 {
		s.queue(mails)
	}
	all.Wait()
	for s.waiting() > 0 && !t.Failed() {
		s.run(0, "flush") // the screen may still be at the rest
	}
	stop()
	if err := errors.Join(<-screen, room.Close()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.checkOnce(batches * mails)
	for _, it := range s.items() {
		if it.State != outbox.Sent || it.Attempts != 1 {
			t.Errorf("mail %s is %s after %d attempts", it.ID, it.State, it.Attempts)
		}
	}
}

// TestFlushFindsMailOfTheKilled flushes mail that a program was sending when it
// died: what may have arrived is told, what has not is sent.
func TestFlushFindsMailOfTheKilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		committing bool
		code       int
		want       string
	}{
		"before the end": {false, 0, "sent"},
		"at the end":     {true, exitUncertain, "uncertain"},
	} {
		for _, account := range []string{"", "work", "WORK"} {
			t.Run(name+" "+account, func(t *testing.T) {
				t.Parallel()
				s := newStation(t)
				s.queue(1)
				s.die(c.committing)
				args := []string{"flush"}
				if account != "" {
					args = append(args, "--account", account)
				}
				if out := s.run(c.code, args...); !strings.HasPrefix(out, c.want+" ") {
					t.Errorf("flush prints %q, want %s", out, c.want)
				}
			})
		}
	}
}

// die leaves the outbox as a program does that is killed while it sends.
func (s *station) die(committing bool) {
	s.t.Helper()
	store, err := sqlite.Open(s.t.Context(), config.HomeAt(s.home).OutboxFile(), sqlite.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	claims, err := store.Claim(s.t.Context(), outbox.Want{Account: "work", Owner: "killed", Lease: time.Hour})
	if err != nil || len(claims) != 1 {
		s.t.Fatalf("Claim: %d, %v", len(claims), err)
	}
	if committing {
		err = store.Committing(s.t.Context(), claims[0].Lease)
	}
	if err := errors.Join(err, store.Close()); err != nil {
		s.t.Fatal(err)
	}
}
