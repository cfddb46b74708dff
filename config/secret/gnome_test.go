//go:build linux

package secret

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// unlockLine is the shell that opens, and the first time makes, the keyring of
// a home; its argument list is the program to run then.
const unlockLine = `printf testpw | gnome-keyring-daemon --daemonize --unlock --components=secrets >/dev/null; "$@"`

// TestGnomeKeyring uses the real thing in a home and on a bus of its own, each
// time from a process of its own, since the keyring library keeps its
// connection for good.
func TestGnomeKeyring(t *testing.T) {
	needProgram(t, "dbus-run-session", "dbus-daemon", "gnome-keyring-daemon")
	t.Parallel()
	home := newHome(t)
	home.run(t, "dbus-run-session", "--", home.self, "Empty")
	home.run(t, "dbus-run-session", "--", "sh", "-euc", unlockLine, "sh", home.self, "Unlocked")
	home.run(t, "dbus-run-session", "--", home.self, "Locked")
	home.run(t, "dbus-run-session", "--", "env", "DISPLAY=:99", home.self, "DeadDisplay")
	home.run(t, "dbus-run-session", "--", "sh", "-euc", unlockLine, "sh", home.self, "Again")
	if noOwnBus() {
		home.run(t, home.self, "NoBus")
	}
	home.run(t, "env", "DBUS_SESSION_BUS_ADDRESS=disabled:", home.self, "NoBus")
	home.wantNoProcess(t)
}

// TestNothingLaunched asserts that we start no bus where there is none, though the
// keyring library would: with the program of dbus-x11 in reach it leaves a bus and
// a keyring behind.
func TestNothingLaunched(t *testing.T) {
	t.Parallel()
	if !noOwnBus() {
		t.Skip("this user has a bus, which the library would use")
	}
	home := newHome(t)
	folder := filepath.Dir(home.self)
	launched := filepath.Join(folder, "launched")
	writeScript(t, filepath.Join(folder, "dbus-launch"), "#!/bin/sh\n: >'"+launched+"'\nexit 1\n")
	home.env = append(home.env, "PATH="+folder+":"+os.Getenv("PATH"), "DISPLAY=:99")
	home.run(t, home.self, "NoBus")
	if _, err := os.Stat(launched); err == nil {
		t.Error("a bus was launched")
	}
	home.run(t, home.self, "Library")
	if _, err := os.Stat(launched); err != nil {
		t.Errorf("the library launches none, so this proves nothing: %v", err)
	}
	home.wantNoProcess(t)
}

// noOwnBus tells that this user has no bus that would be found and used without
// a variable.
func noOwnBus() bool {
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err != nil
}

// gnomeHome is a place for a keyring to live in.
type gnomeHome struct {
	self string // a script that runs this test binary
	env  []string
	mark string // an environment variable that all its processes inherit
}

func newHome(t *testing.T) *gnomeHome {
	t.Helper()
	dir := t.TempDir()
	runtime, err := os.MkdirTemp("", "run") // short, for its sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(runtime) })
	h := &gnomeHome{
		self: filepath.Join(dir, "self"),
		mark: "SENDOFF_TEST_HOME=" + dir,
	}
	h.env = []string{h.mark, "HOME=" + dir, "XDG_RUNTIME_DIR=" + runtime, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	writeScript(t, h.self, fmt.Sprintf("#!/bin/sh\nSENDOFF_TEST_GNOME=$1 exec %q -test.run='^TestGnomeScene$' -test.v\n", os.Args[0]))
	return h
}

func writeScript(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(path, []byte(text), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *gnomeHome) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = h.env
	log, err := os.CreateTemp(t.TempDir(), "log") // no pipe, which a keyring that lives on would keep open
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Run()
	h.endKeyrings()
	out, readErr := os.ReadFile(log.Name())
	if err := errors.Join(err, readErr); err != nil || !bytes.Contains(out, []byte("--- PASS: TestGnomeScene")) {
		t.Errorf("%s: %v\n%s", args[len(args)-1], err, out)
	}
}

// endKeyrings ends the keyrings that a scene has left: one that the bus began
// just before it ended itself waits for it for ever.
func (h *gnomeHome) endKeyrings() {
	for pid, line := range h.processes() {
		if strings.Contains(line, "gnome-keyring-daemon") {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
}

// wantNoProcess waits for every process of h to end.
func (h *gnomeHome) wantNoProcess(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var left map[int]string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		if left = h.processes(); len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind: %s", strings.Join(slices.Collect(maps.Values(left)), ", "))
}

// processes returns the command lines of the processes of h, by their ids.
func (h *gnomeHome) processes() map[int]string {
	found := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(env, []byte(h.mark)) {
			continue
		}
		folder := filepath.Dir(file)
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil && len(line) > 0 { // a zombie has none
			found[pid] = string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		}
	}
	return found
}

// TestGnomeScene is what TestGnomeKeyring runs inside of its homes.
func TestGnomeScene(t *testing.T) {
	scene := os.Getenv("SENDOFF_TEST_GNOME")
	if scene == "" {
		t.Skip("a part of TestGnomeKeyring")
	}
	const account, password = "work", "pässword with\nmany \x00 kinds of octets"
	k := patientKeyring()
	k.dialogLimit = time.Hour // what hangs is ended by the test's own limit
	ctx := t.Context()
	wantState := func(text string) {
		t.Helper()
		if s := k.State(ctx, account); s.Text != text {
			t.Errorf("state %q, want %q", s.Text, text)
		}
	}
	wantErrors := func(want error) {
		t.Helper()
		_, err := k.Get(ctx, account)
		if !errors.Is(err, want) || !errors.Is(k.Set(ctx, account, New("x")), want) || !errors.Is(k.Delete(ctx, account), want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("got %q", err)
		}
	}
	switch scene {
	case "Empty":
		wantState("keyring, empty (nothing can be stored in it yet)")
		wantErrors(ErrUnavailable)
	case "Unlocked":
		wantState("keyring, ready")
		if _, err := k.Get(ctx, account); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
		for _, p := range []string{"first", password} {
			if err := k.Set(ctx, account, New(p)); err != nil {
				t.Fatal(err)
			}
			if s, err := k.Get(ctx, account); err != nil || s.Reveal() != p {
				t.Errorf("got %q, %v", s.Reveal(), err)
			}
		}
		if err := k.Set(ctx, "other", New("y")); err != nil {
			t.Fatal(err)
		}
		if err := k.Delete(ctx, "other"); err != nil {
			t.Fatal(err)
		}
		if err := k.Delete(ctx, "other"); err != nil {
			t.Errorf("deleting nothing: %v", err)
		}
	case "Locked":
		wantState("keyring, locked (and no display for its dialog)")
		wantErrors(ErrLocked)
	case "DeadDisplay":
		wantState("keyring, locked")
		wantErrors(ErrLocked)
	case "Again":
		if s, err := k.Get(ctx, account); err != nil || s.Reveal() != password {
			t.Errorf("got %q, %v", s.Reveal(), err)
		}
	case "NoBus":
		wantState("no keyring here (no D-Bus session)")
		wantErrors(ErrUnavailable)
	case "Library":
		if _, err := k.backend.Get(service, account); err == nil {
			t.Error("a password from nowhere")
		}
	}
}
