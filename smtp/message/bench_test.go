package message_test

import (
	"encoding/base64"
	"io"
	"runtime"
	"testing"

	"sendoff/smtp/message"
)

// zeros is a file of n octets that costs nothing to read.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), z.n))
	z.n -= int64(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (z *zeros) Close() error { return nil }

const large = 100 << 20

func BenchmarkBuild100MB(b *testing.B) {
	m := sample()
	m.Attachments = []message.Attachment{{Name: "a.bin", Open: func() (io.ReadCloser, error) { return &zeros{large}, nil }}}
	b.SetBytes(large)
	b.ReportAllocs()
	for b.Loop() {
		if err := message.Build(io.Discard, m); err != nil {
			b.Fatal(err)
		}
	}
}

// The yardstick for the above: bare base64 without lines.
func BenchmarkPlainBase64(b *testing.B) {
	b.SetBytes(large)
	for b.Loop() {
		w := base64.NewEncoder(base64.StdEncoding, io.Discard)
		if _, err := io.CopyBuffer(w, io.LimitReader(&zeros{large}, large), make([]byte, 58368)); err != nil {
			b.Fatal(err)
		}
	}
}

// The memory that a build takes does not grow with its attachments.
func TestAttachmentsStream(t *testing.T) {
	m := sample()
	m.Attachments = []message.Attachment{{Name: "a.bin", Open: func() (io.ReadCloser, error) { return &zeros{20 << 20}, nil }}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := message.Build(io.Discard, m); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("building 20 MB allocates %d octets", got)
	}
}
