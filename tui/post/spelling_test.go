package post

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"sendoff/config"
)

// TestSpeller: a checker that died is started anew by the next question, one for
// another language takes its place, and none that is installed is no trouble
// before it is asked for.
func TestSpeller(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	folder := t.TempDir()
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	script := `#!/bin/sh
echo '@(#) International Ispell Version 3.2.06'
case "$*" in *xx_XX*) exit 1;; esac
read -r line; echo "& teh 1 1: $5"; echo
read -r line
`
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(filepath.Join(folder, "hunspell"), []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	home := config.Home{ConfigDir: filepath.Join(folder, "c"), StateDir: filepath.Join(folder, "s")}
	if err := os.MkdirAll(home.ConfigDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home.ConfigFile(), []byte("[compose]\nspelling = \"hunspell\"\nwrap = 60\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(Options{Home: home, Lookup: func(name string) (string, bool) { return map[string]string{"LANG": "de_DE.UTF-8"}[name], true }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if w, err := r.Writing(); err != nil || !w.Spelling || w.Wrap != 60 {
		t.Fatalf("%+v, %v", w, err)
	}
	for i, tt := range []struct{ language, want string }{{"", "de_DE"}, {"", ""}, {"", "de_DE"}, {"en_GB", "en_GB"}, {"xx_XX", ""}} {
		wrong, err := r.Misspelled(context.Background(), tt.language, []string{"teh"})
		if tt.want == "" {
			if err == nil {
				t.Errorf("%d: no error, but %v", i, wrong)
			}
			continue
		}
		if err != nil || len(wrong["teh"]) != 1 || wrong["teh"][0] != tt.want {
			t.Errorf("%d: %v, %v", i, wrong, err)
		}
	}
}
