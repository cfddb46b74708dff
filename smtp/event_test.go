package smtp

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/sasl"
)

// tell words an event without what changes from run to run.
func tell(e Event) string {
	s := fmt.Sprintf("%s %s", e.Stage, e.Kind)
	for _, part := range []string{e.Mail, e.Recipient, e.Mechanism} {
		if part != "" {
			s += " " + part
		}
	}
	if e.Kind == KindLine {
		mark := "C"
		if e.FromServer {
			mark = "S"
		}
		return s + " " + mark + ": " + e.Text
	}
	if e.Stage == StageContent {
		s += fmt.Sprintf(" %d/%d", e.Bytes, e.Total)
	}
	if e.Reply.Code != 0 {
		s += fmt.Sprintf(" -> %d", e.Reply.Code)
	}
	return s
}

const session = `
		S: 220 mx.example.org ESMTP
		C: EHLO [127.0.0.1]
		S: 250-mx.example.org
		S: 250-PIPELINING
		S: 250 AUTH PLAIN
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S: 235 welcome
		C: MAIL FROM:<me@x.example>
		C: RCPT TO:<a@x.example>
		C: RCPT TO:<b@x.example>
		C: DATA
		S: 250 ok
		S: 250 ok
		S: 550-5.1.1 nobody
		S: 550 5.1.1 here
		S: 354 go on
		C: Hello
		C: .
		S: 250 queued as 17
		C: QUIT
`

func TestEvents(t *testing.T) {
	t.Parallel()
	opts := serve(t, session)
	opts.Login = bob
	var got []string
	var last time.Time
	open := map[string]int{}
	opts.Trace = func(e Event) {
		if e.Kind == KindWait { // not told where the answer was faster
			if !e.Deadline.After(e.Time) || e.Text == "" && e.Stage != StageGreeting {
				t.Errorf("%s for %q until %v", tell(e), e.Text, e.Deadline)
			}
			return
		}
		got = append(got, tell(e))
		if e.Time.Before(last) {
			t.Errorf("%s goes back in time", tell(e))
		}
		last = e.Time
		key := string(e.Stage) + e.Recipient
		switch e.Kind {
		case KindBegin:
			open[key]++
			if !e.Deadline.After(e.Time) {
				t.Errorf("%s has the deadline %v", tell(e), e.Deadline)
			}
		case KindEnd:
			open[key]--
			if e.Elapsed <= 0 {
				t.Errorf("%s took no time", tell(e))
			}
		}
	}
	src := &mails{next: []*Mail{letter("7", "Hello\r\n", "a@x.example", "b@x.example")}}
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"connect begin", "connect end",
		"greeting begin", "greeting line S: 220 mx.example.org ESMTP", "greeting end -> 220",
		"hello begin", "hello line C: EHLO [127.0.0.1]", "hello line S: 250-mx.example.org",
		"hello line S: 250-PIPELINING", "hello line S: 250 AUTH PLAIN", "hello end -> 250",
		"auth begin PLAIN", "auth line C: AUTH PLAIN ***", "auth line S: 235 welcome", "auth end PLAIN -> 235",
		"mail begin 7", "mail line 7 C: MAIL FROM:<me@x.example>",
		"recipient begin 7 a@x.example", "recipient line 7 C: RCPT TO:<a@x.example>",
		"recipient begin 7 b@x.example", "recipient line 7 C: RCPT TO:<b@x.example>",
		"content line 7 C: DATA",
		"mail line 7 S: 250 ok", "mail end 7 -> 250",
		"recipient line 7 S: 250 ok", "recipient end 7 a@x.example -> 250",
		"recipient line 7 S: 550-5.1.1 nobody", "recipient line 7 S: 550 5.1.1 here", "recipient end 7 b@x.example -> 550",
		"content line 7 S: 354 go on",
		"content begin 7 0/7", "content line 7 C: (7 octets of content)", "content progress 7 7/7", "content end 7 7/7",
		"accepted begin 7", "accepted line 7 C: .", "accepted line 7 S: 250 queued as 17", "accepted end 7 -> 250",
		"quit begin", "quit line C: QUIT", "quit end",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for key, n := range open {
		if n != 0 {
			t.Errorf("%s began %d times more than it ended", key, n)
		}
	}
}

// TestVerdictEvents looks at how a mail's last event tells its fate.
func TestVerdictEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, want string }{
		"content refused": {hi + envelope + "C: DATA\nS: 354 go\nC: x\nC: .\nS: 554 spam\nC: QUIT", "rejected end 1 -> 554"},
		"uncertain":       {hi + envelope + "C: DATA\nS: 354 go\nC: x\nC: .\nclose", "accepted end 1"},
		"sender refused":  {hi + "C: MAIL FROM:<me@x.example>\nS: 550 no\nC: QUIT", "rejected end 1 -> 550"},
		"lost early":      {hi + "C: MAIL FROM:<me@x.example>\nclose", "mail end 1"},
		"lost at a recipient": {
			piped + "C: MAIL FROM:<me@x.example>\nC: RCPT TO:<a@x.example>\nC: DATA\nS: 250 ok\nclose", "recipient end 1 a@x.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := serve(t, test.script)
			var last string
			opts.Trace = func(e Event) {
				if e.Mail != "" {
					last = tell(e)
				}
			}
			sendOne(t, opts, letter("1", "x\r\n", "a@x.example"))
			if last != test.want {
				t.Errorf("got %q, want %q", last, test.want)
			}
		})
	}
}

func TestResolveEvents(t *testing.T) {
	t.Parallel()
	opts := serve(t, hi+"C: QUIT")
	opts.Host = "localhost"
	var got []string
	opts.Trace = func(e Event) {
		if e.Stage == StageResolve || e.Stage == StageConnect {
			got = append(got, tell(e)+" "+e.Text)
		}
	}
	if err := send(t.Context(), opts, &mails{}); err != nil {
		t.Skip("localhost does not lead to 127.0.0.1: ", err)
	}
	all := strings.Join(got, "\n")
	if !strings.Contains(all, "resolve begin localhost\nresolve end ") || !strings.Contains(all, "127.0.0.1") {
		t.Errorf("got %q", got)
	}
}

// TestProgress hands over content slowly and in small pieces.
func TestProgress(t *testing.T) {
	t.Parallel()
	const size = 10 << 20
	client, server := pair(t)
	opts := Options{Host: "mx", Security: NoTLS, Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		acceptAll(server)
	}()
	mail := endlessMail("1")
	mail.Size = size
	mail.Open = limited(mail.Open, size)
	var times []time.Time
	var seen []int64
	opts.Trace = func(e Event) {
		if e.Kind == KindProgress {
			times, seen = append(times, e.Time), append(seen, e.Bytes)
		}
	}
	r := sendOne(t, opts, mail)
	<-done
	if r.Err != nil || len(seen) == 0 || seen[len(seen)-1] != size || r.Bytes != size {
		t.Fatalf("got %v, %v", r.Err, seen)
	}
	for i := 1; i < len(seen); i++ {
		if seen[i] < seen[i-1] {
			t.Errorf("went back from %d to %d", seen[i-1], seen[i])
		}
		if i < len(seen)-1 && times[i].Sub(times[i-1]) < progressInterval {
			t.Errorf("%v between two reports", times[i].Sub(times[i-1]))
		}
	}
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	opts := serve(t, session)
	opts.Login = bob
	var transcript Transcript
	opts.Trace = transcript.Add
	src := &mails{next: []*Mail{letter("7", "Hello\r\n", "a@x.example", "b@x.example")}}
	if err := send(t.Context(), opts, src); err != nil {
		t.Fatal(err)
	}
	got := transcript.String()
	got = regexp.MustCompile(`(?m)^ +\d+\.\d{3} `).ReplaceAllString(got, "")
	got = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(got, "ADDRESS")
	want := `* connect: ADDRESS
S: 220 mx.example.org ESMTP
C: EHLO [127.0.0.1]
S: 250-mx.example.org
S: 250-PIPELINING
S: 250 AUTH PLAIN
* auth by PLAIN: the only one that can be used
C: AUTH PLAIN ***
S: 235 welcome
C: MAIL FROM:<me@x.example>
C: RCPT TO:<a@x.example>
C: RCPT TO:<b@x.example>
C: DATA
S: 250 ok
S: 250 ok
S: 550-5.1.1 nobody
S: 550 5.1.1 here
S: 354 go on
C: (7 octets of content)
C: .
S: 250 queued as 17
C: QUIT
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTranscriptBounded(t *testing.T) {
	t.Parallel()
	var transcript Transcript
	for i := range 10000 {
		transcript.Add(Event{Kind: KindLine, Text: fmt.Sprintf("RCPT TO:<%d@%s>", i, strings.Repeat("x", i%1000))})
	}
	got := transcript.String()
	if len(got) > 66<<10 {
		t.Errorf("%d octets", len(got))
	}
	for _, want := range []string{"<0@>", "lines left out)\n", "<9999@"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	transcript = Transcript{}
	transcript.Add(Event{Kind: KindLine, FromServer: true, Text: "a\x1b[2Jb\r\nC: forged\u202e"})
	if got := transcript.String(); strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\x1b\r\u202e") {
		t.Errorf("got %q", got)
	}
}

// TestSecurity09_TerminalEscapes sends what could steer a terminal in every
// reply there is (CVE-2026-42507).
func TestSecurity09_TerminalEscapes(t *testing.T) {
	t.Parallel()
	const evil = `\x1b]52;c;cm0=\x07\x1b[2J\x9b31m\u009b\u202e\u2066\r\xff\xfe`
	script := strings.NewReplacer("EVIL", evil).Replace(`
		S< "220 mx EVIL\r\n"
		C: EHLO [127.0.0.1]
		S< "250-EVIL\r\n250-X EVIL\r\n250 AUTH PLAIN EVIL\r\n"
		C: AUTH PLAIN AGJvYgBzZXNhbWUxNw==
		S< "235 EVIL\r\n"
		C: MAIL FROM:<me@x.example>
		S< "250 EVIL\r\n"
		C: RCPT TO:<a@x.example>
		S< "550 5.1.1 EVIL\r\n"
		C: MAIL FROM:<me@x.example>
		S< "EVIL\r\n"
`)
	script = strings.Replace(script, "C: MAIL", "C: RSET\nS: 250 ok\nC: MAIL", 2)
	script = strings.Replace(script, "C: RSET\nS: 250 ok\n", "", 1)
	opts := serve(t, script)
	opts.Login = bob
	var transcript Transcript
	opts.Trace = func(e Event) {
		transcript.Add(e)
		checkEvent(t, e)
	}
	src := &mails{next: []*Mail{letter("1", "x", "a@x.example"), letter("2", "x", "a@x.example")}}
	err := send(t.Context(), opts, src)
	checkClean(t, failure(t, err).Error())
	for _, r := range src.done {
		checkClean(t, r.Err.Error())
		checkClean(t, r.Reply.String())
		for _, o := range r.Recipients {
			checkClean(t, o.Reply.String())
		}
	}
	checkClean(t, strings.ReplaceAll(transcript.String(), "\n", ""))
}

func checkEvent(t *testing.T, e Event) {
	t.Helper()
	checkClean(t, e.Text)
	checkClean(t, e.Reply.String())
	if e.Err != nil {
		checkClean(t, e.Err.Error())
	}
	if e.Capabilities != nil {
		checkClean(t, e.Capabilities.Greeting+strings.Join(e.Capabilities.Extensions, "")+strings.Join(e.Capabilities.Auth, ""))
	}
}

// TestChallengesHidden sees that what a server asks in a login is not told: with
// the salt and the proofs of SCRAM a password can be guessed at leisure.
func TestChallengesHidden(t *testing.T) {
	t.Parallel()
	opts := serve(t, `
		S: 220 mx
		C: EHLO [127.0.0.1]
		S: 250-mx
		S: 250 AUTH LOGIN
		C: AUTH LOGIN
		S: 334 c2FsdDE=
		C: Ym9i
		S: 334-c2FsdDI=
		S: 334 c2FsdDM=
		C: *
		S: 501 canceled
`)
	opts.Login = bob
	var seen, dialogue strings.Builder
	opts.Trace = func(e Event) {
		fmt.Fprintln(&seen, e.Text, e.Reply, e.Err)
		if e.Stage == StageAuth && e.FromServer {
			fmt.Fprintln(&dialogue, e.Text)
		}
	}
	_, err := Open(t.Context(), opts)
	fmt.Fprintln(&seen, failure(t, err))
	if strings.Contains(seen.String(), "c2Fsd") {
		t.Errorf("got %s", seen.String())
	}
	if diff := cmp.Diff("334 ***\n334 ***\n501 canceled\n", dialogue.String()); diff != "" {
		t.Error(diff)
	}
}

// TestSecretAtEdge has the password stand where a line that is no reply, or not
// all printable, is cut or changed before it is shown.
func TestSecretAtEdge(t *testing.T) {
	t.Parallel()
	const offer = "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN "
	for _, password := range []string{"correct-horse-battery", "corr\u00a0ect-horse"} {
		initial := base64.StdEncoding.EncodeToString([]byte("\x00bob\x00" + password))
		for name, answer := range map[string]string{
			"not a reply":  "S: " + strings.Repeat("x", 64-len(password)+1) + password,
			"echoed":       "S: 535 " + password,
			"too long":     "S: " + strings.Repeat("x", 64-len(password)+1) + password + strings.Repeat("x", maxReplyLine),
			"another code": "S: 535-no\nS: 550 " + password,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				opts := serve(t, offer+initial+"\n"+answer)
				opts.Login = &sasl.Login{User: "bob", Password: password}
				var transcript Transcript
				opts.Trace = transcript.Add
				_, err := Open(t.Context(), opts)
				got := failure(t, err).Error() + transcript.String()
				if strings.Contains(got, "corr") {
					t.Errorf("got %s", got)
				}
			})
		}
	}
}

// FuzzRedaction has a server say the password, or what it was sent within, at
// any place: neither it nor its base64 form is ever shown.
func FuzzRedaction(f *testing.F) {
	f.Add("hunter2", uint8(0), false, "you said ", "!")
	f.Add("hunter2", uint8(3), true, "", "")
	f.Add("p\"\\ä", uint8(5), true, "5.7.8 ", "\x00")
	f.Fuzz(func(t *testing.T, password string, place uint8, byStep bool, before, after string) {
		password = "Zq9~" + password // no shorter than minSecret
		if strings.ContainsAny(password, "\x00*\r\n ") || len(password) > 200 || len(before)+len(after) > 1000 {
			t.Skip()
		}
		if strings.ContainsAny(before+after, "\r\n*") {
			t.Skip()
		}
		login := sasl.Login{User: "bob", Password: password}
		whole := "\x00bob\x00" + password
		offer := "PLAIN"
		if byStep {
			offer = "LOGIN"
		}
		secrets := []string{
			password,
			base64.StdEncoding.EncodeToString([]byte(password)),
			base64.StdEncoding.EncodeToString([]byte(whole)),
		}
		if !byStep {
			secrets = append(secrets, whole)
		}
		echo := before + secrets[int(place)%len(secrets)] + after
		say := func(n uint8, code, text string) string {
			if place/4%7 == n {
				text = echo
			}
			return code + text + "\r\n"
		}
		client, server := net.Pipe()
		opts := Options{
			Host: "mx", Security: NoTLS, Login: &login,
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil },
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer server.Close()
			p := &peer{t: t, conn: server, r: newReader(server)}
			replies := []string{say(0, "220 ", "mx"), say(1, "250-", "mx") + "250 AUTH " + offer + "\r\n"}
			if byStep {
				replies = append(replies, "334 \r\n", say(2, "334 ", ""))
			}
			replies = append(replies, say(3, "235 ", "ok"), say(4, "250 ", "ok"), say(5, "550 ", "no"), say(6, "", "garbage"))
			for _, reply := range replies {
				if _, err := server.Write([]byte(reply)); err != nil {
					return
				}
				if _, err := p.r.ReadString('\n'); err != nil {
					return
				}
			}
		}()
		var transcript Transcript
		var seen strings.Builder
		opts.Trace = func(e Event) {
			transcript.Add(e)
			fmt.Fprintln(&seen, e.Text, e.Reply, e.Err, e.Mechanism, e.Used)
			if e.Choice != nil {
				fmt.Fprintln(&seen, *e.Choice)
			}
			if e.Capabilities != nil {
				fmt.Fprintln(&seen, *e.Capabilities)
			}
		}
		src := &mails{next: []*Mail{letter("1", "x", "a@x.example"), letter("2", "x", "a@x.example")}}
		err := send(t.Context(), opts, src)
		<-done
		fmt.Fprintln(&seen, err, src.done, login, &login, transcript.String())
		for _, secret := range secrets {
			if strings.Contains(seen.String(), secret) {
				t.Errorf("%q is in %s", secret, seen.String())
			}
		}
	})
}
