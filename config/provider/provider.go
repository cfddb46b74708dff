// Package provider knows the submission servers of well-known mail providers,
// and what they want instead of the usual password. It is a table and asks
// nobody; whoever has looked up the MX records of a domain can ask it which
// provider they belong to.
package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"sendoff/assets"
	"sendoff/config"
)

// Provider is what is known of one provider.
type Provider struct {
	ID      string   `toml:"id"`
	Name    string   `toml:"name"`
	Domains []string `toml:"domains"` // of addresses, in lower case and ASCII
	MX      []string `toml:"mx"`      // the ends of the names of its mail exchangers

	// Relay marks a service that is chosen by name and never by an address.
	Relay bool `toml:"relay"`

	// WithoutSMTP says in a sentence why the provider can't be used at all;
	// empty for all others.
	WithoutSMTP string `toml:"without-smtp"`

	Servers []Server `toml:"servers"` // best first

	// User is what to log in as: nothing for the whole address, UserLocal for
	// the part before the @, or else the same text for everybody.
	User string `toml:"user"`

	Secret Secret `toml:"secret"`
	Enable bool   `toml:"enable"` // mail programs must be let in on the web site first
	OAuth  string `toml:"oauth"`  // who gives its tokens, as config.Account.OAuth; empty if nobody does to new programs
	Note   string `toml:"note"`   // one or two sentences
	Help   string `toml:"help"`   // the page that helps

	Source  Source         `toml:"source"`
	Checked toml.LocalDate `toml:"checked"`
}

// UserLocal is the Provider.User of those who want the part before the @.
const UserLocal = "local"

// Secret says what a provider wants as a password.
type Secret string

// The kinds of passwords.
const (
	Password    Secret = "password"         // the one of the account
	AppPassword Secret = "app-password"     // one made for this program, and no other
	AppWith2FA  Secret = "app-password-2fa" // such a one if two-step login is on
	Separate    Secret = "separate"         // a second one: a token, a code, a key
	OAuth       Secret = "oauth"            // none
)

// Source says how well something is known.
type Source string

// The sources.
const (
	Directories Source = "directories" // independent public directories agree
	Directory   Source = "directory"   // one of them has it
	Documents   Source = "documents"   // the provider says so
)

// Server is one way in.
type Server struct {
	Host string
	Port int
	TLS  string // as config.Account.TLS
}

// UnmarshalText reads "host:port tls".
func (s *Server) UnmarshalText(text []byte) error {
	address, tls, _ := strings.Cut(string(text), " ")
	host, port, _ := strings.Cut(address, ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("%q is not of the form \"host:port tls\"", text)
	}
	*s = Server{Host: host, Port: n, TLS: tls}
	return nil
}

// Table is a list of providers.
type Table []Provider

// Builtin returns the table that comes with the program.
func Builtin() (Table, error) { return Parse(assets.Providers) }

// ByDomain finds the provider of the addresses at a domain.
func (t Table) ByDomain(domain string) (Provider, bool) {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	for _, p := range t {
		for _, d := range p.Domains {
			if d == domain {
				return p, true
			}
		}
	}
	return Provider{}, false
}

// Of finds the provider whose server an account has for an address of the
// provider's own.
func (t Table) Of(a config.Account) (Provider, bool) {
	p, ok := t.ByDomain(a.Address[strings.LastIndexByte(a.Address, '@')+1:])
	serves := func(s Server) bool { return strings.EqualFold(s.Host, a.Host) }
	return p, ok && slices.ContainsFunc(p.Servers, serves)
}

// ByMX finds the provider whose mail exchangers hosts are: that with the
// longest end in common with one of them, for the hosts that are wanted first.
func (t Table) ByMX(hosts []string) (Provider, bool) {
	for _, host := range hosts {
		host = "." + strings.ToLower(strings.TrimSuffix(host, "."))
		var best Provider
		longest := 0
		for _, p := range t {
			for _, end := range p.MX {
				if len(end) > longest && strings.HasSuffix(host, "."+end) {
					best, longest = p, len(end)
				}
			}
		}
		if longest > 0 {
			return best, true
		}
	}
	return Provider{}, false
}

// Account returns the settings for an address at p, with the best server. It
// has no name yet, and no server if p has none.
func (p Provider) Account(address string) config.Account {
	a := config.Account{Address: address}
	if len(p.Servers) == 0 {
		return a
	}
	a.Host, a.Port, a.TLS = p.Servers[0].Host, p.Servers[0].Port, p.Servers[0].TLS
	switch p.User {
	case "":
		a.User = address
	case UserLocal:
		a.User = address[:max(0, strings.LastIndexByte(address, '@'))]
	default:
		a.User = p.User
	}
	return a.Complete()
}

// Advice says in a few sentences what to know before a password is typed;
// empty if there is nothing.
func (p Provider) Advice() string {
	var said []string
	if p.WithoutSMTP != "" {
		said = append(said, p.WithoutSMTP)
	}
	if p.Enable {
		said = append(said, "First let mail programs in, on the web site of "+p.Name+".")
	}
	switch p.Secret {
	case AppPassword:
		said = append(said, p.Name+" wants an app password: one that you make for this program on its web site.")
	case AppWith2FA:
		said = append(said, "If you use two-step login, make an app password for this program on the web site of "+p.Name+".")
	case Separate:
		said = append(said, p.Name+" wants another password here than the one of your account.")
	case OAuth:
		said = append(said, p.Name+" wants OAuth and takes no password: you need the client id of a program that you register there, and then sendoff account login.")
	}
	if p.Note != "" {
		said = append(said, p.Note)
	}
	if p.Help != "" && len(said) > 0 {
		said = append(said, "See "+p.Help)
	}
	return strings.Join(said, " ")
}
