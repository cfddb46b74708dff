package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/sandbox"
	"sendoff/tui/kit"
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
			draft, err := r.SaveDraft(t.Context(), 0, c.draft)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Queue(t.Context(), draft, c.draft, time.Time{}); err == nil || !errors.As(err, c.want) {
				t.Errorf("Queue: %v, want a %T", err, c.want)
			}
			kept, fresh, err := r.Draft(t.Context(), draft)
			if err != nil || fresh {
				t.Fatalf("Draft: fresh %v, %v", fresh, err)
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
	first, err := r.SaveDraft(t.Context(), 0, fields)
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := r.LatestDraft(t.Context()); err != nil || latest != first {
		t.Errorf("LatestDraft: %v, %v; want %v", latest, err, first)
	}
	id, err := r.Queue(t.Context(), first, fields, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := r.LatestDraft(t.Context()); err != nil || latest != 0 {
		t.Errorf("LatestDraft: %v, %v; want none", latest, err)
	}
	got, fresh, err := r.Draft(t.Context(), id)
	if err != nil || !fresh || got.Subject != "Hi" {
		t.Errorf("Draft of the mail: %+v, fresh %v, %v", got, fresh, err)
	}
	if _, err := r.Queue(t.Context(), first, fields, time.Time{}); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("queued the same draft again: %v", err)
	}
}

// news collects what a delivery tells.
type news chan outbox.Event

// until waits for an event.
func (n news) until(t *testing.T, what string, wanted func(outbox.Event) bool) {
	t.Helper()
	var heard []string
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case e := <-n:
			if wanted(e) {
				return
			}
			heard = append(heard, fmt.Sprintf("%+v", e))
		case <-limit.C:
			t.Fatalf("never heard of %s; heard:\n%s", what, strings.Join(heard, "\n"))
		}
	}
}

func state(id outbox.ID, s outbox.State) func(outbox.Event) bool {
	return func(e outbox.Event) bool { return e.ID == id && e.State == s }
}

// deliver runs the delivery until the test ends.
func deliver(t *testing.T, r *Room) news {
	t.Helper()
	n := make(news, 10_000)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Deliver(ctx, func(e outbox.Event) { n <- e }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Deliver: %v", err)
		}
	})
	return n
}

func TestDeliverInSandbox(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Sandbox: true, Lookup: func(string) (string, bool) { return "", false }, Home: config.Home{}})
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), 0, message.Draft{To: "ok@example.org, refused@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.until(t, "partial", state(id, outbox.Partial))
}

// served adds an account for a server of its own to a room.
func served(t *testing.T, r *Room, opts sandbox.Options, a config.Account) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	a.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(a.CAFile, server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(server.TLSAddr())
	if err != nil {
		t.Fatal(err)
	}
	a.Host = host
	if a.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	add(t, r, a, "")
	return server
}

// TestCancelOnTheWay takes a mail back while the server says nothing.
func TestCancelOnTheWay(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	served(t, r, sandbox.Options{Latency: time.Hour}, work)
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), 0, message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.until(t, "the wait for a greeting", func(e outbox.Event) bool {
		return e.ID == id && e.Session != nil && e.Session.Stage == smtp.StageGreeting
	})
	if err := r.Act(t.Context(), id, kit.Cancel); err != nil {
		t.Fatal(err)
	}
	n.until(t, "cancelled", state(id, outbox.Cancelled))
}

// TestGivePassword lets a delivery wait for a password and go on with it.
func TestGivePassword(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	server := served(t, r, sandbox.Options{User: "me", Password: "sesame"}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretAsk,
	})
	n := deliver(t, r)
	id, err := r.Queue(t.Context(), 0, message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	waits := func(e outbox.Event) bool {
		return e.ID == 0 && e.Account == "work" && errors.Is(e.Problem, secret.ErrNotFound)
	}
	n.until(t, "the wait for a password", waits)
	if _, attempts, err := r.Item(t.Context(), id); err != nil || len(attempts) > 0 {
		t.Errorf("waiting for a password counts as a try: %+v, %v", attempts, err)
	}
	if err := r.TestAccount(t.Context(), "work", nil); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("TestAccount without a password: %v", err)
	}
	if err := r.GivePassword(t.Context(), "work", secret.New("wrong")); err != nil {
		t.Fatal(err)
	}
	n.until(t, "the wrong password", func(e outbox.Event) bool {
		var refused *smtp.Error
		return e.Account == "work" && errors.As(e.Problem, &refused) && refused.Class == smtp.ClassAuth
	})
	if err := r.GivePassword(t.Context(), "work", secret.New("sesame")); err != nil {
		t.Fatal(err)
	}
	n.until(t, "sent", state(id, outbox.Sent))
	if err := r.TestAccount(t.Context(), "work", func(smtp.Event) {}); err != nil {
		t.Errorf("TestAccount: %v", err)
	}
	if mails := server.Mails(); len(mails) != 1 {
		t.Errorf("%d mails arrived", len(mails))
	}
}

// TestRefusedPasswordRests delivers again and again with a password that the
// server refused: it is tried again only when something changed, or a person
// asks for it.
func TestRefusedPasswordRests(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	home := config.HomeAt(t.TempDir())
	cron := open(t, Options{Home: home, Keyring: keyring})
	served(t, cron, sandbox.Options{User: "me", Password: "sesame"}, config.Account{
		Name: "work", Address: "me@example.org", User: "me", Secret: config.SecretKeyring,
	})
	if err := keyring.Set(t.Context(), "work", secret.New("wrong")); err != nil {
		t.Fatal(err)
	}
	id, err := cron.Post(t.Context(), message.Draft{To: "ok@example.org", Subject: "Hi", Body: "text"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	logins := func(r *Room, ids ...outbox.ID) int {
		t.Helper()
		n := 0
		summary, err := r.Flush(t.Context(), func(e outbox.Event) {
			if e.Session != nil && e.Session.Stage == smtp.StageAuth && e.Session.Kind == smtp.KindBegin {
				n++
			}
		}, outbox.Only{IDs: ids})
		if err != nil {
			t.Fatal(err)
		}
		if p := summary.Parked; len(p) != 1 || p[0].Account != "work" || !p[0].Until.IsZero() {
			t.Errorf("parked: %+v", p)
		}
		return n
	}
	if n := logins(cron); n != 1 {
		t.Fatalf("%d logins at first", n)
	}
	if n := logins(cron) + logins(cron, id); n != 0 {
		t.Errorf("%d logins with the refused password", n)
	}
	edited := time.Now().Add(time.Second)
	if err := os.Chtimes(home.ConfigFile(), edited, edited); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 1 {
		t.Errorf("%d logins after the configuration changed", n)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(home.ConfigFile(), long, long); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Set(t.Context(), "work", secret.New("wrong too")); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron) + logins(cron); n != 1 {
		t.Errorf("%d logins after the password changed", n)
	}
	if err := cron.Act(t.Context(), id, kit.Retry); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 0 {
		t.Errorf("%d logins after a script wanted another try", n)
	}
	person := open(t, Options{Home: home, Keyring: keyring, Attended: true})
	if err := person.Act(t.Context(), id, kit.Retry); err != nil {
		t.Fatal(err)
	}
	if n := logins(cron); n != 1 {
		t.Errorf("%d logins after a person wanted another try", n)
	}
	if n := logins(person, id); n != 1 {
		t.Errorf("%d logins for a person", n)
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
	if _, err := s.SaveDraft(t.Context(), 0, message.Draft{Body: "text"}); err != nil {
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

func TestAddAccount(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	a := config.Account{Name: "work", Address: "me@example.org", Host: "smtp.example.org"}
	add(t, r, a, "sesame")
	if got, err := keyring.Get(t.Context(), "work"); err != nil || got.Reveal() != "sesame" {
		t.Errorf("the keyring has %q, %v", got.Reveal(), err)
	}
	// A second account of that name must not cost the first its password.
	if err := r.AddAccount(t.Context(), a, secret.New("other")); err == nil {
		t.Error("added a second account of the same name")
	}
	if got, err := keyring.Get(t.Context(), "work"); err != nil || got.Reveal() != "sesame" {
		t.Errorf("the keyring has %q, %v", got.Reveal(), err)
	}
	keyring.broken = &secret.Error{Account: "home", Err: secret.ErrUnavailable}
	a.Name = "home"
	if err := r.AddAccount(t.Context(), a, secret.New("x")); !errors.Is(err, secret.ErrUnavailable) {
		t.Errorf("with a broken keyring: %v", err)
	}
	accounts, standard, stores, err := r.Accounts(t.Context())
	if err != nil || len(accounts) != 1 || standard != "work" || !accounts[0].Ready {
		t.Errorf("Accounts: %+v, default %q, %v", accounts, standard, err)
	}
	if len(stores) != 4 || stores[0].Name != config.SecretKeyring || !stores[0].Usable {
		t.Errorf("stores: %+v", stores)
	}
}

// TestUpdateAccount changes an account; its password goes along.
func TestUpdateAccount(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	a := config.Account{Name: "home", Address: "me@example.org", Host: "127.0.0.1", Port: 1, Secret: config.SecretKeyring}
	add(t, r, a, "sesame")
	change := func(a config.Account, password string) config.Account {
		t.Helper()
		if err := r.UpdateAccount(t.Context(), a, secret.New(password)); err != nil {
			t.Fatal(err)
		}
		conf, err := r.config()
		if err != nil {
			t.Fatal(err)
		}
		got, err := conf.Account("home")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	a.Host, a.Secret = "mail.example.org", config.SecretAsk
	got := change(a, "")
	if got.Host != "mail.example.org" || got.Secret != config.SecretAsk {
		t.Errorf("the account is %+v", got)
	}
	if s, err := r.secrets.Get(t.Context(), got); err != nil || s.Reveal() != "sesame" {
		t.Errorf("the password did not go along: %v", err)
	}
	if _, err := keyring.Get(t.Context(), "home"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("the keyring still has it: %v", err)
	}
	if err := r.GivePassword(t.Context(), "home", secret.New("old")); err != nil {
		t.Fatal(err)
	}
	if s, err := r.secrets.Get(t.Context(), change(a, "new")); err != nil || s.Reveal() != "new" {
		t.Errorf("the new password does not count: %v", err)
	}
	a.Auth, a.Secret = config.AuthNone, ""
	if got := change(a, ""); got.Secret != "" || got.User != "" {
		t.Errorf("without a login: %+v", got)
	}
	a.Name = "other"
	if err := r.UpdateAccount(t.Context(), a, secret.Secret{}); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("an account that is not there: %v", err)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	dir := t.TempDir()
	for _, name := range []string{"b.txt", "A.txt", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "zoo"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := r.ListFolder(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if want := []string{"zoo", ".hidden", "A.txt", "b.txt"}; !slices.Equal(names, want) {
		t.Errorf("ListFolder: %q, want %q", names, want)
	}
	var gone *FileError
	if _, err := r.ListFolder(t.Context(), filepath.Join(dir, "none")); !errors.As(err, &gone) {
		t.Errorf("a folder that is not there: %v", err)
	}
	checked := r.CheckFiles(t.Context(), []string{filepath.Join(dir, "A.txt"), dir, filepath.Join(dir, "none")})
	if f := checked[0]; f.Err != nil || f.Size != 5 || f.Name != "A.txt" {
		t.Errorf("a file: %+v", f)
	}
	if checked[1].Err == nil || checked[2].Err == nil {
		t.Errorf("a folder and nothing at all: %+v", checked[1:])
	}
}

// TestExcerpt: any part of a mail can be read, of a draft as of what is queued.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	d := message.Draft{To: "you@example.org", Subject: "long"}
	d.Body = strings.Repeat("a line of the text\n", 40_000) // more than one row of the store
	draft, err := r.SaveDraft(t.Context(), 0, d)
	if err != nil {
		t.Fatal(err)
	}
	queued, err := r.Queue(t.Context(), 0, d, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]outbox.ID{"draft": draft, "queued": queued} {
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
