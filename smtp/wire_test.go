package smtp

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestLateAlarm has an alarm go off in the moment in which the answer comes: it
// must not cut the next wait short.
func TestLateAlarm(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	defer server.Close()
	w := newWire(client, time.Minute)
	w.setAlarm(time.Hour)
	late := w.alarm
	late.timer.Stop() // as if it had just gone off
	w.endAlarm()
	w.setAlarm(time.Hour)
	w.giveUp(late)
	if err := w.explain(io.EOF); err.Error() != "the server closed the connection" {
		t.Errorf("cut: %v", err)
	}
	w.giveUp(w.alarm)
	if err := w.explain(io.EOF); err.Error() != "no answer within 1h0m0s" {
		t.Errorf("not cut: %v", err)
	}
	_ = w.close()
}

// TestWriteBetweenBlocks writes what TLS may have to answer to a server long
// after the last block: an update of its keys (RFC 8446 section 4.6.3).
func TestWriteBetweenBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		go func() { _, _ = io.Copy(io.Discard, server) }()
		w := newWire(client, time.Minute)
		w.line("NOOP")
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := w.raw.Write([]byte("key update")); err != nil {
			t.Error(err)
		}
		_ = w.close()
	})
}

// TestSlowReset gives up a session whose server does not forget a transaction
// soon; the mail goes by another.
func TestSlowReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		w := newWire(client, time.Minute)
		s := &Session{wire: w, timeouts: StandardTimeouts(), dirty: true}
		go func() { _, _ = io.Copy(io.Discard, server) }()
		began := time.Now()
		mail := begin(letter("1", "x\r\n", "a@x.example"))
		s.envelope(mail)
		s.conclude(mail)
		if took := time.Since(began); took != resetLimit || mail.err == nil || mail.err.Retry != RetrySafe {
			t.Errorf("after %v: %v", took, mail.err)
		}
		_ = server.Close()
	})
}
