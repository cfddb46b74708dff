package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/private"
)

var home = config.Account{Name: "home", Address: "alice@home.example", Host: "mail.home.example"}

func TestAppend(t *testing.T) {
	t.Parallel()
	const added = `[[account]]
name = "home"
address = "alice@home.example"
host = "mail.home.example"
port = 465
tls = "implicit"
`
	tests := []struct {
		name, before string
		asDefault    bool
		after        string
	}{
		{"missing file", "", false, added},
		{"missing file, default", "", true, "default = \"home\"\n\n" + added},
		{"second", "# mine\n" + minimal + "# end", false, "# mine\n" + minimal + "# end\n\n" + added},
		{
			"default replaced", "default   =  'work' # for now\n" + minimal, true,
			"default   =  \"home\" # for now\n" + minimal + "\n" + added,
		},
		{
			"default added below the file's own comment", "# My accounts\n\n# the office\n" + minimal, true,
			"# My accounts\n\ndefault = \"home\"\n\n# the office\n" + minimal + "\n" + added,
		},
		{
			"default added above an account's comment", "# the office\n" + minimal, true,
			"default = \"home\"\n\n# the office\n" + minimal + "\n" + added,
		},
		{"after another table", "[outbox]\nundo = \"5s\"\n", true, "default = \"home\"\n\n[outbox]\nundo = \"5s\"\n\n" + added},
		{"only a comment, no line end", "# nothing yet", true, "# nothing yet\ndefault = \"home\"\n\n" + added},
		{
			"line ends of Windows", "# a\r\n" + strings.ReplaceAll(minimal, "\n", "\r\n"), true,
			strings.ReplaceAll("default = \"home\"\n\n# a\n"+minimal+"\n"+added, "\n", "\r\n"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "new", "config.toml")
			if test.before != "" {
				put(t, path, test.before)
			}
			if err := config.Append(t.Context(), path, home, test.asDefault); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, content(t, path)); diff != "" {
				t.Error(diff)
			}
			c, err := config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if test.asDefault != (c.Default == "home") && test.before != "" {
				t.Errorf("default is %q", c.Default)
			}
		})
	}
}

// TestAppendKeeps asserts that whatever a person can enter comes back as it was.
func TestAppendKeeps(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	want := []config.Account{
		{
			Name: "a", Address: "a@b.example", FullName: `Dr. "A" \ B'c # ü`, Signature: "one\n\ttwo\r\n\"\"\"three",
			Host: "h", Port: 2525, TLS: config.TLSStart, Auth: "login", User: "EXAMPLE\\a", Secret: config.SecretAsk,
			CAFile: filepath.Join(t.TempDir(), "ca.pem"),
		},
		{
			Name: "c", Address: "a@b.example", Host: "h", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthAuto, User: "a@b.example",
			Secret: config.SecretCommand, PasswordCommand: []string{"/bin/sh", "-c", "echo \"a\"\n'b'\\"}, Pins: []string{"sha256//" + pin},
		},
		{
			Name: "d", Address: "a@b.example", Host: "h", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthAuto, User: "a@b.example",
			Secret: config.SecretFile, CredentialFile: filepath.Join(t.TempDir(), "d"),
		},
		{
			Name: "e", Address: "a@b.example", Host: "h", Port: 465, TLS: config.TLSImplicit, Auth: config.AuthExternal,
			ClientCert: filepath.Join(t.TempDir(), "me.pem"), ClientKey: filepath.Join(t.TempDir(), "me.key"), Window: 100,
			Proxy: "http://al%20ice@proxy.example:3128", Bind: "2001:db8::7", EHLOName: "pc.example.org",
		},
		{Name: "b", Address: "a@b.example", Host: "h", Port: 25, TLS: config.TLSNone, Auth: config.AuthNone, Cleartext: true},
	}
	for _, a := range want {
		a.Auth = strings.ToUpper(a.Auth)
		if a.PasswordCommand == nil {
			a.PasswordCommand, a.Pins = []string{}, append([]string{}, a.Pins...)
		}
		if err := config.Append(t.Context(), path, a, false); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.Accounts); diff != "" {
		t.Error(diff)
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	with := func(f func(*config.Account)) config.Account {
		a := home
		f(&a)
		return a
	}
	tests := []struct {
		name, before string
		account      config.Account
		want         string
	}{
		{"unsound", "", with(func(a *config.Account) { a.TLS = "ssl" }), `tls can't be "ssl"`},
		{"port", "", with(func(a *config.Account) { a.Port = 70000 }), `port must be`},
		{"not UTF-8", "", with(func(a *config.Account) { a.FullName = "\xff" }), `full-name must be`},
		{"taken", minimal, with(func(a *config.Account) { a.Name = "Work" }), `a second account is called "Work"`},
		{"broken file", minimal + "[", home, `:5:1: `},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config.toml")
			put(t, path, test.before)
			err := config.Append(t.Context(), path, test.account, true)
			var e *config.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if got := content(t, path); got != test.before {
				t.Errorf("the file was changed to %q", got)
			}
		})
	}
}

func TestSetDefault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	put(t, path, minimal+strings.Replace(minimal, "work", "home", 1))
	if err := config.SetDefault(t.Context(), path, "HOME"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); !strings.HasPrefix(got, "default = \"home\"\n\n"+minimal) {
		t.Errorf("got %s", got)
	}
	if err := config.SetDefault(t.Context(), path, "nobody"); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("got %v", err)
	}
}

func TestEditKeepsModeAndLink(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	real := filepath.Join(dir, "dotfiles", "sendoff.toml")
	put(t, real, minimal)
	if err := os.Chmod(real, 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "new", "sendoff", "config.toml")
	if err := os.MkdirAll(filepath.Join(dir, "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := config.Append(t.Context(), path, home, false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info.Mode(), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Fatal(err)
	}
	if err := config.Append(t.Context(), path, home, false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	info, err := os.Stat(real)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if !strings.Contains(content(t, real), "home.example") {
		t.Error("the linked file was not changed")
	}
}

func TestEditMakesLinkedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	if err := os.Symlink("real.toml", path); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if err := config.Append(t.Context(), path, home, false); err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(dir, "real.toml")); got != content(t, path) {
		t.Errorf("the link leads to %q", got)
	}
}

func TestEditCanceled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	unlock, err := private.Lock(t.Context(), path, "it")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := config.Append(ctx, path, home, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestTwoProgramsEdit lets two processes with several writers each add
// accounts: none may be lost.
func TestTwoProgramsEdit(t *testing.T) {
	const writers, each = 3, 3
	if path := os.Getenv("SENDOFF_TEST_CONFIG"); path != "" {
		appendMany(t, path, os.Getenv("SENDOFF_TEST_PREFIX"), writers, each)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTwoProgramsEdit$")
	other.Env = append(os.Environ(), "SENDOFF_TEST_CONFIG="+path, "SENDOFF_TEST_PREFIX=other")
	var out strings.Builder
	other.Stdout, other.Stderr = &out, &out
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	appendMany(t, path, "this", writers, each)
	if err := other.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	c, err := config.Load(path)
	if err != nil || len(c.Accounts) != 2*writers*each {
		t.Errorf("%d accounts, %v", len(c.Accounts), err)
	}
}

func appendMany(t *testing.T, path, prefix string, writers, each int) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				a := home
				a.Name = fmt.Sprintf("%s-%d-%d", prefix, w, n)
				if err := config.Append(t.Context(), path, a, n%2 == 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestFindHome(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	set := func(string) (string, bool) { return dir, true }
	h, err := config.FindHome(set)
	if err != nil || h.ConfigFile() != filepath.Join(dir, "config.toml") || h.OutboxFile() != filepath.Join(dir, "outbox.db") {
		t.Errorf("got %+v, %v", h, err)
	}
	for _, empty := range []bool{true, false} {
		h, err = config.FindHome(func(string) (string, bool) { return "", empty })
		if err != nil || filepath.Base(h.ConfigDir) != "sendoff" || filepath.Base(h.StateDir) != "sendoff" {
			t.Errorf("got %+v, %v", h, err)
		}
	}
	h, err = config.FindHome(func(string) (string, bool) { return "here", true })
	if err != nil || !filepath.IsAbs(h.ConfigDir) {
		t.Errorf("got %+v, %v", h, err)
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("# c\n"+minimal, "home", "Alice", "x\ny", true)
	f.Add("default=\"work\"\r\n"+minimal+"#", "z", "\"", "'''", true)
	f.Add("\n\n# a", "b", "\\", "\t", false)
	f.Fuzz(func(t *testing.T, before, name, fullName, signature string, asDefault bool) {
		path := filepath.Join(t.TempDir(), "config.toml")
		put(t, path, before)
		a := home
		a.Name, a.FullName, a.Signature = name, fullName, signature
		old, oldErr := config.Load(path)
		if err := config.Append(t.Context(), path, a, asDefault); err != nil {
			if strings.Contains(err.Error(), "can't change safely") {
				t.Fatal(err)
			}
			return
		}
		c, err := config.Load(path)
		if err != nil || oldErr != nil || len(c.Accounts) != len(old.Accounts)+1 {
			t.Fatalf("%v, %v, %d accounts", oldErr, err, len(c.Accounts))
		}
	})
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
