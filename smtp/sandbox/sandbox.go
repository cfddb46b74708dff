// Package sandbox is a submission server in this process: the server of the
// demonstration, and the peer the tests trust because it shares no code with
// the client.
package sandbox

import (
	"crypto/x509"
	"errors"
)

// Options says how the server behaves. The zero value is a friendly server on
// free ports of loopback.
type Options struct {
	Listen    string // STARTTLS and clear text; empty for 127.0.0.1:0
	TLSListen string // implicit TLS; empty for 127.0.0.1:0
	User      string // who may log in; empty for anybody
	Password  string

	// Received hears of each mail when it was accepted.
	Received func(Mail)
}

// Mail is a message that the server took.
type Mail struct {
	From       string
	Recipients []string
	Data       []byte // CRLF line ends, dots unstuffed
	TLS        bool
	User       string
}

// Server is a running server.
type Server struct{}

// Start starts a server; Close stops it.
func Start(opts Options) (*Server, error) { return nil, errors.New("to be written") }

// Addr and TLSAddr are where the server listens, as host:port.
func (s *Server) Addr() string { return "" }

// TLSAddr is where the server speaks TLS from the first octet.
func (s *Server) TLSAddr() string { return "" }

// Roots holds the certificate authority made for this server.
func (s *Server) Roots() *x509.CertPool { return nil }

// CertificatePEM is that authority's certificate, to be written to a file.
func (s *Server) CertificatePEM() []byte { return nil }

// Mails returns what was accepted, oldest first.
func (s *Server) Mails() []Mail { return nil }

// Close stops listening, cuts every connection and waits for all to end.
func (s *Server) Close() error { return nil }
