package realtest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/submit/realtest"
)

// TestSMTPSink lets Postfix's test server refuse or hang up at every step, and
// wants to be told what kind of trouble that is and whether the mail may go
// again.
func TestSMTPSink(t *testing.T) {
	t.Parallel()
	content := compose(t, func(*message.Message) {})
	type verdict struct {
		class smtp.Class
		scope smtp.Scope
		retry smtp.Retry
	}
	accepted := verdict{}
	tests := []struct {
		fault string
		want  verdict
	}{
		{"", accepted},
		{"-p", accepted},   // no PIPELINING
		{"-a", accepted},   // no EHLO
		{"-E", accepted},   // no ENHANCEDSTATUSCODES
		{"-w 1", accepted}, // a second before the answer to the content
		{"-8", verdict{smtp.ClassUnable, smtp.ScopeMessage, smtp.RetryNo}},      // no 8BITMIME
		{"-A 0", verdict{smtp.ClassPermanent, smtp.ScopeMessage, smtp.RetryNo}}, // answers content that has not ended
		{"-r ehlo", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-f ehlo", accepted}, // HELO will do
		{"-q connect", verdict{smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe}},
		{"-Q connect", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-r connect", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-f connect", verdict{smtp.ClassPermanent, smtp.ScopeServer, smtp.RetrySafe}},
		{"-q ehlo", verdict{smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe}},
		{"-Q ehlo", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-q mail", verdict{smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe}},
		{"-Q mail", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-r mail", verdict{smtp.ClassTemporary, smtp.ScopeMessage, smtp.RetrySafe}},
		{"-f mail", verdict{smtp.ClassPermanent, smtp.ScopeMessage, smtp.RetryNo}},
		{"-q rcpt", verdict{smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe}},
		{"-Q rcpt", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-r rcpt", verdict{smtp.ClassTemporary, smtp.ScopeRecipient, smtp.RetrySafe}},
		{"-f rcpt", verdict{smtp.ClassPermanent, smtp.ScopeRecipient, smtp.RetryNo}},
		{"-q data", verdict{smtp.ClassNetwork, smtp.ScopeServer, smtp.RetrySafe}},
		{"-Q data", verdict{smtp.ClassTemporary, smtp.ScopeServer, smtp.RetrySafe}},
		{"-r data", verdict{smtp.ClassTemporary, smtp.ScopeMessage, smtp.RetrySafe}},
		{"-f data", verdict{smtp.ClassPermanent, smtp.ScopeMessage, smtp.RetryNo}},
		{"-q .", verdict{smtp.ClassNetwork, smtp.ScopeMessage, smtp.RetryUnknown}},
		{"-Q .", verdict{smtp.ClassTemporary, smtp.ScopeMessage, smtp.RetrySafe}},
		{"-r .", verdict{smtp.ClassTemporary, smtp.ScopeMessage, smtp.RetrySafe}},
		{"-f .", verdict{smtp.ClassPermanent, smtp.ScopeMessage, smtp.RetryNo}},
		{"-q quit", accepted},
		{"-f quit", accepted},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			t.Parallel()
			port := realtest.StartSMTPSink(t, strings.Fields(tt.fault)...)
			opts := smtp.Options{Host: "127.0.0.1", Port: port, Security: smtp.NoTLS}
			content := content
			if tt.fault == "-8" {
				content = append(bytes.Clone(content), "caf\xe9\r\n"...)
			}
			src := &many{mails: []*smtp.Mail{newMail(content, "bob@"+realtest.Domain)}}
			session, err := smtp.Open(t.Context(), opts)
			if err == nil {
				err = session.Deliver(t.Context(), src)
				_ = session.Close()
			}
			if len(src.results) == 1 {
				err = nil
				if e := src.results[0].Err; e != nil {
					err = e
				}
			}
			var e *smtp.Error
			got := verdict{}
			if errors.As(err, &e) {
				got = verdict{e.Class, e.Scope, e.Retry}
			} else if err != nil {
				t.Fatalf("error %v", err)
			}
			if got != tt.want {
				t.Errorf("got %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}
