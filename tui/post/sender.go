package post

import (
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// assign decides which account a mail goes through and whom it is from, and
// fills in what that brings along: the address answers go to, and those who get
// a copy of all. What was typed stays as it is.
func (r *Room) assign(d *message.Draft) (config.Account, error) {
	conf, err := r.config()
	if err != nil {
		return config.Account{}, err
	}
	var recipients []string
	for _, field := range []string{d.To, d.Cc, d.Bcc} {
		recipients = append(recipients, addresses(field)...)
	}
	typed := ""
	if m, err := address.Parse(d.From); err == nil {
		typed = m.Addr()
	}
	account, own, err := conf.From(d.Account, typed, recipients)
	if err != nil {
		return account, err
	}
	d.Account = account.Name
	if strings.TrimSpace(d.From) == "" {
		m, err := address.Parse(own.Address)
		if err != nil {
			return account, &MessageError{err}
		}
		m.Name = own.FullName
		d.From = m.String()
	}
	if d.Format == message.Unset && own.Markdown {
		d.Format = message.Markdown
	}
	if d.ReplyTo == "" {
		d.ReplyTo = own.ReplyTo
	}
	if len(recipients) > 0 { // a copy alone is no mail
		d.Bcc = withCopies(d.Bcc, own.Bcc, recipients)
	}
	return account, nil
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
