//go:build unix

package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sendoff/smtp/outbox"
)

// TestSandboxTells reads what the sandbox prints for people.
func TestSandboxTells(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	server := s.command("sandbox")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill() }) // if the test ends early
	lines := bufio.NewReader(out)
	next := func(pattern string) string {
		t.Helper()
		line, err := lines.ReadString('\n')
		found := regexp.MustCompile(pattern).FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if err != nil || found == nil {
			t.Fatalf("line %q, %v; want %s", line, err, pattern)
		}
		return found[1]
	}
	port := next(`^tls +127\.0\.0\.1:(\d+)$`)
	next(`^starttls +127\.0\.0\.1:(\d+)$`)
	ca := next(`^ca-file +(/.*)$`)
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--port", port, "--auth", "none", "--ca-file", ca)
	s.run(0, "send", "--to", "ok@example.org", "--subject", "Grüße\u009b31m", "--body", "text")
	next(`^mail \S+  from <me@example.org>  to <(ok@example.org)>  \d+ B  Grüße`)

	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("more lines: %q, %v", rest, err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("sendoff sandbox: %v", err)
	}
	if _, err := os.Stat(ca); !os.IsNotExist(err) {
		t.Errorf("the certificate is still there: %v", err)
	}
}

// TestFullDisk fills the disk under the outbox. What was in it stays, and what
// did not fit is said clearly.
func TestFullDisk(t *testing.T) {
	s := newStation(t)
	large := filepath.Join(s.home, "large")
	if err := os.WriteFile(large, make([]byte, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s.move("3m")
	s.run(0, "send", "--queue", "--to", "ok@example.org", "--subject", "small", "--body", "text")

	stderr := s.fails(exitDisk, "send", "--to", "ok@example.org", "--subject", "large", "--attach", large, "--body", "text")
	if want := "sendoff: error: there is no room left on the disk"; !strings.HasPrefix(stderr, want) {
		t.Errorf("stderr is %q, want %q", stderr, want)
	}
	if items := s.items(); len(items) != 1 || items[0].State != outbox.Queued {
		t.Errorf("the outbox has %+v", items)
	}
	s.run(0, "flush")
	s.checkOnce(1)
}

// TestReadOnlyFolder lets nothing be written where the outbox is. Every command
// says so, and the mail is delivered once that is over.
func TestReadOnlyFolder(t *testing.T) {
	s := newStation(t)
	remount := s.move("20m")
	s.run(0, "send", "--queue", "--to", "ok@example.org", "--subject", "small", "--body", "text")
	remount("ro")
	for _, args := range [][]string{
		{"send", "--queue", "--to", "ok@example.org", "--subject", "another", "--body", "text"},
		{"flush"}, {"outbox", "hold", "1"}, {"outbox", "list"}, {"daemon"},
	} {
		if stderr := s.fails(exitDisk, args...); !strings.Contains(stderr, "can't be written where it is") || !strings.Contains(stderr, "hint: ") {
			t.Errorf("%v: stderr is %q", args, stderr)
		}
	}
	remount("rw")
	s.run(0, "flush")
	s.checkOnce(1)
}

// move takes the home to a file system of its own, of so much room, and returns
// what mounts that anew.
func (s *station) move(size string) (remount func(option string)) {
	s.t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		lacks(s.t, "root on Linux, to make a small file system")
	}
	disk := filepath.Join(s.home, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", disk).CombinedOutput(); err != nil {
		lacks(s.t, fmt.Sprintf("a small file system: %v %s", err, out))
	}
	s.t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			s.t.Errorf("umount: %v %s", err, out)
		}
	})
	config, err := os.ReadFile(filepath.Join(s.home, "config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "config.toml"), config, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.home = disk
	return func(option string) {
		s.t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,"+option, disk).CombinedOutput(); err != nil {
			s.t.Fatalf("remount: %v %s", err, out)
		}
	}
}

// fails runs the program, which has to end with code, and returns its stderr.
func (s *station) fails(code int, args ...string) string {
	s.t.Helper()
	cmd := s.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	_ = cmd.Run() // the exit code tells
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("%v: exit code %d, want %d", args, got, code)
	}
	return stderr.String()
}

// TestLargeAttachmentTakesLittleMemory compares the greatest memory of sending
// 25 MB with that of sending nearly nothing.
func TestLargeAttachmentTakesLittleMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	s := newStation(t)
	program := build(t) // the race detector would take a multiple
	idle, large := s.peak(program, 1), s.peak(program, 25<<20)
	t.Logf("%d kB, with 25 MB attached %d kB", idle, large)
	if more := large - idle; more > 40<<10 {
		t.Errorf("25 MB attached take %d kB more, want 40 MB at most", more)
	}
}

// peak sends a file of a size and returns the greatest resident memory in kB.
// The kernel's count only grows, so it is enough to read it at every step.
func (s *station) peak(program string, size int64) (most int64) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		s.t.Fatal(err)
	}
	send := exec.Command(program, "send", "--json", "--to", "ok@example.org", "--subject", "Hi", "--body", "text", "--attach", file)
	send.Env = s.environ()
	out, err := send.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := send.Start(); err != nil {
		s.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", send.Process.Pid))
		if err != nil {
			s.t.Fatal(err)
		}
		_, after, found := strings.Cut(string(status), "VmHWM:")
		if !found {
			break // it has ended
		}
		if most, err = strconv.ParseInt(strings.Fields(after)[0], 10, 64); err != nil {
			s.t.Fatal(err)
		}
	}
	_, _ = io.Copy(io.Discard, out)
	if err := send.Wait(); err != nil {
		s.t.Fatal(err)
	}
	return most
}
