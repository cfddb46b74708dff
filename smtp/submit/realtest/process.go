package realtest

import (
	"bytes"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// patience is how long a server may take to start, to stop, or to deliver.
const patience = 2 * time.Minute

// leash runs a server for as long as somebody holds the other end of its
// standard input. So the server stops even when the test is killed. (A signal
// on the parent's death, as Linux has it, is lost when a server changes its
// user for a moment, as Postfix does.) A signal to all of the test's group
// must not end the shell first: Postfix leaves the group.
const leash = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
trap '' HUP INT TERM
{ read -r _ <&3; kill "$server"; } &
watcher=$!
wait "$server"
kill -9 "$watcher" 2>/dev/null
`

// process is a running server.
type process struct {
	name   string
	ended  chan struct{}
	errors bytes.Buffer // what it wrote to stderr; to be read after ended is closed
}

// run starts a server, which has to stay in the foreground, and stops it when
// the test ends.
func run(t testing.TB, env []string, path string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), ended: make(chan struct{})}
	cmd := exec.Command("/bin/sh", append([]string{"-c", leash, "leash", path}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = &p.errors
	cmd.WaitDelay = time.Second // a child may keep stderr open
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // how a server ends after a signal says nothing
	}()
	t.Cleanup(func() {
		_ = hold.Close()
		select {
		case <-p.ended:
		case <-time.After(patience):
			t.Errorf("%s did not stop", p.name)
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

// freePorts returns ports of the loopback address that nobody uses. They are
// below those that systems hand out by themselves, so that none of the many
// other tests gets one before the server has it.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	const least, most, tries = 20000, 32000, 1000
	var ports []int
	for range tries {
		port := least + rand.IntN(most-least)
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer func() { _ = listener.Close() }()
		if ports = append(ports, port); len(ports) == n {
			return ports
		}
	}
	t.Fatal("there are no free ports")
	return nil
}
