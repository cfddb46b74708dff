//go:build linux

package secret

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// pinentry is a program that asks for passphrases, and a person who answers as
// the file beside it says; without that file the person cancels.
const pinentry = `#!/bin/sh
echo "OK here"
while read -r word rest; do
	case $word in
	GETPIN)
		if [ -e "$0.answer" ]; then echo "D $(cat "$0.answer")"; echo OK
		else echo "ERR 83886179 Operation cancelled <Pinentry>"; fi ;;
	BYE) echo OK; exit ;;
	*) echo OK ;;
	esac
done
`

// TestPass gets a password out of the password manager pass, with a real GnuPG
// whose agent knows the passphrase, asks for it, or asks in vain.
func TestPass(t *testing.T) {
	needProgram(t, "pass", "gpg", "gpgconf", "gpg-agent")
	t.Parallel()
	dir, err := os.MkdirTemp("", "pass") // short, for the agent's sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	asks := filepath.Join(dir, "pinentry")
	answer := func(text string) {
		t.Helper()
		if err := os.WriteFile(asks+".answer", []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{asks: pinentry, filepath.Join(dir, "gpg-agent.conf"): "pinentry-program " + asks + "\n", filepath.Join(dir, "gpg.conf"): "trust-model always\n"} {
		syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
		err := os.WriteFile(name, []byte(text), 0o700)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"env", "-i", "PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GNUPGHOME=" + dir, "PASSWORD_STORE_DIR=" + filepath.Join(dir, "store")}
	run := func(input string, args ...string) {
		t.Helper()
		cmd := exec.Command(env[0], append(env[1:len(env):len(env)], args...)...)
		cmd.Stdin = strings.NewReader(input)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	t.Cleanup(func() { run("", "gpgconf", "--kill", "all") })
	// It takes ten seconds to make a key; this one is open to all.
	key, err := filepath.Abs(filepath.Join("testdata", "key.asc"))
	if err != nil {
		t.Fatal(err)
	}
	run("", "gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "open", "--import", key)
	run("", "pass", "init", "me@example.org")
	run("sesame\nuser: me\n", "pass", "insert", "--multiline", "mail/work")

	get := Command{Argv: append(env[:len(env):len(env)], "pass", "show", "mail/work")}
	gives := func(when string) {
		t.Helper()
		if s, err := get.Get(t.Context(), "work"); err != nil || s.Reveal() != "sesame" {
			t.Errorf("%s: got %q, %v", when, s.Reveal(), err)
		}
	}
	run("", "gpgconf", "--kill", "gpg-agent") // which may know the passphrase still
	_, err = get.Get(t.Context(), "work")
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, ErrUnavailable) || !strings.Contains(e.Hint, "in a terminal") || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("nobody answers: %v", err)
	}
	answer("wrong")
	if _, err = get.Get(t.Context(), "work"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	answer("open")
	gives("asked")
	if err := os.Remove(asks + ".answer"); err != nil {
		t.Fatal(err)
	}
	gives("known to the agent")
	if _, err = (Command{Argv: append(env[:len(env):len(env)], "pass", "show", "mail/none")}).Get(t.Context(), "work"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("no such entry: %v", err)
	}
}
