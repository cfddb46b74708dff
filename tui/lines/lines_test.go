package lines

import (
	"context"
	"errors"
	"reflect"
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
	d.adopt(outbox.Ref{}, message.Draft{Body: "> quoted\n\n\n-- \nMe\n", Focus: "body", Line: 2})
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

// TestHeaderWishesTemplate gives a mail what goes beyond its people, subject and
// text.
func TestHeaderWishesTemplate(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	typed := "7\n\n1\n7\nAda\n" // no such template, none; the first, and its places
	d := newDesk(t.Context(), Options{Service: nobody{}, In: strings.NewReader(typed), Out: &out, Clock: clock})
	defer d.end()
	for _, line := range []string{
		"/header Organization: Example", "/header organization: Example Ltd", "/header X-Gone: 1", "/header X-Gone:",
		"/header To: b@example.org", "/header nothing", "/header",
		"/ask notify failure, delay", "/ask return headers", "/ask hold-until tomorrow 9:00", "/ask deliver-by fri 17:00", "/ask deliver-by",
		"/ask priority 3", "/ask priority ten", "/ask priority 10", "/ask require-tls yes", "/ask read-receipt yes", "/ask read-receipt no",
		"/ask importance high", "/ask importance much", "/ask return", "/ask sunshine yes", "/ask",
		"/template torn", "/template other", "/template",
	} {
		if err := d.command(line); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, &out)
		}
	}
	got := d.draft()
	want := message.Draft{
		Cc: "shop@example.org", Subject: "Order 7", Body: "Dear Ada,\n\nthanks.", Focus: "body", Line: 3,
		Headers: []message.Header{{Name: "organization", Value: "Example Ltd"}, {Name: "X-Shop", Value: "1"}},
		Wishes: message.Wishes{
			Notify: "failure,delay", HoldUntil: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), Priority: 3, RequireTLS: true, Importance: "high",
			Receipt: true,
		},
		Encrypt: message.Yes,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the mail is %+v, want %+v\n%s", got, want, &out)
	}
	for _, said := range []string{
		"The header is as it was: ", "say a number from -9 to 9.", "Priority: 10 is not between -9 and 9.", "Importance: much is neither high nor low.",
		`"sunshine" can't be asked for. /ask alone tells what can be asked for.`, "torn can't be used: ", "No template is called other. There are:",
		"Asked for this mail: marked as of high importance; reports of failure, delay; ",
	} {
		if !strings.Contains(out.String(), said) {
			t.Errorf("it is not said: %s\n%s", said, &out)
		}
	}
}

// TestPreview: what the recipients don't see is told.
func TestPreview(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                 "It can't be made yet: there is nothing here.\n",
		"words\n":          "words\n",
		"see\n<!-- me -->": "see\n<!-- me -->\nWhat stands between <!-- and --> is left out.\n",
	} {
		var out strings.Builder
		d := newDesk(t.Context(), Options{Service: nobody{}, In: strings.NewReader(""), Out: &out, Clock: clock})
		d.adopt(outbox.Ref{}, message.Draft{Body: body})
		out.Reset()
		if err := d.command("/preview"); err != nil || !strings.HasSuffix(out.String(), want) {
			t.Errorf("%q: %v, it says %q, want %q", body, err, &out, want)
		}
		d.end()
	}
}

// TestFilesAndCrypto says how attached files go, and by what they are sealed.
func TestFilesAndCrypto(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	d := newDesk(t.Context(), Options{Service: nobody{}, In: strings.NewReader(""), Out: &out, Clock: clock})
	defer d.end()
	d.adopt(outbox.Ref{}, message.Draft{Attachments: []string{"boat.png", "plan.txt"}})
	for _, line := range []string{
		"/inline 2", "/inline 3", "/inline 1", "/rename 2", "/rename 2 the plan.txt", "/crypto gpg", "/crypto SMIME", "/snde", "/zzzzzz",
	} {
		if err := d.command(line); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, &out)
		}
	}
	got := d.draft()
	want := map[string]message.Attached{"boat.png": {Inline: true}, "plan.txt": {Name: "the plan.txt"}}
	if !reflect.DeepEqual(got.Attached, want) || got.Crypto != "smime" {
		t.Errorf("the mail is %+v\n%s", got, &out)
	}
	const said = `plan.txt is no picture; it goes as a file.
Say which by its number; /list tells it. 2 files are attached.
boat.png shows below the text, where a reader can.
Say its number and the name it is to have: /rename 1 minutes.pdf
plan.txt goes as the plan.txt.
Say /crypto pgp or /crypto smime.
What signs and encrypts is S/MIME, by gpgsm.
There is no command /snde; did you mean /send? To begin a line of text with / write //.
There is no command /zzzzzz; ? alone lists them all. To begin a line of text with / write //.
`
	if out.String() != said {
		t.Errorf("said is\n%s\nwant\n%s", &out, said)
	}
}

// TestIdentities adds one, changes it and the account's own, and removes it.
func TestIdentities(t *testing.T) {
	t.Parallel()
	changed := config.Account{Name: "work", Address: "me@example.org", FullName: "Me", Host: "smtp.example.org"}
	for _, step := range []struct {
		typed string
		want  config.Account
	}{
		{"2\nshop\n\n\n\n\n\n", changed}, // not an address
		{"2\nshop@example.org\nShop\n?\nhelp@example.org\na@example.org, b@example.org\n*@customer.example\nThe shop\n\nopen daily\n.\n", config.Account{
			Name: "work", Address: "me@example.org", FullName: "Me", Host: "smtp.example.org",
			Identities: []config.Identity{{
				Address: "shop@example.org", FullName: "Shop", ReplyTo: "help@example.org",
				Bcc: []string{"a@example.org", "b@example.org"}, Recipients: []string{"*@customer.example"}, Signature: "The shop\n\nopen daily\n",
			}},
		}},
		{"2\n1\n\n-\n-\n-\n\n-\n", config.Account{
			Name: "work", Address: "me@example.org", FullName: "Me", Host: "smtp.example.org",
			Identities: []config.Identity{{Address: "shop@example.org", Recipients: []string{"*@customer.example"}}},
		}},
		{"1\n\nMyself\n\n\n\n\n", config.Account{
			Name: "work", Address: "me@example.org", FullName: "Myself", Host: "smtp.example.org",
			Identities: []config.Identity{{Address: "shop@example.org", Recipients: []string{"*@customer.example"}}},
		}},
		{"2\n2\n", config.Account{Name: "work", Address: "me@example.org", FullName: "Myself", Host: "smtp.example.org"}},
		{"\n", config.Account{Name: "work", Address: "me@example.org", FullName: "Myself", Host: "smtp.example.org"}},
	} {
		var out strings.Builder
		d := newDesk(t.Context(), Options{Service: keeper{account: &changed}, In: strings.NewReader(step.typed), Out: &out, Clock: clock})
		if err := d.command("/identity"); err != nil {
			t.Fatalf("%q: %v\n%s", step.typed, err, &out)
		}
		d.end()
		if !reflect.DeepEqual(changed, step.want) {
			t.Fatalf("%q: the account is %+v, want %+v\n%s", step.typed, changed, step.want, &out)
		}
	}
}

// keeper is a service that keeps one account.
type keeper struct {
	nobody
	account *config.Account
}

func (k keeper) Accounts(context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error) {
	return []kit.AccountInfo{{Account: *k.account}}, k.account.Name, nil, nil
}

func (k keeper) UpdateAccount(_ context.Context, a config.Account, _ secret.Secret) error {
	*k.account = a
	return nil
}

// FuzzDesk types anything: nothing that is said can move a cursor, and the text
// has no line that was not typed.
func FuzzDesk(f *testing.F) {
	f.Add("bob@example.org\n\nHi\n/text\n..\n.\n/drop 1-2\n/line 1 x\n/list\n")
	f.Add("\x1b[2J@\n/cc \x9b2J\n\a\n/subject \x1b]0;x\a\n\x00\n/drop\n/detach 1\n")
	f.Add("/header X: \x1b[2J\n/ask notify \x9b\n/ask hold-until now\n/template\n1\n\n\n/list\n")
	f.Add("/identity\n1\n\x9b\n\n\n\n\n\n/rename 1 \x1b\n/inline 1\n/crypto smime\n")
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
func (nobody) Occupy(outbox.ID) bool                                        { return false }
func (nobody) LatestDraft(context.Context) (outbox.ID, error)               { return 0, nil }
func (nobody) Asking(ctx context.Context) context.Context                   { return ctx }
func (nobody) UpdateAccount(context.Context, config.Account, secret.Secret) error {
	return errNothing
}
func (nobody) Sign(*message.Draft, bool) error                             { return nil }
func (nobody) Act(context.Context, outbox.ID, kit.Action) error            { return nil }
func (nobody) Check(context.Context, message.Draft) []presend.Finding      { return nil }
func (nobody) People(context.Context, string) ([]book.Contact, error)      { return nil, nil }
func (nobody) AskBook(context.Context, string) ([]book.Contact, error)     { return nil, nil }
func (nobody) LookUp(context.Context, []string) map[string]kit.Known       { return nil }
func (nobody) TestAccount(context.Context, string, func(smtp.Event)) error { return errNothing }
func (nobody) GivePassword(context.Context, string, secret.Secret) error   { return errNothing }
func (nobody) Preview(_ context.Context, d message.Draft) (kit.Preview, error) {
	if d.Body == "" {
		return kit.Preview{}, errNothing
	}
	return kit.Preview{Text: d.Body, Comments: strings.Count(d.Body, "<!--")}, nil
}
func (nobody) Item(context.Context, outbox.ID) (it outbox.Item, a []outbox.Attempt, err error) {
	return it, nil, outbox.ErrNotFound
}

func (nobody) TemplateFolder() string { return "/nowhere" }
func (nobody) Templates(context.Context) ([]kit.Template, error) {
	d := message.Draft{Subject: "Order {{number}}", Cc: "shop@example.org", Headers: []message.Header{{Name: "X-Shop", Value: "1"}}, Body: "Dear {{name}},\n\nthanks.\n",
		Encrypt: message.Yes, Wishes: message.Wishes{Priority: 1, Receipt: true}}
	return []kit.Template{{Name: "order", Fields: d, Open: []string{"number", "name"}}, {Name: "torn", Err: errNothing}}, nil
}

func (nobody) SaveDraft(_ context.Context, _ outbox.Ref, _ message.Draft) (outbox.Ref, error) {
	return outbox.Ref{ID: 1}, nil
}

func (nobody) PostDraft(context.Context, outbox.Ref, message.Draft, time.Time) (outbox.ID, error) {
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
