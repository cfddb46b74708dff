package seal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"sendoff/smtp/message"
)

// Lock encrypts a draft to its author alone. What is left in clear is who it is
// from and to, and which files go along, so that it can be found.
func (t Tools) Lock(ctx context.Context, d message.Draft, o Order) (message.Draft, error) {
	fields, err := json.Marshal(d)
	if err != nil {
		return d, err
	}
	var locked strings.Builder
	if err := t.Encrypt(ctx, &locked, bytes.NewReader(fields), o); err != nil {
		return d, err
	}
	out := message.Draft{
		Account: d.Account, From: d.From, To: d.To, Cc: d.Cc, Bcc: d.Bcc, Attachments: d.Attachments,
		Sign: d.Sign, Encrypt: d.Encrypt, Crypto: string(t.Kind), Locked: locked.String(),
	}
	if d.Subject != "" {
		out.Subject = message.HiddenSubject
	}
	return out, nil
}

// Unlock is the reverse of Lock. What it says in clear of the account counts: the
// mail may have been given to another one since.
func (t Tools) Unlock(ctx context.Context, locked message.Draft) (message.Draft, error) {
	var fields bytes.Buffer
	if err := t.Decrypt(ctx, &fields, strings.NewReader(locked.Locked)); err != nil {
		return locked, err
	}
	var d message.Draft
	if err := json.Unmarshal(fields.Bytes(), &d); err != nil {
		return locked, fmt.Errorf("the draft is encrypted, but is none: %w", err)
	}
	d.Account = cmp.Or(locked.Account, d.Account)
	return d, nil
}

// Encrypt encrypts what a person wrote to that person alone, in armor.
func (t Tools) Encrypt(ctx context.Context, w io.Writer, r io.Reader, o Order) error {
	own, err := t.own(ctx, o.From, o.Key)
	if err != nil {
		return err
	}
	key, lack, err := t.usable(ctx, own)
	if err != nil {
		return err
	}
	if lack != nil {
		return &KeysError{Kind: t.Kind, Lacks: []*Lack{lack}}
	}
	_, err = t.run(ctx, []string{"--encrypt", "--armor", "--recipient", key.Fingerprint}, r, w)
	return err
}

// Decrypt is the reverse of Encrypt.
func (t Tools) Decrypt(ctx context.Context, w io.Writer, r io.Reader) error {
	_, err := t.run(ctx, []string{"--decrypt"}, r, w)
	var failed *Error
	if errors.As(err, &failed) {
		failed.Reading = true
	}
	return err
}

// Armored tells that a text is what Encrypt writes, and of which Kind.
func Armored(text string) (k Kind, ok bool) {
	for kind, name := range map[Kind]string{PGP: "PGP", SMIME: "ENCRYPTED"} {
		if strings.HasPrefix(text, "-----BEGIN "+name+" MESSAGE-----") {
			return kind, true
		}
	}
	return "", false
}
