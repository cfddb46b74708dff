package realtest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/submit/realtest"
)

// TestOtherServers delivers to servers of other families, in the ways that their
// extensions allow: one mail, several in a session with one that nobody gets
// among them, recipients of whom one is refused, and a large mail.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	exim := func(chunking bool) func(testing.TB) *realtest.Server {
		return func(t testing.TB) *realtest.Server { return realtest.StartExim(t, chunking) }
	}
	for name, test := range map[string]struct {
		start   func(testing.TB) *realtest.Server
		content string // the command that content comes with
		groups  bool   // commands leave together
	}{
		"Exim":                   {exim(true), "BDAT", true},
		"Exim, without CHUNKING": {exim(false), "DATA", true},
		"OpenSMTPD":              {realtest.StartOpenSMTPD, "DATA", false},
		"aiosmtpd":               {realtest.StartAiosmtpd, "DATA", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := test.start(t)
			opts := smtp.Options{Host: server.Host, Port: server.Clear, Security: smtp.NoTLS}
			said := listen(&opts)
			one := deliverOne(t, server, opts)
			if said[test.content] == 0 || said["BDAT"] > 0 && said["DATA"] > 0 {
				t.Errorf("the client said %v", said)
			}
			if grouped := one.Waits < 6; grouped != test.groups {
				t.Errorf("%d waits for one mail", one.Waits)
			}
			deliverThree(t, server, opts)
			deliverToSome(t, server, opts)
			deliverLarge(t, server, opts)
		})
	}
}

func at(name string) string { return name + "@" + realtest.Domain }

func deliverOne(t *testing.T, server *realtest.Server, opts smtp.Options) smtp.Result {
	t.Helper()
	content := compose(t, func(m *message.Message) { m.Text = ".\n..\nGrüße\n.\n" })
	result := send(t, opts, newMail(content, at("one")))
	if result.Err != nil {
		t.Errorf("one mail: %v", result.Err)
	}
	same(t, content, server.Delivered(t, at("one")).Content)
	return result
}

// deliverThree has a mail to nobody between others, each with a sender of its
// own: a server that does not let go of a transaction would mix them up.
func deliverThree(t *testing.T, server *realtest.Server, opts smtp.Options) {
	t.Helper()
	src := &many{}
	var contents [][]byte
	for i, to := range []string{"first", "refused", "second", "third"} {
		contents = append(contents, compose(t, func(m *message.Message) { m.Text = fmt.Sprintf("mail %d\n.\n", i) }))
		mail := newMail(contents[i], at(to))
		mail.From = at(fmt.Sprintf("from%d", i))
		src.mails = append(src.mails, mail)
	}
	deliver(t, opts, src)
	for i, mail := range src.mails {
		result := src.results[i]
		if mail.To[0] == at("refused") {
			if result.Err == nil || result.Err.Class != smtp.ClassPermanent || result.Recipients[0].Status != smtp.Rejected {
				t.Errorf("mail to nobody: %+v", result)
			}
			continue
		}
		if result.Err != nil {
			t.Errorf("mail %d of several: %v", i, result.Err)
			continue
		}
		arrived := server.Delivered(t, mail.To[0])
		same(t, contents[i], arrived.Content)
		if !strings.Contains(arrived.From, "<"+mail.From+">") {
			t.Errorf("mail %d of several comes from %s", i, arrived.From)
		}
	}
}

func deliverToSome(t *testing.T, server *realtest.Server, opts smtp.Options) {
	t.Helper()
	content := compose(t, func(*message.Message) {})
	result := send(t, opts, newMail(content, at("some1"), at("refused"), at("some2")))
	var statuses []smtp.Status
	for _, o := range result.Recipients {
		statuses = append(statuses, o.Status)
	}
	if result.Err != nil || !slices.Equal(statuses, []smtp.Status{smtp.Accepted, smtp.Rejected, smtp.Accepted}) {
		t.Errorf("one of three refused: %+v", result)
	}
	for _, to := range []string{"some1", "some2"} {
		same(t, content, server.Delivered(t, at(to)).Content)
	}
}

func deliverLarge(t *testing.T, server *realtest.Server, opts smtp.Options) {
	t.Helper()
	data := make([]byte, 5<<20)
	random := rand.NewChaCha8([32]byte{5})
	_, _ = random.Read(data)
	content := compose(t, func(m *message.Message) { m.Attachments = []message.Attachment{file("5MB.bin", data)} })
	if result := send(t, opts, newMail(content, at("large"))); result.Err != nil || result.Bytes != int64(len(content)) {
		t.Errorf("5 MB: %+v", result)
	}
	same(t, content, server.Delivered(t, at("large")).Content)
}
