// Package sealtest makes keys of real GnuPG for tests, in homes of their own.
package sealtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Home is a GNUPGHOME with an agent of its own.
type Home struct {
	Dir string
	t   testing.TB
}

// New makes an empty home. Where GnuPG is not installed the test is skipped, or
// fails if SENDOFF_TEST_REAL says that it has to be there.
func New(t testing.TB) *Home {
	t.Helper()
	for _, program := range []string{"gpg", "gpgsm", "gpg-agent", "gpgconf"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("SENDOFF_TEST_REAL") == "1" {
				t.Fatalf("%s is not installed", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	dir, err := os.MkdirTemp("/tmp", "gpg") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	h := &Home{dir, t}
	t.Cleanup(func() {
		h.Must("", "gpgconf", "--kill", "all")
		if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
	// No network, and a pinentry that must not be needed.
	h.Write("gpgsm.conf", "disable-crl-checks\n")
	h.Write("gpg.conf", "no-auto-key-retrieve\nno-auto-key-locate\n")
	h.Pinentry("exit 1")
	h.Restart()
	return h
}

// Restart gives the home another agent, which knows no passphrase, and waits
// until it listens: on a busy machine that takes longer than gpg's patience.
func (h *Home) Restart() {
	h.t.Helper()
	old := h.agent()
	h.Must("", "gpgconf", "--kill", "gpg-agent")
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		switch now := h.agent(); now {
		case "":
			_, _, _ = h.Try("", "gpgconf", "--launch", "gpg-agent")
		case old: // it is about to go
		default:
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			h.t.Fatal("no agent within a minute")
		}
	}
}

// agent names the agent that listens; empty if there is none.
func (h *Home) agent() string {
	out, _, err := h.Try("", "gpg-connect-agent", "--no-autostart", "getinfo pid", "/bye")
	if err != nil || !strings.Contains(out, "OK") {
		return ""
	}
	return out
}

// Write writes a file of the home.
func (h *Home) Write(name, content string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.Dir, name), []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// Pinentry makes a shell script the agent's pinentry.
func (h *Home) Pinentry(script string) {
	h.t.Helper()
	path := filepath.Join(h.Dir, "pinentry")
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		h.t.Fatal(err)
	}
	h.Write("gpg-agent.conf", "pinentry-program "+path+"\nallow-loopback-pinentry\n"+
		"s2k-count 65536\n") // else a passphrase takes a tenth of a second, of a busy machine seconds
	h.Must("", "gpgconf", "--reload", "gpg-agent")
}

// Answers is a script for Pinentry that gives a passphrase.
func Answers(passphrase string) string { return speak("echo 'D " + passphrase + "'; echo OK") }

// Notes is Answers that also writes down, in a file, what terminal it was told of.
func Notes(file, passphrase string) string {
	return `echo "OK ready"; while read -r word rest; do case $word in OPTION) echo "$rest" >>'` + file + `'; echo OK;; ` +
		`GETPIN) echo 'D ` + passphrase + `'; echo OK;; BYE) echo OK; exit;; *) echo OK;; esac; done`
}

// Cancels is a script for Pinentry of a person who changes their mind.
func Cancels() string { return speak("echo 'ERR 83886179 Operation cancelled <Pinentry>'") }

func speak(getpin string) string {
	return `echo "OK ready"; while read -r word rest; do case $word in GETPIN) ` + getpin + `;; CONFIRM) echo "ERR 83886179 no";; BYE) echo OK; exit;; *) echo OK;; esac; done`
}

// Environ is the environment in which programs find the home.
func (h *Home) Environ() []string {
	return append(os.Environ(), "GNUPGHOME="+h.Dir, "GPG_TTY=", "DISPLAY=", "LC_ALL=C")
}

// Run is what the package seal wants of a Run.
func (h *Home) Run(ctx context.Context, argv []string, in io.Reader, out io.Writer) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = h.Environ(), in, out, &said
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		err = fs.ErrNotExist
	}
	return said.Bytes(), err
}

// Try runs a program and returns what it wrote.
func (h *Home) Try(in string, argv ...string) (stdout, stderr string, err error) {
	var out strings.Builder
	said, err := h.Run(context.Background(), argv, strings.NewReader(in), &out)
	return out.String(), string(said), err
}

// Must runs a program that has to succeed.
func (h *Home) Must(in string, argv ...string) string {
	h.t.Helper()
	out, said, err := h.Try(in, argv...)
	if err != nil {
		h.t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, said)
	}
	return out
}

// Make makes an OpenPGP key and returns its fingerprint. expire is as gpg has it;
// "never" for never.
func (h *Home) Make(user, passphrase, expire string) (fingerprint string) {
	h.t.Helper()
	_, said, err := h.Try("", "gpg", "--batch", "--status-fd", "2", "--pinentry-mode", "loopback", "--passphrase", passphrase,
		"--quick-generate-key", user, "future-default", "default", expire)
	_, rest, found := strings.Cut(said, "KEY_CREATED B ")
	if err != nil || !found {
		h.t.Fatalf("no key for %s: %v\n%s", user, err, said)
	}
	return strings.Fields(rest)[0]
}

// Certify makes a certificate of S/MIME for an address, which is its own root,
// and returns its fingerprint.
func (h *Home) Certify(address, passphrase string) (fingerprint string) {
	h.t.Helper()
	before := h.fingerprints()
	parameters := "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign, encrypt\nSerial: random\nName-DN: CN=" + address +
		"\nName-Email: " + address + "\nHash-Algo: SHA256\nNot-After: 2099-01-01\n"
	file := filepath.Join(h.Dir, "passphrase")
	h.Write("passphrase", passphrase)
	made := h.Must(parameters, "sh", "-c", `exec 3<"$0"; exec gpgsm --batch --armor --pinentry-mode loopback --passphrase-fd 3 --generate-key`, file)
	h.Must(made, "gpgsm", "--batch", "--import")
	for print := range h.fingerprints() {
		if !before[print] {
			return print
		}
	}
	h.t.Fatal("gpgsm made no certificate")
	return ""
}

// Trust makes a certificate a root that is trusted.
func (h *Home) Trust(fingerprint string) {
	h.t.Helper()
	f, err := os.OpenFile(filepath.Join(h.Dir, "trustlist.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, fingerprint, "S")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.Must("", "gpgconf", "--reload", "gpg-agent")
}

func (h *Home) fingerprints() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(h.Must("", "gpgsm", "--with-colons", "--list-keys")) {
		if f := strings.Split(line, ":"); f[0] == "fpr" {
			all[f[9]] = true
		}
	}
	return all
}
