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
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// killMails is how many mails TestKill has queued and delivered. The environment
// variable OUTBOX_TEST_KILL_MAILS sets another number, for a long run: 2000 take
// minutes. One program is killed for every ten mails at least.
func killMails(t *testing.T) int {
	t.Helper()
	number := os.Getenv("OUTBOX_TEST_KILL_MAILS")
	if number == "" {
		return 150
	}
	n, err := strconv.Atoi(number)
	if err != nil || n <= 0 {
		t.Fatalf("OUTBOX_TEST_KILL_MAILS is %q, want a number of mails", number)
	}
	return n
}

// TestKill lets programs deliver while a person writes mails in another and does
// all that a screen lets them do, and kills them all at random moments, until
// enough were killed and all mail is out.
func TestKill(t *testing.T) {
	t.Parallel()
	mails := killMails(t)
	path, log, diary := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t), emptyLog(t)
	s := open(t, path, sqlite.Options{})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	written := func() int { return len(readDiary(t, diary).put) }
	var wg sync.WaitGroup
	var kills [3]atomic.Int64
	enough := func() bool {
		delivering := kills[1].Load() + kills[2].Load()
		return kills[0].Load() > 0 && delivering > 0 && kills[0].Load()+delivering >= int64(mails/10)
	}
	for i := range kills {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			for round := 0; (written() < mails || !enough() || i > 0 && left(t, s) > 0) && !t.Failed(); round++ {
				cmd := program(t, path, log)
				if i == 0 {
					cmd = living(path, diary, random.Uint64())
				}
				if killed(t, cmd, random, round) {
					kills[i].Add(1)
				}
			}
		})
	}
	wg.Wait()
	release(t, s)
	if left(t, s) > 0 {
		if err := program(t, path, log).Run(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d mails, killed: the person %d times, the programs that deliver %d and %d times",
		written(), kills[0].Load(), kills[1].Load(), kills[2].Load())
	if n := written(); n < mails || !enough() {
		t.Errorf("%d of %d mails were written, or too few programs were killed", n, mails)
	}
	checkFates(t, s, log, diary)
	checkIntegrity(t, path)
	if _, err := s.Claim(t.Context(), outbox.Want{Account: "home", Owner: "last"}); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(path + "-owner-*"); err != nil || len(files) != 1 {
		t.Errorf("the killed left %v, %v", files, err)
	}
}

// killed starts a program and kills it at a random moment after it began; it
// tells whether that was in time. The later the round, the longer it lives, so
// that a slow machine gets there too.
func killed(t *testing.T, cmd *exec.Cmd, random *rand.Rand, round int) bool {
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return false
	}
	_, _ = bufio.NewReader(stdout).ReadString('\n')
	timer := time.AfterFunc(time.Duration(random.IntN(20_000)+1000*(round%50))*time.Microsecond, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil
}

// living is a program in which a person uses the outbox, without an end.
func living(path, diary string, seed uint64) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OUTBOX_TEST_PERSON="+path, "OUTBOX_TEST_LOG="+diary, "OUTBOX_TEST_SEED="+strconv.FormatUint(seed, 10))
	cmd.Stderr = os.Stderr
	return cmd
}

// release lets go whatever a person kept back.
func release(t *testing.T, s *sqlite.Store) {
	t.Helper()
	items, err := s.List(t.Context(), outbox.Query{States: []outbox.State{outbox.Held, outbox.Scheduled}})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if err := s.Act(t.Context(), it.ID, outbox.Release); err != nil {
			t.Error(err)
		}
	}
}

// diary is what a person did, or was about to do.
type diary struct {
	put, deleted     map[string]int // by subject
	resent, resolved map[string]int // by number
	did              map[string]int // by action
}

func readDiary(t *testing.T, path string) diary {
	t.Helper()
	d := diary{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	for line, n := range copies(t, path) {
		words := strings.Fields(line)
		switch words[0] {
		case "put":
			d.put[words[1]] += n
		case "did":
			d.did[strings.Join(words[1:], " ")] += n
		case string(outbox.Delete):
			d.deleted[words[2]] += n
			d.deleted[words[1]] += n
		case string(outbox.Resend):
			d.resent[words[1]] += n
		case string(outbox.Resolve):
			d.resolved[words[1]] += n
		default:
			t.Fatalf("the diary says %q", line)
		}
	}
	return d
}

// checkFates sees to it that every mail of the diary is there once, that the
// server has it if the outbox says so, and more than once only if a person had it
// sent again, and that its attempts and the diary say why it is what it is.
func checkFates(t *testing.T, s *sqlite.Store, log, path string) {
	t.Helper()
	items, err := s.List(t.Context(), outbox.Query{})
	if err != nil {
		t.Fatal(err)
	}
	d := readDiary(t, path)
	delivered := copies(t, log)
	there := map[string]int{}
	states := map[outbox.State]int{}
	twice := 0
	for _, it := range items {
		there[it.Subject]++
		states[it.State]++
		id := it.ID.String()
		n := delivered[id]
		delete(delivered, id)
		attempts, err := s.Attempts(t.Context(), it.ID)
		if err != nil || len(attempts) != it.Attempts {
			t.Errorf("mail %s: %d attempts of %d, %v", id, len(attempts), it.Attempts, err)
		}
		accepted, lost := 0, 0
		for _, a := range attempts {
			switch {
			case a.Stage == smtp.StageAccepted:
				accepted++
			case strings.Contains(a.Text, "may have been sent"):
				lost++
			}
		}
		if n > 1 {
			twice++
		}
		known := n >= accepted && n <= accepted+lost && lost+accepted <= 1+d.resent[id]
		switch {
		case !known:
		case it.State == outbox.Sent && accepted == 1:
			continue
		case it.State == outbox.Sent && accepted == 0 && lost > 0 && d.resolved[id] > 0:
			continue
		case it.State == outbox.Uncertain && accepted == 0 && lost > 0:
			continue
		case (it.State == outbox.Cancelled || it.State == outbox.Draft) && n+accepted+lost == 0:
			continue
		}
		t.Errorf("mail %s is %s, was delivered %d times, sent again %d times, called sent %d times, and its attempts are %+v",
			id, it.State, n, d.resent[id], d.resolved[id], attempts)
	}
	t.Logf("%v, %d of them twice at the server; the person did %v", states, twice, d.did)
	for id, n := range delivered {
		if d.deleted[id] == 0 || n > 1+d.resent[id] {
			t.Errorf("mail %s was delivered %d times and is not there", id, n)
		}
	}
	for subject := range d.put {
		if n := there[subject]; n > 1 || n == 0 && d.deleted[subject] == 0 {
			t.Errorf("the mail %q is there %d times", subject, n)
		}
	}
	if len(d.put) >= 1000 {
		for _, a := range actions {
			if d.did[string(a)] == 0 {
				t.Errorf("no %s was drawn", a)
			}
		}
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

// paused starts a program and waits until it is before or after the commit of a
// mail.
func paused(t *testing.T, path, log, at string) (*exec.Cmd, io.Writer) {
	t.Helper()
	cmd := program(t, path, log, "OUTBOX_TEST_PAUSE="+at)
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
	cmd, _ := paused(t, path, log, "before")
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

// TestStoppedProgram stops a program before or after the point of no return, for
// longer than its lease, and lets it go on when another has looked after the
// mail: there is one copy, and while nobody knows that the mail is uncertain.
func TestStoppedProgram(t *testing.T) {
	t.Parallel()
	for at, between := range map[string]outbox.State{"before": outbox.Sent, "after": outbox.Uncertain} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			path, log := filepath.Join(t.TempDir(), "outbox.db"), emptyLog(t)
			s := open(t, path, sqlite.Options{})
			id := put(t, s, "Subject: x\r\n\r\nhi\r\n")

			cmd, stdin := paused(t, path, log, at)
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
			if at == "before" {
				// It was queued again tomorrow; by hand it goes at once.
				if err := s.Act(t.Context(), id, outbox.Retry); err != nil {
					t.Fatal(err)
				}
			}
			if err := program(t, path, log).Run(); err != nil {
				t.Error(err)
			}
			if it, err := s.Item(t.Context(), id); err != nil || it.State != between {
				t.Errorf("the mail is %s, want %s (%v)", it.State, between, err)
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
			if it, err := s.Item(t.Context(), id); err != nil || it.State != outbox.Sent {
				t.Errorf("in the end the mail is %s (%v)", it.State, err)
			}
		})
	}
}
