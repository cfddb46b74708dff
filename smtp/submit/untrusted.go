package submit

import (
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"sendoff/smtp"
)

// Untrusted is a certificate that a connection ended at, for a person to judge.
// Its texts are clean.
type Untrusted struct {
	Pin    string // the server's key, as config.Account.Pins has it
	Names  string
	From   string // days, as 2006-01-02
	Until  string
	Issuer string
	Why    string   // what is wrong with it
	Wanted []string // the keys that are trusted; empty unless they are the reason
}

// UntrustedIn finds the certificate that err is about.
func UntrustedIn(err error) (Untrusted, bool) {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) || len(refused.UnverifiedCertificates) == 0 {
		return Untrusted{}, false
	}
	c := refused.UnverifiedCertificates[0]
	shown := smtp.TLSInfo{Certificate: c}
	u := Untrusted{
		Pin: Pin(c), Names: clean(strings.Join(shown.Names(), ", ")), Issuer: clean(shown.Issuer()),
		From: c.NotBefore.UTC().Format(time.DateOnly), Until: c.NotAfter.UTC().Format(time.DateOnly),
		Why: clean(refused.Err.Error()),
	}
	var pin *PinError
	if errors.As(err, &pin) {
		u.Wanted, u.Why = pin.Wanted, "it is not the key that you trust"
	}
	return u, true
}

// Lines show the certificate.
func (u Untrusted) Lines() []string {
	lines := []string{
		"for       " + u.Names,
		"from      " + u.From + " to " + u.Until,
		"signed by " + u.Issuer,
		"key       " + u.Pin,
	}
	for _, old := range u.Wanted {
		lines = append(lines, "trusted   "+clean(old))
	}
	return append(lines, "but       "+u.Why)
}
