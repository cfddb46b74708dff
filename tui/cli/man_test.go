//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestManualPages has the programs that show manuals read all of them.
func TestManualPages(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	folder := filepath.Join(s.home, "share", "man")
	s.run(0, "man", "--dir", folder)
	pages, err := filepath.Glob(filepath.Join(folder, "man?", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 20 {
		t.Fatalf("there are %d pages", len(pages))
	}
	released, err := os.ReadFile(filepath.Join("..", "..", ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range pages {
		if name := strings.TrimPrefix(path, folder); !strings.Contains(string(released), "- man"+filepath.ToSlash(name)+".gz\n") {
			t.Errorf("the cask does not name %s", name)
		}
		for _, at := range []string{path, filepath.Dir(path), folder} {
			if info, err := os.Stat(at); err != nil || info.Mode()&0o044 != 0o044 {
				t.Errorf("not for all to read: %v, %v", info.Mode(), err)
			}
		}
		names[strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))] = true
	}
	for _, cmd := range commands((&program{Env: Env{Environ: func() []string { return nil }}}).root()) {
		if !cmd.Hidden && !names[pageName(cmd)] {
			t.Errorf("%s has no page", cmd.CommandPath())
		}
	}
	needs(t, "mandoc")
	out, err := exec.Command("mandoc", append([]string{"-T", "lint", "-W", "style"}, pages...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "missing date") { // a test binary knows none
			t.Errorf("mandoc (%v): %s", err, line)
		}
	}
	text, err := exec.Command("mandoc", "-T", "utf8", filepath.Join(folder, "man1", "sendoff-sendmail.1")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "-N WHEN    reports: never") || strings.Index(string(text), "EXAMPLES") > strings.Index(string(text), "DESCRIPTION") {
		t.Errorf("the page reads\n%s", text)
	}
	text, err = exec.Command("mandoc", "-T", "ascii", filepath.Join(folder, "man7", "sendoff-states.7")).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"\n       o failed: it was refused for everybody.", "\n       draft      delete     gone\n", "SEE ALSO\n       sendoff(1), sendoff-"} {
		if plain := regexp.MustCompile(".\b").ReplaceAllString(string(text), ""); !strings.Contains(plain, part) {
			t.Errorf("%q is not in\n%s", part, plain)
		}
	}
}

// TestManShowsPages has man itself show each page.
func TestManShowsPages(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("man", "--version").Output(); err != nil || !strings.HasPrefix(string(out), "man 2") {
		lacks(t, "the man of man-db")
	}
	s := &station{t: t, home: t.TempDir()}
	s.run(0, "man", "--dir", s.home)
	pages, err := filepath.Glob(filepath.Join(s.home, "man?", "*"))
	if err != nil || len(pages) < 20 {
		t.Fatal(pages, err)
	}
	man := exec.Command("man", append([]string{"-l"}, pages...)...)
	man.Env = append(os.Environ(), "LC_ALL=C", "MANWIDTH=80")
	var errs strings.Builder
	man.Stderr = &errs
	out, err := man.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	shown := strings.Join(strings.Fields(string(out)), " ") // lines are filled up with blanks
	for _, path := range pages {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if !strings.Contains(shown, " NAME "+name+" - ") {
			t.Errorf("%s is not shown", filepath.Base(path))
		}
	}
}
