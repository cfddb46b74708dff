package post

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
)

// MessageError is a mail that can't be sent as it is.
type MessageError struct{ Err error }

// Error says what is wrong with the mail.
func (e *MessageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause, a *message.FieldError if a field is to blame.
func (e *MessageError) Unwrap() error { return e.Err }

// Post builds a mail durably into the outbox, to go out at a moment, or at once
// if that is zero. When it returns nil the mail survives whatever happens next;
// after an error there is none.
func (r *Room) Post(ctx context.Context, d message.Draft, at time.Time) (outbox.ID, error) {
	return r.put(ctx, outbox.New{NotBefore: at}, d)
}

// PostOnce is Post for one of many mails. If one with the same key was posted
// within outbox.OnceFor, this one is not, and the error is outbox.ErrAlready.
func (r *Room) PostOnce(ctx context.Context, d message.Draft, at time.Time, key string) (outbox.ID, error) {
	return r.put(ctx, outbox.New{NotBefore: at, Once: key}, d)
}

// Sound tells whether a mail could be posted, as far as that is known before it
// is built.
func (r *Room) Sound(ctx context.Context, d message.Draft) error {
	_, m, err := r.compose(&d)
	if err != nil {
		return err
	}
	if _, err := message.Recipients(m); err != nil {
		return &MessageError{err}
	}
	_, err = r.plan(ctx, d, m)
	return err
}

// Print writes a mail as it would go out now, signed and encrypted if it is to
// be. Nothing of it is kept.
func (r *Room) Print(ctx context.Context, d message.Draft, w io.Writer) error {
	_, m, err := r.compose(&d)
	if err != nil {
		return err
	}
	if _, err := message.Recipients(m); err != nil {
		return &MessageError{err}
	}
	plan, err := r.plan(ctx, d, m)
	if err != nil {
		return err
	}
	b := builder{ctx: ctx, m: m, plan: plan}
	return b.blame(b.write(w))
}

// put turns the fields d into the item n, of which it fills in the rest.
func (r *Room) put(ctx context.Context, n outbox.New, d message.Draft) (outbox.ID, error) {
	account, m, err := r.compose(&d)
	if err != nil {
		return 0, err
	}
	recipients, err := message.Recipients(m)
	if err != nil {
		return 0, &MessageError{err}
	}
	from, err := m.From.Wire()
	if err != nil {
		return 0, &MessageError{err}
	}
	plan, err := r.plan(ctx, d, m)
	if err != nil {
		return 0, err
	}
	kept := d
	subject, text := m.Subject, findable(d)
	if plan != nil && plan.Encrypt {
		// Nothing of it is to be read in the outbox.
		if kept, err = r.lock(ctx, d); err != nil {
			return 0, err
		}
		subject, text = kept.Subject, findable(kept)
	}
	fields, err := json.Marshal(kept)
	if err != nil {
		return 0, err
	}
	store, err := r.outbox(ctx)
	if err != nil {
		return 0, err
	}
	n.State = outbox.Queued
	if !n.NotBefore.IsZero() {
		n.State = outbox.Scheduled
	}
	m.Date = time.Time{} // the outbox dates it
	b := builder{ctx: ctx, m: m, plan: plan}
	n.Account, n.Copy = account.Name, account.SentCopy
	n.MessageID, n.From, n.Recipients = m.ID, from, recipients
	n.Subject, n.Text, n.Fields = subject, text, fields
	n.UTF8, n.Undated, n.Wishes = m.NeedsUTF8(), true, d.Wishes
	n.Write = b.write
	id, err := store.Put(ctx, n)
	return id, b.blame(err)
}

// findable is what a mail is found by next to its subject and addresses: its
// text, the names of people and of files.
func findable(d message.Draft) string {
	const most = 1 << 20 // of the text
	words := []string{d.Body[:min(len(d.Body), most)], d.From, d.To, d.Cc, d.Bcc}
	for _, path := range d.Attachments {
		words = append(words, cmp.Or(d.Attached[path].Name, attachedName(path)))
	}
	return strings.Join(words, "\n")
}

// Build writes a draft as the mail that it is now, neither signed nor encrypted.
// Nothing of it is kept.
func (r *Room) Build(ctx context.Context, draft outbox.ID, w io.Writer) error {
	d, _, err := r.Draft(ctx, draft)
	if err != nil {
		return err
	}
	_, m, err := r.compose(&d)
	if err != nil {
		return err
	}
	if _, err := message.Recipients(m); err != nil {
		return &MessageError{err}
	}
	b := builder{m: m}
	return b.blame(b.write(w))
}

// compose reads the fields of a mail and picks the account that sends it.
// What was left open in d, it fills in.
func (r *Room) compose(d *message.Draft) (config.Account, *message.Message, error) {
	account, err := r.assign(d)
	if err != nil {
		return account, nil, err
	}
	d.Attachments, d.Attached = slices.Clone(d.Attachments), maps.Clone(d.Attached)
	for i, typed := range d.Attachments {
		path := r.expand(typed)
		if _, err := check(path); err != nil {
			return account, nil, &FileError{path, err}
		}
		d.Attachments[i] = path
		if as, ok := d.Attached[typed]; ok {
			d.Attached[path] = as
		}
	}
	m, err := d.Message(func(path string) (io.ReadCloser, error) { return attachment(r.expand(path)) })
	if err != nil {
		return account, nil, &MessageError{err}
	}
	for _, image := range m.Inline {
		path := r.expand(image.Name)
		if _, err := check(path); err != nil {
			return account, nil, &FileError{path, err}
		}
	}
	for _, list := range [][]message.Attachment{m.Attachments, m.Inline} {
		for i := range list {
			list[i].Name = attachedName(list[i].Name)
		}
	}
	m.Date = r.opts.Clock()
	m.UserAgent = r.opts.Agent
	m.ID, err = message.NewID(r.opts.Random, m.From.Domain)
	return account, m, err
}

// builder writes a message once and remembers what that failed of, so that a
// bad message, an unreadable file and a full disk stay three things.
type builder struct {
	ctx  context.Context
	m    *message.Message
	plan *seal.Plan // nil for a mail that is not sealed
	bad  error      // the message can't be built
	full error      // what takes the message stopped taking it
}

func (b *builder) write(w io.Writer) error {
	to := writerFunc(func(p []byte) (int, error) {
		n, err := w.Write(p)
		b.full = errors.Join(b.full, err)
		return n, err
	})
	build := func() error { return message.Build(to, b.m) }
	if b.plan != nil {
		build = func() error { return b.plan.Write(b.ctx, to, b.m) }
	}
	err := build()
	if b.full == nil {
		b.bad = err
	}
	return err
}

// blame returns the error of the step that used b, and says if the message
// was at fault.
func (b *builder) blame(err error) error {
	var file *FileError
	switch {
	case err == nil || b.bad == nil:
		return err
	case errors.As(b.bad, &file):
		return file
	case errors.As(b.bad, new(*seal.Error)), errors.Is(b.bad, context.Canceled), errors.Is(b.bad, context.DeadlineExceeded):
		return b.bad
	}
	return &MessageError{b.bad}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// attachment opens the file at path; what goes wrong with it is a *FileError.
func attachment(path string) (io.ReadCloser, error) {
	if isArchive(path) {
		return pack(path), nil
	}
	f, err := read(path)
	if err != nil {
		return nil, &FileError{path, err}
	}
	return attached{f, path}, nil
}

type attached struct {
	io.ReadCloser
	path string
}

// Read reads on in the file.
func (a attached) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = &FileError{a.path, err}
	}
	return n, err
}
