// Package seal signs and encrypts mail with the person's own keys, by the
// programs that keep them: gpg for PGP/MIME (RFC 3156), gpgsm for S/MIME (RFC
// 8551). It decides on keys and on the form of the mail; whoever uses it runs the
// programs.
//
// Keys are found by the exact address, and named to the programs by their
// fingerprints alone, so that nothing in an address can be taken for an option or
// a pattern. Of several keys for one address the most trusted is used, and the
// newest of these. A key that the programs do not trust is not used.
//
// An encrypted mail can also be read by its sender. Those in Bcc do not stand in
// the list of keys that is part of it: OpenPGP has a way to leave out whose key
// one is, so that others see only how many there are; S/MIME has not, and such a
// mail is refused.
//
// The subject of an encrypted mail, and a copy of the other fields of any sealed
// one, are inside, as RFC 9788 has it.
package seal

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/address"
)

// Kind says how a mail is signed and encrypted.
type Kind string

// The kinds.
const (
	PGP   Kind = "pgp"
	SMIME Kind = "smime"
)

// Program is what does the work.
func (k Kind) Program() string {
	if k == SMIME {
		return "gpgsm"
	}
	return "gpg"
}

// Run runs a program. said is what it wrote on standard error. The error is one
// of fs.ErrNotExist where there is no such program, of ctx where that ended, and
// any other if the program failed.
type Run func(ctx context.Context, argv []string, in io.Reader, out io.Writer) (said []byte, err error)

// Tools are the programs of a Kind.
type Tools struct {
	Kind Kind
	Run  Run
	Now  func() time.Time

	// Ask lets the programs ask the person for a passphrase or a card.
	Ask bool
}

// Order says what is to be done with a mail.
type Order struct {
	Sign, Encrypt bool

	From address.Mailbox
	Key  string // the sender's own key, by fingerprint, key id or address; empty for one of From

	To  []address.Mailbox // who may see that each other gets it
	Bcc []address.Mailbox // who may not be seen
}

// Plan is an Order that can be carried out.
type Plan struct {
	Sign, Encrypt bool

	tools  Tools
	signer string   // whose key signs
	open   []string // whose keys are named in the mail
	hidden []string // whose are not
}

// Plan finds the keys for an order. Those that are missing, or can't be used, are
// a *KeysError; trouble with the programs is an *Error.
func (t Tools) Plan(ctx context.Context, o Order) (*Plan, error) {
	p := &Plan{Sign: o.Sign, Encrypt: o.Encrypt, tools: t}
	own, err := t.own(ctx, o.From, o.Key)
	if err != nil {
		return nil, err
	}
	missing := &KeysError{Kind: t.Kind}
	if o.Sign {
		key, lack := own.choose(Key.signs)
		missing.add(lack)
		p.signer = key.Fingerprint
		if strings.HasSuffix(o.Key, "!") {
			p.signer = o.Key // a part of the key that the person insists on
		}
	}
	if o.Encrypt {
		if err := t.forAll(ctx, p, own, o, missing); err != nil {
			return nil, err
		}
	}
	if len(missing.Lacks) > 0 {
		return nil, missing
	}
	return p, nil
}

// forAll finds the keys that a mail is encrypted to.
func (t Tools) forAll(ctx context.Context, p *Plan, own ring, o Order, missing *KeysError) error {
	rings, err := t.rings(ctx, append(slices.Clone(o.To), o.Bcc...))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, r := range append([]ring{own}, rings...) {
		key, lack, err := t.usable(ctx, r)
		switch {
		case err != nil:
			return err
		case lack != nil:
			missing.add(lack)
		case seen[key.Fingerprint]:
		case i <= len(o.To):
			p.open = append(p.open, key.Fingerprint)
		case t.Kind == SMIME:
			missing.add(&Lack{Address: r.address, Reason: "can't get it in Bcc: S/MIME would show the others that it did",
				Hint: "send it a mail of its own"})
		default:
			p.hidden = append(p.hidden, key.Fingerprint)
		}
		seen[key.Fingerprint] = true
	}
	return nil
}

// usable chooses the key of a ring that can be encrypted to. The listing of gpg
// says of some keys that they are trusted; of the others the program itself tells
// whether it would take them.
func (t Tools) usable(ctx context.Context, r ring) (Key, *Lack, error) {
	_, lack := r.choose(Key.encrypts)
	for _, key := range r.keys {
		if key.state != "" || !key.encrypts() {
			continue
		}
		if t.Kind == PGP && strings.ContainsRune("muf", rune(key.validity)) {
			return key, nil, nil
		}
		reason, err := t.probe(ctx, key)
		if err != nil || reason == "" {
			return key, nil, err
		}
		if lack == nil {
			lack = r.lack(key, reason)
		}
	}
	if lack == nil {
		lack = r.lack(Key{}, "")
	}
	return Key{}, lack, nil
}

// rank orders keys, the best first.
func rank(a, b Key) int {
	const trust = "ufm" // the most first
	place := func(k Key) int {
		if i := strings.IndexByte(trust, k.validity); i >= 0 {
			return i
		}
		return len(trust)
	}
	return cmp.Or(place(a)-place(b), b.created.Compare(a.created))
}
