package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"

	"sendoff/tui/post"
	"sendoff/tui/text"
)

// dialogue is SMTP (RFC 5321) on standard input, as programs speak that would
// rather not open a connection: each mail goes into the outbox.
type dialogue struct {
	p      *program
	room   *post.Room
	call   sendmailCall
	lines  *textproto.Reader
	mail   *post.Handed // nil outside a transaction
	stored bool         // at least one mail
}

// speakSMTP serves one client until it leaves.
func (p *program) speakSMTP(ctx context.Context, room *post.Room, c sendmailCall) error {
	d := &dialogue{p: p, room: room, call: c, lines: textproto.NewReader(bufio.NewReader(p.Stdin))}
	err := d.serve(ctx)
	if d.stored && !c.queue {
		err = errors.Join(err, p.detach("flush", "--quiet"))
	}
	return err
}

func (d *dialogue) serve(ctx context.Context) error {
	if err := d.say("220 sendoff ESMTP"); err != nil {
		return err
	}
	for {
		line, err := d.lines.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &post.FileError{Path: "standard input", Err: err}
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		if err := d.say("%s", d.answer(ctx, verb, strings.TrimSpace(rest))); err != nil || verb == "QUIT" {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (d *dialogue) say(format string, args ...any) error {
	return d.p.print(fmt.Sprintf(format, args...) + "\r\n")
}

// answer does what a command says.
func (d *dialogue) answer(ctx context.Context, verb, rest string) string {
	switch verb {
	case "HELO":
		return "250 sendoff"
	case "EHLO":
		return "250-sendoff\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
	case "RSET":
		d.mail = nil
		return "250 2.0.0 Ok"
	case "NOOP":
		return "250 2.0.0 Ok"
	case "VRFY":
		return "252 2.0.0 Send it and see"
	case "QUIT":
		return "221 2.0.0 Bye"
	case "MAIL":
		from, ok := path(rest, "FROM:")
		if !ok {
			return "501 5.5.4 Write MAIL FROM:<address>"
		}
		if from == "" {
			from = "<>"
		}
		d.mail = &post.Handed{Account: d.call.handed.Account, Sender: from}
		return "250 2.1.0 Ok"
	case "RCPT":
		return d.recipient(rest)
	case "DATA":
		return d.content(ctx)
	}
	return "500 5.5.1 " + text.Clean(verb) + " is no command"
}

func (d *dialogue) recipient(rest string) string {
	to, ok := path(rest, "TO:")
	switch {
	case d.mail == nil:
		return "503 5.5.1 MAIL comes first"
	case !ok || to == "":
		return "501 5.5.4 Write RCPT TO:<address>"
	}
	if _, err := d.room.WhoGets(to); err != nil {
		return "550 5.1.1 " + oneLine(err)
	}
	d.mail.Recipients = append(d.mail.Recipients, to)
	return "250 2.1.5 Ok"
}

func (d *dialogue) content(ctx context.Context) string {
	if d.mail == nil || len(d.mail.Recipients) == 0 {
		return "503 5.5.1 MAIL and RCPT come first"
	}
	if err := d.say("354 End with a dot on a line of its own"); err != nil {
		return "451 4.3.0 " + oneLine(err)
	}
	in := d.lines.DotReader()
	d.mail.Content = in
	id, err := d.room.Relay(ctx, *d.mail)
	d.mail = nil
	if _, rest := io.Copy(io.Discard, in); err == nil {
		err = rest
	}
	switch {
	case err == nil:
		d.stored = true
		return "250 2.0.0 Ok: kept as " + id.String()
	case codeOf(err) == exitData:
		return "554 5.6.0 " + oneLine(err)
	}
	return "451 4.3.0 " + oneLine(err)
}

// path takes the address out of the argument of MAIL or RCPT; parameters that
// follow ask for nothing that is not done anyway.
func path(rest, keyword string) (address string, ok bool) {
	if len(rest) < len(keyword) || !strings.EqualFold(rest[:len(keyword)], keyword) {
		return "", false
	}
	rest = strings.TrimSpace(rest[len(keyword):])
	end := strings.LastIndexByte(rest, '>')
	if !strings.HasPrefix(rest, "<") || end < 0 {
		return "", false
	}
	return rest[1:end], true
}

func oneLine(err error) string {
	_, title, _ := judge(err)
	return text.Clean(title)
}
