package foreign

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const command = "sh -c pass show mail/work"
	tests := []struct {
		program, text string
		want          []string // name address full-name host port tls auth user command plain notes
	}{
		{"msmtp", `# mine
defaults
auth on
tls on
tls_trust_file /etc/ssl/certs/ca-certificates.crt
account work
host smtp.example.org
port 587
from alice@example.org
user alice
passwordeval "pass show mail/work"
account home : work
host	mail.home.example
tls_starttls off
port 465
from alice@home.example
account old
tls off
port 25
host old.example
from a@old.example
user a
password hunter2
account local
host localhost
auth off
tls off
from a@localhost
account default : home
`, []string{
			"home alice@home.example  mail.home.example 465 implicit  alice " + command + " -",
			"work alice@example.org  smtp.example.org 587 starttls  alice " + command + " -",
			"old a@old.example  old.example 0 starttls  a  plain clear text;25",
			"local a@localhost  localhost 0 none none   -",
		}},
		{"himalaya", `display-name = "Alice"
[accounts.work]
default = true
email = "alice@example.org"
message.send.backend.type = "smtp"
message.send.backend.host = "smtp.example.org"
message.send.backend.port = 587
message.send.backend.encryption.type = "start-tls"
message.send.backend.login = "alice"
message.send.backend.auth.type = "password"
message.send.backend.auth.cmd = "pass show mail/work"
[accounts.local]
email = "a@example.org"
message.send.backend.type = "sendmail"
[accounts.raw]
email = "b@example.org"
message.send.backend.type = "smtp"
message.send.backend.host = "smtp.example.org"
message.send.backend.auth.raw = "hunter2"
`, []string{
			"work alice@example.org Alice smtp.example.org 587 starttls  alice " + command + " -",
			"raw b@example.org Alice smtp.example.org 0 implicit    plain",
		}},
		{"aerc", `[work mail]
source = imaps://x
outgoing = smtps+plain://alice%40example.org@smtp.example.org:465
outgoing-cred-cmd = pass show mail/work
from = "Alice E." <alice@example.org>
[raw]
outgoing = smtp://b:hunter2@smtp.example.org
from = b@example.org
[none]
outgoing = /usr/sbin/sendmail
`, []string{
			"work-mail alice@example.org Alice E. smtp.example.org 465 implicit  alice@example.org " + command + " -",
			"raw b@example.org  smtp.example.org 0 starttls  b  plain",
		}},
		{"mutt", `set from = "Alice <alice@example.org>"
set smtp_url="smtps://alice@smtp.example.org:465/"
set smtp_pass="` + "`pass show mail/work`" + `"
source other
`, []string{"mutt alice@example.org Alice smtp.example.org 465 implicit  alice " + command + " -"}},
		{"neomutt", "set realname='Alice'\nset from=a@example.org\nset smtp_url=smtp://a@smtp.example.org:587\nset smtp_pass=hunter2\n", []string{
			"neomutt a@example.org Alice smtp.example.org 587 starttls  a  plain",
		}},
		{"mutt", "set editor=vi\n", nil},
		{"netrc", `# mine
machine github.com login alice password hunter2
machine smtp.example.org login alice
	password hunter2
machine mx.example.net port 587 login bob@example.net password "hunter2" # x
machine mail.example.com port 25 login carol@example.com
machine smtp.local login x password hunter2
default login anonymous password x@y
`, []string{
			"smtp.example.org alice@example.org  smtp.example.org 0 implicit  alice  plain 25",
			"mx.example.net bob@example.net  mx.example.net 587 starttls  bob@example.net  plain",
			"mail.example.com carol@example.com  mail.example.com 0 starttls  carol@example.com  - 25",
		}},
	}
	for _, test := range tests {
		i := slices.IndexFunc(Programs(), func(p Program) bool { return p.Name == test.program })
		all, err := Programs()[i].Read(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.program, err)
		}
		var got []string
		for _, f := range all {
			a := f.Account
			plain := "-"
			if !f.Plain.Empty() {
				plain = "plain"
			}
			line := strings.Join([]string{a.Name, a.Address, a.FullName, a.Host, itoa(a.Port), a.TLS, a.Auth, a.User, strings.Join(a.PasswordCommand, " "), plain}, " ")
			var notes []string
			for _, n := range f.Notes {
				notes = append(notes, map[bool]string{true: "clear text", false: "25"}[strings.Contains(n, "clear text")])
			}
			got = append(got, strings.TrimSpace(line+" "+strings.Join(notes, ";")))
			if err := a.Complete().Check(); err != nil {
				t.Errorf("%s: %v", test.program, err)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.program, diff)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func FuzzRead(f *testing.F) {
	f.Add("account x\nhost y\npassword hunter2\n")
	f.Add("[x]\noutgoing = smtp://a:hunter2@\x00:99999999999999999999\n")
	f.Add("set smtp_url=\"smtp://a:hunter2@%zz\"\n")
	f.Add("machine smtp.x.y login a password hunter2 port x\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range Programs() {
			all, err := p.Read(text)
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: the error shows a password: %v", p.Name, err)
			}
			for _, found := range all {
				if found.Account.TLS == config.TLSNone && !config.Loopback(found.Account.Host) {
					t.Errorf("%s: clear text to %q", p.Name, found.Account.Host)
				}
			}
		}
	})
}
