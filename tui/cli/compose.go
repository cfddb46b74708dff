package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui"
	"sendoff/tui/kit"
	"sendoff/tui/lines"
	"sendoff/tui/post"
	"sendoff/tui/text"
)

// The screens see the post room through this.
var _ tui.Service = (*post.Room)(nil)

// isMailto and isMailFile tell what an argument of sendoff alone can be. A
// file's name ends in .eml, or is a path: anything else may be a slip in the
// name of a command.
func isMailto(arg string) bool { return strings.HasPrefix(strings.ToLower(arg), "mailto:") }

func isMailFile(arg string) bool {
	return strings.HasSuffix(strings.ToLower(arg), ".eml") || strings.ContainsAny(arg, `/\`)
}

// compose opens the screens.
func (p *program) compose(cmd *cobra.Command, args []string, o origin) error {
	if err := o.check(); err != nil {
		return err
	}
	if len(o.values) > 0 && o.template == "" {
		return usagef("--set is about --template")
	}
	if len(args) > 0 && o.any() {
		return usagef("a mail can begin with one thing only")
	}
	if !p.plain && (!isTerminal(p.Stdin) && o.file() != "-" || !isTerminal(p.Stdout)) {
		return hinted{
			usagef("the screens need a terminal, and standard input or output is none"),
			`"sendoff send" sends a mail without them, and "sendoff --plain" asks in lines; sendoff --help lists the commands`,
		}
	}
	p.ask, p.passphrase, p.tty = nil, nil, nil // the screens ask
	p.domains = net.DefaultResolver
	p.taken = o.file() == "-"
	draft, err := p.opening(cmd.Context(), args, o)
	if err != nil {
		return err
	}
	err = p.screens(cmd.Context(), draft, kit.OpenDraft{})
	if !errors.Is(err, tui.ErrSandbox) {
		return err
	}
	// The person has no account yet and wants to look around first.
	err = p.close()
	p.opened, p.sandbox, p.domains = nil, true, nil
	return errors.Join(err, p.screens(cmd.Context(), nil, kit.OpenDraft{}))
}

// opening is the draft to begin with; nil for none.
func (p *program) opening(ctx context.Context, args []string, o origin) (*message.Draft, error) {
	var d message.Draft
	switch {
	case len(args) > 0 && isMailto(args[0]):
		var left []string
		var err error
		if d, left, err = message.ParseMailto(args[0]); err != nil {
			return nil, &post.MessageError{Err: err}
		}
		p.notice = leftOut(left)
		if d.Body != "" { // else the composer signs it
			if err := p.sign(&d, false); err != nil {
				return nil, err
			}
		}
	case len(args) > 0:
		o.editAsNew = args[0]
		fallthrough
	case o.any():
		room, err := p.room()
		if err != nil {
			return nil, err
		}
		if d, _, err = p.begin(ctx, room, o); err != nil {
			return nil, err
		}
		switch {
		case o.reply != "", o.forward != "":
			if err := p.sign(&d, o.forward != ""); err != nil {
				return nil, err
			}
		case o.template != "":
			p.signTemplate(&d)
		}
	case p.account == "":
		return nil, nil
	}
	if p.account != "" {
		d.Account = p.account
	}
	return &d, nil
}

// leftOut tells what a link asked for in vain; empty for nothing.
func leftOut(asked []string) string {
	if len(asked) == 0 {
		return ""
	}
	said := "The link asked for " + text.Clean(strings.Join(asked, ", ")) + "; it was left out, as links come from strangers."
	if slices.ContainsFunc(asked, func(field string) bool { return strings.HasPrefix(strings.ToLower(field), "attach") }) {
		said = "The link wanted to attach a file, and nothing is attached: attach it yourself if you mean to (" + text.Clean(strings.Join(asked, ", ")) + ")."
	}
	return said
}

// sign puts the sender's signature under a text that was begun, or before it.
func (p *program) sign(d *message.Draft, before bool) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	if p.account != "" {
		d.Account = p.account
	}
	if err := room.Sign(d, before); err != nil && !errors.Is(err, config.ErrNoAccount) {
		return err
	}
	return nil
}

// signTemplate puts the sender's signature under the text of a template, unless
// it has one. Without a text the composer signs, and it tells of a sender that
// there is not.
func (p *program) signTemplate(d *message.Draft) {
	d.Body = strings.TrimRight(d.Body, "\n")
	if d.Body != "" && !strings.Contains("\n"+d.Body+"\n", "\n-- \n") {
		_ = p.sign(d, false)
	}
}

// screens shows the program, and begins with a draft or an item if one is meant.
// The screens ask for passwords themselves.
func (p *program) screens(ctx context.Context, draft *message.Draft, open kit.OpenDraft) error {
	p.ask, p.passphrase, p.tty = nil, nil, nil
	room, err := p.room()
	if err != nil {
		return err
	}
	// What can't be read is better said before the screen is taken, and who
	// can't keep a draft should not begin one.
	if err := room.Ready(ctx); err != nil {
		return err
	}
	conf, err := room.Config()
	if err != nil {
		return err
	}
	if err := room.Forget(ctx); err != nil {
		p.tell("sendoff: note: old attachments could not be removed: %v", err)
	}
	if notice, ok := p.inLines(); ok {
		return p.converse(ctx, room, lines.Options{Draft: draft, Open: open, Notice: strings.TrimSpace(notice + " " + p.notice)})
	}
	bound, doubts, err := tui.Bind(conf.Keys)
	if err != nil {
		return err
	}
	environ := p.Environ() // without the passwords, which the room took
	if p.noColor {
		environ = append(environ, "NO_COLOR=1")
	}
	var keys io.Reader // the terminal that standard input is
	if !isTerminal(p.Stdin) {
		in, _, err := tea.OpenTTY()
		if err != nil {
			return fmt.Errorf("open the terminal: %w", err)
		}
		defer in.Close()
		keys = in
	}
	return tui.Run(ctx, tui.Options{
		AfterQuit: room.AfterQuit(),
		HandOver:  p.handOver(),

		Input:    keys,
		Service:  room,
		Draft:    draft,
		Open:     open,
		Account:  p.account,
		Environ:  environ,
		Settings: room.Home().ConfigDir,
		Home:     room.Home().StateDir,
		Sandbox:  p.sandbox,
		Theme:    conf.Theme,
		Keys:     bound,
		Notice:   strings.TrimSpace(strings.Join(append(doubts, p.notice), " ")),

		Fleeting: room.Fleeting(),
	})
}
