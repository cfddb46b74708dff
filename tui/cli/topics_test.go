package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sendoff/assets"
	"sendoff/smtp/sandbox"
)

// TestTopicsFit asserts that every page, and the help of every command but for
// its examples, can be read in a terminal of 80 columns.
func TestTopicsFit(t *testing.T) {
	t.Parallel()
	topics := 0
	for _, cmd := range commands(tree()) {
		if isTopic(cmd) {
			topics++
			if cmd.Short == "" || len(cmd.Long) < 100 {
				t.Errorf("%s says nothing", cmd.Name())
			}
		}
		text := laidOut(cmd.Long, 80) + "\n" + cmd.LocalFlags().FlagUsagesWrapped(80) + listed(below(cmd), false) + listed(below(cmd), true)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	}
	if topics < 10 {
		t.Errorf("there are %d documents", topics)
	}
}

// TestDocumentsAreLaidOut asserts what becomes of each part of a document.
func TestDocumentsAreLaidOut(t *testing.T) {
	t.Parallel()
	const written = `## Parts

Words that go on, and go
on, broken.

- one, with some-words --an-option
- two
  goes on

    code   stays as it is written

> it says so

| what | how much |
|---|---|
| a | few |
| bb | some |

| what | why |
|---|---|
| a cell that takes its place | another long one to read |
| more | here |`
	const want = `PARTS

Words that go on, and go
on, broken.

- one, with some-words
  --an-option
- two goes on

    code   stays as it is written

> it says so

what  how much
----  --------
a     few
bb    some

a cell that takes its
place
  why: another long one
  to read

more
  why: here`
	if got := laidOut(written, 24); got != want {
		t.Errorf("%s", got)
	}
	if got := laidOut("  a line that stays\n\nand words", 10); got != "  a line that stays\n\nand words" {
		t.Errorf("%q", got)
	}
}

// document returns a document as it is kept.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := assets.Docs.ReadFile("doc/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readme returns the README.
func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sources returns what the Go files of a package hold, those of tests or the
// others.
func sources(t *testing.T, dir string, tests bool) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", dir, files, err)
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") != tests {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// TestConformanceIsTested looks for every test and script that the tables of
// standards, of failures and of promises name.
func TestConformanceIsTested(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`([a-z/]+) (Test\w+)`)
	script := regexp.MustCompile(`\w+\.txtar`)
	read := map[string]string{}
	for name, least := range map[string]int{"conformance": 20, "failures": 16, "readme": 8} {
		rows, text := 0, ""
		if name == "readme" {
			text = readme(t)
		} else {
			text = document(t, name)
		}
		_, table, _ := strings.Cut(text, "|---|---|---|\n")
		for line := range strings.Lines(table) {
			if !strings.HasPrefix(line, "|") {
				break
			}
			rows++
			tests, scripts := named.FindAllStringSubmatch(line, -1), script.FindAllString(line, -1)
			if len(tests)+len(scripts) == 0 {
				t.Errorf("no test: %s", line)
			}
			for _, test := range tests {
				if read[test[1]] == "" {
					read[test[1]] = sources(t, test[1], true)
				}
				if !strings.Contains(read[test[1]], "\nfunc "+test[2]+"(") {
					t.Errorf("%s has no %s", test[1], test[2])
				}
			}
			for _, file := range scripts {
				if _, err := os.Stat(filepath.Join("testdata", "script", file)); err != nil {
					t.Error(err)
				}
			}
		}
		if rows < least {
			t.Errorf("%s: %d rows", name, rows)
		}
	}
}

// TestTroubleIsExplained looks for the words of the page about trouble in those
// of the program.
func TestTroubleIsExplained(t *testing.T) {
	t.Parallel()
	program := sources(t, "smtp/submit", false)
	explained := 0
	for line := range strings.SplitSeq(document(t, "troubleshooting"), "\n") {
		if words, ok := strings.CutPrefix(line, "> "); ok {
			explained++
			if !strings.Contains(program, `"`+words+`"`) {
				t.Errorf("the program does not say %q", words)
			}
		}
	}
	if explained < 10 {
		t.Errorf("%d explained", explained)
	}
}

// TestTroubleCanBeHad looks for the recipients that the README names among
// those that the sandbox knows.
func TestTroubleCanBeHad(t *testing.T) {
	t.Parallel()
	_, part, _ := strings.Cut(readme(t), "## Trying trouble")
	part, _, _ = strings.Cut(part, "\n## ")
	named := regexp.MustCompile("`([a-z-]+)@`").FindAllStringSubmatch(part, -1)
	if len(named) < 5 {
		t.Fatalf("%d are named", len(named))
	}
	for _, name := range named {
		if !slices.ContainsFunc(sandbox.Specials(), func(s sandbox.Special) bool { return s.Local == name[1] }) {
			t.Errorf("the sandbox knows no %s@", name[1])
		}
	}
}
