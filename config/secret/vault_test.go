package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"filippo.io/age/armor"
)

// asks answers every question with a passphrase.
func asks(passphrase string) func(context.Context, Question) (Secret, error) {
	return func(context.Context, Question) (Secret, error) { return New(passphrase), nil }
}

// weak is a vault whose passphrase is checked in no time.
func weak(file, passphrase string) *Vault {
	v := NewVault(file, "", nil)
	v.work = 2
	if passphrase != "" {
		v.ask = asks(passphrase)
	}
	return v
}

// made returns the file of a vault with one password in it.
func made(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state", "vault")
	if err := weak(file, "open sesame").Set(t.Context(), "work", New("hunter2")); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestVaultDrop: a vault goes away again only if it holds nothing.
func TestVaultDrop(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault")
	v := weak(file, "")
	for _, want := range []bool{false, true} {
		if err := v.Unlock(t.Context(), New("open sesame")); err != nil {
			t.Fatal(err)
		}
		if want {
			if err := v.Set(t.Context(), "work", New("hunter2")); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Drop(t.Context()); err != nil || v.Exists() != want {
			t.Errorf("there is one: %v, want %v; %v", v.Exists(), want, err)
		}
	}
	if err := weak(file, "").Drop(t.Context()); err != nil || !v.Exists() {
		t.Errorf("one that was not opened is gone: %v", err)
	}
}

func TestVault(t *testing.T) {
	t.Parallel()
	file := made(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"hunter2", "work", "open sesame", "AGE-SECRET-KEY"} {
		if bytes.Contains(text, []byte(plain)) {
			t.Errorf("the file shows %q", plain)
		}
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	v := weak(file, "open sesame")
	if state := v.State(t.Context(), "work"); state.Ready || state.Text != "vault, locked" || !v.Locked(t.Context()) {
		t.Errorf("state %+v", state)
	}
	if s, err := v.Get(t.Context(), "work"); err != nil || s.Reveal() != "hunter2" {
		t.Fatalf("got %q, %v", s.Reveal(), err)
	}
	v.ask = func(context.Context, Question) (Secret, error) { t.Error("asked twice"); return Secret{}, nil }
	if state := v.State(t.Context(), "work"); !state.Ready || v.Locked(t.Context()) {
		t.Errorf("state %+v", state)
	}
	if _, err := v.Get(t.Context(), "other"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := v.Set(t.Context(), "other", New("pässword\n")); err != nil {
		t.Fatal(err)
	}
	if err := v.Delete(t.Context(), "work"); err != nil {
		t.Fatal(err)
	}
	again := weak(file, "open sesame")
	if s, err := again.Get(t.Context(), "other"); err != nil || s.Reveal() != "pässword\n" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if _, err := again.Get(t.Context(), "work"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestVaultPassphrase(t *testing.T) {
	t.Parallel()
	file := made(t)
	asked := 0
	v := weak(file, "")
	v.ask = func(_ context.Context, q Question) (Secret, error) {
		if asked++; q.Wrong != (asked%tries != 1) || q.New {
			t.Errorf("question %d: %+v", asked, q)
		}
		return New("open says me"), nil
	}
	if _, err := v.Get(t.Context(), "work"); !errors.Is(err, ErrVaultLocked) || !errors.Is(err, ErrLocked) || asked != tries {
		t.Errorf("after %d tries: %v", asked, err)
	}
	if err := v.Set(t.Context(), "work", New("x")); !errors.Is(err, ErrLocked) {
		t.Errorf("set: %v", err)
	}
	silent := weak(file, "")
	if _, err := silent.Get(t.Context(), "work"); !errors.Is(err, ErrVaultLocked) || !strings.Contains(err.Error(), "sendoff unlock") {
		t.Errorf("nobody asked: %v", err)
	}
	for _, wrong := range []string{"", "x"} {
		if err := silent.Unlock(t.Context(), New(wrong)); !errors.Is(err, ErrVaultLocked) {
			t.Errorf("unlock with %q: %v", wrong, err)
		}
	}
	if err := silent.Rekey(t.Context(), New("new one")); !errors.Is(err, ErrLocked) {
		t.Errorf("a locked vault got another passphrase: %v", err)
	}
	if err := silent.Unlock(t.Context(), New("open sesame")); err != nil {
		t.Fatal(err)
	}
	if err := silent.Rekey(t.Context(), New("new one")); err != nil {
		t.Fatal(err)
	}
	if _, err := weak(file, "open sesame").Get(t.Context(), "work"); !errors.Is(err, ErrLocked) {
		t.Errorf("the old passphrase: %v", err)
	}
	if s, err := weak(file, "new one").Get(t.Context(), "work"); err != nil || s.Reveal() != "hunter2" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
}

func TestVaultMissing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault")
	v := weak(file, "x")
	if _, err := v.Get(t.Context(), "work"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := v.Delete(t.Context(), "work"); err != nil {
		t.Error(err)
	}
	if err := weak(file, "").Set(t.Context(), "work", New("x")); !errors.Is(err, ErrNotFound) {
		t.Errorf("made without a passphrase: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

// TestVaultAttacked changes the file in every way that its format knows.
func TestVaultAttacked(t *testing.T) {
	t.Parallel()
	file := made(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := parseVault(text)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(made(t))
	if err != nil {
		t.Fatal(err)
	}
	others, err := parseVault(other)
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := heavyKey()
	if err != nil {
		t.Fatal(err)
	}
	attack := func(name string, changed []byte) {
		path := filepath.Join(t.TempDir(), "vault")
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		v := weak(path, "open sesame")
		s, err := v.Get(t.Context(), "work")
		if err == nil {
			t.Errorf("%s: opened, %q", name, s.Reveal())
			return
		}
		var e *Error
		if !errors.As(err, &e) || errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
		if err := v.Set(t.Context(), "work", New("x")); err == nil {
			t.Errorf("%s: written", name)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, changed) {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
	}
	for n := range text { // truncated
		if n%7 == 0 || n > len(text)-3 {
			attack(fmt.Sprint("cut at ", n), text[:n])
		}
	}
	for n := range text { // tampered with
		if n%11 != 0 || text[n] == '\n' {
			continue
		}
		changed := bytes.Clone(text)
		changed[n] ^= 1
		attack(fmt.Sprint("changed at ", n), changed)
	}
	attack("another's passwords", vaultFile{whole.key, others.content}.text())
	attack("another's key", vaultFile{others.key, whole.content}.text())
	attack("parts swapped", vaultFile{whole.content, whole.key}.text())
	attack("a newer version", bytes.Replace(text, []byte("vault 1"), []byte("vault 2"), 1))
	attack("too heavy", vaultFile{heavy, whole.content}.text())
	attack("large", append(text, bytes.Repeat([]byte("x"), vaultLimit)...))
}

// heavyKey is a key under a passphrase that would take a terabyte to check.
func heavyKey() ([]byte, error) {
	_, wrapped, err := newKey(New("open sesame"), 2)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(armor.NewReader(bytes.NewReader(wrapped)))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := armor.NewWriter(&b)
	_, err = w.Write(bytes.Replace(plain, []byte(" 2\n"), []byte(" 30\n"), 1))
	return b.Bytes(), errors.Join(err, w.Close())
}

// TestVaultTwoWriters has several programs write at once.
func TestVaultTwoWriters(t *testing.T) {
	t.Parallel()
	file := made(t)
	const writers, each = 4, 8
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			v := weak(file, "open sesame")
			for n := range each {
				if err := v.Set(t.Context(), fmt.Sprint(w, "-", n), New(fmt.Sprint(w))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	v := weak(file, "open sesame")
	for w := range writers {
		for n := range each {
			if s, err := v.Get(t.Context(), fmt.Sprint(w, "-", n)); err != nil || s.Reveal() != fmt.Sprint(w) {
				t.Errorf("%d-%d: %q, %v", w, n, s.Reveal(), err)
			}
		}
	}
}

// vaultWriter tells this test binary to be a program that writes a vault until
// it is killed.
const vaultWriter = "SENDOFF_TEST_WRITE_VAULT"

// peerOf tells it to be another user's program that asks the agent at a socket.
const peerOf = "SENDOFF_TEST_ASK_AGENT"

func TestMain(m *testing.M) {
	if socket := os.Getenv(peerOf); socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_, _ = conn.Write([]byte(`{"do":"left"}` + "\n"))
		answer, _ := io.ReadAll(conn)
		fmt.Printf("answer: %q", answer)
		os.Exit(0)
	}
	if file := os.Getenv(vaultWriter); file != "" {
		v := weak(file, "open sesame")
		for n := 0; ; n++ {
			if err := v.Set(context.Background(), "work", New(strings.Repeat(fmt.Sprint(n%10), 20000))); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			fmt.Println("written")
		}
	}
	os.Exit(m.Run())
}

// TestVaultKilled kills a program while it writes; whatever it was about, the
// vault holds one password or the other, whole.
func TestVaultKilled(t *testing.T) {
	t.Parallel()
	file := made(t)
	for round := range 12 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), vaultWriter+"="+file)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, len("written\n")*(round%4+1))
		if _, err := io.ReadFull(out, said); err != nil || !strings.HasPrefix(string(said), "written\n") {
			t.Fatalf("it said %q, %v", said, err)
		}
		// It is somewhere in the next write by now.
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		s, err := weak(file, "open sesame").Get(t.Context(), "work")
		if err != nil {
			t.Fatal(err)
		}
		if text := s.Reveal(); len(text) != 20000 || strings.Trim(text, text[:1]) != "" {
			t.Fatalf("neither the old nor the new password: %.40q", text)
		}
	}
	// Killed after all was written and before the rename.
	if err := os.WriteFile(file+".new", []byte("sendoff vault 1\nhalf"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := weak(file, "open sesame").Set(t.Context(), "work", New("hunter2")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// TestVaultIsSlowToGuess looks at what a real vault asks of a guesser.
func TestVaultIsSlowToGuess(t *testing.T) {
	t.Parallel()
	if v := NewVault("vault", "", nil); v.work < 16 || v.work > maxWorkFactor {
		t.Errorf("the work factor is %d", v.work)
	}
}

func FuzzVault(f *testing.F) {
	key, wrapped, err := newKey(New("x"), 1)
	if err != nil {
		f.Fatal(err)
	}
	file := vaultFile{key: wrapped}
	if err := file.fill(f.Context(), key, contents{"work": "x"}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.text())
	f.Add([]byte("sendoff vault 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := parseVault(text)
		if err != nil {
			return
		}
		if all, err := parsed.contents(t.Context(), key); err == nil && all["work"] != "x" {
			t.Errorf("opened as %v", all)
		}
	})
}
