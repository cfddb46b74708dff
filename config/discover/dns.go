package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"sendoff/config"
)

// mx asks who receives the domain's mail: a provider in the tables mostly takes
// it too. Whoever lies about that can only choose among the providers there.
func (s *search) mx(ctx context.Context) place {
	records, err := s.Resolver.LookupMX(ctx, s.domain+".")
	p := place{asked: "DNS, MX of " + s.domain, err: err}
	if err != nil {
		return p
	}
	slices.SortStableFunc(records, func(a, b *net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
	var hosts []string
	for _, r := range records {
		hosts = append(hosts, r.Host)
	}
	if len(hosts) == 0 {
		p.text = "nothing there"
		return p
	}
	known, ok := s.Own.ByMX(hosts)
	if !ok {
		known, ok = s.Builtin.ByMX(hosts)
	}
	if !ok {
		p.text = "mail goes to " + strings.TrimSuffix(hosts[0], ".") + ", which is not in the table"
		return p
	}
	return s.provided(known, p.asked)
}

// srv asks for the records that name the servers (RFC 8314 section 5.1, RFC
// 6186 section 3). They are not signed for most domains: a server elsewhere is
// a question for the person.
func (s *search) srv(ctx context.Context) place {
	p := place{asked: "DNS, SRV of " + s.domain}
	refused := 0
	for _, service := range []struct{ name, tls string }{
		{"submissions", config.TLSImplicit}, {"submission", config.TLSStart},
	} {
		// What the resolver can't read of an answer it leaves out, with an error.
		_, records, err := s.Resolver.LookupSRV(ctx, service.name, "tcp", s.domain+".")
		var dns *net.DNSError
		if err != nil && !(errors.As(err, &dns) && dns.IsNotFound) && len(records) == 0 {
			p.err = err
			continue
		}
		if len(records) == 1 && records[0].Target == "." {
			refused++ // RFC 6186 section 3.4: not offered
			continue
		}
		for _, r := range records {
			host := strings.TrimSuffix(r.Target, ".")
			if host == "" || r.Port == 0 {
				continue
			}
			p.servers = append(p.servers, Server{
				Account: config.Account{Host: host, Port: int(r.Port), TLS: service.tls},
				Outside: !s.within(host),
			})
		}
	}
	switch {
	case len(p.servers) > 0:
		p.err = nil
		p.text = fmt.Sprintf("%s:%d", p.servers[0].Account.Host, p.servers[0].Account.Port)
	case refused > 0:
		p.err = nil
		p.text = "the domain says that it offers none"
	case p.err == nil:
		p.text = "nothing there"
	}
	return p
}

// guess looks which of the usual names are there. They are only names: whether
// a mail server is behind them shows the login.
func (s *search) guess(ctx context.Context) place {
	var p place
	var asked []string
	for _, host := range []string{"smtp." + s.domain, "mail." + s.domain} {
		asked = append(asked, host)
		if addresses, err := s.Resolver.LookupHost(ctx, host+"."); err != nil || len(addresses) == 0 {
			p.err = err
			continue
		}
		p.text = strings.TrimPrefix(p.text+" and "+host, " and ")
		for _, way := range []struct {
			tls  string
			port int
		}{{config.TLSImplicit, 465}, {config.TLSStart, 587}} {
			p.servers = append(p.servers, Server{Account: config.Account{Host: host, Port: way.port, TLS: way.tls}})
		}
	}
	p.asked = "DNS, " + strings.Join(asked, " and ")
	if len(p.servers) > 0 {
		p.err = nil
		p.text += ", not tried yet"
	}
	return p
}
