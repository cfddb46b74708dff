package realtest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	server "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"sendoff/smtp"
	"sendoff/smtp/message"
)

// goSMTP is the server of another SMTP library, which needs no installation.
// Its methods are called by one connection at a time.
type goSMTP struct {
	from    string
	opts    *server.MailOptions
	to      []string
	rcpts   []*server.RcptOptions
	arrived []arrival
}

type arrival struct {
	from    string
	to      []string
	opts    *server.MailOptions
	rcpts   []*server.RcptOptions
	content string
}

func (g *goSMTP) Mail(from string, opts *server.MailOptions) error {
	g.from, g.opts = from, opts
	return nil
}

func (g *goSMTP) Rcpt(to string, opts *server.RcptOptions) error {
	if strings.HasPrefix(to, "refused") {
		return &server.SMTPError{Code: 550, EnhancedCode: server.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	g.to, g.rcpts = append(g.to, to), append(g.rcpts, opts)
	return nil
}

func (g *goSMTP) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	g.arrived = append(g.arrived, arrival{g.from, g.to, g.opts, g.rcpts, string(content)})
	return nil
}

func (g *goSMTP) Reset()        { g.from, g.opts, g.to, g.rcpts = "", nil, nil, nil }
func (g *goSMTP) Logout() error { return nil }

// startGoSMTP starts a server for one client, and returns how to reach it and
// what stops it, which has to be called before the arrivals are looked at.
func startGoSMTP(t *testing.T, g *goSMTP) (smtp.Options, func()) {
	t.Helper()
	s := server.NewServer(server.BackendFunc(func(*server.Conn) (server.Session, error) { return g, nil }))
	s.Domain, s.EnableDSN, s.EnableSMTPUTF8 = "gosmtp.test", true, true
	s.MaxLineLength, s.MaxRecipients = 1<<20, 10
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	stop := func() {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil && !errors.Is(err, server.ErrServerClosed) {
			t.Error(err)
		}
	}
	return smtp.Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: smtp.NoTLS}, stop
}

func TestGoSMTPTorture(t *testing.T) {
	t.Parallel()
	g := &goSMTP{}
	opts, stop := startGoSMTP(t, g)
	src := &many{}
	var want []string
	for name, content := range torture() {
		src.mails = append(src.mails, newMail([]byte(content), "bob@example.test"))
		want = append(want, name+"\n"+normal(content))
	}
	said := listen(&opts)
	deliver(t, opts, src)
	stop()
	if said["BDAT"] == 0 || said["DATA"] > 0 {
		t.Errorf("the client said %v", said)
	}
	if len(g.arrived) != len(want) {
		t.Fatalf("%d mails arrived of %d", len(g.arrived), len(want))
	}
	for i, a := range g.arrived {
		name, content, _ := strings.Cut(want[i], "\n")
		if a.content != content {
			t.Errorf("%s", name)
			same(t, []byte(content), []byte(a.content))
		}
	}
}

// TestGoSMTPEnvelope has more recipients than the server takes at a time, says
// so in its LIMITS, and asks for delivery reports.
func TestGoSMTPEnvelope(t *testing.T) {
	t.Parallel()
	g := &goSMTP{}
	opts, stop := startGoSMTP(t, g)
	content := compose(t, func(*message.Message) {})
	var to []string
	for i := range 23 {
		to = append(to, fmt.Sprintf("user%d@example.test", i))
	}
	to[5], to[17] = "refused5@example.test", "用户@example.test"
	mail := newMail(content, to...)
	mail.DSN = &smtp.DSN{Return: "FULL", EnvelopeID: "id+1", Notify: []string{"SUCCESS", "FAILURE"}}
	result := send(t, opts, mail)
	stop()
	if result.Err != nil {
		t.Fatalf("error %v", result.Err)
	}
	var accepted, arrived []string
	for _, o := range result.Recipients {
		if o.Status == smtp.Accepted {
			accepted = append(accepted, o.Address)
		}
	}
	for _, a := range g.arrived {
		if len(a.to) > 10 {
			t.Errorf("%d recipients at a time", len(a.to))
		}
		arrived = append(arrived, a.to...)
		if a.content != string(content) || a.from != mail.From {
			t.Errorf("from %s, content %q", a.from, a.content)
		}
		if a.opts.Return != server.DSNReturnFull || a.opts.EnvelopeID != "id+1" || !a.opts.UTF8 {
			t.Errorf("MAIL with %+v", a.opts)
		}
		for i, r := range a.rcpts {
			if !cmp.Equal(r.Notify, []server.DSNNotify{server.DSNNotifySuccess, server.DSNNotifyFailure}) || r.OriginalRecipient != a.to[i] {
				t.Errorf("RCPT %s with %+v", a.to[i], r)
			}
		}
	}
	if len(accepted) != 22 || !cmp.Equal(accepted, arrived) {
		t.Errorf("%d recipients were accepted and %d arrived", len(accepted), len(arrived))
	}
}
