package smtp

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// store is a backend of the go-smtp server that keeps what it gets.
type store struct {
	mails chan stored
}

type stored struct {
	from, content string
	to            []string
	mail          gosmtp.MailOptions
	rcpt          []gosmtp.RcptOptions
}

func (s *store) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &storing{store: s}, nil }

type storing struct {
	store *store
	stored
}

func (s *storing) Reset()        { s.stored = stored{} }
func (s *storing) Logout() error { return nil }

func (s *storing) Mail(from string, opts *gosmtp.MailOptions) error {
	s.from, s.mail = from, *opts
	return nil
}

func (s *storing) Rcpt(to string, opts *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "refused") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "nobody"}
	}
	s.to, s.rcpt = append(s.to, to), append(s.rcpt, *opts)
	return nil
}

func (s *storing) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.content = string(content)
	s.store.mails <- s.stored
	return nil
}

// TestGoSMTP delivers to another implementation: BDAT, DSN and UTF-8.
func TestGoSMTP(t *testing.T) {
	t.Parallel()
	backend := &store{mails: make(chan stored, 100)}
	server := gosmtp.NewServer(backend)
	server.Domain = "mx"
	server.EnableSMTPUTF8 = true
	server.EnableDSN = true
	server.TLSConfig = serverTLS()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	opts := Options{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: StartTLS,
		TLS: &tls.Config{RootCAs: authority().pool},
	}
	bodies := []string{"", ".\r\n..\r\n", strings.Repeat("x\r\n", 100000), "Grüße\r\n", "y"}
	src := &mails{}
	for i, body := range bodies {
		mail := letter(string(rune('a'+i)), body, "a@x.example", "refused@x.example")
		mail.EightBit = true
		mail.DSN = &DSN{EnvelopeID: "id=1", Notify: []string{"FAILURE"}}
		src.next = append(src.next, mail)
	}
	src.next[1].To[0] = "jürgen@x.example"
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	for i, body := range bodies {
		got := <-backend.mails
		if got.content != normal(body) || len(got.to) != 1 || got.from != "me@x.example" {
			t.Errorf("%d: got %.60q for %q from %s", i, got.content, got.to, got.from)
		}
		if got.mail.EnvelopeID != "id=1" || got.rcpt[0].OriginalRecipient != got.to[0] {
			t.Errorf("%d: got %+v and %+v", i, got.mail, got.rcpt)
		}
		r := src.done[string(rune('a'+i))]
		if r.Err != nil || r.Recipients[0].Status != Accepted || r.Recipients[1].Status != Rejected {
			t.Errorf("%d: got %+v", i, r)
		}
	}
}
