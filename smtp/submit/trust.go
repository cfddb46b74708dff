package submit

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"time"

	"sendoff/config"
)

// trust says whom an account believes to be its server; nil is whom the system
// believes.
func trust(a config.Account) (*tls.Config, error) {
	switch {
	case len(a.Pins) > 0:
		return pinned(a.Pins), nil
	case a.CAFile != "":
		roots, err := readRoots(a.CAFile)
		if err != nil {
			return nil, err
		}
		return &tls.Config{RootCAs: roots}, nil
	}
	return nil, nil
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

// Pin is how config.Account.Pins names the key of a certificate.
func Pin(c *x509.Certificate) string {
	hash := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return config.PinPrefix + base64.StdEncoding.EncodeToString(hash[:])
}

// pinned trusts keys and nothing else: no authority, and neither the names nor
// the dates in the certificate, all of which the person who noted the key has
// put themself in place of. The server still proves that the key is its own.
func pinned(pins []string) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection takes its place
		VerifyConnection: func(state tls.ConnectionState) error {
			pin := Pin(state.PeerCertificates[0])
			if slices.Contains(pins, pin) {
				return nil
			}
			return &tls.CertificateVerificationError{
				UnverifiedCertificates: state.PeerCertificates,
				Err:                    &PinError{Pin: pin, Wanted: pins},
			}
		},
	}
}

// describe tells what a person needs to judge a certificate by: the key first,
// which must not fall to the limit on the length of foreign texts.
func describe(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, "no name")
	}
	if n := len(names); n > 5 {
		names = append(names[:4], "and others")
	}
	issuer := c.Issuer.CommonName
	if issuer == "" {
		issuer = c.Issuer.String()
	}
	return clean("key " + Pin(c) + " from " + c.NotBefore.UTC().Format(time.DateOnly) +
		" to " + c.NotAfter.UTC().Format(time.DateOnly) + ", for " + strings.Join(names, ", ") + ", signed by " + issuer)
}
