package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/assets"
	"sendoff/config"
	"sendoff/config/provider"
)

func builtin(t *testing.T) provider.Table {
	t.Helper()
	table, err := provider.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestBuiltin asserts that each provider of the table gives an account that
// can be used, or says why not.
func TestBuiltin(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	if len(table) < 60 {
		t.Errorf("only %d providers", len(table))
	}
	for _, p := range table {
		a := p.Account("alice@example.org")
		a.Name = "work"
		if p.WithoutSMTP == "" {
			if err := a.Check(); err != nil || a.User == "" {
				t.Errorf("%s: %v, %+v", p.ID, err, a)
			}
		}
		demands := p.WithoutSMTP != "" || p.Enable || p.Secret != provider.Password || p.OAuth != ""
		if demands && (p.Help == "" || !strings.HasSuffix(p.Advice(), "See "+p.Help)) {
			t.Errorf("%s: no page that helps in %q", p.ID, p.Advice())
		}
		needs := p.WithoutSMTP != "" || p.Enable || p.Secret != provider.Password || p.Note != ""
		if advice := p.Advice(); (advice != "") != needs || strings.Contains(advice, "  ") || strings.Contains(advice, "..") {
			t.Errorf("%s: advice %q", p.ID, advice)
		}
		for _, d := range p.Domains {
			if got, ok := table.ByDomain(d); !ok || got.ID != p.ID {
				t.Errorf("%s belongs to %q", d, got.ID)
			}
		}
	}
}

func TestByDomain(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	for domain, want := range map[string]string{
		"gmail.com": "gmail", "GMAIL.com.": "gmail", "googlemail.com": "gmail", "web.de": "web.de", "proton.me": "proton-bridge",
		"tuta.com": "tuta", "notgmail.com": "", "mail.gmail.com": "", "": "", "com": "",
	} {
		if got, ok := table.ByDomain(domain); got.ID != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", domain, got.ID, want)
		}
	}
}

func TestByMX(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	for host, want := range map[string]string{
		"aspmx.l.google.com.":                     "google-workspace",
		"ASPMX2.GOOGLEMAIL.COM":                   "google-workspace",
		"example-org.mail.protection.outlook.com": "microsoft365",
		"outlook-com.olc.protection.outlook.com":  "outlook-personal",
		"in1-smtp.messagingengine.com":            "fastmail",
		"mx00.kundenserver.de":                    "ionos-de",
		"google.com.evil.example":                 "",
		"notgoogle.com":                           "",
		"mx.example.org":                          "",
	} {
		if got, ok := table.ByMX([]string{host}); got.ID != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", host, got.ID, want)
		}
	}
	if got, _ := table.ByMX([]string{"mx.example.org", "mx1.migadu.com", "aspmx.l.google.com"}); got.ID != "migadu" {
		t.Errorf("got %q", got.ID)
	}
}

// TestByMXLongest finds the provider that is told apart by more of the name,
// wherever it stands in the table.
func TestByMXLongest(t *testing.T) {
	t.Parallel()
	row := strings.Replace(good, `domains = ["x.example"]`, `mx = ["host.example"]`, 1)
	special := strings.NewReplacer(`"host.example"`, `"mail.host.example"`, `id = "x"`, `id = "y"`).Replace(row)
	for _, text := range []string{row + special, special + row} {
		table, err := provider.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for host, want := range map[string]string{"a.mail.host.example": "y", "b.host.example": "x"} {
			if got, _ := table.ByMX([]string{host}); got.ID != want {
				t.Errorf("%s: got %q", host, got.ID)
			}
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	for domain, want := range map[string]config.Account{
		"gmail.com": {Host: "smtp.gmail.com", Port: 465, TLS: "implicit", User: "al@ice@gmail.com"},
		"web.de":    {Host: "smtp.web.de", Port: 465, TLS: "implicit", User: "al@ice"},
		"proton.me": {Host: "127.0.0.1", Port: 1025, TLS: "starttls", User: "al@ice@proton.me"},
	} {
		p, _ := table.ByDomain(domain)
		want.Address, want.Auth, want.Secret = "al@ice@"+domain, config.AuthAuto, config.SecretKeyring
		if diff := cmp.Diff(want, p.Account("al@ice@"+domain)); diff != "" {
			t.Error(diff)
		}
	}
	fixed := provider.Provider{User: "apikey", Servers: []provider.Server{{Host: "h.example", Port: 465, TLS: "implicit"}}}
	if a := fixed.Account("a@b.example"); a.User != "apikey" {
		t.Errorf("user %q", a.User)
	}
	none, _ := table.ByDomain("hey.com")
	if a := none.Account("a@hey.com"); a.Host != "" || !strings.Contains(none.Advice(), "no SMTP") {
		t.Errorf("%+v, %q", a, none.Advice())
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	for _, test := range []struct{ address, host, want string }{
		{"alice@gmail.com", "SMTP.gmail.com", "gmail"},
		{"alice@gmail.com", "smtp.example.org", ""},
		{"alice@example.org", "smtp.gmail.com", ""},
		{"alice@tuta.com", "smtp.example.org", ""},
		{"", "", ""},
	} {
		p, ok := table.Of(config.Account{Address: test.address, Host: test.host})
		if ok != (test.want != "") || ok && p.ID != test.want {
			t.Errorf("%+v: got %q, %v", test, p.ID, ok)
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	table := builtin(t)
	for domain, want := range map[string]string{
		"yandex.com": "First let mail programs in, on the web site of Yandex Mail. Yandex Mail wants an app password: " +
			"one that you make for this program on its web site. See https://yandex.com/support/mail/mail-clients/others.html",
		"disroot.org": "",
	} {
		p, _ := table.ByDomain(domain)
		if got := p.Advice(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

const good = `[[provider]]
id = "x"
name = "X"
domains = ["x.example"]
servers = ["smtp.x.example:465 implicit"]
secret = "password"
source = "directory"
checked = 2026-11-21
`

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	if _, err := provider.Parse(good); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"port 25", ":465 implicit", ":25 starttls", "no usual port"},
		{"implicit elsewhere", ":465", ":587", "no usual port"},
		{"clear text", "465 implicit", "587 none", `tls can't be "none"`},
		{"no tls", "465 implicit", "587", `tls can't be ""`},
		{"no port", ":465 implicit", "", "not of the form"},
		{"host", "smtp.x.example", "smtp_x", "the host is no name"},
		{"address of another machine", "smtp.x.example", "192.0.2.1", "the host is no name"},
		{"capitals", `["x.example"]`, `["X.example"]`, "is no domain"},
		{"wildcard", `["x.example"]`, `["x.*"]`, "is no domain"},
		{"top-level domain", `["x.example"]`, `["example"]`, "is no domain"},
		{"domain twice", `["x.example"]`, `["x.example", "x.example"]`, "domain x.example is already that of"},
		{"provider twice", "checked = 2026-11-21\n", "checked = 2026-11-21\n" + good, "id x is already that of"},
		{"no help", `"password"`, `"app-password"`, "names no page that helps"},
		{"no help to enable", "secret", "enable = true\nsecret", "names no page that helps"},
		{"help in clear text", "secret", "help = \"http://x.example\"\nsecret", "no page to send people to"},
		{"secret", `"password"`, `"pw"`, "no kind of password"},
		{"source", `"directory"`, `"hearsay"`, "no source"},
		{"date", "checked = 2026-11-21", "", "when it was checked"},
		{"name", `name = "X"`, "", "no id or no name"},
		{"unknown key", "name =", "nmae = 1\nname =", `line 3: unknown key "provider.nmae"`},
		{"no server", `["smtp.x.example:465 implicit"]`, "[]", "has no server"},
		{"no help without SMTP", `servers = ["smtp.x.example:465 implicit"]`, `without-smtp = "X has no SMTP."`, "names no page that helps"},
		{"server without SMTP", "secret", "without-smtp = \"no\"\nsecret", "says that it has no SMTP"},
		{"relay with a domain", "secret", "relay = true\nsecret", "or be a relay"},
		{"nobody's", `domains = ["x.example"]`, "", "or be a relay"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good, test.old, test.new, 1)
			if text == good {
				t.Fatal("nothing was changed")
			}
			if _, err := provider.Parse(text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add(assets.Providers[:3000])
	f.Add("[[provider]]\nservers = [\":\", \"h:99999999999999999999 implicit\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := provider.Parse(text)
		if err != nil {
			return
		}
		for _, p := range table {
			a := p.Account("a@b.example")
			a.Name = "n"
			if err := a.Check(); err != nil && p.WithoutSMTP == "" {
				t.Fatalf("%+v: %v", p, err)
			}
			_ = p.Advice()
		}
	})
}
