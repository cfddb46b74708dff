package realtest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to start, to stop, or to deliver.
const patience = 30 * time.Second

// process is a running server.
type process struct {
	name   string
	ended  chan struct{}
	errors bytes.Buffer // what it wrote to stderr; to be read after ended is closed
}

// run starts a server in the foreground and stops it when the test ends. If
// the test is killed the system stops it (see dieWithParent).
func run(t testing.TB, env []string, path string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), ended: make(chan struct{})}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = &p.errors
	cmd.WaitDelay = patience // a child may keep stderr open
	cmd.SysProcAttr = dieWithParent()
	started := make(chan error)
	go func() {
		// The system watches the thread that starts a process, not the
		// program: this one must live as long as the server.
		runtime.LockOSThread()
		defer close(p.ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how a server ends after a signal says nothing
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(patience):
			t.Errorf("%s did not stop", p.name)
			_ = cmd.Process.Kill()
			<-p.ended
		}
	})
	return p
}

// await waits until the server accepts connections.
func (p *process) await(t testing.TB, network, address string) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	tooLate := time.After(patience)
	for {
		conn, err := net.DialTimeout(network, address, patience)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-p.ended:
			t.Fatalf("%s ended at once: %s", p.name, p.errors.Bytes())
		case <-tooLate:
			t.Fatalf("%s does not serve %s: %v", p.name, address, err)
		case <-again.C:
		}
	}
}

// freePorts returns ports of the loopback address that nobody uses.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
