package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/sandbox"
)

const envelope = "S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org>\nS: 250 \nC: RCPT TO:<b@example.org>\nS: 250 "

func TestContent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 20_000) // longer than any buffer
	tests := []struct {
		name, wire, want string
		code             string
		wrong            []string
	}{
		{"empty", ".\r\n", "", "250", nil},
		{"one line", "hi\r\n.\r\n", "hi\r\n", "250", nil},
		{"dots", "..\r\n...\r\n..x\r\nx.\r\n.\r\n", ".\r\n..\r\n.x\r\nx.\r\n", "250", nil},
		{"long line", long + "\r\n..\r\n.\r\n", long + "\r\n.\r\n", "250", []string{"content line over 998 octets"}},
		{"998 and CRLF", strings.Repeat("x", 998) + "\r\n.\r\n", strings.Repeat("x", 998) + "\r\n", "250", nil},
		{"bare LF", "a\nb\r\n.\r\n", "", "550 5.6.0", []string{"bare LF in the content"}},
		{"bare CR", "a\rb\r\n.\r\n", "", "550 5.6.0", []string{"bare CR in the content"}},
		{"two CR", "a\r\r\n.\r\n", "", "550 5.6.0", []string{"bare CR in the content"}},
		{"smuggled LF dot LF", "a\n.\nMAIL\r\n.\r\n", "", "550 5.6.0", []string{"bare LF in the content"}},
		{"smuggled LF dot CRLF", "a\n.\r\nb\r\n.\r\n", "", "550 5.6.0", []string{"bare LF in the content"}},
		{"smuggled CRLF dot LF", "a\r\n.\nb\r\n.\r\n", "", "550 5.6.0", []string{
			"content with a dot that is not stuffed", "bare LF in the content",
		}},
		{"smuggled CRLF dot CR", "a\r\n.\rb\r\n.\r\n", "", "550 5.6.0", []string{
			"content with a dot that is not stuffed", "bare CR in the content",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, sessions := watch(t, sandbox.Options{})
			p := dial(t, server)
			p.play(envelope + "\nC: DATA\nS: 354 ")
			p.write(test.wire)
			p.expect(test.code)
			p.play("C: QUIT\nS: 221")
			if got := next(t, sessions).Violations; !slices.Equal(got, test.wrong) {
				t.Errorf("violations %q, want %q", got, test.wrong)
			}
			mails := server.Mails()
			if test.code != "250" {
				if len(mails) > 0 {
					t.Errorf("kept %q", mails[0].Data)
				}
				return
			}
			if len(mails) != 1 || string(mails[0].Data) != test.want || mails[0].Size != int64(len(test.want)) {
				t.Errorf("kept %+.200v", mails)
			}
		})
	}
}

// TestContentPieces sends content octet by octet, so that every border of two
// segments is met.
func TestContentPieces(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	p := dial(t, server)
	p.play(envelope + "\nC: DATA\nS: 354 ")
	for _, c := range []byte("..a\r\n\r\n..\r\nb.\r\n.\r\n") {
		p.write(string(c))
	}
	p.expect("250 ")
	if got, want := string(server.Mails()[0].Data), ".a\r\n\r\n.\r\nb.\r\n"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	mails := make(chan sandbox.Mail, 1)
	server := start(t, sandbox.Options{Keep: -1, Received: func(m sandbox.Mail) { mails <- m }})
	p := dialTLS(t, server)
	p.play(`
		S: 220
		C: EHLO x
		S: 250
		C: AUTH PLAIN AG1lAHNlY3JldA==
		S: 235
		C: MAIL FROM:<a@example.org> SIZE=4 BODY=8BITMIME
		S: 250
		C: RCPT TO:<b@example.org>
		S: 250
		C: RCPT TO:<refused@example.org>
		S: 550
		C: RCPT TO:<"c d"@example.org>
		S: 250
		C: DATA
		S: 354
		C: hi
		C: .`)
	reply := p.expect("250 2.0.0 Ok: queued as ")
	got := next(t, mails)
	if !strings.Contains(reply, got.ID) {
		t.Errorf("the reply %q lacks the id %q", reply, got.ID)
	}
	got.ID = ""
	want := sandbox.Mail{
		From: "a@example.org", Recipients: []string{"b@example.org", `"c d"@example.org`},
		Data: []byte("hi\r\n"), Size: 4, TLS: true, User: "me",
		Params:          sandbox.Params{"SIZE": "4", "BODY": "8BITMIME"},
		RecipientParams: []sandbox.Params{{}, {}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail (-want +got):\n%s", diff)
	}
	if kept := server.Mails(); len(kept) > 0 {
		t.Errorf("kept %d mails", len(kept))
	}
}

// submit sends a mail on a session of its own.
func submit(t *testing.T, server *sandbox.Server, content string) {
	t.Helper()
	p := dial(t, server)
	p.play(envelope + "\nC: DATA\nS: 354 ")
	p.write(content + ".\r\n")
	p.expect("250 ")
}

func TestKeep(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{Keep: 5 << 10})
	for _, s := range []string{"1", "2", "3"} {
		submit(t, server, s+strings.Repeat("x", 900)+"\r\n")
	}
	submit(t, server, strings.Repeat(strings.Repeat("y", 998)+"\r\n", 10))
	var got string
	for _, m := range server.Mails() {
		got += string(m.Data[:1])
	}
	if got != "23" {
		t.Errorf("kept %s", got)
	}
}

func TestHashOnly(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{HashOnly: true})
	content := strings.Repeat("0123456\r\n", 100_000)
	submit(t, server, content)
	got := server.Mails()[0]
	if got.SHA256 != sha256.Sum256([]byte(content)) || got.Size != int64(len(content)) || got.Data != nil {
		t.Errorf("kept %d octets with hash %x", got.Size, got.SHA256)
	}
}

func TestMaildir(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "mail")
	server := start(t, sandbox.Options{Maildir: root})
	submit(t, server, "hi\r\n")
	p := dial(t, server)
	p.play(envelope + "\nC: RCPT TO:<reject-data@example.org>\nS: 250 \nC: DATA\nS: 354 \nC: no\nC: .\nS: 554 ")
	p.play("C: QUIT\nS: 221")
	p.expectEnd()

	var names []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(root, "new", server.Mails()[0].ID)
	if !slices.Equal(names, []string{want}) {
		t.Fatalf("files %q, want %q", names, want)
	}
	if got, err := os.ReadFile(want); err != nil || string(got) != "hi\r\n" {
		t.Errorf("file has %q, %v", got, err)
	}
}

// TestMemory is not parallel: it measures what is allocated. A mail of 25 MB
// takes little more than that, and one that is too big only what is allowed.
func TestMemory(t *testing.T) {
	const size = 25 << 20
	line := append(bytes.Repeat([]byte("x"), 76), "\r\n"...)
	block := bytes.Repeat(line, 800)
	for _, test := range []struct {
		limit  int64
		param  string
		code   string
		atMost uint64
	}{
		{0, fmt.Sprintf(" SIZE=%d", size), "250", size + size/10},
		{1 << 20, "", "552", 8 << 20},
	} {
		server := start(t, sandbox.Options{MaxSize: test.limit})
		p := dial(t, server)
		p.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org>" + test.param + "\nS: 250 ")
		p.play("C: RCPT TO:<b@example.org>\nS: 250 \nC: DATA\nS: 354 ")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for sent := 0; sent < size-len(block); sent += len(block) {
			if _, err := p.conn.Write(block); err != nil {
				t.Fatal(err)
			}
		}
		p.play("C: .\nS: " + test.code)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > test.atMost {
			t.Errorf("%s: allocated %d octets for %d", test.code, used, size)
		}
	}
}
