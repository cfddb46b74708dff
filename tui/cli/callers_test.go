//go:build unix

package cli

import (
	"net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestCallersOfSendmail has the programs that people use hand their mail in,
// each the way it calls sendmail by itself.
func TestCallersOfSendmail(t *testing.T) {
	t.Parallel()
	// A link, as it would stand in /usr/sbin, that waits for the outcome, so
	// that the test knows when to look.
	const wrapper = "#!/bin/sh\nexec sendmail -odi \"$@\"\n"
	for _, caller := range []struct {
		name, program string
		script        string // $SENDMAIL is what to call
		to            string
		text          string
	}{
		{"git send-email", "/usr/lib/git-core/git-send-email", `
			git init -q . && git config user.name Me && git config user.email me@example.org
			echo x >x && git add x && git commit -qm 'one change'
			git send-email --quiet --confirm=never --suppress-cc=all --sendmail-cmd="$SENDMAIL -i" \
				--from me@example.org --to bob@example.org --cc carol@example.org -1`, "bob@example.org", "+x"},
		{"mutt", "mutt", `
			printf 'set sendmail="%s -oem -oi"\nset from=me@example.org\nset use_envelope_from=yes\nset copy=no\n' "$SENDMAIL" >muttrc
			echo text | mutt -F muttrc -n -s 'Grüße' -a x -b blind@example.org -- bob@example.org`, "bob@example.org", "text"},
		{"s-nail", "s-nail", `
			printf 'text\n.\nmore\n' | s-nail -:/ -Smta="$SENDMAIL" -Sfrom=me@example.org -s Hello bob@example.org`, "bob@example.org", "more"},
		{"bsd-mailx", "bsd-mailx", `
			printf 'set sendmail=%s\n' "$SENDMAIL" >mailrc
			echo text | MAILRC=mailrc bsd-mailx -s Hello -c carol@example.org root`, "admin@example.org", "text"},
		{"cron", "sh", `
			printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@pc> true\nContent-Type: text/plain; charset=UTF-8\nAuto-Submitted: auto-generated\n\nGrüße\n' |
			env -i PATH="$PATH" HOME="$HOME" SENDOFF_HOME="$SENDOFF_HOME" LOGNAME=root SHELL=/bin/sh \
				$SENDMAIL -FCronDaemon -i -odi -oem -oi -t -f root`, "admin@example.org", "Grüße"},
		{"PHP", "php", `
			php -n -d sendmail_path="$SENDMAIL -t -i" -r 'exit(mail("bob@example.org", "Hello", "text\n.\nmore\n", "From: me@example.org\r\nX-Priority: 1") ? 0 : 1);'`,
			"bob@example.org", "\n.\nmore"},
		{"logwatch", "sh", `
			{ printf 'To: root\nFrom: me@example.org\nSubject: Logwatch for pc (Linux)\nAuto-Submitted: auto-generated\nPrecedence: bulk\nContent-Type: text/plain; charset="UTF-8"\n\n'
			printf ' ################### Logwatch 7.7 ################### \n\n'; yes ' a line of a log' | head -2000; } | $SENDMAIL -t`,
			"admin@example.org", " a line of a log\n a line"},
		{"swaks over -bs", "swaks", `
			swaks --silent 2 --pipe "sendoff sendmail -bs -odq" --from me@example.org --to bob@example.org \
				--header 'Subject: Hello' --body 'text over -bs'
			sendoff flush --quiet >flushed && grep -q '^sent ' flushed`, "bob@example.org", "text over -bs"},
	} {
		t.Run(caller.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(caller.program); err != nil {
				if os.Getenv("SENDOFF_TEST_REAL") != "" {
					t.Fatalf("%s is missing: %v", caller.name, err)
				}
				t.Skipf("%s is not installed", caller.name)
			}
			s := newStation(t)
			folder := t.TempDir()
			sendmail := filepath.Join(folder, "hand-in")
			for path, text := range map[string]string{
				sendmail:                         wrapper,
				filepath.Join(folder, "x"):       "x\n",
				filepath.Join(s.home, "aliases"): "root: admin@example.org\n",
			} {
				syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
				err := os.WriteFile(path, []byte(text), 0o700)
				syscall.ForkLock.RUnlock()
				if err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("sh", "-ec", caller.script)
			cmd.Dir = folder
			cmd.Env = append(os.Environ(), "SENDOFF_HOME="+s.home, "HOME="+folder, "SENDMAIL="+sendmail,
				"DBUS_SESSION_BUS_ADDRESS=disabled:", "LC_ALL=C.UTF-8", "GORACE="+noRest)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := s.texts()
			if len(got) != 1 {
				t.Fatalf("%d mails arrived", len(got))
			}
			m, err := mail.ReadMessage(strings.NewReader(got[0]))
			if err != nil {
				t.Fatal(err)
			}
			for _, field := range []string{"From", "To"} {
				list, err := m.Header.AddressList(field)
				if err != nil {
					t.Errorf("%s: %v", field, err)
				}
				if want := map[string]string{"From": "me@example.org", "To": caller.to}[field]; len(list) != 1 || list[0].Address != want {
					t.Errorf("%s is %v, want %s", field, list, want)
				}
			}
			if !strings.Contains(got[0], caller.text) {
				t.Errorf("the text is not there:\n%s", got[0])
			}
			if m.Header.Get("Bcc") != "" || m.Header.Get("Date") == "" || m.Header.Get("Message-Id") == "" {
				t.Errorf("header %v", m.Header)
			}
		})
	}
}

// TestCallerWithoutHome: a service of the system has no HOME, and means the home
// that the system knows.
func TestCallerWithoutHome(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("sendoff")
	if err != nil {
		t.Fatal(err)
	}
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "config", "check") // which reads a file, and says which
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, _ := cmd.CombinedOutput() // whether there is one, and it is sound, is its owner's business
	if !strings.Contains(string(out), who.HomeDir+string(filepath.Separator)) {
		t.Errorf("it looked into %q, and home is %s", out, who.HomeDir)
	}
}

// texts returns the mails that the server took, with LF at the end of lines.
func (s *station) texts() []string {
	s.t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.maildir, "new", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	var mails []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		mails = append(mails, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return mails
}
