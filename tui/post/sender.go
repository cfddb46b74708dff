package post

import (
	"slices"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// assign decides which account a mail goes through and whom it is from, and
// fills in what that brings along: the address answers go to, and those who get
// a copy of all. What was typed stays as it is.
func (r *Room) assign(d *message.Draft) (config.Account, error) {
	account, own, err := r.identity(*d)
	if err != nil {
		return account, err
	}
	recipients := envelope(*d)
	d.Account = account.Name
	if strings.TrimSpace(d.From) == "" {
		m, err := address.Parse(own.Address)
		if err != nil {
			return account, &MessageError{err}
		}
		m.Name = own.FullName
		d.From = m.String()
	} else if _, ok := account.Sender(own.Address); ok {
		if err := r.Introduce(d); err != nil {
			return account, err
		}
	}
	if d.Format == message.Unset && own.Markdown {
		d.Format = message.Markdown
	}
	settle(d, own.Seal)
	if d.ReplyTo == "" {
		d.ReplyTo = own.ReplyTo
	}
	if len(recipients) > 0 { // a copy alone is no mail
		d.Bcc = withCopies(d.Bcc, own.Bcc, recipients)
	}
	return account, nil
}

// identity is whom a mail is from, as far as it is written.
func (r *Room) identity(d message.Draft) (config.Account, config.Identity, error) {
	conf, err := r.config()
	if err != nil {
		return config.Account{}, config.Identity{}, err
	}
	typed := ""
	if m, err := address.Parse(d.From); err == nil {
		typed = m.Addr()
	}
	return conf.From(d.Account, typed, envelope(d))
}

// Sender tells whom a mail would be from as it is written so far, and through
// which account.
func (r *Room) Sender(d message.Draft) (config.Account, config.Identity, error) { return r.identity(d) }

// envelope are the addresses that a mail goes to.
func envelope(d message.Draft) (recipients []string) {
	for _, field := range []string{d.To, d.Cc, d.Bcc} {
		recipients = append(recipients, addresses(field)...)
	}
	return recipients
}

// withCopies adds those of copies to a field who don't get the mail anyway.
func withCopies(field string, copies, recipients []string) string {
	for _, to := range copies {
		if slices.ContainsFunc(recipients, func(r string) bool { return strings.EqualFold(r, to) }) {
			continue
		}
		if field = strings.TrimRight(field, ", "); field != "" {
			field += ", "
		}
		field += to
	}
	return field
}

// addresses are those in a field, if it can be read.
func addresses(field string) []string {
	boxes, err := address.ParseList(field)
	if err != nil {
		return nil
	}
	var all []string
	for _, m := range boxes {
		all = append(all, m.Addr())
	}
	return all
}

// Own tells of addresses whether they are the person's, so that an answer to
// all does not go to the one who writes it.
func (r *Room) Own() (func(address string) bool, error) {
	conf, err := r.config()
	return func(address string) bool {
		return slices.ContainsFunc(conf.Accounts, func(a config.Account) bool {
			_, ok := a.Sender(address)
			return ok
		})
	}, err
}

// Introduce gives whom a draft is from the name of that identity, where it is an
// address of the person's alone: an answer knows only which one the mail came to.
func (r *Room) Introduce(d *message.Draft) error {
	m, err := address.Parse(d.From)
	if err != nil || m.Name != "" {
		return nil
	}
	_, own, err := r.identity(*d)
	if err != nil {
		return err
	}
	m.Name = own.FullName
	d.From = m.String()
	return nil
}

// Sign puts the signature of whom a draft is from at the end of its text, or
// before what it forwards.
func (r *Room) Sign(d *message.Draft, before bool) error {
	_, own, err := r.identity(*d)
	if err != nil {
		return err
	}
	signature := strings.Trim(strings.ReplaceAll(own.Signature, "\r\n", "\n"), "\n")
	if strings.TrimSpace(signature) == "" {
		return nil
	}
	signature = "\n\n-- \n" + strings.TrimPrefix(signature, "-- \n")
	if before {
		d.Body = signature + d.Body
	} else {
		d.Body += signature
	}
	return nil
}

// Today is the date of this moment, as 2026-11-27.
func (r *Room) Today() string { return r.opts.Clock().Format(time.DateOnly) }
