package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

const rules = identities + `
# the shop's own mail
[[rule]]
from = ["*@shop.example"]
account = "home"

[[rule]]
from = ["*@example.org"]
to = ["*@*.far.example"]
account = "home"

[[rule]]
to = ["carol@far.example", "*@close.example"]
account = "work"
sender = "press@example.org"
`

func TestRules(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("config.toml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name            string
		account, sender string
		recipients      []string
		want            string
	}{
		{"sender", "", "Tea@SHOP.example", nil, "home Tea@SHOP.example"},
		{"sender and recipient", "", "alice@example.org", []string{"x@y.example", "x@a.far.example"}, "home alice@example.org"},
		{"sender without the recipient", "", "alice@example.org", []string{"x@y.example"}, "work alice@example.org"},
		{"recipient", "", "", []string{"x@y.example", "Carol@far.example"}, "work press@example.org"},
		{"recipient, with a sender of its own", "", "sales@example.org", []string{"x@close.example"}, "work sales@example.org"},
		{"recipient, with a sender of another account", "", "alice@home.example", []string{"x@close.example"}, "work alice@home.example"},
		{"the account is named", "home", "", []string{"x@close.example"}, "home alice@home.example"},
		{"before what identities say", "", "", []string{"x@customer.example", "x@close.example"}, "work press@example.org"},
		{"none", "", "", []string{"x@customer.example"}, "work sales@example.org"},
	} {
		a, i, err := c.From(test.account, test.sender, test.recipients)
		if got := a.Name + " " + i.Address; err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestRulesRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"[[rule]]\naccount = \"work\"", `5:1: the rule is about no mail; add to = `},
		{"[[rule]]\nto = [\"*@a.example\"]", `5:1: the rule names no account; add account = "..."`},
		{"[[rule]]\nto = [\"*@a.example\"]\naccount = \"wrok\"", `7:11: no account is called "wrok"; did you mean "work"?`},
		{"[[rule]]\nto = [\"a.example\"]\naccount = \"work\"", `6:6: "a.example" is neither an address nor a pattern`},
		{"[[rule]]\nto = [\"*@a.example\"]\naccount = \"work\"\nsender = \"x@y.example\"", `8:10: "x@y.example" is no sender of account work; add it as [[account.identity]]`},
		{"[rule]\n", `unknown table "rule"; write [[rule]]`},
		{"[[rules]]\n", `unknown table "rules"; did you mean [[rule]]?`},
		{"[[rule]]\nsubject = [\"x\"]", `6:1: unknown key "subject"`},
	} {
		_, err := config.Parse("c", []byte(minimal+test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.text, err, test.want)
		}
	}
}

// TestRulesFollow changes accounts that rules choose.
func TestRulesFollow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	put(t, path, rules)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	work := c.Accounts[1]
	work.Identities = work.Identities[:1]
	if err := config.Update(t.Context(), path, "work", work); err == nil || !strings.Contains(err.Error(), `a rule sends as "press@example.org"`) {
		t.Errorf("a sender that a rule needs goes: %v", err)
	}
	home := c.Accounts[0]
	home.Name = "flat"
	if err := config.Update(t.Context(), path, "home", home); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(strings.ReplaceAll(rules, `account = "home"`, `account = "flat"`), `name = "home"`, `name = "flat"`)
	if diff := cmp.Diff(want, content(t, path)); diff != "" {
		t.Error(diff)
	}
	if err := config.Remove(t.Context(), path, "flat"); err != nil {
		t.Fatal(err)
	}
	left := content(t, path)
	if strings.Contains(left, "flat") || strings.Contains(left, "shop") || strings.Count(left, "[[rule]]") != 1 {
		t.Errorf("left:\n%s", left)
	}
}

// TestIdentitiesChange edits, adds and removes identities, and nothing else.
func TestIdentitiesChange(t *testing.T) {
	t.Parallel()
	const glued = "[[account]]\nname = \"work\"\naddress = \"alice@example.org\"\nhost = \"h\"\n# port = 1\n[[account.identity]]\naddress = \"a@b.example\"\n# the other\n[[account.identity]]\naddress = \"c@d.example\"\n\n[outbox]\nundo = \"5s\"\n"
	sales := config.Identity{Address: "sales@example.org", FullName: "Alice, Sales", Signature: "Sales", Recipients: []string{"*@customer.example", "Bob@example.net"}}
	for _, test := range []struct {
		name, text string
		change     func(*config.Account)
		want       []string // pairs: what of the text becomes what
	}{
		{"edited", identities, func(a *config.Account) { a.Identities[0].FullName, a.Identities[0].ReplyTo = "Al", "r@example.org" }, []string{
			`"Alice, Sales"`, `"Al"`, "\"Bob@example.net\"]\n", "\"Bob@example.net\"]\nreply-to = \"r@example.org\"\n",
		}},
		{"another address", identities, func(a *config.Account) { a.Identities[1].Address = "media@example.org" }, []string{"press@", "media@"}},
		{"removed, with its comment", identities, func(a *config.Account) { a.Identities = a.Identities[1:] }, []string{
			identities[strings.Index(identities, "# for customers"):strings.Index(identities, "[[account.identity]]\naddress = \"press")], "",
		}},
		{"added", identities, func(a *config.Account) {
			a.Identities = append(a.Identities, config.Identity{Address: "x@example.org", Bcc: []string{"y@example.org"}})
		}, []string{"press@example.org\"\n", "press@example.org\"\n\n[[account.identity]]\naddress = \"x@example.org\"\nbcc = [\"y@example.org\"]\n"}},
		{"one in, one out, and the account", identities, func(a *config.Account) {
			a.Window, a.Identities = 2, []config.Identity{sales, {Address: "x@example.org"}, {Address: "z@example.org"}}
		}, []string{
			"host = \"smtp.example.org\"\n", "host = \"smtp.example.org\"\nwindow = 2\n",
			"\n[[account.identity]]\naddress = \"press@example.org\"\n", "\n[[account.identity]]\naddress = \"x@example.org\"\n\n[[account.identity]]\naddress = \"z@example.org\"\n\n",
		}},
		{"all out", glued, func(a *config.Account) { a.Identities, a.Window = nil, 2 }, []string{
			glued[strings.Index(glued, "# port"):strings.Index(glued, "[outbox]")], "window = 2\n",
		}},
		{"first of the account", minimal, func(a *config.Account) { a.Window, a.Identities = 2, []config.Identity{{Address: "x@example.org"}} }, []string{
			"host = \"smtp.example.org\"\n", "host = \"smtp.example.org\"\nwindow = 2\n\n[[account.identity]]\naddress = \"x@example.org\"\n",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config.toml")
			put(t, path, test.text)
			c, err := config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			a, err := c.Account("work")
			if err != nil {
				t.Fatal(err)
			}
			test.change(&a)
			if err := config.Update(t.Context(), path, "work", a); err != nil {
				t.Fatal(err)
			}
			want := test.text
			for n := 0; n < len(test.want); n += 2 {
				if strings.Count(want, test.want[n]) != 1 {
					t.Fatalf("%q is not there once", test.want[n])
				}
				want = strings.Replace(want, test.want[n], test.want[n+1], 1)
			}
			if diff := cmp.Diff(want, content(t, path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
