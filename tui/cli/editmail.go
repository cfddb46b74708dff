package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/tui"
	"sendoff/tui/post"
)

// editMail opens a mail, its header above its text, in the person's editor. What
// was written stays in a file if it can't be used.
func (p *program) editMail(ctx context.Context, d message.Draft) (message.Draft, error) {
	f, err := os.CreateTemp("", "sendoff-*.eml") // CreateTemp makes it 0600
	if err != nil {
		return d, err
	}
	_, err = f.WriteString(template.Render(d))
	if err = errors.Join(err, f.Close()); err != nil {
		return d, errors.Join(err, os.Remove(f.Name()))
	}
	cmd := tui.EditorCommand(p.Environ(), f.Name())
	cmd.Stdout, cmd.Stderr = p.Stderr, p.Stderr // stdout is for what was asked
	if tty, out, closer, err := p.terminal(); err == nil {
		defer closer()
		cmd.Stdin, cmd.Stdout = tty, out
	}
	kept := "nothing was sent; what you wrote is in " + f.Name()
	if err := cmd.Run(); err != nil {
		return d, hinted{fmt.Errorf("the editor failed: %w", err), kept}
	}
	if err := ctx.Err(); err != nil {
		return d, hinted{errNotStored, kept}
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		return d, &post.FileError{Path: f.Name(), Err: err}
	}
	edited, err := template.Parse(string(text))
	if err != nil {
		return d, hinted{&post.MessageError{Err: err}, kept}
	}
	d.From, d.To, d.Cc, d.Bcc, d.ReplyTo = edited.From, edited.To, edited.Cc, edited.Bcc, edited.ReplyTo
	d.Subject, d.Body, d.Headers = edited.Subject, edited.Body, edited.Headers
	d.Account, d.Format = cmp.Or(edited.Account, d.Account), cmp.Or(edited.Format, d.Format)
	d.Sign, d.Encrypt, d.Crypto = cmp.Or(edited.Sign, d.Sign), cmp.Or(edited.Encrypt, d.Encrypt), cmp.Or(edited.Crypto, d.Crypto)
	d.Wishes = edited.Wishes.Or(d.Wishes)
	d.Attachments, d.Attached = append(d.Attachments, edited.Attachments...), maps.Clone(d.Attached)
	if d.Attached == nil {
		d.Attached = map[string]message.Attached{}
	}
	maps.Copy(d.Attached, edited.Attached)
	return d, os.Remove(f.Name())
}

// printMail prints a mail as it would go out.
func (p *program) printMail(ctx context.Context, room *post.Room, d message.Draft) error {
	var b strings.Builder
	if err := room.Print(ctx, d, &b); err != nil {
		return err
	}
	if p.json {
		return p.object(struct {
			Event  string `json:"event"`
			Bytes  int    `json:"bytes"`
			Source string `json:"source"`
		}{"mail", b.Len(), b.String()})
	}
	return p.copyOut(strings.NewReader(b.String()))
}
