//go:build unix

package cli

import (
	"encoding/xml"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDaemonTellsItsManager listens as a service manager does.
func TestDaemonTellsItsManager(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	folder, err := os.MkdirTemp("", "s") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	address := &net.UnixAddr{Name: filepath.Join(folder, "notify"), Net: "unixgram"}
	manager, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	told := func() string {
		t.Helper()
		b := make([]byte, 4096)
		n, err := manager.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	daemon := s.command("daemon")
	daemon.Env = append(daemon.Environ(), "NOTIFY_SOCKET="+address.Name)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	if got := told(); !strings.HasPrefix(got, "READY=1\n") {
		t.Errorf("first it told %q", got)
	}
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := told(); !strings.HasPrefix(got, "STOPPING=1\n") {
		t.Errorf("at the end it told %q", got)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// TestUnits has the service managers' own tools read the units, where they are.
func TestUnits(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	unit, err := s.command("daemon", "--print-unit=systemd").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sendoff.service")
	if err := os.WriteFile(path, unit, 0o600); err != nil {
		t.Fatal(err)
	}
	verify := exec.Command("systemd-analyze", "verify", "--user", "--man=no", path)
	verify.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	out, err := verify.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		if os.Getenv("SENDOFF_TEST_REAL") != "" {
			t.Error("systemd-analyze is missing")
		}
		t.Log("systemd-analyze is not installed")
	case err != nil || strings.Contains(string(out), path):
		t.Errorf("systemd-analyze: %v\n%s\n%s", err, out, unit)
	}

	agent, err := s.command("daemon", "--print-unit=launchd").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(string(agent))); ; {
		if _, err := d.Token(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("the agent is no XML: %v", err)
			}
			break
		}
	}
}
