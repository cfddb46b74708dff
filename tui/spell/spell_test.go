package spell

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is a checker that does what a shell script says. Its tests are not
// parallel: a program can't be started while a process that another one begins
// still has its file open.
func fake(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	path := filepath.Join(t.TempDir(), "hunspell")
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const banner = "echo '@(#) International Ispell Version 3.2.06'\n"

func TestAnswers(t *testing.T) {
	c, err := Start(context.Background(), fake(t, banner+`
while read -r line; do
	case $line in
	^teh) echo '& teh 2 1: the, tech';;
	^qqq) echo '# qqq 1';;
	^self-made) echo '*'; echo '& mad 1 6: made';;
	^xx) echo '? xx 0 1: yy';;
	*) echo '*';;
	esac
	echo
done`), "en_US")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Wrong(context.Background(), []string{"the", "teh", "qqq", "self-made", "xx", "fine"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"teh": {"the", "tech"}, "qqq": nil, "self-made": {"made"}, "xx": {"yy"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTrouble(t *testing.T) {
	tests := []struct{ name, script, language, want string }{
		{"no dictionary", "echo 'Error: no dictionary for xx' >&2; exit 1", "xx", "no dictionary for xx"},
		{"silent", "exit 1", "xx", "it has no dictionary for xx"},
		{"option", "exit 1", "-d", "is no language"},
		{"something else", "echo hello", "", "it does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Start(context.Background(), fake(t, tt.script), tt.language)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := Start(context.Background(), filepath.Join(t.TempDir(), "hunspell"), ""); err == nil {
		t.Error("a program that is not there was started")
	}
}

// TestEnds: one that dies is an error, and so is one that says nothing until
// the context ends; also if something it started holds its output.
func TestEnds(t *testing.T) {
	for name, script := range map[string]string{
		"dies": banner + "read -r line", "hangs": banner + "exec sleep 1000", "child hangs": banner + "sleep 3 & sleep 3",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Start(context.Background(), fake(t, script), "")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			if wrong, err := c.Wrong(ctx, []string{"word", "word"}); err == nil {
				t.Errorf("it said %v", wrong)
			}
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, fake(t, "exec sleep 1000"), ""); err == nil {
		t.Error("one without a banner was started")
	}
}

// TestReal asks the real programs, and has them learn.
func TestReal(t *testing.T) {
	for _, program := range []string{Hunspell, Aspell, Enchant} {
		t.Run(program, func(t *testing.T) {
			if _, err := exec.LookPath(program); err != nil {
				if os.Getenv("SENDOFF_TEST_REAL") == "1" {
					t.Fatal(err)
				}
				t.Skipf("%s is not installed", program)
			}
			t.Setenv("HOME", t.TempDir())
			ctx := context.Background()
			start := func() *Checker {
				t.Helper()
				c, err := Start(ctx, program, "en_US")
				if err != nil {
					if os.Getenv("SENDOFF_TEST_REAL") == "1" {
						t.Fatal(err)
					}
					t.Skip(err)
				}
				return c
			}
			wrong := func(c *Checker, words ...string) (found []string) {
				t.Helper()
				got, err := c.Wrong(ctx, words)
				if err != nil {
					t.Fatal(err)
				}
				for _, word := range words {
					if _, bad := got[word]; bad {
						found = append(found, word)
					}
				}
				if others, bad := got["wrld"]; bad && !strings.Contains(strings.Join(others, " "), "world") {
					t.Errorf("instead of wrld: %q", others)
				}
				return found
			}
			c := start()
			got := wrong(c, "hello", "wrld", "don't", "don’t", "größxe", "sendoffish", "all")
			if diff := cmp.Diff([]string{"wrld", "größxe", "sendoffish"}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if err := c.Accept(ctx, "wrld"); err != nil {
				t.Fatal(err)
			}
			if err := c.Learn(ctx, "sendoffish"); err != nil {
				t.Fatal(err)
			}
			if got := wrong(c, "wrld", "sendoffish"); got != nil {
				t.Errorf("after it was told: %q", got)
			}
			c.Close()
			c = start()
			defer c.Close()
			if diff := cmp.Diff([]string{"wrld"}, wrong(c, "wrld", "sendoffish")); diff != "" {
				t.Errorf("started again -want +got\n%s", diff)
			}
			if _, err := Start(ctx, program, "xx_YY"); err == nil {
				t.Error("a language that is none is known")
			}
		})
	}
}
