//go:build darwin || freebsd || linux

package secret

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// serve holds a vault open at a socket, and returns what waits for the end of
// that.
func serve(t *testing.T, agent Agent, key Secret, open time.Duration) (end <-chan error) {
	t.Helper()
	ready, over := make(chan struct{}), make(chan error, 1)
	go func() { over <- agent.Serve(t.Context(), key, open, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-over:
		select {
		case <-ready: // and over before anybody looked
			over <- err
		default:
			t.Fatal(err)
		}
	}
	return over
}

func TestAgent(t *testing.T) {
	t.Parallel()
	file := made(t)
	owner := weak(file, "open sesame")
	if _, err := owner.Key(); err == nil {
		t.Error("a locked vault gave its key")
	}
	if _, err := owner.Get(t.Context(), "work"); err != nil {
		t.Fatal(err)
	}
	key, err := owner.Key()
	if err != nil {
		t.Fatal(err)
	}
	agent := Agent(filepath.Join(t.TempDir(), "run", "agent.sock"))
	v := NewVault(file, agent, nil)
	if _, err := v.Get(t.Context(), "work"); !errors.Is(err, ErrVaultLocked) {
		t.Errorf("without an agent: %v", err)
	}
	over := serve(t, agent, key, time.Hour)
	if info, err := os.Stat(string(agent)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if s, err := v.Get(t.Context(), "work"); err != nil || s.Reveal() != "hunter2" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if err := v.Set(t.Context(), "other", New("x")); err != nil {
		t.Errorf("set: %v", err)
	}
	if state := v.State(t.Context(), "work"); !state.Ready || state.Text != "vault, unlocked, 60 min left" || v.Locked(t.Context()) {
		t.Errorf("state %+v", state)
	}
	// The agent gives away neither key nor passphrase, and has one vault only.
	if _, err := v.Key(); err == nil {
		t.Error("the key came out of the agent")
	}
	elsewhere := NewVault(made(t), agent, nil)
	if _, err := elsewhere.Get(t.Context(), "work"); !errors.Is(err, ErrVaultLocked) {
		t.Errorf("another vault: %v", err)
	}
	if _, err := agent.call(t.Context(), request{Do: "key"}); err == nil {
		t.Error("an unknown request was answered")
	}
	conn, err := net.Dial("unix", string(agent))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write([]byte("{]\n"))
	if n, err := conn.Read(make([]byte, 10)); n > 0 || err == nil {
		t.Errorf("nonsense was answered: %d, %v", n, err)
	}
	_ = conn.Close()

	second := serve(t, agent, key, time.Hour)
	if err := <-over; err != nil {
		t.Errorf("the first agent: %v", err)
	}
	if _, err := v.Get(t.Context(), "work"); err != nil {
		t.Errorf("the second agent: %v", err)
	}
	if err := agent.Lock(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	if _, err := v.Get(t.Context(), "work"); !errors.Is(err, ErrVaultLocked) {
		t.Errorf("after lock: %v", err)
	}
	if err := agent.Lock(t.Context()); !NoAgent(err) {
		t.Errorf("locked twice: %v", err)
	}
	if _, err := os.Stat(string(agent)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

func TestAgentTime(t *testing.T) {
	t.Parallel()
	owner := weak(made(t), "open sesame")
	if _, err := owner.Get(t.Context(), "work"); err != nil {
		t.Fatal(err)
	}
	key, err := owner.Key()
	if err != nil {
		t.Fatal(err)
	}
	agent := Agent(filepath.Join(t.TempDir(), "agent.sock"))
	if err := <-serve(t, agent, key, time.Millisecond); err != nil {
		t.Error(err)
	}
	// Time is by the clock on the wall.
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		h := &holder{until: time.Now().Add(90 * time.Second), stop: stop}
		go h.watch(ctx)
		time.Sleep(89 * time.Second) // of a bubble, which takes none
		if ctx.Err() != nil {
			t.Error("it ended early")
		}
		time.Sleep(2 * time.Second)
		if ctx.Err() == nil {
			t.Error("it did not end")
		}
	})
}

// TestAgentFolder refuses a folder in which others could put a socket.
func TestAgentFolder(t *testing.T) {
	t.Parallel()
	_, key, err := func() (*Vault, Secret, error) {
		v := weak(made(t), "open sesame")
		if err := v.Unlock(t.Context(), New("open sesame")); err != nil {
			return nil, Secret{}, err
		}
		key, err := v.Key()
		return v, key, err
	}()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	err = Agent(filepath.Join(folder, "agent.sock")).Serve(t.Context(), key, time.Hour, func() { t.Error("it answers") })
	if err == nil || !strings.Contains(err.Error(), "open to others") {
		t.Errorf("got %v", err)
	}
	if err := Agent(filepath.Join(t.TempDir(), "s")).Serve(t.Context(), New("x"), time.Hour, func() {}); err == nil || strings.Contains(err.Error(), "x") && !strings.Contains(err.Error(), "no key of a vault") {
		t.Errorf("a key that is none: %v", err)
	}
}

// TestAgentPeer speaks with another user's program.
func TestAgentPeer(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	owner := weak(made(t), "open sesame")
	if err := owner.Unlock(t.Context(), New("open sesame")); err != nil {
		t.Fatal(err)
	}
	key, err := owner.Key()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	agent := Agent(filepath.Join(folder, "agent.sock"))
	over := serve(t, agent, key, time.Hour)
	// Even where the modes let others through, it does not answer them.
	for _, path := range []string{folder, string(agent)} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(copyOf(t, folder))
	cmd.Env = []string{peerOf + "=" + string(agent)}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if said, err := cmd.CombinedOutput(); err != nil || string(said) != `answer: ""` {
		t.Errorf("another user got: %s, %v", said, err)
	}
	if err := agent.Lock(t.Context()); err != nil {
		t.Error(err)
	}
	<-over
}

// copyOf puts this program where everybody can run it.
func copyOf(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "program")
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err = os.WriteFile(path, text, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
