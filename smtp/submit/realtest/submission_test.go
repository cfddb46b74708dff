package realtest_test

import (
	"crypto/tls"
	"testing"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/sasl"
	"sendoff/smtp/submit/realtest"
)

// TestDovecot delivers to Dovecot's own submission server, logged in with a
// password and, where one is shown, by a certificate alone.
func TestDovecot(t *testing.T) {
	t.Parallel()
	server := realtest.StartDovecot(t)
	password := &sasl.Login{Mechanism: "plain", User: realtest.User, Password: realtest.Password}
	certificate := &sasl.Login{Mechanism: "external"}
	own := []tls.Certificate{server.Client}
	base := smtp.Options{Host: server.Host, Port: server.Submissions, TLS: &tls.Config{RootCAs: server.Roots}, Login: password}

	said := listen(&base)
	deliverOne(t, server, base)
	if said["BDAT"] == 0 || said["DATA"] > 0 {
		t.Errorf("the client said %v", said)
	}
	deliverThree(t, server, base)
	deliverToSome(t, server, base)
	deliverLarge(t, server, base)

	for port, security := range map[int]smtp.Security{server.Submissions: smtp.Implicit, server.Submission: smtp.StartTLS} {
		opts := base
		opts.Port, opts.Security, opts.Login = port, security, certificate
		opts.TLS = &tls.Config{RootCAs: server.Roots, Certificates: own}
		content := compose(t, func(m *message.Message) { m.Text = string(security) })
		if result := send(t, opts, newMail(content, at("by-certificate"))); result.Err != nil {
			t.Errorf("%s, EXTERNAL: %v", security, result.Err)
		}
		same(t, content, server.Delivered(t, at("by-certificate")).Content)
		opts.TLS = &tls.Config{RootCAs: server.Roots}
		fails(t, "EXTERNAL without a certificate", opts, smtp.ClassAuth)
		opts.Login = &sasl.Login{Mechanism: "plain", User: realtest.User, Password: "wrong"}
		fails(t, "PLAIN", opts, smtp.ClassAuth)
	}
}
