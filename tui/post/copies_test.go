package post

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/folder"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
)

// TestSentCopy sends a mail whose copy can't be made at first: that is no
// trouble of the mail, and is made up for.
func TestSentCopy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	r := open(t, Options{Home: config.HomeAt(t.TempDir()), Clock: func() time.Time { return now }})
	dir := filepath.Join(t.TempDir(), "Sent")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file where the folder is to be
		t.Fatal(err)
	}
	served(t, r, sandbox.Options{}, config.Account{
		Name: "work", Address: "me@example.org", Auth: config.AuthNone, SentCopy: folder.Maildir + dir,
	})
	ctx := t.Context()
	id, err := r.Post(ctx, message.Draft{To: "ok@example.org", Bcc: "Eve <eve@example.org>", Subject: "Hi", Body: "text"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	flush := func() outbox.Copy {
		t.Helper()
		if _, err := r.Flush(ctx, nil, outbox.Only{}); err != nil {
			t.Fatal(err)
		}
		if it, _, err := r.Item(ctx, id); err != nil || it.State != outbox.Sent || it.Problem != "" {
			t.Fatalf("the mail: %+v, %v", it, err)
		}
		c, ok, err := r.Copy(ctx, id)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return c
	}
	if c := flush(); !c.Done.IsZero() || !strings.Contains(c.Problem, dir) || !c.NextTry.Equal(now.Add(time.Minute)) {
		t.Errorf("in the way: %+v", c)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if c := flush(); !c.Done.IsZero() {
		t.Errorf("before its time: %+v", c)
	}
	now = now.Add(2 * time.Minute)
	if c := flush(); c.Done.IsZero() || c.Problem != "" {
		t.Errorf("out of the way: %+v", c)
	}
	flush()
	files, err := filepath.Glob(filepath.Join(dir, "cur", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := "Bcc: Eve <eve@example.org>\nDate: Fri, 27 Nov 2026 12:00:00 +0000\n"; !strings.HasPrefix(string(text), want) {
		t.Errorf("the copy is %q", text)
	}
}
