package config

import (
	"cmp"
	"slices"
	"strings"
)

// Identity is whom mail can be from: what an account says of itself, or one of
// its [[account.identity]].
type Identity struct {
	Address    string
	FullName   string
	ReplyTo    string   // where answers go; empty for Address
	Signature  string   // empty for none
	Markdown   bool     // as Account.Markdown
	Language   string   // as Account.Language
	Seal       Seal     // as Account.Seal
	Bcc        []string // who gets a copy of each mail
	Recipients []string // whose mail is from here, if nothing else is said: see matches
}

var identityFields = []field[Identity]{
	{"address", true, func(i *Identity) any { return &i.Address }},
	{"full-name", false, func(i *Identity) any { return &i.FullName }},
	{"reply-to", false, func(i *Identity) any { return &i.ReplyTo }},
	{"signature", false, func(i *Identity) any { return &i.Signature }},
	{"markdown", false, func(i *Identity) any { return &i.Markdown }},
	{"language", false, func(i *Identity) any { return &i.Language }},
	{"sign", false, func(i *Identity) any { return &i.Seal.Sign }},
	{"encrypt", false, func(i *Identity) any { return &i.Seal.Encrypt }},
	{"crypto", false, func(i *Identity) any { return &i.Seal.Crypto }},
	{"key", false, func(i *Identity) any { return &i.Seal.Key }},
	{"bcc", false, func(i *Identity) any { return &i.Bcc }},
	{"recipients", false, func(i *Identity) any { return &i.Recipients }},
}

// Own is the identity that the account itself is.
func (a Account) Own() Identity {
	return Identity{
		Address: a.Address, FullName: a.FullName, ReplyTo: a.ReplyTo, Signature: a.Signature, Markdown: a.Markdown, Language: a.Language, Seal: a.Seal,
		Bcc: a.Bcc, Recipients: a.Recipients,
	}
}

// WithOwn returns a with i as the identity that it is itself.
func (a Account) WithOwn(i Identity) Account {
	a.Address, a.FullName, a.ReplyTo, a.Signature, a.Markdown, a.Language, a.Seal = i.Address, i.FullName, i.ReplyTo, i.Signature, i.Markdown, i.Language, i.Seal
	a.Bcc, a.Recipients = i.Bcc, i.Recipients
	return a
}

// Senders lists whom mail of the account can be from, its own address first.
// Those that say nothing of a name have the account's.
func (a Account) Senders() []Identity {
	all := append([]Identity{a.Own()}, a.Identities...)
	for i := range all {
		if all[i].FullName == "" {
			all[i].FullName = a.FullName
		}
		if all[i].Language == "" {
			all[i].Language = a.Language
		}
	}
	return all
}

// Sender returns the identity with an address. One that only a.CatchAll allows
// is the account's own in all but the address.
func (a Account) Sender(address string) (Identity, bool) {
	for _, i := range a.Senders() {
		if strings.EqualFold(i.Address, address) {
			return i, true
		}
	}
	own := a.Own()
	own.Address = address
	return own, slices.ContainsFunc(a.CatchAll, func(domain string) bool { return matches("*@"+domain, address) })
}

// From decides which account a mail goes through, and whom it is from. What is
// given counts, in this order: the account's name, the first of Rules, the
// sender's address, the recipients; then the default. An address that is nobody's
// goes through the account all the same, from its own identity in all but the
// address.
func (c Config) From(account, sender string, recipients []string) (Account, Identity, error) {
	choice, err := c.Account(account)
	if err != nil {
		return Account{}, Identity{}, err
	}
	if account == "" {
		if n := slices.IndexFunc(c.Rules, func(r Rule) bool { return r.matches(sender, recipients) }); n >= 0 {
			account, sender = c.Rules[n].Account, cmp.Or(sender, c.Rules[n].Sender)
			if choice, err = c.Account(account); err != nil {
				return Account{}, Identity{}, err
			}
		}
	}
	among := []Account{choice}
	if account == "" { // the default first, then all others
		for _, a := range c.Accounts {
			if a.Name != choice.Name {
				among = append(among, a)
			}
		}
	}
	if sender != "" {
		for _, a := range among {
			if i := slices.IndexFunc(a.Senders(), func(i Identity) bool { return strings.EqualFold(i.Address, sender) }); i >= 0 {
				return a, a.Senders()[i], nil
			}
		}
		for _, a := range among {
			if i, ok := a.Sender(sender); ok {
				return a, i, nil
			}
		}
		i, _ := choice.Sender(sender)
		return choice, i, nil
	}
	for _, to := range recipients {
		for _, a := range among {
			for _, i := range a.Senders() {
				if anyOf(i.Recipients, to) {
					return a, i, nil
				}
			}
		}
	}
	return choice, choice.Senders()[0], nil
}

// matches tells whether an address is one that a pattern means: an address, a
// whole domain as "*@example.org", or one with all below it as
// "*@*.example.org".
func matches(pattern, address string) bool {
	local, domain := splitAddress(strings.ToLower(pattern))
	who, where := splitAddress(strings.ToLower(address))
	if local != "*" && local != who {
		return false
	}
	parent, below := strings.CutPrefix(domain, "*.")
	return where == domain || below && (where == parent || strings.HasSuffix(where, "."+parent))
}

func splitAddress(address string) (local, domain string) {
	at := strings.LastIndexByte(address, '@')
	return address[:max(0, at)], address[at+1:]
}

// checkIdentities looks at whom the account can send as.
func checkIdentities(a Account) *fault {
	seen := map[string]bool{}
	for n, i := range append([]Identity{a.Own()}, a.Identities...) {
		if n > 0 {
			if f := i.check(); f != nil {
				return f
			}
		} else if f := i.checkRest(); f != nil {
			return f
		}
		if seen[strings.ToLower(i.Address)] {
			return &fault{"address", "a second identity has the address " + quote(i.Address), "give one of them another address"}
		}
		seen[strings.ToLower(i.Address)] = true
	}
	for _, domain := range a.CatchAll {
		if !hostName(domain) || !strings.Contains(domain, ".") {
			return &fault{"catch-all", quote(domain) + " is not a domain", `write the part of the addresses after the @`}
		}
	}
	return nil
}

// check looks at an identity that stands for itself.
func (i Identity) check() *fault {
	if f := checkAddress(i.Address); f != nil {
		return f
	}
	if f := checkLine("full-name", i.FullName); f != nil {
		return f
	}
	if f := checkSignature(i.Signature); f != nil {
		return f
	}
	return i.checkRest()
}

// checkRest looks at what an account does not look at itself.
func (i Identity) checkRest() *fault {
	if strings.HasPrefix(i.Language, "-") || strings.ContainsAny(i.Language, " /\\\x00") {
		return &fault{"language", quote(i.Language) + " is no language", `write it as the dictionary is called, such as "en_US"`}
	}
	if f := i.Seal.check(); f != nil {
		return f
	}
	if i.ReplyTo != "" && !addressLike(i.ReplyTo) {
		return &fault{"reply-to", quote(i.ReplyTo) + " is not a mail address", "write it without a name and brackets"}
	}
	for _, to := range i.Bcc {
		if !addressLike(to) {
			return &fault{"bcc", quote(to) + " is not a mail address", "write it without a name and brackets"}
		}
	}
	return checkPatterns("recipients", i.Recipients)
}
