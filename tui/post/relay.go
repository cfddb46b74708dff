package post

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"os"
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/relay"
	"sendoff/smtp/outbox"
)

// Handed is a finished message that another program hands in, and what it says
// of its envelope, as sendmail takes them.
type Handed struct {
	Account string // empty to choose it by the sender

	// Sender is the envelope sender: a user of this machine or empty for the
	// account's own address, "<>" for none.
	Sender string
	Name   string // of the sender, where the message has no From

	// Recipients are addresses, or users of this machine. With Header those
	// in the message's To, Cc and Bcc get it too.
	Recipients []string
	Header     bool

	Dots    bool // a line that is a single dot ends the message
	Wishes  message.Wishes
	Content io.Reader
}

// NoUserError is a user of this machine that no alias gives an address.
type NoUserError struct{ Err error }

// Error names the user.
func (e *NoUserError) Error() string { return e.Err.Error() }

// Unwrap returns the cause, an *address.Error.
func (e *NoUserError) Unwrap() error { return e.Err }

// Relay puts a message of another program durably into the outbox. Nothing of
// it is changed but what submission needs, and Bcc goes.
func (r *Room) Relay(ctx context.Context, h Handed) (outbox.ID, error) {
	if err := h.Wishes.Check(); err != nil {
		return 0, &MessageError{err}
	}
	store, err := r.outbox(ctx)
	if err != nil {
		return 0, err
	}
	spool, err := newSpool()
	if err != nil {
		return 0, err
	}
	defer spool.drop()
	// The envelope may stand at the end of a long header, so that all of the
	// message comes before any decision on it.
	m, err := relay.Read(reader{ctx, h.Content}, spool, h.Dots)
	if err != nil {
		return 0, asMessageError(err)
	}
	n, err := r.envelope(m, h)
	if err != nil {
		return 0, err
	}
	if err := n.complete(r, m, h.Name); err != nil {
		return 0, err
	}
	id, err := store.Put(ctx, outbox.New{
		Account:    n.account.Name,
		MessageID:  strings.Trim(m.Value("Message-ID"), "<> "),
		From:       n.from,
		Recipients: n.to,
		Subject:    decoded(m.Value("Subject")),
		State:      outbox.Queued,
		UTF8:       false, // what is not ASCII in the header is encoded
		Wishes:     h.Wishes,
		Copy:       n.account.SentCopy,
		Text:       spool.beginning(),
		Write: func(w io.Writer) error {
			if _, err := spool.Seek(0, io.SeekStart); err != nil {
				return err
			}
			return m.Write(w, spool)
		},
	})
	if err == nil {
		r.wake()
	}
	return id, asMessageError(err)
}

// decoded is a field's text as a person reads it (RFC 2047).
func decoded(value string) string {
	if text, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return text
	}
	return value
}

// asMessageError tells a message that can't be sent from other trouble.
func asMessageError(err error) error {
	if errors.As(err, new(*message.FieldError)) {
		return &MessageError{err}
	}
	return err
}

// hull is the envelope of a message that was handed in.
type hull struct {
	account config.Account
	own     config.Identity
	from    string
	to      []string
	aliases address.Aliases
}

// envelope decides whom a message is from, who gets it, and through which
// account.
func (r *Room) envelope(m *relay.Message, h Handed) (*hull, error) {
	aliases, err := r.aliases()
	if err != nil {
		return nil, err
	}
	n := &hull{aliases: aliases}
	lists := h.Recipients
	if h.Header {
		names := []string{"To", "Cc", "Bcc"}
		if len(m.Values("Resent-To", "Resent-Cc", "Resent-Bcc")) > 0 {
			names = []string{"Resent-To", "Resent-Cc", "Resent-Bcc"}
		}
		lists = append(slices.Clone(lists), m.Values(names...)...)
	}
	var people []string
	for _, list := range lists {
		boxes, err := n.expand(list)
		if err != nil {
			return nil, err
		}
		for _, box := range boxes {
			wire, err := box.Wire()
			if err != nil {
				return nil, &MessageError{err}
			}
			if !slices.Contains(n.to, wire) {
				n.to = append(n.to, wire)
				people = append(people, box.Addr())
			}
		}
	}
	if len(n.to) == 0 {
		return nil, &MessageError{&message.FieldError{Field: "To", Reason: "there is no recipient"}}
	}
	conf, err := r.config()
	if err != nil {
		return nil, err
	}
	sender := n.sender(h.Sender, m)
	if n.account, n.own, err = conf.From(h.Account, sender, people); err != nil {
		return nil, err
	}
	if h.Sender == "<>" {
		return n, nil
	}
	if sender == "" {
		sender = n.own.Address
	}
	box, err := address.Parse(sender)
	if err == nil {
		n.from, err = box.Wire()
	}
	if err != nil {
		return nil, &MessageError{err}
	}
	return n, nil
}

// sender returns the address a message is from, if it is a real one: the
// machine's own users have none that others could answer to.
func (n *hull) sender(given string, m *relay.Message) string {
	for _, s := range []string{strings.Trim(given, "<>"), m.Value("Sender"), m.Value("From")} {
		if box, err := address.Parse(qualify(s)); err == nil && !isLocal(box.Domain) {
			return box.Addr()
		}
	}
	return ""
}

// complete gives a message the fields that it must have, and takes out those
// that nobody is to see.
func (n *hull) complete(r *Room, m *relay.Message, name string) error {
	m.Remove("Bcc", "Resent-Bcc", "Return-Path")
	from, err := address.Parse(qualify(m.Value("From")))
	if err != nil || isLocal(from.Domain) {
		own, err := address.Parse(n.own.Address)
		if err != nil {
			return &MessageError{err}
		}
		if own.Name = from.Name; own.Name == "" {
			own.Name = name
		}
		if own.Name == "" {
			own.Name = n.own.FullName
		}
		if err := m.SetAddresses("From", own.String()); err != nil {
			return &MessageError{err}
		}
	}
	for _, field := range []string{"To", "Cc", "Reply-To", "Sender"} {
		if err := n.readdress(m, field); err != nil {
			return err
		}
	}
	if !m.Has("Date") {
		if err := m.Set("Date", r.opts.Clock().Format("Mon, 2 Jan 2006 15:04:05 -0700")); err != nil {
			return &MessageError{err}
		}
	}
	if m.Has("Message-ID") {
		return nil
	}
	own, err := address.Parse(n.own.Address)
	if err != nil {
		return &MessageError{err}
	}
	id, err := message.NewID(r.opts.Random, own.Domain)
	if err != nil {
		return err
	}
	return m.Set("Message-ID", "<"+id+">")
}

// readdress puts addresses in the place of the machine's users in a field.
// One that holds none, or can't be read, stays as it is.
func (n *hull) readdress(m *relay.Message, field string) error {
	value := m.Value(field)
	boxes, err := address.ParseList(qualify(value))
	if err != nil || !slices.ContainsFunc(boxes, func(b address.Mailbox) bool { return isLocal(b.Domain) }) {
		return nil
	}
	var list []string
	for _, box := range boxes {
		if !isLocal(box.Domain) {
			list = append(list, box.String())
			continue
		}
		targets, err := n.aliases.Expand(box.Local)
		if err != nil { // one who gets nothing may be named all the same
			own, err := address.Parse(n.own.Address)
			if err != nil {
				return &MessageError{err}
			}
			targets = []address.Mailbox{own}
		}
		for _, t := range targets {
			if t.Name == "" {
				t.Name = box.Name
			}
			list = append(list, t.String())
		}
	}
	if err := m.SetAddresses(field, strings.Join(list, ", ")); err != nil {
		return &MessageError{err}
	}
	return nil
}

// spool is a file that nobody else can open, for as long as it is needed.
type spool struct{ *os.File }

func newSpool() (spool, error) {
	f, err := os.CreateTemp("", "sendoff-*") // with mode 0600
	if err != nil {
		return spool{}, err
	}
	_ = os.Remove(f.Name()) // now, where the system lets a file without a name live on
	return spool{f}, nil
}

func (s spool) drop() {
	_ = s.Close()
	_ = os.Remove(s.Name())
}

// beginning is what a search is to find a message by.
func (s spool) beginning() string {
	const enough = 64 << 10
	b := make([]byte, enough)
	n, _ := s.ReadAt(b, 0)
	return string(bytes.ToValidUTF8(b[:n], []byte("?")))
}

// reader ends with its context: a pipe may never.
type reader struct {
	ctx context.Context
	in  io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	type read struct {
		n   int
		err error
	}
	done := make(chan read, 1)
	b := make([]byte, len(p))
	go func() {
		n, err := r.in.Read(b)
		done <- read{n, err}
	}()
	select {
	case got := <-done:
		return copy(p, b[:got.n]), got.err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}
