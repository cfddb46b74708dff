package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

const identities = `default = "work"

[[account]]
name = "home"
address = "alice@home.example"
host = "mail.home.example"
recipients = ["*@*.friends.example"]

[[account]]
name = "work"
address = "alice@example.org"
full-name = "Alice Example"
reply-to = "team@example.org"
bcc = ["archive@example.org"]
catch-all = ["alice.example"]
host = "smtp.example.org"

# for customers
[[account.identity]]
address = "sales@example.org"
full-name = "Alice, Sales"
signature = "Sales"
recipients = ["*@customer.example", "Bob@example.net"]

[[account.identity]]
address = "press@example.org"
`

func TestFrom(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("config.toml", []byte(identities))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name            string
		account, sender string
		recipients      []string
		want            string // account, address, full name, reply-to
	}{
		{"nothing given", "", "", nil, "work alice@example.org Alice Example team@example.org"},
		{"account", "home", "", nil, "home alice@home.example  "},
		{"sender", "", "ALICE@home.example", nil, "home alice@home.example  "},
		{"sender of an identity", "", "Press@example.org", nil, "work press@example.org Alice Example "},
		{"any sender of a domain", "", "shop@alice.example", nil, "work shop@alice.example Alice Example team@example.org"},
		{"sender below such a domain", "home", "shop@x.alice.example", nil, "home shop@x.alice.example  "},
		{"sender of nobody", "", "x@elsewhere.example", nil, "work x@elsewhere.example Alice Example team@example.org"},
		{"recipient", "", "", []string{"bob@EXAMPLE.net"}, "work sales@example.org Alice, Sales "},
		{"recipient of a domain", "", "", []string{"x@other.example", "x@customer.example"}, "work sales@example.org Alice, Sales "},
		{"recipient below a domain", "", "", []string{"x@old.friends.example"}, "home alice@home.example  "},
		{"recipient of the domain itself", "", "", []string{"x@friends.example"}, "home alice@home.example  "},
		{"recipient that ends alike", "", "", []string{"x@notfriends.example"}, "work alice@example.org Alice Example team@example.org"},
		{"recipient, another account named", "home", "", []string{"bob@example.net"}, "home alice@home.example  "},
		{"recipient and sender", "", "press@example.org", []string{"bob@example.net"}, "work press@example.org Alice Example "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, i, err := c.From(test.account, test.sender, test.recipients)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join([]string{a.Name, i.Address, i.FullName, i.ReplyTo}, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestIdentitiesRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"[[account.identity]]\n", "1:3: the identity belongs to no account"},
		{minimal + "[account.identity]\n", `unknown table "account.identity"; write [[account.identity]], below its account`},
		{minimal + "[[identity]]\n", `5:3: unknown table "identity"; write [[account.identity]], below its account`},
		{minimal + "[[account.identity]]\nhost = \"x\"\n", `6:1: unknown key "host"; it can be`},
		{minimal + "[[account.identity]]\nemail = \"x\"\n", `6:1: unknown key "email"; did you mean "address"?`},
		{minimal + "[[account.identity]]\nname = \"x\"\n", `6:1: unknown key "name"; did you mean "full-name"?`},
		{minimal + "[[account.identity]]\nfull-name = \"x\"\n", `5:1: "" is not a mail address`},
		{minimal + "[[account.identity]]\naddress = \"ALICE@example.org\"\n", "3:11: a second identity has the address"},
		{minimal + "[[account.identity]]\naddress = \"a@b.example\"\nbcc = [\"A <a@b.example>\"]", "7:7: "},
		{minimal + "reply-to = \"nobody\"", "5:12: "},
		{minimal + "recipients = [\"example.org\"]", `5:14: "example.org" is neither an address nor a pattern; write`},
		{minimal + "catch-all = [\"*@example.org\"]", `5:13: "*@example.org" is not a domain`},
	} {
		_, err := config.Parse("c", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.text, err, test.want)
		}
	}
}

// TestIdentitiesStay changes accounts around identities.
func TestIdentitiesStay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	put(t, path, identities)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	work := c.Accounts[1]
	work.Host, work.Window = "smtp2.example.org", 3
	if err := config.Update(t.Context(), path, "work", work); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(identities, "host = \"smtp.example.org\"\n", "host = \"smtp2.example.org\"\nwindow = 3\n", 1)
	if diff := cmp.Diff(want, content(t, path)); diff != "" {
		t.Fatal(diff)
	}
	work.Name = "copy"
	work.Identities[0].ReplyTo = "orders@example.org"
	if err := config.Append(t.Context(), path, work, false); err != nil {
		t.Fatal(err)
	}
	if c, err = config.Load(path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(work, c.Accounts[2]); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"work", "copy"} {
		if err := config.Remove(t.Context(), path, name); err != nil {
			t.Fatal(err)
		}
	}
	home := identities[strings.Index(identities, "[[account]]"):strings.Index(identities, "\n[[account]]\nname = \"work\"")]
	if diff := cmp.Diff("\n"+home+"\n", content(t, path)); diff != "" {
		t.Error(diff)
	}
}
