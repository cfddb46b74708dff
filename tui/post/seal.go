package post

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
)

// asking marks a context in which programs may ask the person in the terminal.
type asking struct{}

// Asking returns a context in which programs that sign and decrypt may ask the
// person in the terminal, which is theirs meanwhile. Without it, where screens
// are, what would have to be asked is an error that seal.AsksPerson knows.
func (r *Room) Asking(ctx context.Context) context.Context {
	return context.WithValue(ctx, asking{}, true)
}

// tools are the programs that seal a mail.
func (r *Room) tools(ctx context.Context, crypto string) seal.Tools {
	kind := seal.PGP
	if crypto == string(seal.SMIME) {
		kind = seal.SMIME
	}
	ask := r.opts.Terminal != nil || ctx.Value(asking{}) != nil
	return seal.Tools{Kind: kind, Now: r.opts.Clock, Ask: ask, Run: r.runner(ask)}
}

// runner runs programs without any password of ours in their environment, and
// where they may not ask without a way to the terminal.
func (r *Room) runner(ask bool) seal.Run {
	return func(ctx context.Context, argv []string, in io.Reader, out io.Writer) ([]byte, error) {
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
		cmd.WaitDelay = hookWait
		cmd.Env = slices.DeleteFunc(cmd.Environ(), secretive)
		if name := secret.TerminalName(); !ask {
			// gpg-agent would find the way there.
			cmd.Env = slices.DeleteFunc(cmd.Env, func(s string) bool { return strings.HasPrefix(s, "GPG_TTY=") })
			alone(cmd)
		} else if name != "" {
			cmd.Env = append(cmd.Env, "GPG_TTY="+name)
		}
		err := cmd.Run()
		switch {
		case errors.Is(err, exec.ErrNotFound):
			err = fs.ErrNotExist
		case errors.Is(err, exec.ErrWaitDelay):
			err = nil // an agent that was started holds on to what it was given
		}
		return said.Bytes(), err
	}
}

// settle decides what a draft leaves to its sender's identity.
func settle(d *message.Draft, own config.Seal) {
	choice := func(c *message.Choice, usual bool) {
		if c.Or(usual) {
			*c = message.Yes
		}
	}
	choice(&d.Sign, own.Sign)
	choice(&d.Encrypt, own.Encrypt)
	if d.Crypto == "" {
		d.Crypto = own.Crypto
	}
}

// keyFor is the key that an identity names for the way that a mail is sealed.
func keyFor(d message.Draft, own config.Seal) string {
	smime := string(seal.SMIME)
	if (d.Crypto == smime) != (own.Crypto == smime) {
		return ""
	}
	return own.Key
}

// plan finds the keys for a mail whose fields are settled; nil if it is neither
// signed nor encrypted.
func (r *Room) plan(ctx context.Context, d message.Draft, m *message.Message) (*seal.Plan, error) {
	if d.Sign != message.Yes && d.Encrypt != message.Yes {
		return nil, nil
	}
	_, own, err := r.identity(d)
	if err != nil {
		return nil, err
	}
	return r.tools(ctx, d.Crypto).Plan(ctx, seal.Order{
		Sign: d.Sign == message.Yes, Encrypt: d.Encrypt == message.Yes,
		From: m.From, Key: keyFor(d, own.Seal), To: slices.Concat(m.To, m.Cc), Bcc: m.Bcc,
	})
}

// CheckKeys tells why a mail can't be signed or encrypted, as far as it is
// written: who can't be read among its recipients is passed over.
func (r *Room) CheckKeys(ctx context.Context, d message.Draft) error {
	if _, err := r.assign(&d); err != nil {
		return nil // whose mail it is will be found out when it is sent
	}
	from, err := address.Parse(d.From)
	if err != nil {
		return nil
	}
	readable := func(list string) (boxes []address.Mailbox) {
		for _, e := range address.Split(list) {
			boxes = append(boxes, e.Mailboxes...)
		}
		return boxes
	}
	_, err = r.plan(ctx, d, &message.Message{From: from, To: readable(d.To), Cc: readable(d.Cc), Bcc: readable(d.Bcc)})
	return err
}

// keyless are the recipients for want of whose keys a mail can't be encrypted;
// none if that is not all.
func keyless(err error, to []string) (who []string) {
	var keys *seal.KeysError
	if !errors.As(err, &keys) {
		return nil
	}
	for _, lack := range keys.Lacks {
		i := slices.IndexFunc(to, func(addr string) bool { return sameBox(addr, lack.Address) })
		if i < 0 {
			return nil
		}
		who = append(who, to[i])
	}
	return who
}

// lock encrypts a draft to its author, if the mail is to be encrypted. One that
// can't be is not kept in clear: who wants a mail encrypted does not want it on the
// disk. The error says so.
func (r *Room) lock(ctx context.Context, d message.Draft) (message.Draft, error) {
	tools, to, err := r.private(ctx, d)
	if tools == nil || err != nil {
		return d, err
	}
	locked, err := tools.Lock(ctx, d, to)
	locked.Encrypt = message.Yes
	if err != nil {
		return locked, err
	}
	return r.hideKept(locked, d), nil
}

// private is what encrypts a draft to its author; nil for one that is not to be
// encrypted. With an error it should be, and can't.
func (r *Room) private(ctx context.Context, d message.Draft) (*seal.Tools, seal.Order, error) {
	_, own, err := r.identity(d)
	if err != nil {
		if d.Encrypt == message.Yes {
			return nil, seal.Order{}, err
		}
		return nil, seal.Order{}, nil // whose mail it is will be found out when it is sent
	}
	settle(&d, own.Seal)
	if d.Encrypt != message.Yes {
		return nil, seal.Order{}, nil
	}
	from, err := address.Parse(d.From)
	if err != nil {
		if from, err = address.Parse(own.Address); err != nil {
			return nil, seal.Order{}, &MessageError{err}
		}
	}
	tools := r.tools(ctx, d.Crypto)
	return &tools, seal.Order{From: from, Key: keyFor(d, own.Seal)}, nil
}

// unlock is the reverse of lock. It may have to ask for a passphrase.
func (r *Room) unlock(ctx context.Context, d message.Draft) (message.Draft, error) {
	if d.Locked == "" {
		return d, nil
	}
	return r.tools(ctx, d.Crypto).Unlock(ctx, d)
}
