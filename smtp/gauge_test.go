package smtp

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// reader is how a server takes content, over a pipe that has no buffer.
type reader func(server net.Conn)

// steadily reads so many octets a second.
func steadily(octets int) reader {
	return func(server net.Conn) {
		p := make([]byte, octets)
		for {
			time.Sleep(time.Second)
			if _, err := io.ReadFull(server, p); err != nil {
				return
			}
		}
	}
}

// uploading hands over content, by DATA, to a server that reads as it is told
// to, and returns the result with the kinds of events of the content in a row.
func uploading(t *testing.T, size int64, read reader) (Result, []Kind, []Event) {
	t.Helper()
	client, server := net.Pipe()
	opts := Options{
		Host: "mx", Security: NoTLS,
		Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
	}
	var kinds []Kind
	var events []Event
	opts.Trace = func(e Event) {
		if e.Stage != StageContent || e.Kind == KindLine {
			return
		}
		events = append(events, e)
		if len(kinds) == 0 || kinds[len(kinds)-1] != e.Kind {
			kinds = append(kinds, e.Kind)
		}
	}
	done := make(chan struct{})
	defer func() { <-done }()
	go func() {
		defer close(done)
		p := &peer{t: t, conn: server, r: newReader(server)}
		for range 4 {
			p.say("220 mx")
			_, _ = p.r.ReadString('\n')
		}
		p.say("354 go on")
		read(server)
		_ = server.Close()
	}()
	mail := endlessMail("1")
	mail.Size = size
	mail.Open = limited(mail.Open, size)
	return sendOne(t, opts, mail), kinds, events
}

// TestSlowLink sends for longer than any limit, at a kilobyte a second.
func TestSlowLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r, kinds, events := uploading(t, 1<<20, steadily(1000))
		if took := time.Since(began); took < 15*time.Minute {
			t.Errorf("took %v", took)
		}
		// The pipe ends without an answer when everything was read.
		if r.Bytes != 1<<20 || slices.Contains(kinds, KindStall) {
			t.Errorf("got %+v, %v", r, kinds)
		}
		var last int64
		for _, e := range events {
			if e.Bytes < last || e.Bytes > last+bufferSize+3000 && e.Kind == KindProgress {
				t.Fatalf("%s went from %d to %d", e.Kind, last, e.Bytes)
			}
			last = e.Bytes
		}
		if n := len(events); n < 450 {
			t.Errorf("told %d times in 15 minutes", n)
		}
	})
}

// TestStall has a link stand still for a minute, and then go on.
func TestStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, kinds, events := uploading(t, 1<<20, func(server net.Conn) {
			_, _ = io.CopyN(io.Discard, server, 100_000)
			time.Sleep(time.Minute)
			steadily(100_000)(server)
		})
		i := slices.Index(kinds, KindStall)
		if i < 0 || i+1 == len(kinds) || kinds[i+1] != KindProgress {
			t.Fatalf("got %v", kinds)
		}
		stalls := 0
		for _, e := range events {
			if e.Kind != KindStall {
				continue
			}
			stalls++
			if e.Elapsed < stallAfter || e.Text == "" || !e.Deadline.After(e.Time) || e.Bytes == 0 || e.Total != 1<<20 {
				t.Errorf("got %+v", e)
			}
		}
		if stalls != 1 {
			t.Errorf("told of %d stalls", stalls)
		}
	})
}

// TestStalledOrSlow has links that are given up, for different reasons.
func TestStalledOrSlow(t *testing.T) {
	t.Parallel()
	for why, read := range map[error]reader{
		ErrStalled: func(net.Conn) { time.Sleep(time.Hour) },
		ErrTooSlow: steadily(100),
	} {
		t.Run(why.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, _, _ := uploading(t, 1<<20, read)
				want := kind{StageContent, ClassTimeout, ScopeServer, RetrySafe}
				if kindOf(r.Err) != want || !errors.Is(r.Err, why) || !strings.Contains(r.Err.Error(), why.Error()) {
					t.Errorf("got %v", r.Err)
				}
			})
		})
	}
}
