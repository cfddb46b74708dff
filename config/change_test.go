package config_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

const two = `# All my mail

default = "work" # for now

# the office
[[account]] # since 2019
name = "work"
host    =   'smtp.example.org' # ask Bob
address = "alice@example.org"
signature = """
Alice
"""
secret = "env" # set by the login script
# port = 2525

# about nothing in particular

# my own
[[account]]
name = "home"
address = "alice@home.example"
host = "mail.home.example"
`

func TestUpdate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, account string
		change        func(*config.Account)
		replace       []string // pairs: what of the text becomes what
	}{
		{"nothing", "work", func(*config.Account) {}, nil},
		{
			"a value in place", "work", func(a *config.Account) { a.Host = "mail.example.org" },
			[]string{`'smtp.example.org' # ask Bob`, `"mail.example.org" # ask Bob`},
		},
		{
			"several lines", "work", func(a *config.Account) { a.Signature = "A\nB" },
			[]string{"\"\"\"\nAlice\n\"\"\"", `"A\nB"`},
		},
		{
			"several lines away", "work", func(a *config.Account) { a.Signature = "" },
			[]string{"signature = \"\"\"\nAlice\n\"\"\"\n", ""},
		},
		{
			"new keys", "work", func(a *config.Account) { a.TLS, a.Port, a.FullName = config.TLSStart, 0, "Alice" },
			[]string{"# set by the login script\n", "# set by the login script\nfull-name = \"Alice\"\ntls = \"starttls\"\n"},
		},
		{
			"new key in the last account", "home", func(a *config.Account) { a.Port = 2525 },
			[]string{"\"mail.home.example\"\n", "\"mail.home.example\"\nport = 2525\n"},
		},
		{
			"the link", "work", func(a *config.Account) { a.Window, a.Proxy = 1, "socks5://p:1" },
			[]string{"# set by the login script\n", "# set by the login script\nwindow = 1\nproxy = \"socks5://p:1\"\n"},
		},
		{
			"to a command", "work", func(a *config.Account) {
				a.Secret, a.PasswordCommand = config.SecretCommand, []string{"pass", `a "b"`}
			},
			[]string{"\"env\" # set by the login script\n", "\"command\" # set by the login script\npassword-command = [\"pass\", \"a \\\"b\\\"\"]\n"},
		},
		{
			"no login", "work", func(a *config.Account) { a.Auth, a.User, a.Secret = config.AuthNone, "", "" },
			[]string{"secret = \"env\" # set by the login script\n", "auth = \"none\"\n"},
		},
		{
			"the default's name", "work", func(a *config.Account) { a.Name = "office" },
			[]string{`default = "work" # for now`, `default = "office" # for now`, `name = "work"`, `name = "office"`},
		},
		{
			"another name", "home", func(a *config.Account) { a.Name = "Home" },
			[]string{`name = "home"`, `name = "Home"`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, newline := range []string{"\n", "\r\n"} {
				path := filepath.Join(t.TempDir(), "config.toml")
				before := strings.ReplaceAll(two, "\n", newline)
				put(t, path, before)
				c, err := config.Load(path)
				if err != nil {
					t.Fatal(err)
				}
				a, err := c.Account(test.account)
				if err != nil {
					t.Fatal(err)
				}
				test.change(&a)
				if err := config.Update(t.Context(), path, test.account, a); err != nil {
					t.Fatal(err)
				}
				want := two
				for pair := range slices.Chunk(test.replace, 2) {
					if strings.Count(want, pair[0]) != 1 {
						t.Fatalf("%q is not there once", pair[0])
					}
					want = strings.Replace(want, pair[0], pair[1], 1)
				}
				if diff := cmp.Diff(strings.ReplaceAll(want, "\n", newline), content(t, path)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		account string
		change  func(*config.Account)
		want    string
	}{
		{"wrok", func(*config.Account) {}, `no account is called "wrok"; did you mean "work"?`},
		{"home", func(a *config.Account) { a.Name = "WORK" }, `a second account is called "WORK"`},
		{"home", func(a *config.Account) { a.Host = "" }, "the account has no server"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config.toml")
			put(t, path, two)
			a := home
			test.change(&a)
			err := config.Update(t.Context(), path, test.account, a)
			var e *config.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if content(t, path) != two {
				t.Error("the file was changed")
			}
		})
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, before, account, after string }{
		{
			"the default", two, "work",
			"# All my mail\n\n\n# about nothing in particular\n\n# my own\n" + two[strings.Index(two, "[[account]]\nname = \"home\""):],
		},
		{"the last", two, "HOME", two[:strings.Index(two, "# my own")]},
		{"the only one", minimal, "work", ""},
		{"below the file's own comment", "# mine\n" + minimal, "work", "# mine\n"},
		{"above another table", "# mine\n\n" + minimal + "\n# the rest\n[outbox]\nundo = 0\n", "work", "# mine\n\n# the rest\n[outbox]\nundo = 0\n"},
		{"indented, no line end", "\n  # mine\n  " + strings.TrimSuffix(minimal, "\n"), "work", "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config.toml")
			put(t, path, test.before)
			if err := config.Remove(t.Context(), path, test.account); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, content(t, path)); diff != "" {
				t.Error(diff)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := config.Remove(t.Context(), path, "work"); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("got %v", err)
	}
}

// FuzzChange asserts that every file that can be read can be changed, and that
// the other accounts stay as they were.
func FuzzChange(f *testing.F) {
	f.Add(two, "x", uint8(0))
	f.Add(two, "Alice\r\n", uint8(3))
	f.Add(rules, "x", uint8(1))
	f.Add(rules, "x", uint8(64))
	f.Add(identities, "x", uint8(130))
	f.Add("[[account]]#\r\n\"name\"='a'\r\naddress='a@b'\r\nhost='h'\r\ntls='none'\r\ncleartext=true", "", uint8(5))
	f.Fuzz(func(t *testing.T, text, signature string, what uint8) {
		path := filepath.Join(t.TempDir(), "config.toml")
		put(t, path, text)
		before, err := config.Load(path)
		if err != nil || len(before.Accounts) == 0 {
			return
		}
		i := int(what>>1) % len(before.Accounts)
		a := before.Accounts[i]
		if what&1 == 0 {
			a.Signature, a.Secret, a.Auth, a.User = signature, "", config.AuthNone, ""
			a.PasswordCommand, a.CredentialFile = nil, ""
			switch what >> 6 {
			case 1:
				a.Identities = append(slices.Clone(a.Identities), config.Identity{Address: "new@id.example", Signature: signature})
			case 2:
				a.Identities = nil
			}
			err = config.Update(t.Context(), path, before.Accounts[i].Name, a)
		} else {
			err = config.Remove(t.Context(), path, before.Accounts[i].Name)
		}
		if err != nil {
			if strings.Contains(err.Error(), "can't change safely") {
				t.Fatal(err)
			}
			return
		}
		after, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range slices.Delete(slices.Clone(before.Accounts), i, i+1) {
			got, err := after.Account(b.Name)
			if err != nil || !cmp.Equal(got, b) {
				t.Fatalf("%v\n%s", err, cmp.Diff(b, got))
			}
		}
	})
}
