package address_test

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"sendoff/smtp/address"
)

type box = address.Mailbox

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want box
	}{
		{"dave@example.org", box{"", "dave", "example.org"}},
		{"  <dave@example.org>\n", box{"", "dave", "example.org"}},
		{"Dave Doe <dave@Example.ORG>", box{"Dave Doe", "dave", "example.org"}},
		{"\"Doe, Dave\" <dave@example.org>", box{"Doe, Dave", "dave", "example.org"}},
		{`"Dave \"the\\ax\" Doe" <dave@example.org>`, box{`Dave "the\ax" Doe`, "dave", "example.org"}},
		{`" two  blanks " <d@example.org>`, box{" two  blanks ", "d", "example.org"}},
		{"Dr. Dave   O'Doe <dave@example.org>", box{"Dr. Dave O'Doe", "dave", "example.org"}},
		{"dave@example.org <dave@example.org>", box{"dave@example.org", "dave", "example.org"}},
		{"Jürgen Groß <j@example.org>", box{"Jürgen Groß", "j", "example.org"}},
		{"=?UTF-8?Q?J=C3=BCrgen?= =?utf-8?B?IEdyb8Of?= <j@example.org>", box{"Jürgen Groß", "j", "example.org"}},
		{"=?iso-8859-1?q?Andr=E9?= Dupont <a@example.org>", box{"André Dupont", "a", "example.org"}},
		{"=?utf-8?q?evil=0D=0ABcc=3A_x?= <a@example.org>", box{"evil Bcc: x", "a", "example.org"}},
		{`"=?utf-8?q?x?=" <a@example.org>`, box{"=?utf-8?q?x?=", "a", "example.org"}},
		{"dave@example.org (Dave Doe)", box{"Dave Doe", "dave", "example.org"}},
		{`"john doe"@example.org`, box{"", "john doe", "example.org"}},
		{`"dave"@example.org`, box{"", "dave", "example.org"}},
		{`"a,b@c>;d"@example.org`, box{"", "a,b@c>;d", "example.org"}},
		{`"a> ORCPT=b@y"@example.org`, box{"", "a> ORCPT=b@y", "example.org"}},
		{"tag+x=y_{1}@example.org", box{"", "tag+x=y_{1}", "example.org"}},
		{"dave@localhost", box{"", "dave", "localhost"}},
		{"dave@example.org.", box{"", "dave", "example.org"}},
		{"dave @ example.org", box{"", "dave", "example.org"}},
		{"\u202adave@example.org\u202c", box{"", "dave", "example.org"}},
		{"dave@[192.0.2.1]", box{"", "dave", "[192.0.2.1]"}},
		{"dave@[ipv6:2001:DB8::0:1]", box{"", "dave", "[IPv6:2001:db8::1]"}},
		{"dave@[::1]", box{"", "dave", "[IPv6:::1]"}},
		{"dave@bücher.example", box{"", "dave", "bücher.example"}},
		{"dave@BÜCHER.example", box{"", "dave", "bücher.example"}},
		{"dave@xn--bcher-kva.example", box{"", "dave", "bücher.example"}},
		{"dave@例え。テスト", box{"", "dave", "例え.テスト"}},
		{"用户@例子.广告", box{"", "用户", "例子.广告"}},
		{"cafe\u0301@example.org", box{"", "café", "example.org"}},

		// RFC 5322, appendix A.
		{"John Doe <jdoe@machine.example>", box{"John Doe", "jdoe", "machine.example"}},
		{`"Joe Q. Public" <john.q.public@example.com>`, box{"Joe Q. Public", "john.q.public", "example.com"}},
		{`"Giant; \"Big\" Box" <sysservices@example.net>`, box{`Giant; "Big" Box`, "sysservices", "example.net"}},
		{`Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`, box{"Pete", "pete", "silly.test"}},
		{"John Doe <jdoe@machine(comment).  example>", box{}},
		{"jdoe@one.test (my dear (old) friend)", box{"my dear (old) friend", "jdoe", "one.test"}},
	}
	for _, tt := range tests {
		got, err := address.Parse(tt.in)
		if tt.want == (box{}) {
			if err == nil {
				t.Errorf("Parse(%q) = %+v, want an error", tt.in, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if got != tt.want {
			t.Errorf("Parse(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	tests := []struct{ in, want string }{
		{"", "there is no address"},
		{" , ", "there is no address"},
		{"dave", "dave needs an @ and a domain"},
		{"Dave Doe", "Dave Doe needs an @ and a domain"},
		{"Dave\u00a0Doe", `"Dave\u00a0Doe" needs an @ and a domain`},
		{"Dave <dave>", "Dave <dave> needs an address like dave@example.org between < and >"},
		{"Dave <>", "Dave <> needs an address like dave@example.org between < and >"},
		{"dave@", "dave@ needs a domain after the @"},
		{"@example.org", "@example.org needs something before the @"},
		{`""@example.org`, `""@example.org needs something before the @`},
		{"dave@@example.org", "dave@@example.org has two @ signs"},
		{"a@example.org b@example.org", "a@example.org b@example.org is more than one address: put a comma between them"},
		{"a@example.org, b@example.org", "a@example.org, b@example.org is more than one address"},
		{"<a@example.org> <b@example.org>", "<a@example.org> <b@example.org> goes on after the >: put a comma between addresses"},
		{"Dave dave@example.org", "Dave dave@example.org needs < and > around the address: Dave Doe <dave@example.org>"},
		{"Dave <dave@example.org", "Dave <dave@example.org has a < without a >"},
		{"dave@example.org>", "dave@example.org> has a > without a <"},
		{"<a b@example.org>", "<a b@example.org> has a space before the @"},
		{"<<a@example.org>>", "<<a@example.org>> has < twice"},
		{`"Doe, Dave <dave@example.org>`, `"Doe, Dave <dave@example.org> has a quotation mark that is not closed`},
		{`"a\"`, `"a\" has a quotation mark that is not closed`},
		{"dave@example.org (Dave", "dave@example.org (Dave has a ( without a )"},
		{"a..b@example.org", "a..b@example.org has two dots in a row"},
		{".a@example.org", ".a@example.org starts with a dot"},
		{"a.@example.org", "a.@example.org has a dot right before the @"},
		{`a\b@example.org`, `a\b@example.org can't have \ before the @`},
		{`a"b"@example.org`, `a"b"@example.org needs its quotes around all that is before the @`},
		{"dave@a..b", "dave@a..b has two dots in a row"},
		{"dave@.a", "dave@.a has a dot right after the @"},
		{"dave@-a.example", "dave@-a.example has a hyphen next to a dot or to the @"},
		{"dave@a_b.example", "dave@a_b.example can't have _ after the @"},
		{"dave@" + long + ".org", "dave@" + long[:54] + "… has more than 63 letters between two dots"},
		{"dave@192.0.2.1", "dave@192.0.2.1 needs brackets around the IP address: @[192.0.2.1]"},
		{"dave@example.123", "dave@example.123 ends in a number, as no domain does"},
		{"dave@[example.org]", "dave@[example.org] needs an IP address between [ and ]"},
		{"dave@[192.0.2.1", "dave@[192.0.2.1 has a [ without a ]"},
		{"dave@[fe80::1%eth0]", "dave@[fe80::1%eth0] needs an IP address between [ and ]"},
		{"dave@xn--a.example", "dave@xn--a.example has characters after the @ that no domain can have"},
		{"dave＠example.org", "dave＠example.org has a full-width ＠: type @"},
		{"da\u200bve@example.org", `"da\u200bve@example.org" has an invisible character (U+200B) before the @`},
		{"da\x00ve@example.org", `"da\x00ve@example.org" has a control character in it`},
		{"\x1b]0x\a@example.org", `"\x1b]0x\a@example.org" has a control character in it`},
		{"da\xffve@example.org", `"da\xffve@example.org" is not valid UTF-8`},
		{"\"a\x00b\"@example.org", `"\"a\x00b\"@example.org" has a control character in it`},
		{long + long + long + "@" + long[:60] + ".org", strings.Repeat("a", 59) + "… is too long for an address"},
		{"Team: a@example.org;", "Team: a@example.org; is a group, not one address"},
		{"Team: a@example.org", "Team: a@example.org opens a group with its : and needs a ; at the end of it"},
	}
	for _, tt := range tests {
		got, err := address.Parse(tt.in)
		if err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", tt.in, got)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("Parse(%q):\n got %s\nwant %s", tt.in, err, tt.want)
		}
		var e *address.Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) fails with a %T", tt.in, err)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	type piece struct {
		Text, Group string
		Addrs       []string
		Bad         bool
	}
	tests := []struct {
		in   string
		want []piece
	}{
		{"", nil},
		{" ,; \n", nil},
		{"a@x.org,b@x.org", []piece{{"a@x.org", "", []string{"a@x.org"}, false}, {"b@x.org", "", []string{"b@x.org"}, false}}},
		{" a@x.org ;\r\n\tB <b@x.org>，c@x.org", []piece{
			{"a@x.org", "", []string{"a@x.org"}, false},
			{"B <b@x.org>", "", []string{"b@x.org"}, false},
			{"c@x.org", "", []string{"c@x.org"}, false},
		}},
		{`"Doe, J" <j@x.org>, k@x.org (a, b)`, []piece{
			{`"Doe, J" <j@x.org>`, "", []string{"j@x.org"}, false},
			{"k@x.org (a, b)", "", []string{"k@x.org"}, false},
		}},
		{"oops, a@x.org", []piece{{"oops", "", nil, true}, {"a@x.org", "", []string{"a@x.org"}, false}}},
		{"\"unclosed, a@x.org\nb@x.org", []piece{{"\"unclosed, a@x.org", "", nil, true}, {"b@x.org", "", []string{"b@x.org"}, false}}},
		{"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>; z@x.org", []piece{
			{"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;", "A Group", []string{"c@a.test", "joe@where.test", "jdoe@one.test"}, false},
			{"z@x.org", "", []string{"z@x.org"}, false},
		}},
		{"Undisclosed recipients:;", []piece{{"Undisclosed recipients:;", "Undisclosed recipients", nil, false}}},
		{`"Team: A, B":a@x.org,` + "\nb@x.org;", []piece{{`"Team: A, B":a@x.org,` + "\nb@x.org;", "Team: A, B", []string{"a@x.org", "b@x.org"}, false}}},
		{"Team: a@x.org, oops;", []piece{{"Team: a@x.org, oops;", "Team", []string{"a@x.org"}, true}}},
		{": a@x.org;", []piece{{": a@x.org;", "", nil, true}}},
		{"Team: a@x.org, b@x.org", []piece{{"Team: a@x.org", "", nil, true}, {"b@x.org", "", []string{"b@x.org"}, false}}},
		{"a@[IPv6:::1]; b@x.org", []piece{{"a@[IPv6:::1]", "", []string{"a@[IPv6:::1]"}, false}, {"b@x.org", "", []string{"b@x.org"}, false}}},
	}
	for _, tt := range tests {
		var got []piece
		for _, e := range address.Split(tt.in) {
			p := piece{Text: tt.in[e.Start:e.End], Group: e.Group, Bad: e.Err != nil}
			for _, m := range e.Mailboxes {
				p.Addrs = append(p.Addrs, m.Addr())
			}
			got = append(got, p)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Split(%q): (-want +got)\n%s", tt.in, diff)
		}
	}
}

func TestParseListNamesTheBrokenPiece(t *testing.T) {
	t.Parallel()
	list, err := address.ParseList("Team: a@x.org, b@x.org;, c@x.org")
	if err != nil || len(list) != 3 {
		t.Errorf("got %v, %v; want three mailboxes", list, err)
	}
	_, err = address.ParseList("a@x.org, bob, c@x.org")
	if err == nil || err.Error() != "bob needs an @ and a domain" {
		t.Errorf("got error %v", err)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   box
		want string
	}{
		{box{"", "a", "x.org"}, "a@x.org"},
		{box{"Dave Doe", "a", "x.org"}, "Dave Doe <a@x.org>"},
		{box{"Dr. Jürgen Groß", "a", "x.org"}, "Dr. Jürgen Groß <a@x.org>"},
		{box{"Doe, Dave", "a", "x.org"}, `"Doe, Dave" <a@x.org>`},
		{box{`a "b" \c`, "a", "x.org"}, `"a \"b\" \\c" <a@x.org>`},
		{box{" a", "a", "x.org"}, `" a" <a@x.org>`},
		{box{"=?utf-8?q?x?=", "a", "x.org"}, `"=?utf-8?q?x?=" <a@x.org>`},
		{box{"王，小明", "a", "x.org"}, `"王，小明" <a@x.org>`},
		{box{"", "a b", "x.org"}, `"a b"@x.org`},
		{box{"", "a..b", "x.org"}, `"a..b"@x.org`},
		{box{"", `a"b\c`, "x.org"}, `"a\"b\\c"@x.org`},
	}
	for _, tt := range tests {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("%+v is written %s, want %s", tt.in, got, tt.want)
		}
		check(t, tt.in)
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"dave@BÜCHER.example", "dave@xn--bcher-kva.example"},
		{"用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"},
		{`"a b"@x.org`, `"a b"@x.org`},
		{`"a> b\"c"@x.org`, `"a> b\"c"@x.org`},
		{"a@[::1]", "a@[IPv6:::1]"},
	}
	for _, tt := range tests {
		m, err := address.Parse(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Wire(); err != nil || got != tt.want {
			t.Errorf("Wire of %s = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

// A Mailbox that was put together by hand must not reach a command either.
func TestWireRefusesWhatWouldSmuggle(t *testing.T) {
	t.Parallel()
	for _, m := range []box{
		{}, {Local: "a"}, {Domain: "x.org"},
		{Local: "a\r\nRSET", Domain: "x.org"},
		{Local: "a\x00", Domain: "x.org"},
		{Local: "a\u2028b", Domain: "x.org"},
		{Local: "a", Domain: "x.org> ORCPT=b@y"},
		{Local: "a", Domain: "x.org\r\n"},
		{Local: "a", Domain: "x.org\u2028"},
		{Local: "a", Domain: "[1.2.3.4] x"},
		{Local: "a", Domain: "[1.2.3.4"},
		{Local: "a", Domain: "x@y.org"},
	} {
		if wire, err := m.Wire(); err == nil {
			t.Errorf("Wire of %+v = %q, want an error", m, wire)
		}
	}
}

// check holds for every mailbox that Parse can return.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, m box) {
	t.Helper()
	again, err := address.Parse(m.String())
	if err != nil || again != m {
		t.Fatalf("Parse(%q) = %+v, %v; want %+v", m.String(), again, err, m)
	}
	wire, err := m.Wire()
	if err != nil {
		t.Fatalf("Wire of %+v: %v", m, err)
	}
	bare := box{Local: m.Local, Domain: m.Domain}
	if again, err := address.Parse(wire); err != nil || again != bare {
		t.Fatalf("Parse(%q) = %+v, %v; want %+v", wire, again, err, bare)
	}
	inQuotes, escaped := false, false
	for _, r := range wire {
		switch {
		case !unicode.IsPrint(r):
			t.Fatalf("wire form %q has %U", wire, r)
		case escaped:
			escaped = false
		case inQuotes && r == '\\':
			escaped = true
		case r == '"':
			inQuotes = !inQuotes
		case !inQuotes && strings.ContainsRune("<> ,;", r):
			t.Fatalf("wire form %q has %q outside quotes", wire, r)
		}
	}
}

func TestRenderedMailboxesParse(t *testing.T) {
	t.Parallel()
	printable := rapid.RuneFrom(nil, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
	name := rapid.StringOf(rapid.OneOf(printable, rapid.RuneFrom([]rune(` ,;:"\<>()@.=?[]`+"\u200d\u00a0"))))
	local := rapid.StringOfN(rapid.OneOf(printable, rapid.RuneFrom([]rune(` ,;:"\<>()@..=?[]ab`))), 1, 12, 60)
	domain := rapid.SampledFrom([]string{"example.org", "bücher.example", "例え.テスト", "[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost"})
	rapid.Check(t, func(t *rapid.T) {
		m := box{Name: name.Draw(t, "name"), Local: norm.NFC.String(local.Draw(t, "local")), Domain: domain.Draw(t, "domain")}
		if strings.TrimSpace(m.Local) == "" {
			t.Skip("no local part")
		}
		check(t, m)
		list, err := address.ParseList(m.String() + ", " + m.String())
		if err != nil || len(list) != 2 || list[0] != m || list[1] != m {
			t.Fatalf("%q twice in a list is read as %+v, %v", m.String(), list, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		`"Doe, J" <j@x.org>; A: b@[IPv6:::1],"q >"@bücher.example (c(d));`,
		"=?utf-8?b?IEdyb8Of?= <a@x.org>\n\u202ab@x.org\u202c，c＠x", `"a\`, "(((", "a:;b:", `a<b>c"d"@[`,
		"x@xn--bcher-kva.example, x@xn--a", "\xff@\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, e := range address.Split(s) {
			if e.Start < last || e.End <= e.Start || e.End > len(s) {
				t.Fatalf("entry at [%d:%d] of %d octets, after %d", e.Start, e.End, len(s), last)
			}
			last = e.End
			if e.Err == nil && e.Group == "" && len(e.Mailboxes) != 1 {
				t.Fatalf("entry without error has mailboxes %v", e.Mailboxes)
			}
			for _, m := range e.Mailboxes {
				check(t, m)
			}
			if e.Err != nil {
				for _, r := range e.Err.Error() {
					if !unicode.IsPrint(r) || r == utf8.RuneError && utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError) {
						t.Fatalf("error %q has %U", e.Err, r)
					}
				}
			}
		}
	})
}

// What the standard library reads as an address means the same to us.
func FuzzAgainstNetMail(f *testing.F) {
	f.Add(`"a b" <c.d@example.org>`)
	f.Add(`"q q"@[1.2.3.4] (x)`)
	f.Fuzz(func(t *testing.T, s string) {
		theirs, err := mail.ParseAddress(s)
		if err != nil {
			return
		}
		ours, err := address.Parse(s)
		if err != nil {
			return
		}
		i := strings.LastIndexByte(theirs.Address, '@')
		if local := norm.NFC.String(theirs.Address[:i]); ours.Local != local {
			t.Fatalf("local part of %q is %q, to net/mail %q", s, ours.Local, local)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	list := strings.Repeat("\"Doe, Dave\" <dave@example.org>, ", 1000)
	b.SetBytes(int64(len(list)))
	for b.Loop() {
		address.Split(list)
	}
}

// Split must stay linear: it runs on every key, on whatever was pasted.
func BenchmarkSplitHostile(b *testing.B) {
	for _, bad := range []string{"(", `"`, "a:,", "<", "a:(", "@[", "=?"} {
		b.Run(bad, func(b *testing.B) {
			s := strings.Repeat(bad, 1<<20/len(bad))
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				address.Split(s)
			}
		})
	}
}
