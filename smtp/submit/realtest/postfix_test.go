package realtest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/sasl"
	"sendoff/smtp/submit/realtest"
)

// many is a Source of several mails.
type many struct {
	mails   []*smtp.Mail
	given   int
	results []smtp.Result
}

func (m *many) Next(context.Context) (*smtp.Mail, error) {
	if m.given == len(m.mails) {
		return nil, io.EOF
	}
	m.given++
	return m.mails[m.given-1], nil
}

func (m *many) Commit(context.Context, ...*smtp.Mail) error { return nil }

func (*many) Part(*smtp.Mail, []smtp.Outcome) {}

func (m *many) Done(_ *smtp.Mail, result smtp.Result) { m.results = append(m.results, result) }

func newMail(content []byte, to ...string) *smtp.Mail {
	return &smtp.Mail{
		ID: to[0], From: "ann@" + realtest.Domain, To: to, Size: int64(len(content)), EightBit: !ascii(content),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

func ascii(content []byte) bool {
	return bytes.IndexFunc(content, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// ways are the ways into a server, with the mechanism PLAIN.
func ways(s *realtest.Server) map[string]smtp.Options {
	options := make(map[string]smtp.Options)
	for name, port := range map[string]int{"implicit": s.Submissions, "starttls": s.Submission, "data": s.DataOnly, "bare": s.Bare} {
		opts := smtp.Options{
			Host: s.Host, Port: port, Security: smtp.StartTLS, TLS: &tls.Config{RootCAs: s.Roots},
			Login: &sasl.Login{Mechanism: "PLAIN", User: realtest.User, Password: realtest.Password},
		}
		if name == "implicit" {
			opts.Security = smtp.Implicit
		}
		options[name] = opts
	}
	return options
}

// listen makes opts count what the client says, by verb. The counts are good
// once the session is over.
func listen(opts *smtp.Options) map[string]int {
	said := make(map[string]int)
	opts.Trace = func(e smtp.Event) {
		if e.Kind == smtp.KindLine && !e.FromServer {
			verb, _, _ := strings.Cut(e.Text, " ")
			said[verb]++
		}
	}
	return said
}

// deliver delivers all mails of src in one session.
func deliver(t *testing.T, opts smtp.Options, src smtp.Source) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	session, err := smtp.Open(ctx, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if err := session.Deliver(ctx, src); err != nil {
		t.Fatalf("deliver: %v", err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// send delivers mail in a session of its own.
func send(t *testing.T, opts smtp.Options, mail *smtp.Mail) smtp.Result {
	t.Helper()
	src := &many{mails: []*smtp.Mail{mail}}
	deliver(t, opts, src)
	return src.results[0]
}

// same compares what arrived with what was built.
func same(t *testing.T, built, delivered []byte) {
	t.Helper()
	if bytes.Equal(built, delivered) {
		return
	}
	i := 0
	for i < len(built) && i < len(delivered) && built[i] == delivered[i] {
		i++
	}
	t.Errorf("%d octets were built and %d delivered; from octet %d on they differ:\nbuilt     %q\ndelivered %q",
		len(built), len(delivered), i, built[i:min(i+80, len(built))], delivered[i:min(i+80, len(delivered))])
}

func compose(t *testing.T, change func(*message.Message)) []byte {
	t.Helper()
	m := &message.Message{
		From: address.Mailbox{Name: "Ann", Local: "ann", Domain: realtest.Domain},
		To:   []address.Mailbox{{Name: "Bob", Local: "bob", Domain: realtest.Domain}},
		Date: time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC), ID: "1@" + realtest.Domain, Subject: "Hello", Text: "Hello\n",
	}
	change(m)
	var b bytes.Buffer
	if err := message.Build(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(name string, data []byte) message.Attachment {
	return message.Attachment{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func TestPostfix(t *testing.T) {
	t.Parallel()
	server := realtest.StartPostfix(t)
	base := ways(server)["implicit"]

	mails := map[string][]byte{
		"plain": compose(t, func(*message.Message) {}),
		"empty": compose(t, func(m *message.Message) { m.Text, m.Subject = "", "" }),
		"dots":  compose(t, func(m *message.Message) { m.Text = ".\n..\n...\n\n.\n.x\n" + strings.Repeat(".", 78) + "\n.\n" }),
		"names": compose(t, func(m *message.Message) {
			m.From.Name, m.To[0].Name, m.Subject = "Jürgen Groß, Köln", "王小明", strings.Repeat("Привет ", 30)
			m.Text = "Grüße\n-- \nJürgen\n"
			m.Attachments = []message.Attachment{file("Übersicht über alles, was "+strings.Repeat("長い", 50)+".pdf", []byte("%PDF"))}
		}),
		"long lines": compose(t, func(m *message.Message) { m.Text = strings.Repeat("x", 10000) + "\n" + strings.Repeat("ä", 10000) }),
	}
	for way, opts := range ways(server) {
		for name, content := range mails {
			t.Run(way+" "+name, func(t *testing.T) {
				to := strings.ReplaceAll(way+"-"+name, " ", "-") + "@" + realtest.Domain
				result := send(t, opts, newMail(content, to))
				if result.Err != nil || len(result.Recipients) != 1 || result.Recipients[0].Status != smtp.Accepted {
					t.Fatalf("result %+v", result)
				}
				same(t, content, server.Delivered(t, to).Content)
			})
		}
	}

	t.Run("refused, deferred and full among others", func(t *testing.T) {
		var to []string
		for _, name := range []string{"first", "refused", "second", "deferred", "full", "third"} {
			to = append(to, name+"@"+realtest.Domain)
		}
		for way, opts := range ways(server) {
			result := send(t, opts, newMail(mails["plain"], to...))
			if result.Err != nil {
				t.Errorf("%s: error %v", way, result.Err)
			}
			var got []string
			for _, o := range result.Recipients {
				got = append(got, fmt.Sprintf("%s %d %s", o.Status, o.Reply.Code, o.Reply.Enhanced))
			}
			want := "accepted 250 2.1.5, rejected 550 5.1.1, accepted 250 2.1.5, deferred 451 4.2.0, rejected 552 5.2.2, accepted 250 2.1.5"
			if s := strings.Join(got, ", "); s != want {
				t.Errorf("%s: outcomes\n%s, want\n%s", way, s, want)
			}
			for _, i := range []int{0, 2, 5} {
				same(t, mails["plain"], server.Delivered(t, to[i]).Content)
			}
		}
	})

	t.Run("all refused", func(t *testing.T) {
		for way, opts := range ways(server) {
			result := send(t, opts, newMail(mails["plain"], "refused@"+realtest.Domain))
			if result.Err == nil || result.Err.Class != smtp.ClassPermanent || result.Err.Scope != smtp.ScopeRecipient {
				t.Errorf("%s: error %v", way, result.Err)
			}
		}
	})

	t.Run("logins", func(t *testing.T) { logins(t, server) })

	t.Run("unknown authority", func(t *testing.T) {
		for way, opts := range ways(server) {
			opts.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
			fails(t, way, opts, smtp.ClassTLS)
		}
	})

	t.Run("wrong name", func(t *testing.T) {
		opts := base
		opts.Host = "localhost"
		fails(t, "localhost", opts, smtp.ClassTLS)
	})

	t.Run("25 MB attachment", func(t *testing.T) {
		data := make([]byte, 25<<20)
		random := rand.NewChaCha8([32]byte{1})
		_, _ = random.Read(data)
		content := compose(t, func(m *message.Message) { m.Attachments = []message.Attachment{file("big.bin", data)} })
		for i, port := range []int{server.Submission, server.Bare} {
			opts := base
			opts.Port, opts.Security = port, smtp.StartTLS
			to := fmt.Sprintf("big%d@%s", i, realtest.Domain)
			if result := send(t, opts, newMail(content, to)); result.Err != nil || result.Bytes != int64(len(content)) {
				t.Errorf("result %+v", result)
			}
			same(t, content, server.Delivered(t, to).Content)
		}
	})

	t.Run("too big", func(t *testing.T) {
		mail := newMail(nil, "big@"+realtest.Domain)
		mail.Size = 200000001
		result := send(t, base, mail)
		if result.Err == nil || result.Err.Retry != smtp.RetryNo || result.Err.Scope != smtp.ScopeMessage {
			t.Errorf("error %v", result.Err)
		}
	})

	t.Run("many in a session", func(t *testing.T) {
		for name, way := range ways(server) {
			for _, window := range []int{0, 1, 7} {
				manyInASession(t, server, way, fmt.Sprintf("%s-%d", name, window), window)
			}
		}
	})

	t.Run("SMTPUTF8", func(t *testing.T) {
		const to = "用户@" + realtest.Domain
		content := compose(t, func(m *message.Message) { m.To = []address.Mailbox{{Local: "用户", Domain: realtest.Domain}} })
		mail := newMail(content, to)
		mail.UTF8 = true
		for _, port := range []int{server.Submission, server.DataOnly} {
			opts := base
			opts.Port, opts.Security = port, smtp.StartTLS
			if result := send(t, opts, mail); result.Err != nil {
				t.Errorf("error %v", result.Err)
			}
			same(t, content, server.Delivered(t, to).Content)
		}
		opts := base
		opts.Port, opts.Security = server.Bare, smtp.StartTLS
		if result := send(t, opts, mail); result.Err == nil || result.Err.Class != smtp.ClassUnable {
			t.Errorf("without SMTPUTF8: error %v", result.Err)
		}
	})

	t.Run("delivery report", func(t *testing.T) {
		const to = "report@" + realtest.Domain
		mail := newMail(mails["plain"], to)
		mail.DSN = &smtp.DSN{Return: "HDRS", EnvelopeID: "a+b=c", Notify: []string{"SUCCESS", "DELAY"}}
		if result := send(t, base, mail); result.Err != nil {
			t.Fatalf("error %v", result.Err)
		}
		d := server.Delivered(t, to)
		for _, want := range []string{" RET=HDRS", " ENVID=a+2Bb+3Dc", " NOTIFY=SUCCESS,DELAY", " ORCPT=rfc822;" + to} {
			if !strings.Contains(d.From+d.To, want) {
				t.Errorf("MAIL %s, RCPT %s: without%s", d.From, d.To, want)
			}
		}
	})
}

// logins tries every mechanism with what is right and what is wrong.
func logins(t *testing.T, server *realtest.Server) {
	password := sasl.Login{User: realtest.User, Password: realtest.Password}
	token := sasl.Login{User: realtest.User, Token: realtest.Token}
	tests := []struct {
		login     sasl.Login
		mechanism string
		used      string
	}{
		{password, "PLAIN", "PLAIN"}, {password, "LOGIN", "LOGIN"}, {password, "CRAM-MD5", "CRAM-MD5"}, {password, "DIGEST-MD5", "DIGEST-MD5"},
		{password, "SCRAM-SHA-1", "SCRAM-SHA-1"}, {password, "SCRAM-SHA-256", "SCRAM-SHA-256"}, {password, "auto", "SCRAM-SHA-256"},
		{token, "XOAUTH2", "XOAUTH2"}, {token, "OAUTHBEARER", "OAUTHBEARER"}, {token, "auto", "OAUTHBEARER"},
	}
	for _, way := range []string{"implicit", "starttls"} {
		for i, tt := range tests {
			t.Run(fmt.Sprintf("%s %s %d", way, tt.mechanism, i), func(t *testing.T) {
				t.Parallel() // Dovecot thinks for half a second about what is wrong
				opts := ways(server)[way]
				login := tt.login
				login.Mechanism = tt.mechanism
				opts.Login = &login
				var used string
				opts.Trace = func(e smtp.Event) {
					if e.Stage == smtp.StageAuth && e.Kind == smtp.KindEnd {
						used = e.Mechanism
					}
				}
				to := fmt.Sprintf("login-%s-%d@%s", way, i, realtest.Domain)
				content := compose(t, func(*message.Message) {})
				if result := send(t, opts, newMail(content, to)); result.Err != nil {
					t.Errorf("error %v", result.Err)
				}
				same(t, content, server.Delivered(t, to).Content)
				if used != tt.used {
					t.Errorf("%s was used, not %s", used, tt.used)
				}
				if login.Password != "" {
					login.Password = "wrong"
				} else {
					login.Token = "wrong"
				}
				opts.Trace = nil
				fails(t, way, opts, smtp.ClassAuth)
			})
		}
	}
}

func manyInASession(t *testing.T, server *realtest.Server, opts smtp.Options, name string, window int) {
	t.Helper()
	opts.Window = window
	src := &many{}
	var contents [][]byte
	for i := range 20 {
		content := compose(t, func(m *message.Message) { m.Text = fmt.Sprintf("mail %d\n", i) })
		to := []string{fmt.Sprintf("many%d-%s@%s", i, name, realtest.Domain)}
		if i%3 == 1 {
			to = append(to, "refused@"+realtest.Domain)
		}
		if i%5 == 4 {
			to = []string{"refused@" + realtest.Domain}
		}
		mail := newMail(content, to...)
		mail.From = fmt.Sprintf("from%d@%s", i, realtest.Domain)
		src.mails = append(src.mails, mail)
		contents = append(contents, content)
	}
	deliver(t, opts, src)
	for i, result := range src.results {
		if i%5 == 4 {
			if result.Err == nil {
				t.Errorf("%s: mail %d to nobody has no error", name, i)
			}
			continue
		}
		if result.Err != nil {
			t.Errorf("%s: mail %d: %v", name, i, result.Err)
			continue
		}
		d := server.Delivered(t, src.mails[i].To[0])
		same(t, contents[i], d.Content)
		if want := "FROM:<" + src.mails[i].From + ">"; !strings.HasPrefix(d.From, want) {
			t.Errorf("%s: mail %d arrives with %s, not %s", name, i, d.From, want)
		}
	}
}

// fails opens a session that must not come to be.
func fails(t *testing.T, way string, opts smtp.Options, class smtp.Class) {
	t.Helper()
	session, err := smtp.Open(t.Context(), opts)
	if err == nil {
		_ = session.Close()
		t.Errorf("%s: the session was opened", way)
		return
	}
	var e *smtp.Error
	if !errors.As(err, &e) || e.Class != class {
		t.Errorf("%s: error %v, not of class %s", way, err, class)
	}
	for _, secret := range []string{"wrong", "d3Jvbmc="} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the password: %v", way, err)
		}
	}
}
