// Package foreign reads accounts from the settings of other mail programs:
// servers, users, and the programs that print their passwords. A password that
// stands in such a file is reported apart: what becomes of it is the person's
// to say.
package foreign

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/config/secret"
)

// Found is an account of another program. It need not be one that can be used
// as it is.
type Found struct {
	Account config.Account
	Plain   secret.Secret // the password, if it stands in the file
	Notes   []string      // what is different here
}

// Program is another mail program.
type Program struct {
	Name  string
	files []string // below the home folder, in the order in which it looks
	read  func(text string) ([]Found, error)
}

// Names are those of all programs.
func Names() (names []string) {
	for _, p := range Programs() {
		names = append(names, p.Name)
	}
	return names
}

// Programs lists those whose settings can be read.
func Programs() []Program {
	return []Program{
		{"msmtp", []string{".msmtprc", ".config/msmtp/config"}, readMsmtp},
		{"himalaya", []string{".config/himalaya/config.toml", ".himalayarc"}, readHimalaya},
		{"aerc", []string{".config/aerc/accounts.conf"}, readAerc},
		{"mutt", []string{".muttrc", ".mutt/muttrc", ".config/mutt/muttrc", ".neomuttrc", ".config/neomutt/neomuttrc"}, muttReader("mutt")},
		{"neomutt", []string{".neomuttrc", ".config/neomutt/neomuttrc", ".muttrc"}, muttReader("neomutt")},
		{"netrc", []string{".netrc", ".authinfo"}, readNetrc},
	}
}

// Files are where the program keeps its settings.
func (p Program) Files(home string) []string {
	var all []string
	for _, f := range p.files {
		all = append(all, filepath.Join(home, filepath.FromSlash(f)))
	}
	return all
}

// Read returns the accounts in a text of settings that send by SMTP: that first
// which the program takes when none is named.
func (p Program) Read(text string) ([]Found, error) {
	all, err := p.read(text)
	for i := range all {
		all[i].settle()
	}
	return all, err
}

// settle makes of what was found what an account here is like.
func (f *Found) settle() {
	a := &f.Account
	a.Name = nameFor(a.Name)
	if a.TLS == config.TLSNone && !config.Loopback(a.Host) {
		a.TLS = config.TLSStart
		f.Notes = append(f.Notes, "it was sent in clear text; STARTTLS is used here")
	}
	if a.Port == 25 {
		a.Port = 0
		f.Notes = append(f.Notes, "port 25 is for servers; the usual port is used here")
	}
	if len(a.PasswordCommand) > 0 {
		a.Secret = config.SecretCommand
	}
}

// nameFor makes a name for an account here of one elsewhere.
func nameFor(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" /:()[]'\"", r) {
			return '-'
		}
		return r
	}, name), "-")
}

// shell is a command line that another program gives to a shell.
func shell(line string) []string { return []string{"sh", "-c", line} }

// byURL fills in what a URL such as smtps://alice@mail.example.org:465 says.
func (f *Found) byURL(text string, schemes map[string]string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("the URL of a server can't be read") // which may hold a password
	}
	scheme, _, _ := strings.Cut(u.Scheme, "+")
	tls, ok := schemes[u.Scheme]
	if !ok {
		tls, ok = schemes[scheme]
	}
	if !ok || u.Hostname() == "" {
		return nil
	}
	a := &f.Account
	a.Host, a.TLS, a.User = u.Hostname(), tls, u.User.Username()
	if u.Port() != "" {
		if a.Port, err = strconv.Atoi(u.Port()); err != nil {
			return err
		}
	}
	if password, given := u.User.Password(); given {
		f.Plain = secret.New(password)
	}
	return nil
}

// unquote takes quotes of a shell from around a word.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// mailbox takes "Alice <alice@example.org>" apart.
func mailbox(text string) (name, address string) {
	name, rest, named := strings.Cut(text, "<")
	if !named {
		return "", strings.TrimSpace(text)
	}
	return unquote(name), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), ">"))
}
