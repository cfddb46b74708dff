package submit

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"sendoff/config"
	"sendoff/smtp"
)

// encryption says whom an account believes to be its server, called host, and
// what it shows of itself.
func (s *Sender) encryption(a config.Account, host string) (*tls.Config, error) {
	c := new(tls.Config)
	if a.TLS == config.TLSNone {
		return c, nil
	}
	switch {
	case len(a.Pins) > 0:
		pinned(c, a.Pins)
	case a.CAFile != "":
		roots, err := readRoots(a.CAFile)
		if err != nil {
			return nil, err
		}
		c.RootCAs = roots
	}
	var own *tls.Certificate
	if a.ClientCert != "" {
		var err error
		if own, err = readClientCert(a); err != nil {
			return nil, err
		}
		// The standard library would keep back one that the server does not ask
		// for by its authority, and the person said that this is the one.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	s.sessions.keep(c, a, host, own)
	return c, nil
}

// CheckFiles tells what is wrong with the certificates that an account names.
func CheckFiles(a config.Account) error {
	if a.CAFile != "" {
		if _, err := readRoots(a.CAFile); err != nil {
			return err
		}
	}
	if a.ClientCert != "" {
		if _, err := readClientCert(a); err != nil {
			return err
		}
	}
	return nil
}

// readClientCert reads what an account shows of itself.
func readClientCert(a config.Account) (*tls.Certificate, error) {
	own, err := tls.LoadX509KeyPair(a.ClientCert, cmp.Or(a.ClientKey, a.ClientCert))
	var file *fs.PathError
	switch {
	case errors.As(err, &file):
		return nil, err
	case err != nil:
		return nil, &config.Error{
			Path: a.ClientCert, Err: err,
			Text: strings.TrimPrefix(err.Error(), "tls: "),
			Hint: "client-cert must hold a certificate and client-key its key, both in PEM form and without a passphrase",
		}
	}
	return &own, nil
}

// readRoots reads the certificates that an account trusts.
func readRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, &config.Error{
			Path: file,
			Text: "there is no certificate in this file",
			Hint: "it must hold certificates in PEM form: -----BEGIN CERTIFICATE-----",
		}
	}
	return roots, nil
}

// PinError tells that a server has another key than those its account trusts.
type PinError struct {
	Pin    string   // of the key it has
	Wanted []string // config.Account.Pins
}

func (e *PinError) Error() string {
	return "the server's key is " + e.Pin + " and not " + strings.Join(e.Wanted, " or ")
}

// untrustedError is about a certificate, and names the account that does not
// trust it.
type untrustedError struct {
	account string
	error
}

func (e *untrustedError) Unwrap() error { return e.error }

// nameUntrusted has an error about a certificate name the account.
func nameUntrusted(a config.Account, err error) {
	var e *smtp.Error
	if _, ok := UntrustedIn(err); ok && errors.As(err, &e) {
		e.Err = &untrustedError{account: a.Name, error: e.Err}
	}
}

// trustHint names the command that trusts the server's key.
func trustHint(err error) string {
	e := &untrustedError{}
	errors.As(err, &e)
	return "sendoff account trust " + cmp.Or(e.account, "NAME")
}

// Pin is how config.Account.Pins names the key of a certificate.
func Pin(c *x509.Certificate) string {
	hash := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return config.PinPrefix + base64.StdEncoding.EncodeToString(hash[:])
}

// pinned trusts keys and nothing else: no authority, and neither the names nor
// the dates in the certificate, all of which the person who noted the key has
// put themself in place of. The server still proves that the key is its own.
func pinned(c *tls.Config, pins []string) {
	c.InsecureSkipVerify = true // VerifyConnection takes its place
	c.VerifyConnection = func(state tls.ConnectionState) error {
		pin := Pin(state.PeerCertificates[0])
		if slices.Contains(pins, pin) {
			return nil
		}
		return &tls.CertificateVerificationError{
			UnverifiedCertificates: state.PeerCertificates,
			Err:                    &PinError{Pin: pin, Wanted: pins},
		}
	}
}

// describe tells what a person needs to judge a certificate by: the key first,
// which must not fall to the limit on the length of foreign texts.
func describe(c *x509.Certificate) string {
	shown := smtp.TLSInfo{Certificate: c}
	names := shown.Names()
	if len(names) == 0 {
		names = append(names, "no name")
	}
	if n := len(names); n > 5 {
		names = append(names[:4], "and others")
	}
	return clean("key " + Pin(c) + " from " + c.NotBefore.UTC().Format(time.DateOnly) +
		" to " + c.NotAfter.UTC().Format(time.DateOnly) + ", for " + strings.Join(names, ", ") + ", signed by " + shown.Issuer())
}
