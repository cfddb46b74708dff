package smtp

import (
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"sendoff/smtp/sandbox"
)

// TestMemory sends a small and a very great mail, and wants both to need the
// same.
func TestMemory(t *testing.T) {
	const small, great, tolerance = 1 << 20, 500 << 20, 2 << 20
	for name, extensions := range map[string]string{"BDAT": "250-PIPELINING\r\n250-CHUNKING\r\n", "DATA": "250-PIPELINING\r\n"} {
		little, much := live(t, small, extensions), live(t, great, extensions)
		if much > little+tolerance {
			t.Errorf("%s: %d octets of content need %d of memory, %d need %d", name, small, little, great, much)
		}
		t.Logf("%s: %d KiB for 1 MiB, %d KiB for 500 MiB", name, little>>10, much>>10)
	}
}

// TestMemoryUnderFlood has a server answer without end: what that takes is
// bounded, however long the answer, and freed afterwards.
func TestMemoryUnderFlood(t *testing.T) {
	for _, action := range []sandbox.Action{sandbox.Flood, sandbox.LongLine} {
		for _, phase := range []sandbox.Phase{sandbox.AtGreeting, sandbox.AtHello, sandbox.AtRecipient, sandbox.AtEnd} {
			server := watch(t, sandbox.Options{Faults: func(p sandbox.Phase, _ int) sandbox.Fault {
				if p == phase {
					return sandbox.Fault{Action: action}
				}
				return sandbox.Fault{}
			}})
			opts := server.reach(NoTLS)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := send(t.Context(), opts, &mails{next: []*Mail{letter("1", "x\r\n", "a@x.example")}})
			runtime.ReadMemStats(&after)
			if e := failure(t, err); e.Class != ClassProtocol {
				t.Errorf("%s at %s: %v", action, phase, err)
			}
			// Of this a megabyte is the server's, to say a long line.
			if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
				t.Errorf("%s at %s: %d octets were allocated", action, phase, n)
			}
		}
	}
}

// live is how many octets are in use, at most, while a mail of a size is sent
// to a server in this process that throws it away.
func live(t *testing.T, size int64, extensions string) uint64 {
	t.Helper()
	client, server := pair(t)
	opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	go swallow(server, extensions)
	mail := endlessMail("1")
	mail.Size = size
	mail.Open = limited(func() (io.ReadCloser, error) {
		return io.NopCloser(repeated(strings.Repeat("x", 510) + "\r\n")), nil
	}, size)
	var most uint64
	var next int64
	opts.Trace = func(e Event) {
		if e.Stage != StageContent || e.Kind == KindLine || e.Bytes < next {
			return
		}
		next = e.Bytes + size/8
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		most = max(most, stats.HeapAlloc)
	}
	if r := sendOne(t, opts, mail); r.Err != nil || r.Bytes != size {
		t.Fatalf("%d octets, %v", r.Bytes, r.Err)
	}
	return most
}
