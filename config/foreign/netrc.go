package foreign

import (
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/config/secret"
)

// readNetrc reads a netrc, or an authinfo of Emacs: words after "machine". Most of
// what stands there is not about mail: a machine counts if its name or its port
// says so, and it has a login that is an address or a word to go before its domain.
func readNetrc(text string) ([]Found, error) {
	var all []Found
	var f *Found
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for n := 0; n < len(words); n++ {
			next := func() string {
				if n++; n < len(words) {
					return unquote(words[n])
				}
				return ""
			}
			switch word := words[n]; {
			case strings.HasPrefix(word, "#"):
				n = len(words)
			case word == "machine":
				host := next()
				all = append(all, Found{Account: config.Account{Name: host, Host: host}})
				f = &all[len(all)-1]
			case word == "default":
				f = nil // a login for everywhere is none for mail
			case f == nil:
			case word == "login" || word == "user":
				f.Account.User = next()
			case word == "password":
				f.Plain = secret.New(next())
			case word == "port":
				f.Account.Port, _ = strconv.Atoi(next()) // which may be the name of a service
			}
		}
	}
	var mail []Found
	for _, found := range all {
		if found.complete() {
			mail = append(mail, found)
		}
	}
	return mail, nil
}

// complete fills in what a netrc does not say; false if it is not about mail.
func (f *Found) complete() bool {
	a := &f.Account
	first, domain, _ := strings.Cut(a.Host, ".")
	sends := first == "smtp" || first == "smtps" || first == "mail" || first == "submit" || first == "submission"
	if !sends && a.Port != 465 && a.Port != 587 || a.User == "" || a.Host == "" {
		return false
	}
	a.TLS = config.TLSImplicit
	if a.Port == 587 || a.Port == 25 {
		a.TLS = config.TLSStart
	}
	a.Address = a.User
	if !strings.Contains(a.User, "@") {
		if !sends || !strings.Contains(domain, ".") {
			return false
		}
		a.Address = a.User + "@" + domain
		f.Notes = append(f.Notes, "the address "+a.Address+" is a guess")
	}
	return true
}
