package seal

import (
	"cmp"
	"errors"
	"strings"
)

// Lack is a key that is missing, or can't be used.
type Lack struct {
	Address string // whose
	Reason  string // "has no key", behind the address
	Hint    string // what to do, as a command where there is one
}

// Error says it in one line.
func (l *Lack) Error() string { return l.Address + " " + l.Reason }

// KeysError is a mail that can't be sealed for want of keys.
type KeysError struct {
	Kind  Kind
	Lacks []*Lack
}

func (e *KeysError) add(l *Lack) {
	if l != nil {
		e.Lacks = append(e.Lacks, l)
	}
}

// Error names everybody who lacks a key.
func (e *KeysError) Error() string {
	var all []string
	for _, l := range e.Lacks {
		all = append(all, l.Error())
	}
	return strings.Join(all, "; ")
}

// Hint says what to do about the first that is lacking.
func (e *KeysError) Hint() string { return e.Lacks[0].Hint }

// lack puts into words that a ring has no key that will do. state is why the one
// there is won't; empty if it is for other uses.
func (r ring) lack(key Key, state string) *Lack {
	l := &Lack{Address: r.address, Reason: "has " + cmp.Or(state, "only a key that can't be used for this")}
	switch {
	case key.Fingerprint == "" && r.own:
		l.Reason = "has no secret key here"
	case key.Fingerprint == "":
		l.Reason = "has no key"
	}
	l.Hint = r.pgpHint(key, state)
	if r.kind == SMIME {
		l.Reason = strings.Replace(l.Reason, " key", " certificate", 1)
		l.Hint = r.smimeHint(key, state)
	}
	return l
}

func (r ring) pgpHint(key Key, state string) string {
	switch {
	case key.Fingerprint == "" && r.own:
		return "make one with gpg --quick-generate-key " + r.address + `, or name yours in the account: key = "FINGERPRINT"`
	case state == untrusted && r.own:
		return "if it is yours, say so: gpg --edit-key " + key.Fingerprint + " trust"
	case state == untrusted:
		return "compare its fingerprint with its owner's, then: gpg --quick-lsign-key " + key.Fingerprint
	case r.own:
		return "gpg --edit-key " + key.Fingerprint + " can change when it expires; or make another"
	}
	return "gpg --locate-keys " + r.address + " looks for one, gpg --import FILE takes one in"
}

func (r ring) smimeHint(key Key, state string) string {
	switch {
	case state == untrusted:
		return "gpgsm --list-chain " + key.Fingerprint + " shows who issued it; roots that are trusted stand in trustlist.txt of gpg-agent"
	case r.own:
		return "gpgsm --import FILE takes in a certificate with its key"
	}
	return "gpgsm --import FILE takes in a certificate; a signed mail from there holds it"
}

// Reason is why a program could not do its work.
type Reason string

// The reasons.
const (
	NoProgram     Reason = "is not installed"
	MustAsk       Reason = "has to ask you" // and was not allowed to
	CantAsk       Reason = "can't ask for the passphrase here"
	Canceled      Reason = "was cancelled"
	BadPassphrase Reason = "was given a wrong passphrase"
	NoAgent       Reason = "can't reach its agent"
	NoCard        Reason = "misses the card with the key"
	CardBlocked   Reason = "finds the card blocked"
	NoSecret      Reason = "misses the secret key"
	Failed        Reason = "failed"
)

// Error is trouble with a program.
type Error struct {
	Program string
	Reason  Reason
	Detail  string // the last that the program said; empty if nothing
	Err     error  // of running it; may be nil
	Reading bool   // what is encrypted; else it was to sign or encrypt
}

// Error tells it in one line.
func (e *Error) Error() string {
	s := e.Program + " " + string(e.Reason)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *Error) Hint() string {
	switch e.Reason {
	case NoProgram:
		if e.Reading {
			return "install it: it is part of GnuPG"
		}
		return "install it (it is part of GnuPG), or send the mail without signature and encryption"
	case MustAsk, CantAsk:
		return "run it where it can ask: in a terminal, or on a desktop with a pinentry of its own"
	case Canceled, BadPassphrase:
		return "try again"
	case NoAgent:
		return "gpgconf --launch gpg-agent starts it, and tells what is wrong"
	case NoCard:
		return "insert the card, and try again"
	case CardBlocked:
		return "gpg --edit-card, then passwd, unblocks it"
	case NoSecret:
		if e.Reading {
			return "what is encrypted can be read with that key alone, which may be on another machine or a card: " + e.Program + " --import FILE takes it in"
		}
		return "the key may be on another machine, or on a card: gpg --list-secret-keys"
	}
	if e.Reading {
		return "try by hand to see more: " + e.Program + " --decrypt FILE"
	}
	return "try the same by hand to see more: " + e.Program + " --sign"
}

// AsksPerson tells that err is of a program that could go on if it might ask the
// person in a terminal.
func AsksPerson(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == MustAsk
}
