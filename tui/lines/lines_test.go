package lines

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
)

// TestTextIsEdited types, writes anew and takes out lines of a text.
func TestTextIsEdited(t *testing.T) {
	t.Parallel()
	d := newDesk(t.Context(), Options{Service: nobody{}, In: strings.NewReader(""), Out: &strings.Builder{}, Clock: clock})
	defer d.end()
	d.adopt(0, message.Draft{Body: "> quoted\n\n\n-- \nMe\n", Focus: "body", Line: 2})
	for _, line := range []string{"one", "//two", "..", "??", "...", "five"} {
		d.insert(line)
	}
	steps := []struct {
		do   func(string) error
		arg  string
		want string
	}{
		{d.drop, "", "> quoted\n\none\n/two\n.\n?\n...\n\n-- \nMe\n"},
		{d.change, "4 2", "> quoted\n\none\n2\n.\n?\n...\n\n-- \nMe\n"},
		{d.drop, "5-7", "> quoted\n\none\n2\n\n-- \nMe\n"},
		{d.drop, "0", "> quoted\n\none\n2\n\n-- \nMe\n"},
		{d.drop, "9-99", "> quoted\n\none\n2\n\n-- \nMe\n"},
		{d.change, "x", "> quoted\n\none\n2\n\n-- \nMe\n"},
		{d.drop, "3 - 4", "> quoted\n\n\n-- \nMe\n"},
	}
	for _, s := range steps {
		if err := s.do(s.arg); err != nil {
			t.Fatal(err)
		}
		if got := d.draft().Body; got != s.want {
			t.Errorf("%q: the text is %q, want %q", s.arg, got, s.want)
		}
	}
	if d.insert("new"); d.draft().Body != "> quoted\n\nnew\n\n-- \nMe\n" {
		t.Errorf("it goes on in %q", d.draft().Body)
	}
}

// FuzzDesk types anything: nothing that is said can move a cursor, and the text
// has no line that was not typed.
func FuzzDesk(f *testing.F) {
	f.Add("bob@example.org\n\nHi\n/text\n..\n.\n/drop 1-2\n/line 1 x\n/list\n")
	f.Add("\x1b[2J@\n/cc \x9b2J\n\a\n/subject \x1b]0;x\a\n\x00\n/drop\n/detach 1\n")
	f.Add("/reply-to -\n/to (\n/bcc \"a\n?\n")
	f.Fuzz(func(t *testing.T, typed string) {
		var out strings.Builder
		err := Run(t.Context(), Options{Service: nobody{}, In: strings.NewReader(typed), Out: &out, Echo: true, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(out.String(), func(r rune) bool { return r < ' ' && r != '\n' || 0x7f <= r && r < 0xa0 }); i >= 0 {
			t.Errorf("%q holds a terminal command", out.String()[i:])
		}
	})
}

// TestVerbs: each command has a name of its own, and a word for what it is for.
func TestVerbs(t *testing.T) {
	t.Parallel()
	var names []string
	for _, v := range verbs() {
		if slices.Contains(names, v.name) || !isCommand("/"+v.name) || v.what == "" || v.do == nil {
			t.Errorf("%+v", v)
		}
		names = append(names, v.name)
	}
	for _, line := range []string{"/usr/bin", "/", "/1", "/Usr", "x /send", "//send"} {
		if isCommand(line) {
			t.Errorf("%q is a command", line)
		}
	}
}

// nobody is a service that has one account and keeps nothing.
type nobody struct{ Service }

var errNothing = errors.New("there is nothing here")

func clock() time.Time { return time.Date(2026, 11, 27, 14, 2, 0, 0, time.UTC) }

func (nobody) Items(context.Context, outbox.Query) ([]outbox.Item, error)   { return nil, nil }
func (nobody) Counts(context.Context, string) (map[outbox.State]int, error) { return nil, nil }
func (nobody) LatestDraft(context.Context) (outbox.ID, error)               { return 0, nil }
func (nobody) Asking(ctx context.Context) context.Context                   { return ctx }
func (nobody) Sign(*message.Draft, bool) error                              { return nil }
func (nobody) Act(context.Context, outbox.ID, kit.Action) error             { return nil }
func (nobody) Check(context.Context, message.Draft) []presend.Finding       { return nil }
func (nobody) People(context.Context, string) ([]book.Contact, error)       { return nil, nil }
func (nobody) AskBook(context.Context, string) ([]book.Contact, error)      { return nil, nil }
func (nobody) LookUp(context.Context, []string) map[string]kit.Known        { return nil }
func (nobody) TestAccount(context.Context, string, func(smtp.Event)) error  { return errNothing }
func (nobody) GivePassword(context.Context, string, secret.Secret) error    { return errNothing }
func (nobody) Preview(context.Context, message.Draft) (kit.Preview, error) {
	return kit.Preview{}, errNothing
}
func (nobody) Item(context.Context, outbox.ID) (it outbox.Item, a []outbox.Attempt, err error) {
	return it, nil, outbox.ErrNotFound
}

func (nobody) SaveDraft(_ context.Context, id outbox.ID, _ message.Draft) (outbox.ID, error) {
	return max(id, 1), nil
}

func (nobody) PostDraft(context.Context, outbox.ID, message.Draft, time.Time) (outbox.ID, error) {
	return 0, errNothing
}

func (nobody) Accounts(context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error) {
	return []kit.AccountInfo{{Account: own}}, own.Name, nil, nil
}

func (nobody) Sender(message.Draft) (config.Account, config.Identity, error) {
	return own, own.Own(), nil
}

func (nobody) CheckFiles(_ context.Context, paths []string) []kit.File {
	files := make([]kit.File, len(paths))
	for i, path := range paths {
		files[i] = kit.File{Path: path, Name: path}
	}
	return files
}

func (nobody) Deliver(ctx context.Context, _ func(outbox.Event)) error {
	<-ctx.Done()
	return ctx.Err()
}

var own = config.Account{Name: "work", Address: "me@example.org"}
