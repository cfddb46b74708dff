package config

import "strings"

// Seal is how mail from a sender is signed and encrypted.
type Seal struct {
	Sign, Encrypt bool
	Crypto        string // "pgp" or "smime"; empty for "pgp"
	Key           string // of the sender, by fingerprint, key id or address; empty for one of the address
}

func (s Seal) check() *fault {
	switch {
	case s.Crypto != "" && s.Crypto != "pgp" && s.Crypto != "smime":
		return &fault{"crypto", quote(s.Crypto) + " is not a way to sign and encrypt", suggest(s.Crypto, []string{"pgp", "smime"})}
	case strings.HasPrefix(s.Key, "-"), strings.ContainsFunc(s.Key, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return &fault{"key", "key must be a fingerprint, a key id or an address", "gpg --list-secret-keys shows the fingerprints"}
	}
	return nil
}
