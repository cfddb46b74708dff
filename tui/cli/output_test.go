//go:build unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// readers are the commands that only tell something, with arguments for a
// station in which mail 1 was sent.
var readers = map[string]string{
	"account identity list": "work",
	"account list":          "",
	"account test":          "work",
	"account trust":         "work",
	"completion bash":       "",
	"completion fish":       "",
	"completion powershell": "",
	"completion zsh":        "",
	"config check":          "",
	"config keys":           "",
	"daemon":                "--print-unit=systemd",
	"discover":              "me@mine.example",
	"doctor":                "work",
	"help":                  "states",
	"man":                   "outbox",
	"outbox export":         "1",
	"outbox list":           "",
	"outbox search":         "hello",
	"outbox show":           "1",
	"outbox transcript":     "1",
	"send":                  "--dry-run --to bob@example.org --body text",
	"sendmail":              "-bp",
	"version":               "",
}

// doers are the commands that change something, or never end. That they did it
// counts for more than that it can't be told: send.txtar has the codes.
var doers = strings.Fields(`agent flush hooks lock sandbox unlock
	account/add account/default account/edit account/import account/login account/remove
	account/identity/add account/identity/edit account/identity/remove
	outbox/cancel outbox/delete outbox/edit outbox/hold outbox/reassign outbox/release outbox/resolve outbox/retry
	outbox/salvage outbox/schedule outbox/send outbox/take-back outbox/watch`)

// TestOutputThatCannotBeWritten runs each command that only tells something
// with a full disk behind its standard output, and with none: the exit code says
// so, there is no panic, and the outbox is as it was.
func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("this test needs /dev/full; %s has none", runtime.GOOS)
	}
	s := newStation(t)
	writeMine(t, s.home, "1")
	s.run(0, "send", "--quiet", "--to", "bob@example.org", "--subject", "hello", "--body", "text")
	s.run(0, "send", "--queue", "--to", "bob@example.org", "--subject", "waits", "--body", "text")
	for _, cmd := range commands(tree()) {
		path := strings.TrimPrefix(cmd.CommandPath(), "sendoff ")
		args, reads := readers[path]
		switch {
		case !cmd.HasParent(), !cmd.Runnable(), len(below(cmd)) > 0 && !reads:
			continue
		case !reads:
			if !strings.Contains(" "+strings.Join(doers, " ")+" ", " "+strings.ReplaceAll(path, " ", "/")+" ") {
				t.Errorf("%s is among neither those that read nor those that do", path)
			}
			continue
		}
		words := append(strings.Fields(path), strings.Fields(args)...)
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			for redirection, want := range map[string]int{">/dev/full": exitDisk, ">&-": 0, "<&-": 0} {
				sh := exec.Command("sh", "-c", `exec sendoff "$@" `+redirection, "sh")
				sh.Args = append(sh.Args, words...)
				sh.Env = append(s.environ(), "HOME="+s.home)
				var stderr strings.Builder
				sh.Stderr = &stderr
				out, err := sh.Output()
				if err != nil && !errors.As(err, new(*exec.ExitError)) {
					t.Fatal(err)
				}
				if code := sh.ProcessState.ExitCode(); code != want || strings.Contains(stderr.String(), "goroutine") {
					t.Errorf("%s: exit code %d, want %d\n%s", redirection, code, want, stderr.String())
				}
				if want == exitDisk && !strings.Contains(stderr.String(), "no space left") {
					t.Errorf("%s: it is not said why: %q", redirection, stderr.String())
				}
				if redirection == "<&-" && len(out) == 0 {
					t.Error("nothing is told")
				}
			}
		})
	}
	t.Cleanup(func() {
		if items := s.items(); len(items) != 2 {
			t.Errorf("the outbox holds %v", items)
		}
	})
}

// TestEveryFlagIsTested looks for each flag of each command in the scripts and
// tests.
func TestEveryFlagIsTested(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, pattern := range []string{"testdata/*/*.txtar", "*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 10 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	lines := strings.Split(strings.NewReplacer(`", "`, " ", "\\\n", " ").Replace(all.String()), "\n")
	mentioned := func(command, flag string) bool {
		for _, line := range lines {
			if strings.Contains(line, command) && strings.Contains(line+" ", flag) {
				return true
			}
		}
		return false
	}
	root := tree()
	for _, cmd := range commands(root) {
		if cmd.Hidden {
			continue // we call it ourselves
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			name := strings.TrimPrefix(cmd.CommandPath(), "sendoff ")
			switch {
			case name == "sandbox" && mentioned("serve", "--"+f.Name): // as scripts run it
			case f.Name == "help", f.Hidden, strings.HasPrefix(name, "completion"):
			case f.Shorthand == f.Name && mentioned(name, " -"+f.Name), mentioned(name, "--"+f.Name):
			default:
				t.Errorf("%s: --%s is in no test", cmd.CommandPath(), f.Name)
			}
		})
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !mentioned("sendoff", "--"+f.Name) {
			t.Errorf("--%s is in no test", f.Name)
		}
	})
}
