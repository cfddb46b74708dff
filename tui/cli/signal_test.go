//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

// TestSignalWhileSending ends a delivery that takes its time; the mail is in
// the outbox in its true state. timeout(1) asks twice, to its child and to its
// group, and a terminal that goes away does too.
func TestSignalWhileSending(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			s := newStation(t)
			send := s.command("send", "--json", "--to", "slow@example.org", "--subject", "Hi", "--body", "text")
			out, err := send.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := send.Start(); err != nil {
				t.Fatal(err)
			}
			line := ""
			for lines := bufio.NewScanner(out); lines.Scan(); {
				line = lines.Text()
				if !strings.Contains(line, `"stage":"recipient","kind":"begin"`) {
					continue
				}
				if err := send.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				if signal != syscall.SIGINT { // that is a person, who means it
					go func() {
						for range time.Tick(10 * time.Millisecond) {
							if send.Process.Signal(signal) != nil {
								return
							}
						}
					}()
				}
			}
			_ = send.Wait() // the exit code tells
			var last seen
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			code := send.ProcessState.ExitCode()
			switch items := s.items(); {
			case len(items) != 1 || items[0].State != last.State:
				t.Errorf("the outbox has %+v, the last line said %s", items, line)
			case code == exitDeferred && (last.State == outbox.Queued || last.State == outbox.Deferred):
			case code == exitUncertain && last.State == outbox.Uncertain:
			default:
				t.Errorf("exit code %d with a mail that is %s", code, last.State)
			}
		})
	}
}

// TestSignalBeforeStored ends a send whose text never ends: there is nothing to
// keep, and that is said.
func TestSignalBeforeStored(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaint bytes.Buffer
	send := s.command("send", "--json", "--to", "ok@example.org", "--body-file", pipe)
	send.Stdout, send.Stderr = &out, &complaint
	if err := send.Start(); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the program reads
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := send.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = send.Wait() // the exit code tells
	if code := send.ProcessState.ExitCode(); code != exitDisk || len(s.items()) != 0 {
		t.Errorf("exit code %d, and the outbox has %v", code, s.items())
	}
	if !strings.Contains(complaint.String(), "interrupted before the mail was stored") ||
		!strings.Contains(complaint.String(), "nothing was sent and nothing is in the outbox") {
		t.Errorf("it said %s", &complaint)
	}
	if !strings.HasPrefix(out.String(), `{"event":"error","exit":74,`) {
		t.Errorf("stdout has %s", &out)
	}
}

// TestDrafts shows and exports a draft that can be a mail, and one that can't.
func TestDrafts(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	room, err := post.Open(post.Options{Home: config.HomeAt(s.home)})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"bob@example.org", "bob@@example.org"} {
		if _, err := room.SaveDraft(t.Context(), outbox.Ref{}, message.Draft{To: to, Subject: "Minutes", Body: "what was said"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := room.Close(); err != nil {
		t.Fatal(err)
	}
	shown := s.run(0, "outbox", "show", "2")
	for _, want := range []string{"state    draft", "to       bob@@example.org", "subject  Minutes"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in:\n%s", want, shown)
		}
	}
	if mail := s.run(0, "outbox", "export", "1"); !strings.Contains(mail, "To: bob@example.org\r\n") || !strings.HasSuffix(mail, "what was said\r\n") {
		t.Errorf("exported: %q", mail)
	}
	file := filepath.Join(s.home, "mail.eml")
	s.run(exitData, "outbox", "export", "2", "--output", file)
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is left: %v", err)
	}
	if out := s.run(0, "outbox", "transcript", "1"); out != "" {
		t.Errorf("transcript: %q", out)
	}
}
