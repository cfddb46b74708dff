package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"sendoff/smtp/sandbox"
	"sendoff/tui/text"
)

func (p *program) sandboxCommand() *cobra.Command {
	var opts sandbox.Options
	var with, without []string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the built-in mail server alone",
		Long: `sandbox runs a submission server on this machine that takes every mail and passes
none on. It prints where it listens and where the certificate to trust is, then a
line for each mail that arrives, until it is interrupted.

Some recipients, at any domain, get trouble instead:

` + troubles() + `
` + ansi.Wordwrap("What it offers can be chosen by the names of extensions ("+strings.ToLower(strings.Join(sandbox.Extensions(), ", "))+
			") and of ways to log in ("+strings.ToLower(strings.Join(sandbox.Mechanisms(), ", "))+").", 80, " "),
		Example: `  sendoff sandbox --listen 127.0.0.1:2525 --maildir /tmp/mail
  sendoff sandbox --user me --password sesame --without chunking,scram-sha-256-plus
  sendoff account add try --address me@example.org --host 127.0.0.1 --port 2525 --tls starttls --auth none --ca-file ...`,
		Args: exactly(0, "flags only"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			offer(&opts, with, without)
			return p.serve(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Listen, "listen", "", "`ADDRESS` for STARTTLS and clear text (default a free port of 127.0.0.1)")
	flags.StringVar(&opts.TLSListen, "tls-listen", "", "`ADDRESS` for TLS (default a free port of 127.0.0.1)")
	flags.StringVar(&opts.Maildir, "maildir", "", "`FOLDER` to keep the mails in, as a Maildir")
	flags.StringVar(&opts.User, "user", "", "`NAME` that clients must log in with")
	flags.StringVar(&opts.Password, "password", "", "`PASSWORD` that clients must log in with")
	keepSecret(flags, "", "password")
	flags.StringVar(&opts.Token, "token", "", "`TOKEN` that oauthbearer and xoauth2 must show")
	keepSecret(flags, "", "token")
	flags.StringSliceVar(&with, "with", nil, "offer nothing but these `NAMES`")
	flags.StringSliceVar(&without, "without", nil, "offer all but these `NAMES`")
	offered := strings.Fields(strings.ToLower(strings.Join(append(sandbox.Extensions(), sandbox.Mechanisms()...), " ")))
	someOf(flags, "with", offered...)
	someOf(flags, "without", offered...)
	flags.Int64Var(&opts.MaxSize, "max-size", 0, "greatest mail in `OCTETS` (default 64 MiB)")
	flags.IntVar(&opts.MaxRecipients, "max-recipients", 0, "recipients a mail may have (default 1000)")
	flags.IntVar(&opts.MaxDomains, "max-domains", 0, "domains that those may be of (default any number)")
	flags.IntVar(&opts.MaxMails, "max-mails", 0, "mails a session may send (default any number)")
	flags.DurationVar(&opts.Latency, "latency", 0, "how long each answer takes, as on a long line: 50ms")
	return cmd
}

// troubles lists the recipients that get trouble, and which.
func troubles() string {
	var b strings.Builder
	for _, s := range sandbox.Specials() {
		fmt.Fprintf(&b, "  %-18s%s\n", s.Local+"@", s.Effect)
	}
	return b.String()
}

// offer has the server offer what with names, or all, less what without does.
// To name a way to log in is to name AUTH.
func offer(opts *sandbox.Options, with, without []string) {
	extensions, mechanisms := sandbox.Extensions(), sandbox.Mechanisms()
	for _, names := range [][]string{with, without} {
		for i, name := range names {
			names[i] = strings.ToUpper(name)
		}
	}
	in := func(names []string) func(string) bool {
		return func(name string) bool { return slices.Contains(names, name) }
	}
	if slices.ContainsFunc(mechanisms, in(with)) {
		mechanisms = slices.DeleteFunc(mechanisms, func(m string) bool { return !in(with)(m) })
		with = append(with, "AUTH")
	}
	for _, name := range extensions {
		if len(with) > 0 && !in(with)(name) || in(without)(name) {
			opts.Without = append(opts.Without, name)
		}
	}
	opts.Mechanisms = slices.DeleteFunc(mechanisms, in(without))
}

// serve runs the server until ctx ends.
func (p *program) serve(ctx context.Context, opts sandbox.Options) (err error) {
	if (opts.User == "") != (opts.Password == "") {
		return usagef("--user and --password belong together")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrivals := make(chan sandbox.Mail)
	opts.Keep = -1
	opts.Received = func(m sandbox.Mail) {
		select {
		case arrivals <- m:
		case <-ctx.Done():
		}
	}
	server, err := sandbox.Start(opts)
	if err != nil {
		return hinted{usageError{fmt.Errorf("the server can't start: %w", err)}, "choose another address with --listen and --tls-listen"}
	}
	defer func() {
		cancel() // who waits to tell of a mail must not keep the server open
		err = errors.Join(err, server.Close())
	}()

	folder, err := os.MkdirTemp("", "sendoff-sandbox-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	certificate := filepath.Join(folder, "ca.pem")
	if err := os.WriteFile(certificate, server.CertificatePEM(), 0o644); err != nil {
		return err
	}
	if err := p.listening(server, certificate); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-arrivals:
			if err := p.arrival(m); err != nil {
				return err
			}
		}
	}
}

// listening tells clients how to get in.
func (p *program) listening(server *sandbox.Server, certificate string) error {
	if p.json {
		return p.object(struct {
			Event    string `json:"event"`
			StartTLS string `json:"starttls"`
			TLS      string `json:"tls"`
			CAFile   string `json:"ca_file"`
		}{"listening", server.Addr(), server.TLSAddr(), certificate})
	}
	return p.table([][]string{
		{"tls", server.TLSAddr()},
		{"starttls", server.Addr()},
		{"ca-file", certificate},
	})
}

// arrival tells of a mail that the server took.
func (p *program) arrival(m sandbox.Mail) error {
	subject, id := headerOf(m.Data)
	if p.json {
		return p.object(struct {
			Event      string   `json:"event"`
			Queue      string   `json:"queue"`
			From       string   `json:"from"`
			Recipients []string `json:"recipients"`
			Bytes      int64    `json:"bytes"`
			TLS        bool     `json:"tls"`
			User       string   `json:"user"`
			MessageID  string   `json:"message_id"`
			Subject    string   `json:"subject"`

			Params          sandbox.Params   `json:"params"`           // of MAIL
			RecipientParams []sandbox.Params `json:"recipient_params"` // of each RCPT
		}{"mail", m.ID, m.From, m.Recipients, m.Size, m.TLS, m.User, id, subject, m.Params, m.RecipientParams})
	}
	return p.line("mail %s  from <%s>  to <%s>  %s  %s", m.ID, m.From, strings.Join(m.Recipients, ">, <"), text.FormatSize(m.Size), subject)
}

// headerOf reads subject and Message-ID, as far as they can be read.
func headerOf(data []byte) (subject, id string) {
	read, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return "", ""
	}
	subject = read.Header.Get("Subject")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(subject); err == nil {
		subject = decoded
	}
	return subject, strings.Trim(read.Header.Get("Message-Id"), "<>")
}
