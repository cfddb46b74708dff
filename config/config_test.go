package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

const minimal = `[[account]]
name = "work"
address = "alice@example.org"
host = "smtp.example.org"
`

// pin is the hash of no key in particular.
const pin = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

func TestParseEverything(t *testing.T) {
	t.Parallel()
	userHome, err := os.UserHomeDir()
	if err != nil {
		t.Skip("there is no home")
	}
	got, err := config.Parse("/home/alice/sendoff/config.toml", []byte(`
# Alice's accounts
default = "home"

[[account]]
name = "work"
address = "alice@example.org"
full-name = "Alice Example"
signature = """
Alice
Example Ltd"""
host = "smtp.example.org"
port = 2_525
tls = "starttls"
auth = "PLAIN"
user = "alice"
secret = "env"
ca-file = "certs/ca.pem"

[[account]] # at home
name = "home"
address = 'älice@exämple.org'
host = "localhost"
tls = "none"

[[account]]
name = "lab"
address = "alice@lab.example"
host = "2001:db8::25"
tls = "none"
auth = "none"
cleartext = true

[[account]]
name = "cron"
address = "cron@example.org"
host = "smtp.example.org"
secret = "credential-file"
credential-file = "sendoff"
pins = ["sha256//`+pin+`"]

[[account]]
name = "pass"
address = "p@example.org"
host = "smtp.example.org"
secret = "command"
password-command = [
    "bin/pass", # from the shop
    'show "x"',
]

[[account]]
name = "far"
address = "f@example.org"
host = "smtp.example.org"
auth = "EXTERNAL"
client-cert = "certs/me.pem"
client-key = "~/me.key"
window = 4
proxy = "socks5://alice@[2001:db8::9]:1080"
bind = "192.0.2.7"
ehlo-name = "[IPv6:2001:db8::7]"

[outbox]
undo = 0
ask-when-late = "12h30m"
keep = "90d"
after-quit = "deliver"

[compose]
check-domains = false

[addresses]
history = false
vcard = ["cards", "~/.contacts"]
mutt = []
command = ["bin/people", "-q=%s"]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Default: "home",
		Accounts: []config.Account{
			{
				Name: "work", Address: "alice@example.org", FullName: "Alice Example",
				Signature: "Alice\nExample Ltd", Host: "smtp.example.org", Port: 2525,
				TLS: "starttls", Auth: "plain", User: "alice", Secret: "env",
				CAFile: filepath.FromSlash("/home/alice/sendoff/certs/ca.pem"),
			},
			{
				Name: "home", Address: "älice@exämple.org", Host: "localhost", Port: 587,
				TLS: "none", Auth: "auto", User: "älice@exämple.org", Secret: "keyring",
			},
			{
				Name: "lab", Address: "alice@lab.example", Host: "2001:db8::25", Port: 587,
				TLS: "none", Auth: "none", Cleartext: true,
			},
			{
				Name: "cron", Address: "cron@example.org", Host: "smtp.example.org", Port: 465, TLS: "implicit", Auth: "auto",
				User: "cron@example.org", Secret: "credential-file", CredentialFile: "sendoff", Pins: []string{"sha256//" + pin},
			},
			{
				Name: "pass", Address: "p@example.org", Host: "smtp.example.org", Port: 465, TLS: "implicit", Auth: "auto",
				User: "p@example.org", Secret: "command", PasswordCommand: []string{filepath.FromSlash("/home/alice/sendoff/bin/pass"), `show "x"`},
			},
			{
				Name: "far", Address: "f@example.org", Host: "smtp.example.org", Port: 465, TLS: "implicit", Auth: "external",
				ClientCert: filepath.FromSlash("/home/alice/sendoff/certs/me.pem"), ClientKey: filepath.Join(userHome, "me.key"),
				Window: 4, Proxy: "socks5://alice@[2001:db8::9]:1080", Bind: "192.0.2.7", EHLOName: "[IPv6:2001:db8::7]",
			},
		},
		Outbox: config.Outbox{AskWhenLate: 12*time.Hour + 30*time.Minute, Keep: 90 * 24 * time.Hour, AfterQuit: config.AfterQuitDeliver},
		Addresses: config.Addresses{
			Usual: true, VCard: []string{filepath.FromSlash("/home/alice/sendoff/cards"), filepath.Join(userHome, ".contacts")},
			Command: []string{filepath.FromSlash("/home/alice/sendoff/bin/people"), "-q=%s"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       string // position and message, without the path
	}{
		{"broken", "default = \n", `1:11: `},
		{"unclosed table", "[[account]\n", `1:10: `},
		{"key twice", minimal + "host = \"b\"\n", `5:1: `},
		{"not UTF-8", "default = \"a\xff\"\n", `1:13: the file is not UTF-8 text`},
		{"not UTF-8 after wide characters", "default = \"üü\xff\"\n", `1:14: the file is not UTF-8 text`},
		{"unknown key", minimal + `  prot = 465`, `5:3: unknown key "prot"; did you mean "port"?`},
		{"key of another program", minimal + `username = "a"`, `5:1: unknown key "username"; did you mean "user"?`},
		{"key of nobody", minimal + `flavor = "a"`, `5:1: unknown key "flavor"; sendoff-config(5)`},
		{"server", minimal + `server = "a"`, `5:1: unknown key "server"; did you mean "host"?`},
		{"password of another name", minimal + `passwd = "hunter2"`, `5:1: a password does not belong in this file; delete it here`},
		{"password of an identity", minimal + "[[account.identity]]\npassword = \"hunter2\"", `6:1: a password does not belong in this file`},
		{"password kept elsewhere", minimal + "secret = \"vault\"\npassword = \"hunter2\"", `6:12: password has no meaning with secret = "vault"; delete one of the two`},
		{"password of two lines", minimal + `password = "hunter2\n"`, `5:12: password must be one line`},
		{"password without login", minimal + "auth = \"none\"\npassword = \"hunter2\"", `6:12: password has no meaning with auth = "none"`},
		{"no password here", minimal + `secret = "config"`, `5:10: secret = "config" means that the password stands here`},
		{"password as a number", minimal + `password = 1`, `5:12: password must be a text in quotes`},
		{"dotted key", minimal + `limits.size = 3`, `5:1: unknown key "limits.size"`},
		{"default too late", minimal + `default = "work"`, `5:1: "default" stands inside an account; move it above the first [[account]]`},
		{"key too early", `host = "a"`, `1:1: "host" stands outside of an account; move it below`},
		{"unknown at top", `defualt = "a"`, `1:1: unknown key "defualt"; did you mean "default"?`},
		{"single brackets", "[account]\nname = \"a\"", `1:2: unknown table "account"; write [[account]], with two brackets`},
		{"another table", minimal + "[weather]", `5:2: unknown table "weather"; the tables here are called [[account]]`},
		{"theme unknown", "[theme]\nname = \"drak\"", `2:8: the theme can't be "drak"; did you mean "dark"?`},
		{"role unknown", "[theme.dark]\nacent = \"red\"", `2:1: unknown key "acent"; did you mean "accent"?`},
		{"no color", "[theme]\n\ntext = \"#12345\"", `3:8: "#12345" is not a color; write "#rrggbb"`},
		{"no number of a color", "[theme]\ntext = 256", `2:8: "256" is not a color`},
		{"a color of another kind", "[theme]\ntext = true", `2:8: "true" is not a color`},
		{"keys that are none", "[keys]\ncompose.send = []", `2:16: compose.send must be a key, or a list of at least one`},
		{"keys of another kind", "[keys]\ncompose.send = 3", `2:16: compose.send must be a key, or a list of at least one`},
		{"keys twice", "[keys]\na.b = \"x\"\na.b = \"y\"", `3:`},
		{"ground unknown", "[theme.drak]", `1:2: unknown table "theme.drak"; did you mean [theme.dark]?`},
		{"another array of tables", minimal + "[[accounts]]", `5:3: unknown table "accounts"; did you mean [[account]]?`},
		{"table misspelled", "[outbx]", `1:2: unknown table "outbx"; did you mean [outbox]?`},
		{"table as an array", "[[outbox]]", `1:3: unknown table "outbox"; write [outbox]`},
		{"table twice", "[outbox]\n[outbox]\n", `2:`},
		{"key of a table too early", `undo = "5s"`, `1:1: "undo" stands outside of its table; move it below a line that says [outbox]`},
		{"key of a table unknown", "[outbox]\nunod = \"5s\"", `2:1: unknown key "unod"; did you mean "undo"?`},
		{"key of a table in an account", minimal + `undo = "5s"`, `5:1: unknown key "undo"`},
		{"key of an account in a table", "[outbox]\nserver = \"a\"", `2:1: unknown key "server"; it can be`},
		{"time without a unit", "[outbox]\nundo = 5", `2:8: undo must be a length of time such as`},
		{"time of another kind", "[outbox]\nkeep = \"a while\"", `2:8: keep must be a length of time`},
		{"time below zero", "[outbox]\nkeep = \"-2h\"", `2:8: keep must be a length of time`},
		{"undo too long", "[outbox]\nundo = \"1d\"", `2:8: undo can be an hour at most; schedule`},
		{"late at once", "[outbox]\nask-when-late = \"1s\"", `2:17: ask-when-late must be a minute at least`},
		{"unknown way to quit", "[outbox]\nafter-quit = \"run\"", `2:14: after-quit must be deliver or wait`},
		{"kept for no time", "[outbox]\nkeep = \"1s\"", `2:8: keep must be an hour at least`},
		{"inline accounts", `account = [{name = "a"}]`, `1:1: unknown key "account"`},
		{"no such default", "default = \"wrok\"\n" + minimal, `1:11: no account is called "wrok"; did you mean "work"?`},
		{"default without accounts", `default = "work"`, `1:11: no account is called "work"`},
		{"default empty", "default = \"\"\n" + minimal, `1:11: no account is called ""`},
		{"default not text", "default = 1\n" + minimal, `1:11: default must be a text in quotes`},
		{"no name", "[[account]]\naddress = \"a@b.example\"\nhost = \"h\"", `1:1: the account has no name`},
		{"no address", "\n[[account]]\nname = \"a\"", `2:1: the account has no address`},
		{"no host", "[[account]]\nname = \"a\"\naddress = \"a@b.example\"", `1:1: the account has no server`},
		{"name", strings.Replace(minimal, `"work"`, `"my work"`, 1), `2:8: "my work" can't be the name of an account`},
		{"two of a name", minimal + strings.Replace(minimal, "work", "WORK", 1), `6:8: a second account is called "WORK"`},
		{
			"two for one variable",
			strings.Replace(minimal, "work", "w-1", 1) + "secret=\"env\"\n" + strings.Replace(minimal, "work", "w.1", 1) + "secret=\"env\"",
			`7:8: the accounts "w-1" and "w.1" would share the variable SENDOFF_PASSWORD_W_1`,
		},
		{"address with name", strings.Replace(minimal, "alice@example.org", "A <a@b.example>", 1), `3:11: "A <a@b.example>" is not a mail address`},
		{"port too large", minimal + "port = 65536", `5:8: port must be a whole number from 1 to 65535`},
		{"port zero", minimal + "port = 0", `5:8: port must be a whole number`},
		{"port beyond 64 bits", minimal + "port = 99999999999999999999", `5:8: `},
		{"port as text", minimal + `port = "465"`, `5:8: port must be a whole number`},
		{"port as fraction", minimal + `port = 465.0`, `5:8: port must be a whole number`},
		{"host as number", "[[account]]\nname = \"a\"\naddress = \"a@b.example\"\nhost   =   7", `4:12: host must be a text in quotes`},
		{"host as list", "[[account]]\nhost = [ 'a' ]", `2:8: host must be a text in quotes`},
		{"host with port", strings.Replace(minimal, "smtp.example.org", "h:465", 1), `4:8: "h:465" is not the name of a server; write the port on a line of its own: port = 465`},
		{"host as URL", strings.Replace(minimal, "smtp.example.org", "smtps://h", 1), `4:8: "smtps://h" is not the name`},
		{"tls", minimal + `tls = "startls"`, `5:7: tls can't be "startls"; did you mean "starttls"?`},
		{"tls none", minimal + `tls = "none"`, `5:7: tls = "none" shows password and mail to everybody on the way to smtp.example.org`},
		{"cleartext with tls", minimal + `cleartext = true`, `5:13: cleartext has no meaning with tls on`},
		{"cleartext as text", minimal + `cleartext = "yes"`, `5:13: cleartext must be true or false`},
		{"certificates without tls", minimal + "tls = \"none\"\ncleartext = true\nca-file = \"ca.pem\"", `7:11: ca-file has no meaning`},
		{"auth", minimal + `auth = "plian"`, `5:8: auth can't be "plian"; did you mean "plain"?`},
		{"user without login", minimal + "auth = \"none\"\nuser = \"alice\"", `6:8: user has no meaning with auth = "none"`},
		{"secret without login", minimal + "auth = \"none\"\nsecret = \"ask\"", `6:10: secret has no meaning with auth = "none"`},
		{"secret", minimal + `secret = "keychain"`, `5:10: secret can't be "keychain"; `},
		{"no command", minimal + `secret = "command"`, `5:10: secret = "command" needs a command; add password-command`},
		{"empty command", minimal + "secret = \"command\"\npassword-command = []", `5:10: secret = "command" needs a command`},
		{"command without a program", minimal + "secret = \"command\"\npassword-command = [\"\"]", `6:20: password-command must be a program`},
		{"command as text", minimal + `password-command = "pass show x"`, `5:20: password-command must be a list of texts`},
		{"command of numbers", minimal + `password-command = [1]`, `5:20: password-command must be a list of texts`},
		{"command for nothing", minimal + `password-command = ["pass"]`, `5:20: password-command needs another secret; write secret = "command"`},
		{"command misspelled", minimal + `password-comand = ["pass"]`, `5:1: unknown key "password-comand"; did you mean "password-command"?`},
		{"command of msmtp", minimal + `passwordeval = "pass"`, `5:1: unknown key "passwordeval"; did you mean "password-command"?`},
		{"no credential file", minimal + `secret = "credential-file"`, `5:10: secret = "credential-file" needs a file`},
		{"credential file for nothing", minimal + `credential-file = "x"`, `5:19: credential-file needs another secret`},
		{"credential folder", minimal + "secret = \"credential-file\"\ncredential-file = \"..\"", `6:19: credential-file must be a path, or a name`},
		{"command without login", minimal + "auth = \"none\"\npassword-command = [\"a\"]", `6:20: password-command has no meaning with auth`},
		{"pin", minimal + `pins = ["sha256//abc="]`, `5:8: "sha256//abc=" is not the hash of a key`},
		{"pin without prefix", minimal + `pins = ["` + pin + `"]`, `5:8: `},
		{"pin and authority", minimal + "ca-file = \"ca.pem\"\npins = [\"sha256//" + pin + "\"]", `6:8: pins and ca-file exclude each other`},
		{"pin without tls", minimal + "tls = \"none\"\ncleartext = true\npins = [\"sha256//" + pin + "\"]", `7:8: pins have no meaning`},
		{"newline in user", minimal + `user = "a\r\nQUIT"`, `5:8: user must be one line of plain text`},
		{"escape in signature", minimal + `signature = "\u001b[2J"`, `5:13: signature must be plain text`},
		{"window too large", minimal + `window = 101`, `5:10: window must be a whole number from 0 to 100`},
		{"window negative", minimal + `window = -1`, `5:10: window must be a whole number from 0 to 100`},
		{"window as text", minimal + `window = "auto"`, `5:10: window must be a whole number`},
		{"ehlo-name of two lines", minimal + `ehlo-name = "a\r\nMAIL"`, `5:13: "a\r\nMAIL" is no name for EHLO; write a name`},
		{"ehlo-name beyond ASCII", minimal + `ehlo-name = "bücher.example"`, `5:13: `},
		{"ehlo-name not a literal", minimal + `ehlo-name = "[2001:db8::1]"`, `5:13: `},
		{"ehlo-name with an open literal", minimal + `ehlo-name = "[192.0.2.1"`, `5:13: `},
		{"ehlo-name of msmtp", minimal + `domain = "a"`, `5:1: unknown key "domain"; did you mean "ehlo-name"?`},
		{"bind to a name", minimal + `bind = "eth0"`, `5:8: "eth0" is not the address of an interface; write an address`},
		{"proxy of another kind", minimal + `proxy = "https://p:1"`, `5:9: a proxy can't be spoken to by "https"; write "socks5://`},
		{"proxy without a kind", minimal + `proxy = "127.0.0.1:1080"`, `5:9: proxy is not a URL; write`},
		{"proxy without a port", minimal + `proxy = "socks5://p"`, `5:9: proxy does not name a host and a port; write`},
		{"proxy with port zero", minimal + `proxy = "socks5://p:0"`, `5:9: proxy does not name a host and a port`},
		{"proxy with an odd host", minimal + `proxy = "http://a,b:1"`, `5:9: proxy does not name a host and a port`},
		{"proxy with a path", minimal + `proxy = "http://p:1/x"`, `5:9: proxy says more than`},
		{"proxy with a password", minimal + `proxy = "http://alice:hunter2@p:1"`, `5:9: a password does not belong in this file`},
		{"proxy with a broken password", minimal + `proxy = "http://alice:hunter2%zz@p:1"`, `5:9: proxy is not a URL`},
		{"proxy with a password and no kind", minimal + `proxy = "alice:hunter2@p:1"`, `5:9: a proxy can't be spoken to by "alice"`},
		{"proxy for a header", minimal + `proxy = "http://a%0d%0aX-Evil@p:1"`, `5:9: the user in proxy must be one line`},
		{"proxy with a colon in the user", minimal + `proxy = "http://a%3ab@p:1"`, `5:9: the user in proxy must be`},
		{"proxy in clear text", strings.Replace(minimal, "smtp.example.org", "localhost", 1) + "tls = \"none\"\nproxy = \"http://p:1\"", `6:9: tls = "none" shows password and mail to the proxy`},
		{"key without certificate", minimal + `client-key = "a"`, `5:14: client-key needs a certificate`},
		{"certificate in clear text", minimal + "tls = \"none\"\ncleartext = true\nclient-cert = \"a\"", `7:15: client-cert has no meaning`},
		{"certificate on two lines", minimal + `client-cert = "a\nb"`, `5:15: client-cert must be one line`},
		{"external without certificate", minimal + `auth = "external"`, `5:8: auth = "external" logs in with a certificate`},
		{"password beside external", minimal + "auth = \"external\"\nclient-cert = \"a\"\nsecret = \"ask\"", `7:10: secret has no meaning with auth = "external"`},
		{"columns count characters", minimal + `"ü" = 1; x`, `5:8: `},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("c.toml", []byte(test.text))
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			if got := err.Error(); !strings.HasPrefix(got, "c.toml:"+test.want) {
				t.Errorf("got  %s\nwant c.toml:%s", got, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestParsePaths(t *testing.T) {
	t.Parallel()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("there is no home")
	}
	dir := t.TempDir()
	for written, want := range map[string]string{
		"ca.pem": filepath.Join(dir, "ca.pem"), "../ca.pem": filepath.Join(filepath.Dir(dir), "ca.pem"),
		"~/ca.pem": filepath.Join(home, "ca.pem"), filepath.ToSlash(dir) + "/x/../ca.pem": filepath.Join(dir, "ca.pem"),
	} {
		c, err := config.Parse(filepath.Join(dir, "config.toml"), []byte(minimal+"ca-file = \""+written+"\""))
		if err != nil || c.Accounts[0].CAFile != want {
			t.Errorf("%q: got %+v, %v, want %q", written, c, err, want)
		}
	}
}

func TestParseTooLarge(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	put(t, path, strings.Repeat("# long\n", 1<<18))
	if _, err := config.Load(path); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v", err)
	}
	var e *config.Error
	_, err := config.Load(filepath.Dir(path))
	if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), filepath.Dir(path)+": the file can't be read: ") {
		t.Errorf("reading a folder: %v", err)
	}
}

func TestParseEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# nothing\n", "\ufeff"} {
		c, err := config.Parse("c.toml", []byte(text))
		if err != nil || len(c.Accounts) != 0 || c.Default != "" {
			t.Errorf("Parse(%q) = %v, %v", text, c, err)
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("c.toml", []byte(minimal+strings.Replace(minimal, "work", "home", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": "work", "work": "work", "Home": "home"} {
		a, err := c.Account(name)
		if err != nil || a.Name != want {
			t.Errorf("Account(%q) = %q, %v, want %q", name, a.Name, err, want)
		}
	}
	_, err = c.Account("hmoe")
	if !errors.Is(err, config.ErrNoAccount) || err.Error() != `no account is called "hmoe"; did you mean "home"?` {
		t.Errorf("got %v", err)
	}
	if _, err = (config.Config{}).Account(""); !errors.Is(err, config.ErrNoAccount) {
		t.Errorf("got %v", err)
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST.": true, "a.localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true,
		"localhost.example.org": false, "10.0.0.1": false, "example.org": false, "": false,
	} {
		if got := config.Loopback(host); got != want {
			t.Errorf("Loopback(%q) = %v", host, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add("default = \"work\" # c\n" + minimal + "port = 0x10\nsignature = '''\na'''\n")
	f.Add("\"default\" = \"work\"\r\n[[ account ]]\r\nname = \"work\"\r\n")
	f.Add("[[account]]\nhost = [1, {a = 2}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("c.toml", []byte(text))
		if err != nil {
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if strings.ContainsAny(e.Error(), "\x00\x1b\n\r") {
				t.Fatalf("control characters in %q", e.Error())
			}
			return
		}
		for _, a := range c.Accounts {
			if err := a.Check(); err != nil {
				t.Fatalf("%+v: %v", a, err)
			}
			if !reflect.DeepEqual(a, a.Complete()) {
				t.Fatalf("not complete: %+v", a)
			}
		}
		if _, err := c.Account(""); err != nil && len(c.Accounts) > 0 {
			t.Fatal(err)
		}
	})
}
