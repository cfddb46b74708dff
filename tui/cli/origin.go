package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"sendoff/smtp/message"
	"sendoff/smtp/message/eml"
	"sendoff/smtp/message/template"
	"sendoff/tui/post"
)

// origin is what a mail begins with: another mail, or a template.
type origin struct {
	reply, forward, editAsNew string // files; - is standard input
	all, enclose              bool
	template                  string
	values                    []string // name=value
}

func (o *origin) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.reply, "reply", "", "answer the mail in `FILE`; - for standard input")
	flags.BoolVar(&o.all, "all", false, "with --reply, answer its other recipients too")
	flags.StringVar(&o.forward, "forward", "", "pass on the mail in `FILE`, in the text and with its attachments")
	flags.BoolVar(&o.enclose, "as-attachment", false, "with --forward, as an attachment")
	flags.StringVar(&o.editAsNew, "edit-as-new", "", "begin with all that the mail in `FILE` says")
	flags.StringVar(&o.template, "template", "", "begin with a template: a `FILE`, or the name of one in the folder templates beside config.toml")
	flags.StringArrayVar(&o.values, "set", nil, "fill {{NAME}} in the template, `NAME=VALUE`; may be repeated")
	keepSecret(flags, "=", "set")
}

// file is the mail that is begun from, if any.
func (o *origin) file() string { return cmp.Or(o.reply, o.forward, o.editAsNew) }

// any tells that there is something to begin with.
func (o *origin) any() bool { return o.file() != "" || o.template != "" }

// check finds what does not fit together.
func (o *origin) check() error {
	given := 0
	for _, s := range []string{o.reply, o.forward, o.editAsNew, o.template} {
		if s != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return usagef("a mail can begin with one of --reply, --forward, --edit-as-new and --template")
	case o.all && o.reply == "":
		return usagef("--all is about --reply")
	case o.enclose && o.forward == "":
		return usagef("--as-attachment is about --forward")
	}
	return nil
}

// begin makes the draft that a mail begins with, and names the places of its
// template that are still open.
func (p *program) begin(ctx context.Context, room *post.Room, o origin) (d message.Draft, open []string, err error) {
	if o.template != "" {
		return p.fromTemplate(ctx, room, o)
	}
	own, err := room.Own()
	if err != nil {
		return d, nil, err
	}
	text, err := p.readMail(ctx, o.file())
	if err != nil {
		return d, nil, err
	}
	keep := eml.Keep(room.Keep)
	if o.reply != "" || o.enclose {
		keep = nil
	}
	m, err := eml.Read(strings.NewReader(text), keep)
	if err != nil {
		return d, nil, &post.FileError{Path: o.file(), Err: err}
	}
	for _, what := range m.Lost {
		p.tell("sendoff: note: %s: %s", o.file(), what)
	}
	switch {
	case o.reply != "":
		d = m.Reply(eml.Own(own), o.all)
	case o.enclose:
		path, name := o.file(), cmp.Or(m.Subject, "mail")+".eml"
		if path == "-" {
			if path, err = room.Keep(name, strings.NewReader(text)); err != nil {
				return d, nil, err
			}
		}
		d = m.Enclose(eml.Own(own), path)
		if !message.IsMail(path) {
			d.Attached = map[string]message.Attached{path: {Name: name}}
		}
	case o.forward != "":
		d = m.Forward(eml.Own(own))
	default:
		d = m.Draft(eml.Own(own))
	}
	return d, nil, room.Introduce(&d)
}

// readMail reads a file of a mail, or standard input.
func (p *program) readMail(ctx context.Context, path string) (string, error) {
	var in io.Reader = p.Stdin
	if path != "-" {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("is not an ordinary file")
		}
		if err != nil {
			return "", &post.FileError{Path: path, Err: err}
		}
		f, err := os.Open(path)
		if err != nil {
			return "", &post.FileError{Path: path, Err: err}
		}
		defer f.Close()
		in = f
	}
	text, err := readAll(ctx, in)
	if err != nil && ctx.Err() == nil {
		err = &post.FileError{Path: path, Err: err}
	}
	return text, err
}

// fromTemplate reads a template and fills it in.
func (p *program) fromTemplate(ctx context.Context, room *post.Room, o origin) (d message.Draft, open []string, err error) {
	values, err := settings(room, o.values)
	if err != nil {
		return d, nil, err
	}
	path := o.template
	if !strings.ContainsAny(path, `/\`) {
		in := filepath.Join(room.TemplateFolder(), path)
		if _, err := os.Stat(in); err == nil {
			path = in
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && path == o.template {
			return d, nil, hinted{
				&post.FileError{Path: path, Err: err},
				"templates are files, or in " + room.TemplateFolder(),
			}
		}
		return d, nil, &post.FileError{Path: path, Err: err}
	}
	plain, how, err := room.Unseal(room.Asking(ctx), string(text))
	if err != nil {
		return d, nil, &post.FileError{Path: path, Err: err}
	}
	if d, err = template.Parse(plain); err != nil {
		return d, nil, &post.MessageError{Err: fmt.Errorf("%s: %w", path, err)}
	}
	if how != "" { // what was not to be read by others stays so
		d.Encrypt, d.Crypto = message.Yes, how
	}
	d, open = template.Fill(d, values)
	return d, open, nil
}

// filled refuses to send a template that is not filled in.
func filled(open []string) error {
	if len(open) == 0 {
		return nil
	}
	return hinted{
		&post.MessageError{Err: fmt.Errorf("the template is not filled in: {{%s}}", strings.Join(open, "}}, {{"))},
		"fill in each place with --set NAME=VALUE",
	}
}

// over puts what the command line says over what a draft begins with. The text
// of an answer follows what it quotes, and that of a forwarded mail is before.
func over(begun, said message.Draft, o origin, bodyGiven bool) message.Draft {
	for _, f := range []struct{ to, from *string }{
		{&begun.Account, &said.Account}, {&begun.From, &said.From}, {&begun.To, &said.To}, {&begun.Cc, &said.Cc}, {&begun.Bcc, &said.Bcc},
		{&begun.ReplyTo, &said.ReplyTo}, {&begun.Subject, &said.Subject},
	} {
		if *f.from != "" {
			*f.to = *f.from
		}
	}
	if said.Format != message.Unset {
		begun.Format = said.Format
	}
	for _, f := range []struct{ to, from *message.Choice }{{&begun.Sign, &said.Sign}, {&begun.Encrypt, &said.Encrypt}} {
		if *f.from != message.AsUsual {
			*f.to = *f.from
		}
	}
	begun.Crypto = cmp.Or(said.Crypto, begun.Crypto)
	begun.Attachments = append(begun.Attachments, said.Attachments...)
	if begun.Attached == nil {
		begun.Attached = map[string]message.Attached{}
	}
	maps.Copy(begun.Attached, said.Attached)
	begun.Headers = slices.DeleteFunc(begun.Headers, func(h message.Header) bool {
		return slices.ContainsFunc(said.Headers, func(other message.Header) bool { return strings.EqualFold(h.Name, other.Name) })
	})
	begun.Headers = append(begun.Headers, said.Headers...)
	begun.Wishes = said.Wishes.Or(begun.Wishes)
	if bodyGiven {
		switch {
		case o.reply != "":
			begun.Body = strings.TrimRight(begun.Body, "\n") + "\n\n" + said.Body
		case o.forward != "":
			begun.Body = said.Body + begun.Body
		default:
			begun.Body = said.Body
		}
	}
	begun.Focus, begun.Line, begun.Column = "", 0, 0
	return begun
}
