//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/spf13/cobra"

	"sendoff/assets"
)

// elsewhere are the commands of the documents that are run in other tests, or
// are not ours, with what stands for them.
var elsewhere = map[string]string{
	"go run . --sandbox":                    "TestWalkSend",
	"go test ./...":                         "this is it",
	"go install .":                          ".ci/run builds it",
	"systemctl --user enable --now sendoff": "TestUnits",
	"sendoff outbox watch":                  "watch.txtar, it does not end",
	"sendoff send --edit --to":              "sending.txtar",
}

// shown are the commands that open the screens.
var shown = regexp.MustCompile(`^sendoff($| 'mailto:| --(reply|forward|edit-as-new) | \w+\.eml)`)

// TestDocumentedCommands runs the commands of the README and of the documents,
// in the order in which they stand, in a place where what they name is there.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	needs(t, "git")
	s := newStation(t)
	prepareReading(t, s)
	text := readme(t)
	lines := commandsIn(text, "", regexp.MustCompile("(?s)```sh\n(.*?)```"))
	for _, name := range []string{"accounts", "writing", "scripts"} {
		lines = append(lines, commandsIn(document(t, name), "    ", regexp.MustCompile(`(?m)((?:^    (?:sendoff|ln|git|mkdir|systemctl)\b.*\n)+)`))...)
	}
	if len(lines) < 45 {
		t.Fatalf("%d commands", len(lines))
	}
	done := map[string]bool{}
	for _, line := range lines {
		if done[line] || stands(line) {
			continue
		}
		done[line] = true
		sh := exec.Command("sh", "-c", s.fitted(line))
		sh.Env, sh.Dir = append(s.environ(), "HOME="+s.home, "TERM=xterm"), s.home
		if shown.MatchString(line) {
			s.opens(sh)
			continue
		}
		if out, err := sh.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// commandsIn returns the commands of the blocks that a pattern finds, without
// what is remarked on them.
func commandsIn(text, indent string, block *regexp.Regexp) (lines []string) {
	for _, found := range block.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(found[1]) {
			line, _, _ = strings.Cut(strings.TrimPrefix(line, indent), "  #")
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func stands(line string) bool {
	for command := range elsewhere {
		if strings.HasPrefix(line, command) {
			return true
		}
	}
	return false
}

// prepareReading puts what the documents speak of into the station's home: mail
// 1 was refused, 2 to 4 are held, of 5 nobody knows what became, 6 is put off.
func prepareReading(t *testing.T, s *station) {
	t.Helper()
	const mail = "From: bob@example.org\nTo: me@example.org\nSubject: Garden\nMessage-ID: <1@example.org>\n\ntext\n"
	for name, text := range map[string]string{
		"letter.eml": mail, "sent.eml": mail, "draft.eml": mail, "minutes.txt": "minutes\n", "minutes.pdf": "%PDF-1.4\n",
		"templates/order": "Subject: Order {{order}}\nTo: bob@example.org\n\nDear {{name}}\n",
		"people.csv":      "to,name,order\nann@example.org,Ann,7\n",
	} {
		path := filepath.Join(s.home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("git", "init", "-q", s.home).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.run(exitRefused, "send", "--quiet", "--to", "refused@example.org", "--subject", "garden", "--body", "text")
	for range 3 {
		s.run(0, "send", "--queue", "--to", "bob@example.org", "--subject", "Later", "--body", "text")
	}
	s.run(0, "outbox", "hold", "2-4")
	s.run(exitUncertain, "send", "--quiet", "--to", "drop-after-dot@example.org", "--subject", "Contract", "--body", "text")
	s.run(exitDeferred, "send", "--quiet", "--to", "greylist@example.org", "--subject", "Minutes", "--body", "text")
}

// fitted has a command speak of what is in the station.
func (s *station) fitted(line string) string {
	const add = "sendoff account add work --address me@example.org"
	if line == add {
		conf, err := os.ReadFile(filepath.Join(s.home, "config.toml"))
		if err != nil {
			s.t.Fatal(err)
		}
		// The server can't be found by the address, and work is there already.
		port := regexp.MustCompile(`port = (\d+)`).FindStringSubmatch(string(conf))[1]
		return strings.Replace(add, "work", "other", 1) + " --host 127.0.0.1 --auth none --port " + port
	}
	return strings.NewReplacer(
		"show 12", "show 1", "transcript 12", "transcript 1", "retry 12", "retry 6", "12-14", "2-4", "resolve 12", "resolve 5", "reassign 12", "reassign 2",
	).Replace(line)
}

// opens runs a command until it shows the composer.
func (s *station) opens(cmd *exec.Cmd) {
	s.t.Helper()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		s.t.Fatal(err)
	}
	defer tty.Close()
	var seen strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(seen.String(), "Subject") {
		n, err := tty.Read(buffer)
		if err != nil { // the program ended
			s.t.Errorf("%s shows %q", cmd, seen.String())
			break
		}
		seen.Write(buffer[:n])
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the shell, and what it runs
	_, _ = io.Copy(io.Discard, tty)
	_ = cmd.Wait() // it was killed
}

// TestDocumentsNameCommands looks for each command, option and document that a
// text speaks of.
func TestDocumentsNameCommands(t *testing.T) {
	t.Parallel()
	root := (&program{Env: Env{Environ: func() []string { return nil }}}).root()
	texts := map[string]string{"README": readme(t)}
	files, err := assets.Docs.ReadDir("doc")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".md")
		texts[name] = document(t, name)
	}
	named := 0
	for name, text := range texts {
		for _, span := range regexp.MustCompile("`sendoff ([^`]+)`").FindAllStringSubmatch(text, -1) {
			named++
			words := strings.Fields(span[1])
			if words[0] == "help" || words[0] == "man" {
				words = words[1:]
			}
			if err := known(root, words); err != nil && span[1] != "man config" {
				t.Errorf("%s: sendoff %s: %v", name, span[1], err)
			}
		}
	}
	if named < 20 {
		t.Errorf("%d commands are named", named)
	}
}

// known says what is wrong with the words of a command.
func known(root *cobra.Command, words []string) error {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	return cmd.ParseFlags(rest)
}

// TestReadmeIsShort keeps the README one that is read from top to bottom.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if n := strings.Count(readme(t), "\n"); n > 250 {
		t.Errorf("%d lines", n)
	}
}
