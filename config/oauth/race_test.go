package oauth

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/private"
	"sendoff/config/secret"
)

// refresher tells this test binary to be a program that asks for a token: the
// account as JSON. storeFolder is where it keeps what lasts; hangs tells it to
// stand still before it stores anything.
const (
	refresher   = "SENDOFF_TEST_REFRESH"
	storeFolder = "SENDOFF_TEST_REFRESH_IN"
	hangs       = "SENDOFF_TEST_REFRESH_HANGS"
)

func TestMain(m *testing.M) {
	if account := os.Getenv(refresher); account != "" {
		folder := os.Getenv(storeFolder)
		var a config.Account
		if err := json.Unmarshal([]byte(account), &a); err != nil {
			panic(err)
		}
		fmt.Println("begins")
		ts := &Tokens{Store: onDisk{folder, os.Getenv(hangs) != ""}, Folder: folder}
		got, err := ts.Token(context.Background(), a, false)
		fmt.Println("got", got.Reveal(), err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// onDisk keeps a secret where other programs find it.
type onDisk struct {
	folder string
	hangs  bool
}

func (d onDisk) file() string { return filepath.Join(d.folder, "kept") }

func (d onDisk) Get(context.Context, config.Account) (secret.Secret, error) {
	text, err := private.Read(d.file(), 1000)
	return secret.New(string(text)), err
}

func (d onDisk) Set(_ context.Context, _ config.Account, s secret.Secret) error {
	if d.hangs {
		fmt.Println("stores")
		select {}
	}
	return private.Write(d.file(), []byte(s.Reveal()))
}

// another starts a program that asks for the token of a.
func another(t *testing.T, a config.Account, folder string, more ...string) (cmd *exec.Cmd, said *bufio.Reader) {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), refresher+"="+string(text), storeFolder+"="+folder), more...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	said = bufio.NewReader(out)
	if line, err := said.ReadString('\n'); line != "begins\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd, said
}

// TestTwoPrograms: two programs need a token at once, from a provider that
// takes each refresh token once. None of them uses one that the other used.
func TestTwoPrograms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	both := make(chan struct{})
	s.set(func() {
		s.refresh = "r0"
		s.before = func() { <-both } // the first has no answer before the second asks
	})
	folder := t.TempDir()
	if err := (onDisk{folder: folder}).Set(t.Context(), config.Account{}, secret.New("r0")); err != nil {
		t.Fatal(err)
	}
	_, first := another(t, account(s), folder)
	_, second := another(t, account(s), folder)
	close(both)
	got := map[string]bool{}
	for _, said := range []*bufio.Reader{first, second} {
		line, err := said.ReadString('\n')
		if err != nil {
			t.Error(err)
		}
		got[line] = true
	}
	if !got["got access1 <nil>\n"] || !got["got access2 <nil>\n"] {
		t.Errorf("the programs said %v", got)
	}
	var used []string
	s.set(func() {
		for _, form := range s.asked {
			used = append(used, form.Get("refresh_token"))
		}
	})
	if kept, err := (onDisk{folder: folder}).Get(t.Context(), config.Account{}); strings.Join(used, " ") != "r0 r1" || kept.Reveal() != "r2" {
		t.Errorf("used %q, kept %q, %v", used, kept.Reveal(), err)
	}
}

// TestKilledBeforeStored: a program dies between the answer of the provider and
// the disk, and what it was given dies with it. The next one says what to do.
func TestKilledBeforeStored(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.set(func() { s.refresh = "r0" })
	folder := t.TempDir()
	store := onDisk{folder: folder}
	if err := store.Set(t.Context(), config.Account{}, secret.New("r0")); err != nil {
		t.Fatal(err)
	}
	a := account(s)
	cmd, said := another(t, a, folder, hangs+"=yes")
	if line, err := said.ReadString('\n'); line != "stores\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(said)
	_ = cmd.Wait()
	if len(rest) > 0 {
		t.Errorf("a token was used before its successor was stored: %q", rest)
	}
	ts := &Tokens{Store: store, Folder: folder}
	_, err := ts.Token(t.Context(), a, false) // the lock died too
	var e *secret.Error
	if !errors.As(err, &e) || !errors.Is(err, secret.ErrSignIn) || !strings.Contains(e.Hint, "sendoff account login work") {
		t.Errorf("got %v", err)
	}
}

// TestStoppedWhileAsking: what a provider has answered is stored, even if the
// person stops the program before the answer is there.
func TestStoppedWhileAsking(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	k, a := holding(t, s)
	ctx, stop := context.WithCancel(t.Context())
	s.set(func() { s.before = stop })
	if _, err := tokens(t, k).Token(ctx, a, false); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if kept, _ := k.Get(t.Context(), a); kept.Reveal() != "r1" {
		t.Errorf("kept %q: what counts from now on is lost", kept.Reveal())
	}
}

// TestTokenTimes: a token is taken for good as long as its provider said, by a
// clock that may be wrong; whatever it thinks, a refusal brings a new one.
func TestTokenTimes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lifetime any
		clock    time.Duration // by how much it is set, after the first token
		kept     bool          // the first token is used again
	}{
		"an hour":            {3600, 0, true},
		"an hour as text":    {"3600", 0, true},
		"five minutes":       {300, 0, false}, // it could end on the way
		"a moment":           {1, 0, false},
		"past":               {-3600, 0, false},
		"not said":           {nil, 0, true},
		"nought":             {0, 0, true},
		"a thousand years":   {int64(31557600000), 0, true},
		"more than there is": {json.Number("9223372036854775807"), 0, true},
		"clock set forward":  {3600, 24 * time.Hour, false},
		"clock set back":     {3600, -24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.set(func() { s.lifetimes = test.lifetime })
			k, a := holding(t, s)
			ts := tokens(t, k)
			var set time.Duration
			ts.Clock = func() time.Time { return time.Now().Add(set) }
			for n, want := range []string{"access1", map[bool]string{true: "access1", false: "access2"}[test.kept]} {
				if got, err := ts.Token(t.Context(), a, false); err != nil || got.Reveal() != want {
					t.Errorf("token %d: got %q, %v, want %s", n, got.Reveal(), err, want)
				}
				set = test.clock
			}
			asked := len(s.asked)
			if got, err := ts.Token(t.Context(), a, true); err != nil || got.Reveal() != fmt.Sprint("access", asked+1) || len(s.asked) != asked+1 {
				t.Errorf("after a refusal: got %q, %v, asked %d times", got.Reveal(), err, len(s.asked)-asked)
			}
		})
	}
}
