package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
		if err := flush(path, os.Getenv("OUTBOX_TEST_LOG"), os.Getenv("OUTBOX_TEST_PAUSE") != ""); err != nil {
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

// flush delivers all that is due to a log, until nothing is left.
func flush(path, log string, pause bool) error {
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

// recorder is a server that takes every mail: a line in the log, written at
// once, is a mail delivered. It says on standard output that it begins. If
// pause is set it says so too, and waits for a line before it goes on to the
// end of the content.
type recorder struct {
	log   *os.File
	pause bool
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
		if r.pause {
			fmt.Println("paused")
			if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
				return err
			}
		}
		if err := src.Commit(ctx, m); err != nil {
			return err
		}
		if _, err := r.log.WriteString(m.ID + "\n"); err != nil {
			return err
		}
		var res smtp.Result
		for _, to := range m.To {
			res.Recipients = append(res.Recipients, smtp.Outcome{Address: to, Status: smtp.Accepted})
		}
		src.Done(m, res)
	}
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
