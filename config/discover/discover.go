// Package discover finds the submission servers of an address: in tables that
// come with the program, in DNS, at the address's own domain, and, only after a
// yes, in a public directory. Nothing here connects to a mail server: what is
// found is for a person to see first.
//
// Who learns what: the tables ask nobody. DNS learns the domain, and so does
// the domain itself, with the address of this machine. The directory is a third
// party and learns the same. Nobody learns more of the mail address than its
// domain.
package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"sendoff/config"
	"sendoff/config/provider"
)

// Source says where a server was found. Their order is that of trust.
type Source string

// The sources.
const (
	Own        Source = "own"        // a table of the person's
	Preset     Source = "preset"     // the table of the program
	MX         Source = "mx"         // the provider that receives the domain's mail
	SRV        Source = "srv"        // RFC 6186, RFC 8314 section 5.1
	PACC       Source = "pacc"       // draft-ietf-mailmaint-pacc
	Autoconfig Source = "autoconfig" // draft-ietf-mailmaint-autoconfig, at the domain
	Directory  Source = "directory"  // the same format, at a third party
	Guess      Source = "guess"      // usual names that are there
)

// sources lists them, best first.
var sources = []Source{Own, Preset, MX, SRV, PACC, Autoconfig, Directory, Guess}

// words says in a sentence how something was found.
var words = map[Source]string{
	Own:        "your own table of providers",
	Preset:     "the table of well-known providers",
	MX:         "the provider that receives the domain's mail",
	SRV:        "a record in DNS (SRV)",
	PACC:       "the domain's own statement, confirmed by DNS",
	Autoconfig: "the domain's own statement",
	Directory:  "Mozilla's public directory",
	Guess:      "a guess: the name is there, nothing more is known",
}

// Words says how something was found.
func (s Source) Words() string { return words[s] }

// Server is a way to submit mail of an address.
type Server struct {
	Source  Source
	Account config.Account // without a name
	Outside bool           // found by DNS alone, and not of the address's domain

	// Provider is who it belongs to, as far as the tables know.
	Provider provider.Provider

	// Issuer is who gives tokens for it (RFC 8414); empty if that was not said.
	Issuer string

	NoPassword bool // it takes tokens and no passwords
}

// Step tells what came of looking in one place.
type Step struct {
	Source  Source
	Asked   string // whom: "nobody", a name of DNS, or a URL
	Text    string // what was found, in a few words
	Found   bool
	Err     error // why it could not be looked there; nil if there was nothing
	Elapsed time.Duration
}

// Resolver is what is needed of DNS; a *net.Resolver is one.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupHost(ctx context.Context, name string) ([]string, error)
}

// Finder looks for servers. Its fields must not change while it is in use.
type Finder struct {
	Own      provider.Table // of the person's; may be empty
	Builtin  provider.Table
	Resolver Resolver
	Web      http.RoundTripper
}

// limit bounds each of the places that are asked.
const limit = 5 * time.Second

// Found is what there is for an address.
type Found struct {
	Servers []Server // best first
	Steps   []Step   // in the order of the sources

	// WithoutSMTP says why no program can send mail of the address, and where to
	// read of it; empty if one can.
	WithoutSMTP string
}

// Find looks for the servers of address in all places but the directory, which
// it asks too if consent is given and nothing better was found. report hears of
// each step as it ends, from one goroutine at a time; it may be nil. The error
// is about the address, or that ctx ended.
func (f Finder) Find(ctx context.Context, address string, consent bool, report func(Step)) (Found, error) {
	domain, err := Domain(address)
	if err != nil {
		return Found{}, err
	}
	s := &search{Finder: f, address: address, domain: domain, report: report}
	for source, table := range map[Source]provider.Table{Own: f.Own, Preset: f.Builtin} {
		s.table(source, table)
	}
	if s.none() {
		s.all(ctx, map[Source]func(context.Context) place{
			MX: s.mx, SRV: s.srv, PACC: s.pacc, Autoconfig: s.autoconfig,
		})
	}
	if s.none() && consent {
		s.all(ctx, map[Source]func(context.Context) place{Directory: s.directory})
	}
	if s.none() {
		s.all(ctx, map[Source]func(context.Context) place{Guess: s.guess})
	}
	if ctx.Err() != nil {
		return Found{}, context.Cause(ctx)
	}
	return s.found(), nil
}

// Domain returns the part of an address after the @ as DNS has it.
func Domain(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if at < 1 || err != nil || !strings.Contains(domain, ".") || net.ParseIP(domain) != nil {
		return "", &config.Error{
			Text: fmt.Sprintf("%q is no address whose servers can be looked for", address),
			Hint: "write it as in you@example.org",
		}
	}
	return strings.ToLower(domain), nil
}

// Advice says in a few sentences what to know before a password is typed;
// empty if there is nothing.
func (s Server) Advice() string {
	said := s.Provider.Advice()
	if said == "" && s.NoPassword {
		said = "It takes no password: it wants OAuth."
	}
	if s.Outside {
		said = strings.TrimSpace("This server is not of the address's own domain, and DNS alone names it: " +
			"use it only if you know that it is your provider's. " + said)
	}
	return said
}

// place is what one place said.
type place struct {
	asked       string
	text        string
	servers     []Server
	withoutSMTP string
	err         error
}

// search is one Find.
type search struct {
	Finder
	address, domain string
	report          func(Step)

	mu     sync.Mutex
	places map[Source]place
	steps  map[Source]Step
}

// all asks several places at the same time.
func (s *search) all(ctx context.Context, asks map[Source]func(context.Context) place) {
	var busy sync.WaitGroup
	for source, ask := range asks {
		busy.Go(func() {
			begin := time.Now()
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			s.add(source, ask(ctx), time.Since(begin))
		})
	}
	busy.Wait()
}

// add takes in what a place said: only servers that an account can have.
func (s *search) add(source Source, p place, elapsed time.Duration) {
	var usable []Server
	for _, server := range p.servers {
		server.Source = source
		server.Account.Address = s.address
		server.Account.Name = "found" // which Check wants
		server.Account = server.Account.Complete()
		if server.Account.Check() != nil || server.Account.TLS == config.TLSNone && !config.Loopback(server.Account.Host) {
			continue
		}
		server.Account.Name = ""
		usable = append(usable, server)
	}
	if len(usable) == 0 && len(p.servers) > 0 {
		p.text = "what it names can't be used"
	}
	p.servers = usable
	step := Step{source, p.asked, p.text, len(usable) > 0, p.err, elapsed}
	var dns *net.DNSError
	if errors.As(p.err, &dns) && dns.IsNotFound {
		step.Err, step.Text = nil, "nothing there"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.places == nil {
		s.places, s.steps = map[Source]place{}, map[Source]Step{}
	}
	s.places[source], s.steps[source] = p, step
	if s.report != nil {
		s.report(step)
	}
}

// none tells that nothing was found so far that settles the matter.
func (s *search) none() bool {
	for _, p := range s.places {
		if len(p.servers) > 0 || p.withoutSMTP != "" {
			return false
		}
	}
	return true
}

// found puts together what the places said. Of a way that several name, the
// best counts.
func (s *search) found() Found {
	var f Found
	seen := map[string]bool{}
	for _, source := range sources {
		p, asked := s.places[source]
		if !asked {
			continue
		}
		f.Steps = append(f.Steps, s.steps[source])
		if f.WithoutSMTP == "" && len(f.Servers) == 0 {
			f.WithoutSMTP = p.withoutSMTP
		}
		for _, server := range p.servers {
			way := fmt.Sprint(strings.ToLower(server.Account.Host), server.Account.Port, server.Account.TLS)
			if !seen[way] {
				f.Servers = append(f.Servers, server)
			}
			seen[way] = true
		}
	}
	return f
}

// table looks for the domain in a table.
func (s *search) table(source Source, t provider.Table) {
	if len(t) == 0 {
		return
	}
	p, ok := t.ByDomain(s.domain)
	if !ok {
		s.add(source, place{asked: "nobody", text: s.domain + " is not in the table"}, 0)
		return
	}
	s.add(source, s.provided(p, "nobody"), 0)
}

// provided are the servers of a provider.
func (s *search) provided(p provider.Provider, asked string) place {
	all := place{asked: asked, text: p.Name}
	if p.WithoutSMTP != "" {
		all.withoutSMTP = p.Advice()
	}
	for _, server := range p.Servers {
		a := p.Account(s.address)
		a.Host, a.Port, a.TLS = server.Host, server.Port, server.TLS
		all.servers = append(all.servers, Server{
			Account: a, Provider: p, NoPassword: p.Secret == provider.OAuth,
		})
	}
	return all
}

// within tells that a host is the search's domain or below it.
func (s *search) within(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == s.domain || strings.HasSuffix(host, "."+s.domain)
}
