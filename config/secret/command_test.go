//go:build unix

package secret_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"sendoff/config"
	"sendoff/config/secret"
)

func shell(script string) secret.Command { return secret.Command{Argv: []string{"sh", "-c", script}} }

func TestCommand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, script string
		want         string // the password, or what the error says
		fails        bool
	}{
		{"many lines", `printf 'p a s s \nuser: alice\n'`, "p a s s ", false},
		{"line end of Windows", `printf 'pass\r\nmore\r\n'`, "pass", false},
		{"no line end", `printf pass`, "pass", false},
		{"much output", `echo pass; head -c 1000000 /dev/zero`, "pass", false},
		{"something stays behind", `sleep 3 & echo pass`, "pass", false},
		{"no standard input", `cat; echo pass`, "pass", false},
		{"nothing", `:`, "its first line is empty", true},
		{"empty line", `echo; echo pass`, "its first line is empty", true},
		{"octet 0", `printf 'a\000b\n'`, "is not a text", true},
		{"endless line", `head -c 100000 /dev/zero | tr '\000' a`, "too long for a password", true},
		{
			"failure", `echo secret-on-stdout; printf 'first\n\033]0;x\007gpg: decryption failed: No secret key\n' >&2; exit 2`,
			"sh: exit status 2: gpg: decryption failed: No secret key", true,
		},
		{"killed", `kill -9 $$`, "sh: signal: killed", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := shell(test.script).Get(t.Context(), "work")
			if !test.fails {
				if err != nil || s.Reveal() != test.want {
					t.Errorf("got %q, %v", s.Reveal(), err)
				}
				return
			}
			wantError(t, err, secret.ErrUnavailable, test.want)
			if err != nil && (strings.ContainsAny(err.Error(), "\x1b\n\a") || strings.Contains(err.Error(), "secret-on-stdout")) {
				t.Errorf("got %q", err)
			}
		})
	}
}

func TestCommandCanceled(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := shell(`exec 3>'`+fifo+`'; sleep 600 & wait`).Get(ctx, "work")
		ended <- err
	}()
	held, err := os.Open(fifo) // waits for the program to open its end
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The pipe ends when the program and all that it started are gone.
	if _, err := held.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
}

// TestCommandHangs: one that does not end is ended when its time is over, with
// words.
func TestCommandHangs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // sooner than the time of its own
	defer cancel()
	_, err := shell("exec sleep 600").Get(ctx, "work")
	wantError(t, err, secret.ErrUnavailable, "it did not end within")
}

func TestCommandState(t *testing.T) {
	t.Parallel()
	if s := shell("exit 1").State(t.Context(), "work"); !s.Ready || s.Text != "command, sh" {
		t.Errorf("state %+v", s)
	}
	none := secret.Command{Argv: []string{"/nonexistent/pass\x1b", "show"}}
	if s := none.State(t.Context(), "work"); s.Usable() || s.Text != "command, pass is not there" || s.Hint == "" {
		t.Errorf("state %+v", s)
	}
	_, err := none.Get(t.Context(), "work")
	wantError(t, err, secret.ErrUnavailable, "no such file")
	wantError(t, none.Set(t.Context(), "work", secret.New(password)), secret.ErrUnavailable, "change it there")
}

// TestCommandOffTerminal asserts that a command can't reach the terminal that
// this program has. For that it needs a terminal, and so a process of its own.
func TestCommandOffTerminal(t *testing.T) {
	const child = "SENDOFF_TEST_TERMINAL"
	if os.Getenv(child) == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCommandOffTerminal$")
		cmd.Env = append(os.Environ(), child+"=1", "GORACE=atexit_sleep_ms=0")
		terminal, err := pty.Start(cmd)
		if err != nil {
			if os.Getenv("SENDOFF_TEST_REAL") == "1" {
				t.Fatalf("no terminal to be had: %v", err)
			}
			t.Skipf("no terminal to be had: %v", err)
		}
		defer terminal.Close()
		out, _ := io.ReadAll(terminal) // ends with an error when the process does
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	own, err := os.Open("/dev/tty")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	s, err := shell(`(: </dev/tty) 2>/dev/null && echo terminal || echo none`).Get(t.Context(), "work")
	if err != nil || s.Reveal() != "none" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
}

// TestCommandTerminal asserts that gpg is not told of the terminal. It changes
// the environment, so nothing runs beside it.
func TestCommandTerminal(t *testing.T) {
	t.Setenv("GPG_TTY", "/dev/pts/0")
	t.Setenv("SENDOFF_TEST_KEPT", "kept")
	s, err := shell(`echo "${GPG_TTY-none} $SENDOFF_TEST_KEPT"`).Get(t.Context(), "work")
	if err != nil || s.Reveal() != "none kept" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
}

func TestCredentialFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	closed := put("closed", "pass\nmore", 0o400)
	tests := []struct {
		name string
		file secret.CredentialFile
		want string
		err  error
	}{
		{"path", secret.CredentialFile{File: closed}, "pass", nil},
		{"name", secret.CredentialFile{Folder: dir, File: "closed"}, "pass", nil},
		{"name with the mode of an access list", secret.CredentialFile{Folder: dir, File: filepath.Base(put("acl", "pass", 0o440))}, "pass", nil},
		{"no folder", secret.CredentialFile{File: "closed"}, "CREDENTIALS_DIRECTORY is not set", secret.ErrUnavailable},
		{"missing", secret.CredentialFile{File: closed + "x"}, "there is no file", secret.ErrNotFound},
		{"missing name", secret.CredentialFile{Folder: dir, File: "x"}, "there is no file", secret.ErrNotFound},
		{"open to the group", secret.CredentialFile{File: put("group", "pass", 0o640)}, "others can read it (mode 0640)", secret.ErrUnavailable},
		{"open to all", secret.CredentialFile{File: put("all", "pass", 0o604)}, "others can read it", secret.ErrUnavailable},
		{"empty", secret.CredentialFile{File: put("empty", "", 0o600)}, "first line is empty", secret.ErrUnavailable},
		{"large", secret.CredentialFile{File: put("large", strings.Repeat("a", 1<<20), 0o600)}, "too long", secret.ErrUnavailable},
		{"folder", secret.CredentialFile{File: dir}, "not a regular file", secret.ErrUnavailable},
		{"device", secret.CredentialFile{File: "/dev/zero"}, "not a regular file", secret.ErrUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := test.file.Get(t.Context(), "work")
			state := test.file.State(t.Context(), "work")
			if test.err == nil {
				if err != nil || s.Reveal() != test.want || !state.Ready {
					t.Errorf("got %q, %v; state %+v", s.Reveal(), err, state)
				}
				return
			}
			wantError(t, err, test.err, test.want)
			if state.Usable() || state.Hint == "" {
				t.Errorf("state %+v", state)
			}
			wantError(t, test.file.Set(t.Context(), "work", secret.New(password)), secret.ErrUnavailable, "not written")
		})
	}
}

func TestSourcesOfAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mail"), []byte("from file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sources := &secret.Sources{CredentialFolder: dir}
	for want, a := range map[string]config.Account{
		"from command": {Name: "a", Secret: config.SecretCommand, PasswordCommand: []string{"echo", "from command"}},
		"from file":    {Name: "b", Secret: config.SecretFile, CredentialFile: "mail"},
	} {
		s, err := sources.Get(t.Context(), a)
		if err != nil || s.Reveal() != want || !sources.State(t.Context(), a).Ready {
			t.Errorf("got %q, %v", s.Reveal(), err)
		}
	}
}
