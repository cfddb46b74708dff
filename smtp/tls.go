package smtp

import (
	"crypto/x509"
	"slices"
)

// TLSInfo is what a person wants to know of an encrypted link.
type TLSInfo struct {
	Version     string // "TLS 1.3"
	Cipher      string
	ServerName  string
	Certificate *x509.Certificate // the server's own; never nil
}

// Names returns the names and addresses that the certificate is for. They are
// as its maker wrote them.
func (t *TLSInfo) Names() []string {
	names := slices.Clone(t.Certificate.DNSNames)
	for _, ip := range t.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// Issuer names who signed the certificate.
func (t *TLSInfo) Issuer() string {
	if name := t.Certificate.Issuer.CommonName; name != "" {
		return name
	}
	return t.Certificate.Issuer.String()
}
