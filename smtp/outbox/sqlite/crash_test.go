//go:build unix

package sqlite_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// killMails is how many mails TestKill has delivered. The environment variable
// OUTBOX_TEST_KILL_MAILS sets another number, for a long run: 5000 take minutes.
func killMails(t *testing.T) int {
	t.Helper()
	number := os.Getenv("OUTBOX_TEST_KILL_MAILS")
	if number == "" {
		return 40
	}
	n, err := strconv.Atoi(number)
	if err != nil || n <= 0 {
		t.Fatalf("OUTBOX_TEST_KILL_MAILS is %q, want a number of mails", number)
	}
	return n
}

// TestKill lets programs deliver and kills them at random moments, until all
// mail is out.
func TestKill(t *testing.T) {
	t.Parallel()
	const programs = 2
	mails := killMails(t)
	path, log := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t)
	s := open(t, path, sqlite.Options{})
	for range mails {
		put(t, s, "Subject: x\r\n\r\nhi\r\n")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	kills := make([]int, programs)
	for i := range programs {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			for round := 0; left(t, s) > 0 && !t.Failed(); round++ {
				cmd := program(t, path, log)
				stdout, err := cmd.StdoutPipe()
				if err == nil {
					err = cmd.Start()
				}
				if err != nil {
					t.Error(err)
					return
				}
				// From when it delivers, long enough to send some, seldom all;
				// for longer and longer, so that a slow machine gets there too.
				_, _ = bufio.NewReader(stdout).ReadString('\n')
				timer := time.AfterFunc(time.Duration(random.IntN(20_000)+1000*(round%50))*time.Microsecond, func() { _ = cmd.Process.Kill() })
				if cmd.Wait() != nil {
					kills[i]++
				}
				timer.Stop()
			}
		})
	}
	wg.Wait()
	t.Logf("kills: %v", kills)
	if kills[0]+kills[1] == 0 {
		t.Error("nobody was killed")
	}
	checkOnce(t, s, log, mails)
	checkIntegrity(t, path)
	if _, err := s.Claim(t.Context(), outbox.Want{Account: "home", Owner: "last"}); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(path + "-owner-*"); err != nil || len(files) != 1 {
		t.Errorf("the killed left %v, %v", files, err)
	}
}

// left recovers what dead programs held, and counts what is still to be sent.
func left(t *testing.T, s *sqlite.Store) int {
	if _, err := s.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	n, err := s.Counts(t.Context(), "")
	if err != nil {
		t.Error(err)
	}
	return n[outbox.Queued] + n[outbox.Sending] + n[outbox.Deferred]
}

// checkOnce sees to it that each mail went out once, but for those that the
// outbox says it does not know of.
func checkOnce(t *testing.T, s *sqlite.Store, log string, mails int) {
	t.Helper()
	n := copies(t, log)
	items, err := s.List(t.Context(), outbox.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != mails {
		t.Errorf("%d of %d mails are left", len(items), mails)
	}
	for _, it := range items {
		copies := n[it.ID.String()]
		switch {
		case it.State == outbox.Sent && copies == 1:
		case it.State == outbox.Uncertain && copies <= 1:
		default:
			t.Errorf("mail %s is %s and was delivered %d times", it.ID, it.State, copies)
		}
		attempts, err := s.Attempts(t.Context(), it.ID)
		if err != nil || len(attempts) == 0 {
			t.Errorf("mail %s is %s without an attempt (%v)", it.ID, it.State, err)
		}
	}
}

// TestProgramsShare lets several programs deliver one outbox undisturbed.
func TestProgramsShare(t *testing.T) {
	t.Parallel()
	const mails = 40
	path, log := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t)
	s := open(t, path, sqlite.Options{})
	for range mails {
		put(t, s, "Subject: x\r\n\r\nhi\r\n")
	}
	var running []*exec.Cmd
	for range 4 {
		cmd := program(t, path, log)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if n := left(t, s); n != 0 {
		t.Errorf("%d mails are left", n)
	}
	for id, n := range copies(t, log) {
		if n != 1 {
			t.Errorf("mail %s was delivered %d times", id, n)
		}
	}
	checkOnce(t, s, log, mails)
}

// paused starts a program and waits until it is about to end the content of a
// mail.
func paused(t *testing.T, path, log string) (*exec.Cmd, io.Writer) {
	t.Helper()
	cmd := program(t, path, log, "OUTBOX_TEST_PAUSE=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for said := bufio.NewScanner(stdout); said.Text() != "paused"; {
		if !said.Scan() {
			t.Fatal("the program ended", said.Err())
		}
	}
	return cmd, stdin
}

// TestKilledProgramIsNoticed takes back what a killed program held before its
// lease runs out.
func TestKilledProgramIsNoticed(t *testing.T) {
	t.Parallel()
	path, log := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t)
	s := open(t, path, sqlite.Options{})
	id := put(t, s, "Subject: x\r\n\r\nhi\r\n")
	cmd, _ := paused(t, path, log)
	if got, err := s.Recover(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("a living program counts as dead: %v, %v", got, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got, err := s.Recover(t.Context()); err != nil || len(got) != 1 || got[0] != id {
		t.Errorf("recovered %v, %v", got, err)
	}
}

// TestStoppedProgram stops a program before the end of the content, for longer
// than its lease, and lets it go on when another has sent the mail.
func TestStoppedProgram(t *testing.T) {
	t.Parallel()
	path, log := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t)
	s := open(t, path, sqlite.Options{})
	id := put(t, s, "Subject: x\r\n\r\nhi\r\n")

	cmd, stdin := paused(t, path, log)
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Recover(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("a program that is only stopped counts as dead: %v, %v", got, err)
	}
	tomorrow := open(t, path, sqlite.Options{Clock: func() time.Time { return time.Now().Add(24 * time.Hour) }})
	if got, err := tomorrow.Recover(t.Context()); err != nil || len(got) != 1 {
		t.Fatalf("recovered %v, %v", got, err)
	}
	other := program(t, path, log)
	// It was queued again tomorrow; by hand it goes at once.
	if err := s.Act(t.Context(), id, outbox.Retry); err != nil {
		t.Fatal(err)
	}
	if err := other.Run(); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(stdin, "go on\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	checkOnce(t, s, log, 1)
}
