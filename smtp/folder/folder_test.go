package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const letter = "Bcc: eve@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: x\r\n\r\nFrom here on\r\n>From there\r\nend\r\n"

func mail(change ...func(*Mail)) Mail {
	m := Mail{
		ID: "1@example.org", From: "me@example.org", Date: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC),
		Content: strings.NewReader(letter),
	}
	for _, c := range change {
		c(&m)
	}
	return m
}

func again(m *Mail) { m.Again = true }

func broken(m *Mail) {
	m.Content = io.MultiReader(strings.NewReader("Subject: half"), iotest.ErrReader(errors.New("no more")))
}

func add(t *testing.T, name string, m Mail) {
	t.Helper()
	if err := Add(t.Context(), name, m); err != nil {
		t.Fatal(err)
	}
}

func TestMaildir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "Mail", "Sent")
	if err := Add(t.Context(), Maildir+dir, mail(broken)); err == nil {
		t.Error("half a mail was added")
	}
	add(t, Maildir+dir, mail())
	add(t, Maildir+dir, mail(again))
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, ierr := d.Info()
		if ierr == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		if !d.IsDir() {
			files = append(files, path)
		}
		return errors.Join(err, ierr)
	})
	if err != nil || len(files) != 1 || filepath.Base(filepath.Dir(files[0])) != "cur" || !strings.HasSuffix(files[0], flagged) {
		t.Fatalf("%v, %v", files, err)
	}
	if got, err := os.ReadFile(files[0]); err != nil || string(got) != strings.ReplaceAll(letter, "\r\n", "\n") {
		t.Errorf("%q, %v", got, err)
	}
	// A mail program moved it on; it is known still.
	if err := os.Rename(files[0], strings.TrimSuffix(files[0], flagged)+":2,RS"); err != nil {
		t.Fatal(err)
	}
	add(t, Maildir+dir, mail(again))
	if got, err := filepath.Glob(filepath.Join(dir, "cur", "*")); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMbox(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mail", "sent")
	add(t, Mbox+file, mail())
	add(t, Mbox+file, mail(again))
	if err := Add(t.Context(), Mbox+file, mail(broken)); err == nil {
		t.Error("half a mail was added")
	}
	add(t, Mbox+file, mail(func(m *Mail) { m.From, m.Content = "", strings.NewReader("Subject: y\r\n\r\nno line end") }))
	add(t, Mbox+file, mail(func(m *Mail) { m.Content = strings.NewReader("Subject: z\r\n\r\n") }))
	const want = "From me@example.org Fri Nov 27 09:00:00 2026\n" +
		"Bcc: eve@example.org\nMessage-ID: <1@example.org>\nSubject: x\n\n>From here on\n>>From there\nend\n\n" +
		"From MAILER-DAEMON Fri Nov 27 09:00:00 2026\nSubject: y\n\nno line end\n\n" +
		"From me@example.org Fri Nov 27 09:00:00 2026\nSubject: z\n\n\n"
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%q, %v\nwant %q", got, err, want)
	}
	if _, err := os.Stat(file + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock is there still: %v", err)
	}
}

// TestLockNamesItsProcess: whenever a program is killed, its lock can be told
// from that of one that lives.
func TestLockNamesItsProcess(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sent")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			id := fmt.Sprint(i, "@example.org")
			if err := Add(t.Context(), Mbox+file, mail(func(m *Mail) { m.ID = id })); err != nil {
				t.Error(err)
			}
		}
	}()
	for {
		if got, err := os.ReadFile(file + ".lock"); err == nil && string(got) != fmt.Sprintln(os.Getpid()) {
			t.Fatalf("the lock says %q", got)
		}
		select {
		case <-done:
			if left, err := filepath.Glob(file + ".*"); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
			return
		default:
		}
	}
}

// Two mails can share a Message-ID and a second: one that was edited after it
// was sent in part.
func TestMaildirKeepsBoth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add(t, Maildir+dir, mail())
	add(t, Maildir+dir, mail(func(m *Mail) { m.Content = strings.NewReader("Subject: other\r\n\r\n") }))
	if got, err := filepath.Glob(filepath.Join(dir, "cur", "*")); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mbox string
		at   int64
		last bool
	}{
		{"From a b\nMessage-ID: <1@x>\n\n", 0, true},
		{"From a b\nSubject: y\nmessage-id:\n <1@x>\n\n", 0, true},
		{"From a b\n\n\nFrom a b\nMessage-Id: <1@x>", 11, true},
		{"From a b\nMessage-ID: <1@x>\n\nx\n\nFrom a b\nMessage-Id: <2@x>\n", 0, false},
		{"From a b\nIn-Reply-To: <1@x>\n\nMessage-ID: <1@x>\n", -1, false},
		{"From a b\nReferences: <0@x>\n <1@x>\n\n<1@x>\n", -1, false},
		{"From a b\nMessage-ID: <11@x>\nX: y\n <1@x>\n\n>From me\nMessage-ID: <1@x>\n", -1, false},
	} {
		if at, last, err := find(strings.NewReader(test.mbox), "1@x"); err != nil || at != test.at || last != test.last {
			t.Errorf("%q: at %d, last %v, %v", test.mbox, at, last, err)
		}
	}
}

// TestMboxCutOff has the program killed while it wrote a copy: wherever that was,
// the mail is there whole and once in the end, and what was before it still is.
func TestMboxCutOff(t *testing.T) {
	t.Parallel()
	first := func(m *Mail) {
		m.ID, m.Content = "0@example.org", strings.NewReader("Message-ID: <0@example.org>\r\n\r\nfirst\r\n")
	}
	file := filepath.Join(t.TempDir(), "sent")
	add(t, Mbox+file, mail(first))
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	add(t, Mbox+file, mail())
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	known := int64(strings.Index(string(whole), "<1@example.org>") + len("<1@example.org>")) // as the mail that it is
	for size := known; size < int64(len(whole)); size++ {
		if err := os.WriteFile(file, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		add(t, Mbox+file, mail(again))
		if got, err := os.ReadFile(file); err != nil || string(got) != string(whole) {
			t.Fatalf("cut off after %d octets: %q, %v", size-before.Size(), got, err)
		}
	}
	add(t, Mbox+file, mail(func(m *Mail) { m.ID = "2@example.org" }))
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	add(t, Mbox+file, mail(again, func(m *Mail) { m.ID = "0@example.org" }))
	if got, err := os.ReadFile(file); err != nil || string(got) != string(after) {
		t.Errorf("with others after it: %q, %v", got, err)
	}
}

// TestMboxInOnePiece: what fits is written at once, so that a program that is
// killed leaves nothing of it.
func TestMboxInOnePiece(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sent")
	add(t, Mbox+file, mail())
	slow, feed := io.Pipe()
	done := make(chan error)
	go func() { done <- Add(t.Context(), Mbox+file, mail(func(m *Mail) { m.Content = slow })) }()
	if _, err := io.WriteString(feed, letter); err != nil { // which is read before it returns
		t.Fatal(err)
	}
	one, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := feed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if two, err := os.Stat(file); err != nil || two.Size() != 2*one.Size() {
		t.Errorf("first %d octets, then %d, %v", one.Size(), two.Size(), err)
	}
}

// TestMboxQuoted has a text name the Message-ID of a mail that is not there yet.
func TestMboxQuoted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sent")
	quoting := "Subject: look\r\nIn-Reply-To:\r\n <1@example.org>\r\n\r\nit was\r\n<1@example.org>\r\nMessage-ID: <1@example.org>\r\n"
	add(t, Mbox+file, mail(func(m *Mail) { m.Content = strings.NewReader(quoting) }))
	folded := strings.Replace(letter, "Message-ID: ", "Message-ID:\r\n ", 1)
	for range 2 { // the second time it is there
		add(t, Mbox+file, mail(again, func(m *Mail) { m.Content = strings.NewReader(folded) }))
	}
	got, err := os.ReadFile(file)
	if n := strings.Count(string(got), "\nSubject: x\n"); err != nil || n != 1 {
		t.Errorf("it is there %d times: %q, %v", n, got, err)
	}
}

// TestMaildirTwins has two mails of one Message-ID and one second.
func TestMaildirTwins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, key := range []string{"1", "2", "2"} {
		add(t, Maildir+dir, mail(again, func(m *Mail) { m.Key = key }))
	}
	if got, err := filepath.Glob(filepath.Join(dir, "cur", "*")); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"imap:Sent", "", Maildir + filepath.Join(dir, "file"), Mbox + dir} {
		if err := Add(t.Context(), name, mail()); err == nil {
			t.Errorf("added to %q", name)
		}
	}
}
