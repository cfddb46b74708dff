package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Parse reads the text of a configuration. path is where it came from: errors
// name it, and relative paths in the text start from its folder. Its error is
// an *Error.
func Parse(path string, text []byte) (Config, error) {
	d, err := parse(path, text)
	if err != nil {
		return Config{}, err
	}
	return d.config()
}

func (d *document) config() (Config, error) {
	c := Standard()
	for _, s := range d.accounts {
		a, err := d.account(s)
		if err != nil {
			return Config{}, err
		}
		if err := clash(c.Accounts, a); err != nil {
			return Config{}, d.blame(s, err)
		}
		c.Accounts = append(c.Accounts, a.Complete())
	}
	for _, s := range d.tables {
		if err := s.table.take(d, s, &c); err != nil {
			return Config{}, err
		}
	}
	for _, e := range d.top.entries {
		if e.key != "default" {
			text, hint := strayKey(e.key)
			return Config{}, d.errorAt(e.start, text, hint)
		}
		if e.kind != unstable.String {
			return Config{}, d.errorAt(e.value, "default must be a text in quotes", "")
		}
		a, err := c.Account(e.text)
		if err != nil || e.text == "" {
			return Config{}, d.errorAt(e.value, "no account is called "+quote(e.text), suggest(e.text, c.names()))
		}
		c.Default = a.Name
	}
	if c.Default == "" && len(c.Accounts) > 0 {
		c.Default = c.Accounts[0].Name
	}
	return c, nil
}

// take reads the entries of a section into the fields of v.
func take[T any](d *document, s *section, fields []field[T], v *T) error {
	for _, e := range s.entries {
		f, ok := fieldOf(fields, e.key)
		if !ok {
			text, hint := unknownKey(e.key, keysOf(fields))
			return d.errorAt(e.start, text, hint)
		}
		if wrong := e.store(f.of(v)); wrong != "" {
			return d.errorAt(e.value, e.key+" "+wrong, "")
		}
	}
	return nil
}

// account reads one section; defaults are not filled in yet.
func (d *document) account(s *section) (Account, error) {
	var a Account
	if err := take(d, s, accountFields, &a); err != nil {
		return a, err
	}
	for _, below := range s.below {
		var i Identity
		if err := takeChecked(d, below, identityFields, &i, Identity.check); err != nil {
			return a, err
		}
		a.Identities = append(a.Identities, i)
	}
	a.Auth = strings.ToLower(a.Auth)
	if err := check(a); err != nil {
		return a, d.blame(s, err)
	}
	for _, p := range a.paths() {
		if err := d.resolve(p.of); err != nil {
			return a, d.errorAt(s.place(p.key), err.Error(), "")
		}
	}
	if kind, path := a.copyFolder(); kind != "" {
		if err := d.resolve(&path); err != nil {
			return a, d.errorAt(s.place("sent-copy"), err.Error(), "")
		}
		a.SentCopy = kind + path
	}
	return a, nil
}

// store puts the entry's value into a field, or says what it must be.
func (e entry) store(to any) (wrong string) {
	switch to := to.(type) {
	case *string:
		if e.kind != unstable.String {
			return "must be a text in quotes"
		}
		*to = e.text
	case *Plain:
		if e.kind != unstable.String {
			return "must be a text in quotes"
		}
		*to = Plain(e.text)
	case *[]string:
		if !e.texts {
			return "must be a list of texts: [\"...\", \"...\"]"
		}
		*to = e.list
	case *bool:
		if e.kind != unstable.Bool {
			return "must be true or false"
		}
		*to = e.text == "true"
	case *int:
		least, most := bounds(e.key)
		// Base 0 reads what TOML allows: 0x, 0o, 0b and underscores.
		n, err := strconv.ParseInt(e.text, 0, 64)
		if e.kind != unstable.Integer || err != nil || n < least || n > most {
			return fmt.Sprintf("must be a whole number from %d to %d", least, most)
		}
		*to = int(n)
	case *time.Duration:
		length, err := parseDuration(e.text)
		if e.kind != unstable.String && e.text != "0" || err != nil {
			return "must be a length of time such as \"90s\", \"12h\" or \"30d\""
		}
		*to = length
	}
	return ""
}

// parseDuration reads a length of time that is not negative, in the units of
// time.ParseDuration or, alone, in days, weeks or years of 365 days.
func parseDuration(text string) (time.Duration, error) {
	const century = 100 * 365 * 24
	for unit, hours := range map[string]uint64{"d": 24, "w": 7 * 24, "y": 365 * 24} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseUint(number, 10, 16)
			if err == nil && n*hours > century {
				err = errors.New("it is more than a century")
			}
			return time.Duration(n*hours) * time.Hour, err
		}
	}
	length, err := time.ParseDuration(text)
	if err == nil && length < 0 {
		return 0, errors.New("it is negative")
	}
	return length, err
}

// bounds are what the number of a key can be.
func bounds(key string) (least, most int64) {
	if key == "window" {
		return 0, maxWindow
	}
	return 1, 65535
}

// pathField is a field of an account that names a file.
type pathField struct {
	key string
	of  *string
}

// paths are the fields of a that name a file by its path.
func (a *Account) paths() []pathField {
	var all []pathField
	for _, p := range []pathField{{"ca-file", &a.CAFile}, {"client-cert", &a.ClientCert}, {"client-key", &a.ClientKey}} {
		if *p.of != "" {
			all = append(all, p)
		}
	}
	// A bare name is one in the folder of credentials, or in that of programs.
	if len(a.PasswordCommand) > 0 && strings.ContainsAny(a.PasswordCommand[0], "/"+string(filepath.Separator)) {
		all = append(all, pathField{"password-command", &a.PasswordCommand[0]})
	}
	if strings.ContainsAny(a.CredentialFile, "/"+string(filepath.Separator)) {
		all = append(all, pathField{"credential-file", &a.CredentialFile})
	}
	return all
}

// resolve makes a path in the file whole.
func (d *document) resolve(file *string) error {
	if rest, ok := strings.CutPrefix(*file, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		*file = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(*file) {
		*file = filepath.Join(filepath.Dir(d.path), *file)
	}
	*file = filepath.Clean(*file)
	return nil
}

// blame turns what is wrong with a field into an error with its place.
func (d *document) blame(s *section, f *fault) *Error {
	return d.errorAt(s.place(f.key), f.text, f.hint)
}

// clash tells whether a can't stand beside the accounts before it.
func clash(before []Account, a Account) *fault {
	for _, b := range before {
		if strings.EqualFold(a.Name, b.Name) {
			return &fault{"name", "a second account is called " + quote(a.Name), "give one of them another name"}
		}
		for _, variable := range a.variables() {
			if slices.Contains(b.variables(), variable) {
				return &fault{"name", "the accounts " + quote(b.Name) + " and " + quote(a.Name) +
					" would share the variable " + variable, "give one of them another name"}
			}
		}
	}
	return nil
}

// variables are those of the environment that the passwords of a come from.
func (a Account) variables() (names []string) {
	proxy, _ := a.ProxyLogin()
	for _, of := range []Account{a, proxy} {
		if of.Secret == SecretEnv {
			names = append(names, PasswordVariable(of.Name))
		}
	}
	return names
}
