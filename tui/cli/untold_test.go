//go:build unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// deeds are the commands that change something, with arguments for the outbox
// of TestDoneThoughUntold.
var deeds = map[string]string{
	"account add":             "third --address me@example.org --host 127.0.0.1 --port 1 --tls none --auth none",
	"account default":         "other",
	"account edit":            "work --full-name Me",
	"account identity add":    "work sales@example.org",
	"account identity edit":   "work office@example.org --full-name Office",
	"account identity remove": "work office@example.org",
	"account import":          "--from msmtp",
	"account login":           "work",
	"account remove":          "other",
	"flush":                   "",
	"hooks":                   "",
	"lock":                    "",
	"outbox cancel":           "1",
	"outbox delete":           "2",
	"outbox edit":             "1",
	"outbox hold":             "1",
	"outbox reassign":         "1 --through other",
	"outbox release":          "3",
	"outbox resolve":          "1 --sent",
	"outbox retry":            "1",
	"outbox salvage":          "",
	"outbox schedule":         "1 --at 2036-11-27T09:00:00Z",
	"outbox send":             "1",
	"outbox take-back":        "1",
	"unlock":                  "",
}

// endless are the doers that run until they are ended.
var endless = []string{"agent", "sandbox", "outbox/watch"}

// TestDoneThoughUntold runs each command that changes something as usual, with a
// full disk behind its standard output, and with none: what it did is the same,
// there is no panic, and the exit code says nothing else but that it can't be
// told.
func TestDoneThoughUntold(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("this test needs /dev/full; %s has none", runtime.GOOS)
	}
	before := &station{t: t, home: t.TempDir()}
	for _, name := range []string{"work", "other"} {
		before.run(0, "account", "add", name, "--address", name+"@example.org", "--host", "127.0.0.1", "--port", "1", "--tls", "none", "--auth", "none")
	}
	before.run(0, "account", "identity", "add", "work", "office@example.org")
	before.queue(3)
	before.run(0, "outbox", "cancel", "2")
	before.run(0, "outbox", "hold", "3")
	for _, path := range doers {
		if slices.Contains(endless, path) {
			continue
		}
		path = strings.ReplaceAll(path, "/", " ")
		args, ok := deeds[path]
		if !ok {
			t.Errorf("nothing to do for %s", path)
		}
		words := append(strings.Fields(path), strings.Fields(args)...)
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			code, want, said := untold(t, before.home, words, "")
			for _, redirection := range []string{">/dev/full", ">&-"} {
				got, home, err := untold(t, before.home, words, redirection)
				if got != code && got != exitDisk {
					t.Errorf("%s: exit code %d, want %d\n%s", redirection, got, code, err)
				}
				if home != want {
					t.Errorf("%s did\n%s\ninstead of\n%s", redirection, home, want)
				}
				if strings.Contains(err, "goroutine") || got != 0 && err == "" {
					t.Errorf("%s: exit code %d, and this is said: %q", redirection, got, err)
				}
			}
			if code != 0 && said == "" {
				t.Errorf("exit code %d without a word", code)
			}
		})
	}
}

// untold runs a command in a copy of a home, and returns what is there then.
func untold(t *testing.T, home string, words []string, redirection string) (code int, after, stderr string) {
	t.Helper()
	s := &station{t: t, home: t.TempDir()}
	if err := os.CopyFS(s.home, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", "-c", `exec sendoff "$@" </dev/null `+redirection, "sh")
	sh.Args = append(sh.Args, words...)
	sh.Env = append(s.environ(), "HOME="+s.home, "EDITOR=true", "VISUAL=")
	var said strings.Builder
	sh.Stderr = &said
	if err := sh.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	accounts, err := os.ReadFile(filepath.Join(s.home, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return sh.ProcessState.ExitCode(), string(accounts) + s.run(0, "outbox", "list", "--format", "{{.ID}} {{.State}}"), said.String()
}
