//go:build unix

package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// speaker is a person at a terminal that can show nothing but lines.
type speaker struct {
	t     *testing.T
	tty   *os.File
	heard strings.Builder
	read  int         // of heard, up to what was answered last
	said  chan []byte // what comes from the terminal, until it ends
	wait  func() int
}

// speak starts the program in a terminal, on a machine that asks nobody about
// domains.
func (s *station) speak(args ...string) *speaker {
	s.t.Helper()
	conf, err := os.OpenFile(filepath.Join(s.home, "config.toml"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = conf.WriteString("\n[compose]\ncheck-domains = false\n")
		err = errors.Join(err, conf.Close())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := s.command(args...)
	cmd.Env = append(cmd.Env, "TERM=dumb")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		s.t.Fatal(err)
	}
	// Such a file can be closed while it is being read: that hangs up.
	fd, err := syscall.Dup(int(tty.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err = errors.Join(err, tty.Close()); err != nil {
		s.t.Fatal(err)
	}
	tty = os.NewFile(uintptr(fd), "terminal")
	p := &speaker{t: s.t, tty: tty, said: make(chan []byte)}
	go func() {
		defer close(p.said)
		for {
			buffer := make([]byte, 4096)
			n, err := tty.Read(buffer) // ends with an error when the program does
			if err != nil {
				return
			}
			p.said <- buffer[:n]
		}
	}()
	p.wait = func() int {
		_ = cmd.Wait() // the code tells
		return cmd.ProcessState.ExitCode()
	}
	s.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		_ = tty.Close()
		for range p.said {
		}
	})
	return p
}

// hear waits until something new is said that holds words. Nothing that is said
// may move a cursor or change a color.
func (p *speaker) hear(words string) {
	p.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		if i := strings.Index(p.heard.String()[p.read:], words); i >= 0 {
			p.read += i + len(words)
			break
		}
		select {
		case some, ok := <-p.said:
			if !ok {
				p.t.Fatalf("the program ended before %q was said:\n%s", words, p.heard.String())
			}
			p.heard.Write(some)
		case <-limit.C:
			p.t.Fatalf("%q was never said:\n%s", words, p.heard.String())
		}
	}
	if i := strings.IndexAny(p.heard.String(), "\x1b\u009b\a\b\v\f"); i >= 0 {
		p.t.Fatalf("a terminal command is among %q", p.heard.String()[max(0, i-100):])
	}
}

// answer waits for a question and answers it.
func (p *speaker) answer(question, line string) {
	p.t.Helper()
	p.hear(question)
	if _, err := io.WriteString(p.tty, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the end of the program and compares its exit code.
func (p *speaker) ends(code int) {
	p.t.Helper()
	for some := range p.said {
		p.heard.Write(some)
	}
	if got := p.wait(); got != code {
		p.t.Fatalf("exit code %d, want %d:\n%s", got, code, p.heard.String())
	}
	p.hear("")
}

// TestLinesOnADumbTerminal writes a mail on a terminal that can do no more than
// show lines, which is noticed and said, and hears of every step.
func TestLinesOnADumbTerminal(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	p := s.speak()
	p.hear("TERM is dumb, so this is said in lines, as with --plain.\r\n")
	p.answer("To: ", "?")
	p.hear("/send [TIME]: ")
	p.answer("To: ", "bob@example.org")
	p.answer("Cc: ", "")
	p.answer("Subject: ", "Lines")
	p.answer("? alone helps):", "one\ntwo\n.")
	p.answer("Now what (/send, /list, ? for all): ", "send")
	p.answer("Send it to bob@example.org? yes or no: ", "yes")
	p.hear("tls: TLS 1.3")
	p.hear("bob@example.org: accepted\r\n")
	p.answer("Next (/new, /outbox, /quit): ", "/quit")
	p.ends(0)
	if got := s.texts(); len(got) != 1 || !strings.HasSuffix(got[0], "\n\none\ntwo\n") {
		t.Errorf("what arrived: %q", got)
	}
}

// TestLinesFromNothing goes from an empty home to a mail that was accepted: an
// account, the vault for its password, a certificate that nobody knows, a login.
func TestLinesFromNothing(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	writeMine(t, s.home, serveFor(t, "sendoff"))
	p := s.speak("--plain")
	p.hear("There is no account yet to send mail with.")
	p.answer("Your mail address (enter to add none): ", "me@@x")
	p.hear("me@@x has two @ signs.")
	p.answer("Your mail address (enter to add none): ", "me@mine.example")
	p.answer("Your name as recipients see it (enter for none): ", "Me Myself")
	p.answer("A word to call the account by (enter for work): ", "")
	p.hear("Found: 127.0.0.1 port ")
	p.answer("Use it? yes or no: ", "yes")
	p.answer("Name to log in with (enter for me): ", "")
	p.hear("Not the desktop's keyring: ")
	p.hear("1 an encrypted file, opened by a passphrase\r\n")
	p.answer("Where the password is kept (1 to 2): ", "1")
	p.answer("Passphrase for the vault: ", "open it")
	p.answer("The same again: ", "open this")
	p.hear("Those were two different passphrases.")
	p.answer("Passphrase for the vault: ", "open it")
	p.answer("The same again: ", "open it")
	p.answer("Password of work: ", "sesame")
	p.hear("key       sha256//")
	p.answer("Trust this key for 127.0.0.1, and no other? yes or no: ", "yes")
	p.hear("auth: ")
	p.hear("work works.")
	p.hear("Account work is added.")
	p.hear("From: Me Myself <me@mine.example>")
	p.answer("To: ", "bob@example.org")
	p.answer("Cc: ", "")
	p.answer("Subject: ", "From nothing")
	p.answer("? alone helps):", "text\n.")
	p.answer("Now what (/send, /list, ? for all): ", "send")
	p.answer("Send it to bob@example.org? yes or no: ", "yes")
	p.hear("bob@example.org: accepted\r\n")
	p.answer("Next (/new, /outbox, /quit): ", "quit")
	p.ends(0)
}

// TestLinesUnsaved: an account with a wrong password is not saved unless the
// person wants that, nor is a vault made for it.
func TestLinesUnsaved(t *testing.T) {
	t.Parallel()
	for answer, saved := range map[string]bool{"": false, "yes": true} {
		s := &station{t: t, home: t.TempDir()}
		writeMine(t, s.home, serveFor(t, "sendoff"))
		p := s.speak("--plain")
		p.answer("Your mail address (enter to add none): ", "me@mine.example")
		p.answer("Your name as recipients see it (enter for none): ", "Me Myself")
		p.answer("A word to call the account by (enter for work): ", "")
		p.answer("Use it? yes or no: ", "yes")
		p.answer("Name to log in with (enter for me): ", "")
		p.answer("Where the password is kept (1 to 2): ", "1")
		p.answer("Passphrase for the vault: ", "open it")
		p.answer("The same again: ", "open it")
		p.answer("Password of work: ", "wrong")
		p.answer("Trust this key for 127.0.0.1, and no other? yes or no: ", "yes")
		p.hear("work does not work, and nothing is saved yet: ")
		p.answer("Save it anyway (yes, or enter for no): ", answer)
		if saved {
			p.hear("Account work is added.")
			p.answer("To: ", "/account")
			p.answer("Your mail address (enter to add none): ", "you@mine.example")
			p.answer("Your name as recipients see it (enter for none): ", "")
			p.answer("A word to call the account by: ", "Work")
			p.hear("There is an account Work already.")
			p.answer("A word to call the account by: ", "home")
			p.answer("Use it? yes or no: ", "yes")
			p.answer("Name to log in with (enter for you): ", "")
			p.hear("1 an encrypted file, opened by a passphrase\r\n")
			p.answer("Where the password is kept (1 to 2): ", "1")
			p.answer("Password of home: ", "sesame")
			p.answer("Trust this key for 127.0.0.1, and no other? yes or no: ", "no")
			p.answer("Save it anyway (yes, or enter for no): ", "")
		}
		p.hear("nothing is saved")
		p.answer("To: ", "/quit")
		p.ends(0)
		conf, err := os.ReadFile(filepath.Join(s.home, "config.toml"))
		if err != nil || strings.Contains(string(conf), "[[account]]") != saved || saved != strings.Contains(string(conf), "pins") {
			t.Errorf("%v, and the settings are\n%s", err, conf)
		}
		if _, err := os.Stat(filepath.Join(s.home, "vault")); (err == nil) != saved {
			t.Errorf("saved is %v, the vault: %v", saved, err)
		}
	}
}

// TestStoppedAtTheQuestion: who ends the program at a question for a password or a
// passphrase is told that there is no account.
func TestStoppedAtTheQuestion(t *testing.T) {
	t.Parallel()
	for at, question := range []string{"password of work: ", "passphrase for the vault: "} {
		s := &station{t: t, home: t.TempDir()}
		p := s.speak("account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--secret", "vault")
		if at > 0 {
			p.answer("password of work: ", "sesame")
		}
		p.hear(question)
		_, _ = p.tty.WriteString("\x03")
		p.ends(exitDeferred)
		if said := p.heard.String(); !strings.Contains(said, "error: stopped at the question") || !strings.Contains(said, "hint: nothing was changed") ||
			strings.Contains(said, "is not added") != (at > 0) || strings.Contains(said, "cancel") {
			t.Errorf("at %q it said:\n%s", question, said)
		}
		if _, err := os.Stat(filepath.Join(s.home, "vault")); err == nil {
			t.Errorf("at %q there is a vault", question)
		}
	}
	s := &station{t: t, home: t.TempDir()}
	writeMine(t, s.home, "1")
	p := s.speak("account", "add", "work", "--address", "me@mine.example")
	p.hear("Use this server? [y/N] ")
	_, _ = p.tty.WriteString("\x03")
	p.ends(exitDeferred)
	if said := p.heard.String(); !strings.Contains(said, "error: stopped at the question") {
		t.Errorf("it said:\n%s", said)
	}
	s = &station{t: t, home: t.TempDir()}
	writeMine(t, s.home, "1")
	p = s.speak("--plain")
	p.answer("Your mail address (enter to add none): ", "me@mine.example")
	p.answer("Your name as recipients see it (enter for none): ", "Me Myself")
	p.answer("A word to call the account by (enter for work): ", "")
	p.answer("Use it? yes or no: ", "yes")
	p.answer("Name to log in with (enter for me): ", "")
	p.answer("Where the password is kept (1 to 2): ", "2")
	p.hear("Password of work: ")
	_, _ = p.tty.WriteString("\x03")
	p.hear("No account is added.")
	p.ends(0)
}

// TestLinesKeepTheDraft ends the program in the middle of a text, in each way a
// terminal can: what was typed is in the outbox.
func TestLinesKeepTheDraft(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*speaker){
		"interrupt": func(p *speaker) { _, _ = p.tty.WriteString("\x03") },
		"end":       func(p *speaker) { _, _ = p.tty.WriteString("\x04") },
		"hang-up":   func(p *speaker) { _ = p.tty.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t)
			p := s.speak("--plain")
			p.answer("To: ", "bob@example.org")
			p.answer("Cc: ", "")
			p.answer("Subject: ", name)
			p.answer("? alone helps):", "a line\nthe last line\n?")
			p.hear("/quit: ") // so all was read
			end(p)
			if code := p.wait(); code != 0 && !(name == "hang-up" && code == exitDisk) {
				t.Errorf("exit code %d", code)
			}
			if out := s.run(0, "outbox", "list", "--format", "{{.State}} {{.Subject}}"); out != "draft "+name+"\n" {
				t.Errorf("the outbox holds %q", out)
			}
			if out := s.run(0, "outbox", "export", "1"); !strings.Contains(out, "a line\r\nthe last line\r\n") {
				t.Errorf("the draft is\n%s", out)
			}
		})
	}
}

// TestLinesInterrupted ends the program while a mail is being sent: it is in the
// outbox in its true state, and the exit code tells that.
func TestLinesInterrupted(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	p := s.speak("--plain", "mailto:slow@example.org?subject=Slow&body=text")
	p.answer("? alone helps):", ".")
	p.answer("Now what (/send, /list, ? for all): ", "send")
	p.answer("Send it to slow@example.org? yes or no: ", "yes")
	p.hear("hello: ")
	_, _ = p.tty.WriteString("\x03")
	for some := range p.said {
		p.heard.Write(some)
	}
	code := p.wait()
	items := s.items()
	if len(items) != 1 || code != stateCode(items[0].State) {
		t.Errorf("exit code %d, and the outbox holds %v:\n%s", code, items, p.heard.String())
	}
}

// TestLinesAreOnDiskSoon kills the program a moment after the last line was
// typed.
func TestLinesAreOnDiskSoon(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	p := s.speak("--plain")
	p.answer("To: ", "bob@example.org")
	p.answer("Cc: ", "")
	p.answer("Subject: ", "Soon")
	p.answer("? alone helps):", "nothing more comes")
	text := ""
	for limit := time.Now().Add(30 * time.Second); !strings.Contains(text, "nothing more comes") && time.Now().Before(limit); {
		cmd := s.command("outbox", "export", "1")
		out, _ := cmd.Output() // fails while there is no mail 1
		text = string(out)
	}
	if !strings.Contains(text, "nothing more comes\r\n") {
		t.Errorf("the draft is %q", text)
	}
}
