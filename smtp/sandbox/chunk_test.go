package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/sandbox"
)

func TestChunks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		opts   sandbox.Options
		wire   string // after the envelope
		replys string // codes
		kept   []string
		wrong  []string
	}{
		{"one", sandbox.Options{}, "BDAT 6 LAST\r\n.\r\nhi\n", "550", nil, []string{"bare LF in the content"}},
		{"dots stay", sandbox.Options{}, "BDAT 7 LAST\r\n.\r\nhi\r\n", "250", []string{".\r\nhi\r\n"}, nil},
		{"lower case", sandbox.Options{}, "bdat 2 last\r\n\r\n", "250", []string{"\r\n"}, nil},
		{"nothing", sandbox.Options{}, "BDAT 0 LAST\r\n", "250", []string{""}, nil},
		{
			"several, cut within CRLF", sandbox.Options{},
			"BDAT 3\r\nhi\rBDAT 1\r\n\nBDAT 0\r\nBDAT 4\r\nyo\r\nBDAT 0 LAST\r\n",
			"250 250 250 250 250", []string{"hi\r\nyo\r\n"}, nil,
		},
		{
			"bare CR between chunks", sandbox.Options{}, "BDAT 3\r\nhi\rBDAT 3 LAST\r\na\r\n",
			"250 550", nil, []string{"bare CR in the content"},
		},
		{
			"bare LF between chunks", sandbox.Options{}, "BDAT 2\r\nhiBDAT 3 LAST\r\n\n\r\n",
			"250 550", nil, []string{"bare LF in the content"},
		},
		{"no final CRLF", sandbox.Options{}, "BDAT 2 LAST\r\nhi", "250", []string{"hi"}, []string{"content does not end with CRLF"}},
		{
			"out of order within chunks", sandbox.Options{},
			"BDAT 4\r\nhi\r\nRCPT TO:<c@example.org>\r\nMAIL FROM:<x@example.org>\r\nRSET\r\nBDAT 4 LAST\r\nhi\r\n",
			"250 503 503 250 503", nil,
			[]string{"RCPT out of order", "MAIL within a transaction", "BDAT out of order"},
		},
		{
			"too big", sandbox.Options{MaxSize: 5}, "BDAT 4\r\nhi\r\nBDAT 4\r\nhi\r\nBDAT 4 LAST\r\nhi\r\n",
			"250 552 503", nil, []string{"BDAT out of order"},
		},
		{"too big at once", sandbox.Options{MaxSize: 5}, "BDAT 8 LAST\r\n012345\r\n", "552", nil, nil},
		{
			"a refusal ends the transaction", sandbox.Options{},
			"RSET\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<refused@example.org>\r\nBDAT 2\r\n\r\nMAIL FROM:<a@example.org>\r\n",
			"250 250 550 554 250", nil, nil,
		},
		{
			"several mails in one flight", sandbox.Options{},
			"BDAT 4 LAST\r\nm1\r\n" +
				"RSET\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<refused@example.org>\r\nBDAT 6 LAST\r\nQUIT\r\n" +
				"RSET\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 2\r\nm3BDAT 2 LAST\r\n\r\n",
			"250 250 250 550 554 250 250 250 250 250", []string{"m1\r\n", "m3\r\n"}, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, sessions := watch(t, test.opts)
			p := dial(t, server)
			p.play(envelope)
			p.write(test.wire)
			for code := range strings.FieldsSeq(test.replys) {
				p.expect(code)
			}
			p.play("C: QUIT\nS: 221")
			p.expectEnd()
			if got := next(t, sessions).Violations; !slices.Equal(got, test.wrong) {
				t.Errorf("violations %q, want %q", got, test.wrong)
			}
			var kept []string
			for _, m := range server.Mails() {
				kept = append(kept, string(m.Data))
			}
			if !slices.Equal(kept, test.kept) {
				t.Errorf("kept %q, want %q", kept, test.kept)
			}
		})
	}
}

func TestBadChunk(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"BDAT", "BDAT x", "BDAT -1", "BDAT +1", "BDAT 3 FIRST", "BDAT 99999999999999999999"} {
		server := start(t, sandbox.Options{})
		p := dial(t, server)
		p.play(envelope)
		p.write(line + "\r\nxyz")
		p.expect("501 5.5.4")
		p.expectEnd()
	}
	server, sessions := watch(t, sandbox.Options{Without: []string{"CHUNKING"}})
	p := dial(t, server)
	p.play(envelope)
	p.write("BDAT 2 LAST\r\n\r\n")
	p.expect("502 5.5.1")
	p.expectEnd()
	if got := next(t, sessions); got.Err == nil || got.Mails > 0 {
		t.Errorf("session %+v", got)
	}
}

// TestChunkWaits is the least a client can wait for: greeting, EHLO, AUTH, and
// all mails at once.
func TestChunkWaits(t *testing.T) {
	t.Parallel()
	server, sessions := watch(t, sandbox.Options{User: "me", Password: "secret"})
	p := dialTLS(t, server)
	p.play("S: 220 \nC: EHLO x\nS: 250 \nC: AUTH PLAIN AG1lAHNlY3JldA==\nS: 235 ")
	var flight strings.Builder
	const mails = 50
	for range mails {
		flight.WriteString("RSET\r\nMAIL FROM:<a@example.org> SIZE=12\r\nRCPT TO:<b@example.org>\r\nBDAT 12 LAST\r\n0123456789\r\n")
	}
	p.write(flight.String()) // one TLS record
	for range 4 * mails {
		p.expect("250 ")
	}
	p.play("C: QUIT\nS: 221")
	if got := next(t, sessions); got.Mails != mails || got.Violations != nil || got.Waits != 4 {
		t.Errorf("session %+v", got)
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	const good, bad, unknown = "250", "501", "555"
	server := start(t, sandbox.Options{})
	secure := dialTLS(t, server)
	secure.play("S: 220 \nC: EHLO x\nS: 250 ")
	long := strings.Repeat("x", 101)
	for params, want := range map[string]string{
		"RET=full ENVID=a+2Bb": good, "RET=HDRS": good, "RET=ALL": bad, "RET": bad, "ENVID": bad, "ENVID=a+2b": bad, "ENVID=a+": bad,
		"ENVID=" + long: bad, "RET=FULL RET=FULL": bad, "ENVID=ü": bad,
		"HOLDFOR=3600": good, "HOLDFOR=0": bad, "HOLDFOR=604801": bad, "HOLDUNTIL=2020-01-01T00:00:00Z": good,
		"HOLDUNTIL=2999-01-01T00:00:00Z": bad, "HOLDUNTIL=tomorrow": bad, "HOLDFOR=3 HOLDUNTIL=2020-01-01T00:00:00Z": bad,
		"BY=120;R": good, "by=-30;nt": good, "BY=59;R": bad, "BY=120": bad, "BY=120;X": bad, "BY=1234567890;N": bad,
		"MT-PRIORITY=-9": good, "MT-PRIORITY=9": good, "MT-PRIORITY=10": bad, "MT-PRIORITY=+1": bad, "MT-PRIORITY": bad,
		"REQUIRETLS": good, "REQUIRETLS=1": bad, "BODY=BINARYMIME": bad, "AUTH=<>": good, "X-COLOR=1": unknown,
		"SIZE=-1": bad, "NOTIFY=NEVER": unknown, " RET=FULL": bad, "=1": bad, "RET=FULL=1": bad,
	} {
		secure.write("RSET\r\nMAIL FROM:<a@example.org> " + params + "\r\n")
		secure.expect("250 ")
		if got := secure.reply()[:3]; got != want {
			t.Errorf("MAIL with %.60q: %s, want %s", params, got, want)
		}
	}
	secure.play("C: RSET\nS: 250 \nC: MAIL FROM:<a@example.org> SMTPUTF8\nS: 250 ")
	for params, want := range map[string]string{
		"NOTIFY=never": good, "NOTIFY=SUCCESS,FAILURE,DELAY": good, "NOTIFY=NEVER,DELAY": bad, "NOTIFY=DELAY,DELAY": bad, "NOTIFY=": bad,
		"ORCPT=rfc822;b+2Bc@example.org": good, "ORCPT=utf-8;ü@example.org": good, "ORCPT=rfc822;ü@example.org": bad,
		"ORCPT=b@example.org": bad, "ORCPT=rfc822;": bad, "RET=FULL": unknown,
	} {
		secure.write("RCPT TO:<b@example.org> " + params + "\r\n")
		if got := secure.reply()[:3]; got != want {
			t.Errorf("RCPT with %q: %s, want %s", params, got, want)
		}
	}

	clear := dial(t, server)
	clear.play("S: 220 \nC: EHLO x\nS: 250 \nC: MAIL FROM:<a@example.org> REQUIRETLS\nS: 555 ")
	off := dial(t, start(t, sandbox.Options{Without: []string{"DSN", "FUTURERELEASE", "DELIVERBY", "MT-PRIORITY"}}))
	off.play(`
		S: 220
		C: EHLO x
		S: 250
		C: MAIL FROM:<a@example.org> RET=FULL
		S: 555
		C: MAIL FROM:<a@example.org> HOLDFOR=1
		S: 555
		C: MAIL FROM:<a@example.org> BY=120;R
		S: 555
		C: MAIL FROM:<a@example.org> MT-PRIORITY=1
		S: 555`)
}

func TestParamsRecorded(t *testing.T) {
	t.Parallel()
	server := start(t, sandbox.Options{})
	p := dialTLS(t, server)
	p.play(`
		S: 220
		C: EHLO x
		S: 250
		C: MAIL FROM:<a@example.org> RET=HDRS ENVID=QQ+3D1 HOLDFOR=60 BY=120;R MT-PRIORITY=3 REQUIRETLS
		S: 250
		C: RCPT TO:<b@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.org
		S: 250
		C: RCPT TO:<c@example.org>
		S: 250
		C: BDAT 0 LAST
		S: 250`)
	got := server.Mails()[0]
	wantMail := sandbox.Params{
		"RET": "HDRS", "ENVID": "QQ+3D1", "HOLDFOR": "60", "BY": "120;R", "MT-PRIORITY": "3", "REQUIRETLS": "",
	}
	wantRecipients := []sandbox.Params{{"NOTIFY": "SUCCESS,DELAY", "ORCPT": "rfc822;b@example.org"}, {}}
	if diff := cmp.Diff(wantMail, got.Params); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantRecipients, got.RecipientParams); diff != "" {
		t.Error(diff)
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	p := dial(t, start(t, sandbox.Options{MaxDomains: 1}))
	p.expect("220 ")
	p.write("EHLO x\r\n")
	if got := p.reply(); !hasLine(got, "LIMITS RCPTMAX=1000 RCPTDOMAINMAX=1") {
		t.Error(got)
	}
	p.play(`
		C: MAIL FROM:<a@example.org>
		S: 250
		C: RCPT TO:<b@example.org>
		S: 250
		C: RCPT TO:<b@example.com>
		S: 452 4.5.3
		C: RCPT TO:<c@EXAMPLE.ORG>
		S: 250`)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for without, script := range map[string]string{
		"": `
			C: VRFY refused@example.org
			S: 550 5.1.1
			C: VRFY <refused+1@example.org>
			S: 550 5.1.1
			C: VRFY ö@example.org SMTPUTF8
			S: 252
			C: VRFY ö@example.org
			S: 501
			C: VRFY a@example.org VERBOSE
			S: 501`,
		"VRFY": `
			C: VRFY a@example.org
			S: 502 5.5.1`,
		"SMTPUTF8": `
			C: VRFY ö@example.org SMTPUTF8
			S: 501`,
	} {
		p := dial(t, start(t, sandbox.Options{Without: []string{without}}))
		p.expect("220 ")
		p.write("EHLO x\r\n")
		if got := p.reply(); hasLine(got, "VRFY") != (without != "VRFY") {
			t.Error(got)
		}
		p.play(script)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, without := range [][]string{nil, {"LIMITS"}} {
		p := dial(t, start(t, sandbox.Options{MaxRecipients: 2, MaxMails: 1, Without: without}))
		p.expect("220 ")
		p.write("EHLO x\r\n")
		if got := hasLine(p.reply(), "LIMITS RCPTMAX=2 MAILMAX=1"); got != (without == nil) {
			t.Errorf("without %q: LIMITS offered: %v", without, got)
		}
		p.play(`
			C: MAIL FROM:<a@example.org>
			S: 250
			C: RCPT TO:<b@example.org>
			S: 250
			C: RCPT TO:<c@example.org>
			S: 250
			C: RCPT TO:<d@example.org>
			S: 452 4.5.3
			C: BDAT 0 LAST
			S: 250
			C: MAIL FROM:<a@example.org>
			S: 421 4.5.3`)
		p.expectEnd()
	}
}
