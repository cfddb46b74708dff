package post

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// open opens a room in a home of its own, with one account.
func open(t *testing.T, opts Options) *Room {
	t.Helper()
	if opts.Home == (config.Home{}) {
		opts.Home = config.HomeAt(t.TempDir())
	}
	if opts.Keyring == nil {
		opts.Keyring = &fakeKeyring{}
	}
	r, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// work is an account that needs no password.
var work = config.Account{
	Name: "work", Address: "me@bücher.example", FullName: "Me", Host: "127.0.0.1", Port: 1,
	Auth: config.AuthNone,
}

func add(t *testing.T, r *Room, a config.Account, password string) {
	t.Helper()
	if err := r.AddAccount(t.Context(), a, secret.New(password)); err != nil {
		t.Fatal(err)
	}
}

// fakeKeyring is a keyring in memory, or a broken one.
type fakeKeyring struct {
	secret.Memory
	broken error
}

func (k *fakeKeyring) Set(ctx context.Context, account string, s secret.Secret) error {
	if k.broken != nil {
		return k.broken
	}
	return k.Memory.Set(ctx, account, s)
}

func (k *fakeKeyring) State(context.Context, string) secret.State {
	return secret.State{Text: "keyring, ready", Ready: true}
}

func content(t *testing.T, r *Room, id outbox.ID) string {
	t.Helper()
	c, err := r.Source(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPost(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Agent: "sendoff/test"})
	add(t, r, work, "")
	file := filepath.Join(t.TempDir(), "minutes, final.txt")
	if err := os.WriteFile(file, []byte("attached text"), 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := r.Post(t.Context(), message.Draft{
		To:          `"Doe, John" <john@b.example>, team: a@b.example, john@B.example;`,
		Cc:          "carol@b.example",
		Bcc:         "carol@b.example, secret@b.example",
		Subject:     "Grüße",
		Headers:     []message.Header{{Name: "X-Test", Value: "yes"}},
		Body:        "hello",
		Attachments: []string{file},
	}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	item, _, err := r.Item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var recipients []string
	for _, to := range item.Recipients {
		recipients = append(recipients, to.Address)
	}
	want := []string{"john@b.example", "a@b.example", "carol@b.example", "secret@b.example"}
	if diff := cmp.Diff(want, recipients); diff != "" {
		t.Errorf("envelope recipients (-want +got):\n%s", diff)
	}
	if item.State != outbox.Queued || item.Account != "work" || item.Subject != "Grüße" ||
		item.From != "me@xn--bcher-kva.example" || !strings.HasSuffix(item.MessageID, "@xn--bcher-kva.example") {
		t.Errorf("item: %+v", item)
	}
	text := content(t, r, id)
	for _, part := range []string{
		"From: Me <me@", "X-Test: yes\r\n", "User-Agent: sendoff/test\r\n", "Message-ID: <" + item.MessageID + ">\r\n",
		"minutes, final.txt",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
	if strings.Contains(text, "secret@") || strings.Contains(strings.ToLower(text), "\nbcc:") {
		t.Errorf("a blind recipient shows in:\n%s", text)
	}
}

// TestDraftStays fails to make a mail in every way there is; what was written
// stays a draft, and no mail is left behind.
func TestDraftStays(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	good := message.Draft{To: "bob@example.org", Subject: "Hi", Body: "text"}
	change := func(f func(*message.Draft)) message.Draft {
		d := good
		f(&d)
		return d
	}
	cases := map[string]struct {
		draft message.Draft
		want  any // the type of error
	}{
		"address":    {change(func(d *message.Draft) { d.To = "bob@@example.org" }), new(*message.FieldError)},
		"sender":     {change(func(d *message.Draft) { d.From = "me" }), new(*message.FieldError)},
		"nobody":     {change(func(d *message.Draft) { d.To = "" }), new(*message.FieldError)},
		"account":    {change(func(d *message.Draft) { d.Account = "other" }), new(*config.Error)},
		"attachment": {change(func(d *message.Draft) { d.Attachments = []string{"/no/such/file"} }), new(*FileError)},
		"folder":     {change(func(d *message.Draft) { d.Attachments = []string{t.TempDir()} }), new(*FileError)},
		"line break": {change(func(d *message.Draft) { d.Subject = "a\r\nBcc: b@example.org" }), new(*MessageError)},
	}
	if runtime.GOOS == "linux" {
		cases["while reading"] = struct {
			draft message.Draft
			want  any
		}{change(func(d *message.Draft) { d.Attachments = []string{"/proc/self/mem"} }), new(*FileError)}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			draft, err := r.SaveDraft(t.Context(), outbox.Ref{}, c.draft)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Queue(t.Context(), draft, c.draft, time.Time{}); err == nil || !errors.As(err, c.want) {
				t.Errorf("Queue: %v, want a %T", err, c.want)
			}
			kept, ref, err := r.Draft(t.Context(), draft.ID)
			if err != nil || !ref.Seen.Equal(draft.Seen) || ref.ID != draft.ID {
				t.Fatalf("Draft: %v instead of %v, %v", ref, draft, err)
			}
			if diff := cmp.Diff(c.draft, kept); diff != "" {
				t.Errorf("the draft changed (-before +after):\n%s", diff)
			}
		})
	}
	if counts, err := r.Counts(t.Context(), ""); err != nil || counts[outbox.Queued] > 0 {
		t.Errorf("counts %v, %v", counts, err)
	}
}

func TestQueueReplacesDraft(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	fields := message.Draft{To: "bob@example.org", Subject: "Hi", Body: "text"}
	first, err := r.SaveDraft(t.Context(), outbox.Ref{}, fields)
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := r.LatestDraft(t.Context()); err != nil || latest != first.ID {
		t.Errorf("LatestDraft: %v, %v; want %v", latest, err, first.ID)
	}
	id, err := r.Queue(t.Context(), first, fields, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := r.LatestDraft(t.Context()); err != nil || latest != 0 {
		t.Errorf("LatestDraft: %v, %v; want none", latest, err)
	}
	got, ref, err := r.Draft(t.Context(), id)
	if err != nil || ref != (outbox.Ref{}) || got.Subject != "Hi" {
		t.Errorf("Draft of the mail: %+v, %v, %v", got, ref, err)
	}
	if _, err := r.Queue(t.Context(), first, fields, time.Time{}); !errors.Is(err, outbox.ErrChanged) {
		t.Errorf("queued the same draft again: %v", err)
	}
}

// TestOpenTouchesNothing looks at the disk after opening, and after closing a
// sandbox.
func TestOpenTouchesNothing(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	r := open(t, Options{Home: config.HomeAt(home)})
	if _, _, _, err := r.Accounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the home exists: %v", err)
	}

	s, err := Open(Options{Sandbox: true, Lookup: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveDraft(t.Context(), outbox.Ref{}, message.Draft{Body: "text"}); err != nil {
		t.Fatal(err)
	}
	temp := s.Home().StateDir
	if _, err := os.Stat(filepath.Join(temp, "outbox.db")); err != nil || !s.Fleeting() {
		t.Errorf("fleeting %v, %v", s.Fleeting(), err)
	}
	if err := s.AddAccount(t.Context(), work, secret.Secret{}); err == nil {
		t.Error("a sandbox took an account")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the throw-away home is still there: %v", err)
	}
}

// TestTwoPrograms writes one draft in two programs: neither overwrites or sends
// what it has not seen, and nothing that was written is lost.
func TestTwoPrograms(t *testing.T) {
	t.Parallel()
	home := config.HomeAt(t.TempDir())
	one, two := open(t, Options{Home: home}), open(t, Options{Home: home})
	add(t, one, work, "")
	ctx := t.Context()
	with := func(body string) message.Draft {
		return message.Draft{To: "bob@example.org", Subject: "Shared", Body: body}
	}
	first, err := one.SaveDraft(ctx, outbox.Ref{}, with("first"))
	if err != nil {
		t.Fatal(err)
	}
	_, seen, err := two.Draft(ctx, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	second, err := two.SaveDraft(ctx, seen, with("first, second"))
	if err != nil || second.ID != first.ID {
		t.Fatalf("who saw it last writes %v, %v", second, err)
	}
	apart, err := one.SaveDraft(ctx, first, with("first, first"))
	if err != nil || apart.ID == first.ID {
		t.Fatalf("who has not seen the last of it writes %v, %v", apart, err)
	}
	for id, want := range map[outbox.ID]string{first.ID: "first, second", apart.ID: "first, first"} {
		if got, _, err := one.Draft(ctx, id); err != nil || got.Body != want {
			t.Errorf("%v says %q, %v; want %q", id, got.Body, err, want)
		}
	}
	if _, err := one.Queue(ctx, first, with("first"), time.Time{}); !errors.Is(err, outbox.ErrChanged) {
		t.Errorf("sent unseen: %v", err)
	}
	if _, err := two.Queue(ctx, second, with("first, second"), time.Time{}); err != nil {
		t.Error(err)
	}
}

// TestExcerpt: any part of a mail can be read, of a draft as of what is queued.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	d := message.Draft{To: "you@example.org", Subject: "long"}
	d.Body = strings.Repeat("a line of the text\n", 40_000) // more than one row of the store
	draft, err := r.SaveDraft(t.Context(), outbox.Ref{}, d)
	if err != nil {
		t.Fatal(err)
	}
	queued, err := r.Queue(t.Context(), outbox.Ref{}, d, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]outbox.ID{"draft": draft.ID, "queued": queued} {
		source, err := r.Source(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(source)
		if err := errors.Join(err, source.Close()); err != nil {
			t.Fatal(err)
		}
		for _, from := range []int{0, 1000, 256<<10 - 7, 256 << 10, len(whole) - 5, len(whole), len(whole) + 9} {
			got, size, err := r.Excerpt(t.Context(), id, int64(from), 5000)
			want := whole[min(from, len(whole)):min(from+5000, len(whole))]
			if name == "queued" && !bytes.Equal(got, want) || len(got) != len(want) || size != int64(len(whole)) || err != nil {
				t.Errorf("%s from %d: %d octets of %d, %v; want %d", name, from, len(got), size, err, len(want))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "mail.eml")
	if _, err := r.Export(t.Context(), queued, path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o77 != 0 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := r.Export(t.Context(), queued, path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that exists: %v", err)
	}
}

// TestQueuedMailIsASnapshot: what becomes of a file after the mail was queued
// changes nothing of the mail.
func TestQueuedMailIsASnapshot(t *testing.T) {
	t.Parallel()
	r, err := Open(Options{Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(file, []byte("as it was\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := r.Queue(ctx, outbox.Ref{}, message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text", Attachments: []string{file}}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	export := func() string {
		t.Helper()
		store, err := r.outbox(ctx)
		if err != nil {
			t.Fatal(err)
		}
		content, err := store.Content(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	queued := export()
	if !strings.Contains(queued, "YXMgaXQgd2FzCg==") {
		t.Fatalf("the mail is\n%s", queued)
	}
	if err := os.WriteFile(file, []byte("as it is now, and longer\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := export(); got != queued {
		t.Errorf("after the file changed:\n%s", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := export(); got != queued {
		t.Errorf("after the file went:\n%s", got)
	}
}
