package smtp

import (
	"slices"
	"strings"
	"testing"

	"sendoff/smtp/sandbox"
	"sendoff/smtp/sasl"
)

// TestSecurity05_CommandInjection puts what would end or split a command into
// every field that reaches one (CVE-2025-7962, CVE-2015-9097): the mail fails
// here, and none of it is on the wire. For proxies see submit.
func TestSecurity05_CommandInjection(t *testing.T) {
	t.Parallel()
	fields := map[string]func(*Mail, string){
		"From":   func(m *Mail, s string) { m.From = "a" + s + "@x.example" },
		"To":     func(m *Mail, s string) { m.To[0] = "a" + s + "@x.example" },
		"domain": func(m *Mail, s string) { m.To[0] = "a@x.example" + s },
		"quoted": func(m *Mail, s string) { m.To[0] = `"a` + s + `"@x.example` },
		"ORCPT":  func(m *Mail, s string) { m.To[0], m.DSN = "a"+s+"@x.example", &DSN{} },
		"ENVID":  func(m *Mail, s string) { m.DSN = &DSN{EnvelopeID: "1" + s} },
		"NOTIFY": func(m *Mail, s string) { m.DSN = &DSN{Notify: []string{"DELAY" + s}} },
		"RET":    func(m *Mail, s string) { m.DSN = &DSN{Return: "FULL" + s} },
	}
	for _, bad := range []string{"\r\nRSET", "\nRSET", "\rRSET", "\x00", "\u2028RSET", "\u0085", "\x1b[2J", "\xff"} {
		src := &mails{}
		for field, put := range fields {
			mail := letter(field, "x\r\n", "b@x.example")
			put(mail, bad)
			src.next = append(src.next, mail)
		}
		server := watch(t, sandbox.Options{})
		if err := send(t.Context(), server.reach(Implicit), src); err != nil {
			t.Error(err)
		}
		for field := range fields {
			r := src.done[field]
			if r.Err == nil || r.Err.Class != ClassLocal || r.Err.Retry != RetryNo {
				t.Errorf("%s with %q: got %+v", field, bad, r.Err)
				continue
			}
			checkClean(t, r.Err.Error())
		}
		for _, line := range server.end()[0].Lines {
			if verb, said := strings.CutPrefix(line, "C: "); said && verb != "QUIT" && !strings.HasPrefix(verb, "EHLO ") {
				t.Errorf("%q: the client said %q", bad, verb)
			}
		}
		hello := serve(t, "S: 220 mx")
		hello.LocalName = "me" + bad
		_, err := Open(t.Context(), hello)
		if got, want := kindOf(failure(t, err)), (kind{StageHello, ClassLocal, ScopeLocal, RetryNo}); got != want {
			t.Errorf("EHLO with %q: got %+v, want %+v", bad, got, want)
		}
		login := serve(t, "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN")
		login.Login = &sasl.Login{Mechanism: "PLAIN" + bad, User: "bob", Password: "sesame17"}
		_, err = Open(t.Context(), login)
		if got, want := kindOf(failure(t, err)), (kind{StageAuth, ClassAuth, ScopeAccount, RetryNo}); got != want {
			t.Errorf("AUTH with %q: got %+v, want %+v", bad, got, want)
		}
		checkClean(t, err.Error())
	}
}

// TestSecurity06_AddressSmuggling has addresses that would be more than the
// inside of their brackets (CVE-2025-59937, CVE-2025-13033). They are refused
// unless they are quoted as they must be, and then they arrive as they are.
func TestSecurity06_AddressSmuggling(t *testing.T) {
	t.Parallel()
	server := watch(t, sandbox.Options{})
	src := &mails{}
	good := []string{
		`"a@y> ORCPT=\"x\" "@x.example`, `"a> b"@x.example`, `"a@b@c"@x.example`, `"\\"@x.example`, `"\""@x.example`,
		`"<a>"@x.example`, `" "@x.example`, `"a,b;c:d"@x.example`, `""@x.example`,
	}
	bad := []string{
		"", "a@x> NOTIFY=NEVER", "a@x.example>", "<a@x.example", "a b@x.example", `a\b@x.example`, `"a@x.example`, `a"@x.example`,
		`"a"> x"@x.example`, `"a\"@x.example`, `"a"b@x.example`, `a@x.example "`, "a@x.example SIZE=1", strings.Repeat("a", 2000) + "@x.example",
	}
	for _, to := range append(good, bad...) {
		src.next = append(src.next, letter(to, "x\r\n", to))
		if to != "" {
			from := letter("from "+to, "x\r\n", "b@x.example")
			from.From = to
			src.next = append(src.next, from)
		}
	}
	if err := send(t.Context(), server.reach(Implicit), src); err != nil {
		t.Fatal(err)
	}
	for id, r := range src.done {
		address := strings.TrimPrefix(id, "from ")
		refused := r.Err != nil && r.Err.Class == ClassLocal && r.Err.Retry == RetryNo
		if wanted := !slices.Contains(good, address); refused != wanted {
			t.Errorf("%q: got %v, to be refused is %v", id, r.Err, wanted)
		}
	}
	for _, m := range server.Mails() {
		if m.From != "me@x.example" && !slices.Contains(good, m.From) || m.Recipients[0] != "b@x.example" && !slices.Contains(good, m.Recipients[0]) {
			t.Errorf("a mail came from %q to %q", m.From, m.Recipients)
		}
	}
	if got, want := len(server.Mails()), 2*len(good); got != want {
		t.Errorf("%d mails arrived, not %d", got, want)
	}
}

// TestSecurity13_PartialAccept sees that nobody who was refused is passed over
// in silence, and that one such stops nobody else.
func TestSecurity13_PartialAccept(t *testing.T) {
	t.Parallel()
	for name, without := range map[string][]string{
		"BDAT": nil, "DATA": {"CHUNKING"}, "step by step": {"CHUNKING", "PIPELINING"},
	} {
		server := watch(t, sandbox.Options{Without: without})
		to := []string{"refused@x.example", "a@x.example", "deferred@x.example", "b@x.example", "refused@y.example"}
		r := sendOne(t, server.reach(Implicit), letter("1", "x\r\n", to...))
		if r.Err != nil {
			t.Errorf("%s: %v", name, r.Err)
		}
		for i, want := range []Status{Rejected, Accepted, Deferred, Accepted, Rejected} {
			if o := r.Recipients[i]; o.Status != want || o.Address != to[i] || o.Reply.Code == 0 {
				t.Errorf("%s: %s is %s after %v, want %s", name, o.Address, o.Status, o.Reply, want)
			}
		}
		if got := server.Mails(); len(got) != 1 || len(got[0].Recipients) != 2 {
			t.Errorf("%s: %d mails arrived", name, len(got))
		}
	}
}
