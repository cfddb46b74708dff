//go:build unix

package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"sendoff/smtp/message/seal/sealtest"
)

// TestSealScripts runs what needs keys: alice and bob have some, pat's has a
// passphrase, and the key of strange is not trusted.
func TestSealScripts(t *testing.T) {
	t.Parallel()
	h, others := sealtest.New(t), sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	h.Make("bob@example.org", "", "never")
	h.Make("pat@example.org", "a passphrase", "never")
	others.Make("strange@example.org", "", "never")
	h.Must(others.Must("", "gpg", "--export"), "gpg", "--batch", "--import")
	h.Trust(h.Certify("alice@example.org", ""))
	h.Trust(h.Certify("bob@example.org", ""))
	h.Pinentry(sealtest.Cancels())
	runScripts(t, "testdata/seal", func(env *testscript.Env) { env.Setenv("GNUPGHOME", h.Dir) })
}

// TestPassphraseInTheTerminal has the pinentry told of the person's terminal: by
// the command line, and by the screens, which hand it over.
func TestPassphraseInTheTerminal(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("me@example.org", "secret", "never")
	notes := filepath.Join(h.Dir, "notes")
	h.Pinentry(sealtest.Notes(notes, "secret"))
	s := &station{t: t, home: t.TempDir()}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--port", "1", "--auth", "none")
	for name, c := range map[string]struct {
		args  []string
		first string // what shows before keys are typed
		keys  string
		last  string // what shows then
	}{
		"command": {[]string{"send", "--sign", "--queue", "--to", "bob@example.org", "--subject", "By hand", "--body", "text"}, "", "", "By hand"},
		"screen":  {[]string{"mailto:bob@[127.0.0.1]?subject=By%20screen&body=text"}, "By screen", "\x1bs\x13", `"By screen"`},
	} {
		h.Must("", "gpgconf", "--kill", "gpg-agent")
		cmd := s.command(c.args...)
		cmd.Env = append(cmd.Env, "GNUPGHOME="+h.Dir, "TERM=xterm", "DISPLAY=")
		tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
		if err != nil {
			t.Fatal(err)
		}
		shown := await(t, tty, c.first)
		if c.keys != "" {
			_, _ = io.WriteString(tty, c.keys)
			shown += await(t, tty, c.last)
			_ = cmd.Process.Kill()
		}
		rest, _ := io.ReadAll(tty) // ends with an error when the program does
		_ = cmd.Wait()
		_ = tty.Close()
		told, err := os.ReadFile(notes)
		if err != nil || !strings.Contains(string(told), "ttyname=/dev/") || strings.Contains(string(told), "ttyname=/dev/tty\n") {
			t.Errorf("%s: the pinentry was told %q, %v; the terminal shows %q", name, told, err, shown+string(rest))
		}
		_ = os.Remove(notes)
	}
	if list := s.run(0, "outbox", "list"); !strings.Contains(list, "By hand") || !strings.Contains(list, "By screen") {
		t.Errorf("in the outbox there is %q", list)
	}
}

// await reads until a text shows, and returns all that did.
func await(t *testing.T, tty *os.File, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	var shown strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(shown.String(), text) {
		n, err := tty.Read(buffer)
		if err != nil {
			t.Fatalf("%q does not show in %q", text, shown.String())
		}
		shown.Write(buffer[:n])
	}
	return shown.String()
}
