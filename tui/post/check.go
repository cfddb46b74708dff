package post

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/markdown"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/presend"
)

const (
	lookupWait = 2 * time.Second // for all domains of a mail together
	mostLooked = 20              // recipients that are looked up
)

// Check tells what the author of a mail may have overlooked. What can't be
// found out is passed over: building the mail will say what is wrong with it.
func (r *Room) Check(ctx context.Context, d message.Draft) []presend.Finding {
	written := d
	account, m, err := r.compose(&d)
	if err != nil {
		return nil
	}
	mail := presend.Mail{Draft: written, Size: size(d, m), Limit: r.takes(account), Changed: changed(d), Blind: blind(d), Comments: comments(d)}
	conf, err := r.config()
	if err != nil {
		return nil
	}
	mail.Own = ownDomains(conf)
	to := envelope(written)
	if len(to) <= mostLooked {
		if !isAnswer(written) {
			mail.FirstTime = r.firstTime(ctx, to)
		}
		if account.Proxy == "" && conf.Compose.CheckDomains { // else a question to the resolver would go around it
			mail.Dead = r.deadDomains(ctx, to)
		}
	}
	found := presend.Check(mail)
	if _, err := r.plan(ctx, d, m); err != nil && ctx.Err() == nil {
		keys := presend.Finding{Kind: presend.Keys, Text: submit.Explain(err).String(), Who: keyless(err, to)}
		found = append([]presend.Finding{keys}, found...)
	}
	if err := r.askChecker(ctx, conf.Compose.Check, m); err != nil {
		found = append([]presend.Finding{{Kind: presend.Checker, Text: objection(err)}}, found...)
	}
	return found
}

// size is about what a mail has when it is built, with its files in base64.
func size(d message.Draft, m *message.Message) int64 {
	sum := int64(len(m.Text) + len(m.HTML))
	for _, path := range d.Attachments {
		if n, err := check(path); err == nil {
			sum += message.EncodedSize(n)
		}
	}
	return sum
}

// changed are the names of the files that are not as they were when they were
// attached.
func changed(d message.Draft) (names []string) {
	for _, path := range d.Attachments {
		as := d.Attached[path]
		if f := look(path); f.Err == nil && as.Changed(f.Size, f.Modified) {
			names = append(names, cmp.Or(as.Name, f.Name))
		}
	}
	return names
}

// blind are the names of the attached mails that have a Bcc, which does not go.
func blind(d message.Draft) (names []string) {
	for _, path := range d.Attachments {
		name := cmp.Or(d.Attached[path].Name, attachedName(path))
		if !message.IsMail(path) && !message.IsMail(name) || isArchive(path) {
			continue
		}
		f, err := read(path)
		if err != nil {
			continue // which building the mail tells
		}
		if has, err := message.Blind(f); has && err == nil {
			names = append(names, name)
		}
		_ = f.Close() // it was only read
	}
	return names
}

// comments counts those in a text of markdown that neither of its forms has.
func comments(d message.Draft) int {
	if d.Format != message.Markdown || !strings.Contains(d.Body, "<!--") {
		return 0
	}
	doc, err := markdown.Render(d.Body, func(int) string { return "" })
	if err != nil {
		return 0 // which building the mail tells
	}
	return doc.Comments
}

func ownDomains(conf config.Config) []string {
	var domains []string
	for _, a := range conf.Accounts {
		for _, i := range a.Senders() {
			domains = append(domains, strings.ToLower(i.Address[strings.LastIndexByte(i.Address, '@')+1:]))
		}
	}
	return domains
}

func isAnswer(d message.Draft) bool {
	return slices.ContainsFunc(d.Headers, func(h message.Header) bool { return strings.EqualFold(h.Name, "In-Reply-To") })
}

// firstTime returns those who never got a mail from here. In an outbox without
// a history nobody is.
func (r *Room) firstTime(ctx context.Context, to []string) (list []string) {
	store, err := r.outbox(ctx)
	if err != nil {
		return nil
	}
	sent := outbox.Query{States: []outbox.State{outbox.Sent, outbox.Partial}, Limit: 1}
	if items, err := store.List(ctx, sent); err != nil || len(items) == 0 {
		return nil
	}
	sent.Limit = 20
	for _, addr := range to {
		sent.Search = addr
		items, err := store.List(ctx, sent)
		if err != nil {
			return nil
		}
		got := func(it outbox.Item) bool {
			return slices.ContainsFunc(it.Recipients, func(rcpt outbox.Recipient) bool { return sameBox(rcpt.Address, addr) })
		}
		if !slices.ContainsFunc(items, got) && !slices.Contains(list, addr) {
			list = append(list, addr)
		}
	}
	return list
}

// sameBox compares addresses as people do, whatever form their domains have.
func sameBox(a, b string) bool {
	wire := func(s string) string {
		if m, err := address.Parse(s); err == nil {
			if w, err := m.Wire(); err == nil {
				return strings.ToLower(w)
			}
		}
		return strings.ToLower(s)
	}
	return wire(a) == wire(b)
}

// deadDomains asks which of the domains that mail is for take none.
func (r *Room) deadDomains(ctx context.Context, to []string) map[string]string {
	if r.opts.Domains == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	type answer struct{ domain, why string }
	answers := make(chan answer)
	asked := map[string]bool{}
	for _, addr := range to {
		domain := strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])
		if asked[domain] || strings.HasPrefix(domain, "[") {
			continue
		}
		asked[domain] = true
		go func() { answers <- answer{domain, r.dead(ctx, domain)} }()
	}
	dead := map[string]string{}
	for range asked {
		if a := <-answers; a.why != "" {
			dead[a.domain] = a.why
		}
	}
	return dead
}

// Domains answers what Check asks of the domain name system; *net.Resolver does.
type Domains interface {
	LookupMX(ctx context.Context, domain string) ([]*net.MX, error)
	LookupHost(ctx context.Context, domain string) ([]string, error)
}

// dead says why a domain takes no mail (RFC 5321 section 5.1, RFC 7505); empty
// if it does, or if that can't be told.
func (r *Room) dead(ctx context.Context, domain string) string {
	wire, err := address.Mailbox{Local: "postmaster", Domain: domain}.Wire()
	if err != nil {
		return ""
	}
	_, ascii, _ := strings.Cut(wire, "@")
	servers, err := r.opts.Domains.LookupMX(ctx, ascii)
	switch {
	case err == nil && len(servers) == 1 && servers[0].Host == ".":
		return "its domain says that it takes no mail"
	case err == nil || !notFound(err):
		return ""
	}
	if _, err := r.opts.Domains.LookupHost(ctx, ascii); err != nil && notFound(err) {
		return "there is no such domain, or it has no mail server"
	}
	return ""
}

func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// objection is what the person's own command objects, or why it could not look.
func objection(err error) string {
	var c *complained
	if errors.As(err, &c) && c.said != "" && errors.As(c.err, new(*exec.ExitError)) {
		return "your own check, " + c.name + ", says: " + c.said
	}
	return "your own check failed: " + err.Error()
}

// askChecker shows the mail to the person's own command; its error is what
// that objects.
func (r *Room) askChecker(ctx context.Context, argv []string, m *message.Message) error {
	if len(argv) == 0 {
		return nil
	}
	in, out := io.Pipe()
	built := make(chan struct{})
	go func() {
		defer close(built)
		out.CloseWithError(message.Build(out, m))
	}()
	err := r.execute(ctx, argv, in)
	in.Close() // it need not read all
	<-built
	return err
}
