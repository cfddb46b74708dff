package address_test

import (
	"strings"
	"testing"

	"sendoff/smtp/address"
)

// TestKnownAddresses goes through addresses that programs often get wrong, one
// way or the other: examples of RFC 3696, RFC 5321, RFC 6531 and of those who
// collect such things.
func TestKnownAddresses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for _, s := range []string{
		"simple@example.com", "very.common@example.com", "x@example.com", "long.email-address-with-hyphens@and.subdomains.example.com",
		"user.name+tag+sorting@example.com", "name/surname@example.com", "admin@example", "example@s.example", `" "@example.org`, `"john..doe"@example.org`,
		"mailhost!username@example.org", `"very.(),:;<>[]\".VERY.\"very@\\ \"very\".unusual"@strange.example.com`, "user%example.com@example.org",
		"user-@example.org", "postmaster@[123.123.123.123]", "postmaster@[IPv6:2001:0db8:85a3:0000:0000:8a2e:0370:7334]", "_test@[IPv6:2001:db8::1]",
		`"Abc\@def"@example.com`, `"Fred Bloggs"@example.com`, `"Joe\\Blow"@example.com`, `"Abc@def"@example.com`, "customer/department=shipping@example.com",
		"$A12345@example.com", "!def!xyz%abc@example.com", "_somename@example.com", "dclo@us.ibm.com", "peter.piper@example.com",
		"Pelé@example.com", "δοκιμή@παράδειγμα.δοκιμή", "我買@屋企.香港", "二ノ宮@黒川.日本", "медведь@с-балалайкой.рф", "संपर्क@डाटामेल.भारत",
		"a@b.co", "1234567890@example.com", "______@example.com", "email@111.example.com", "a-b@c-d.example", long + "@example.org",
		"a@" + strings.Repeat("a", 63) + ".example", "a@xn--bcher-kva.example", `"a\ b"@example.org`, "~@example.org", "'@example.org", "{}@example.org",
	} {
		m, err := address.Parse(s)
		if err != nil {
			t.Errorf("%s is refused: %v", s, err)
			continue
		}
		if back, err := address.Parse(m.String()); err != nil || back != m {
			t.Errorf("%s is written as %s, which is read as %+v, %v", s, m, back, err)
		}
		if _, err := m.Wire(); err != nil {
			t.Errorf("%s can't be sent to: %v", s, err)
		}
	}
	for _, s := range []string{
		"abc.example.com", "a@b@c@example.com", `a"b(c)d,e:f;g<h>i[j\k]l@example.com`, `just"not"right@example.com`, `this is"not\allowed@example.com`,
		`this\ still\"not\\allowed@example.com`, "i.like.underscores@but_they_are_not_allowed_in_this_part", "plainaddress", "#@%^%#$@#$@#.com", "@example.com",
		"Joe Smith <email@example.com", "email.example.com", "email@example@example.com", ".email@example.com", "email.@example.com", "email..email@example.com",
		"email@-example.com", "email@example-.com", "email@example..com", "email@111.222.333.44444", "Abc..123@example.com", "email@", "email@[127.0.0.1", "email@127.0.0.1]",
		"email@[300.1.1.1]", "email@[IPv6:1::2::3]", "a@" + strings.Repeat("a", 64) + ".example", "a@.example", "a b@example.org", "a@exam ple.org",
		"a@example.org\r\nRCPT TO:<x@y>", "a\x00@example.org", "<a@example.org", "a@example.org;b@example.org", `"a@example.org`, "(a)@example.org", "@", "a@@b",
		"a@exam\u00adple.org\x01",
	} {
		if m, err := address.Parse(s); err == nil {
			t.Errorf("%q is taken for %+v", s, m)
		}
	}
}

// TestRFC5322 goes through the addresses of appendix A of RFC 5322, each field on
// one line as it is when it has been unfolded. What section 4 calls obsolete and
// nobody means today is refused, with the reason.
func TestRFC5322(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field string
		want  string // addresses, and names; or why it is refused
	}{
		{"John Doe <jdoe@machine.example>", "John Doe <jdoe@machine.example>"},
		{"Mary Smith <mary@example.net>", "Mary Smith <mary@example.net>"},
		{"Michael Jones <mjones@machine.example>", "Michael Jones <mjones@machine.example>"},
		{`"Joe Q. Public" <john.q.public@example.com>`, "Joe Q. Public <john.q.public@example.com>"},
		{"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>", "Mary Smith <mary@x.test> | jdoe@example.org | Who? <one@y.test>"},
		{`<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>`, `boss@nil.test | "Giant; \"Big\" Box" <sysservices@example.net>`},
		{"Pete <pete@silly.example>", "Pete <pete@silly.example>"},
		{"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;", "A Group: Ed Jones <c@a.test> | joe@where.test | John <jdoe@one.test>"},
		{"Undisclosed recipients:;", "Undisclosed recipients: "},
		{`"Mary Smith: Personal Account" <smith@home.example>`, `"Mary Smith: Personal Account" <smith@home.example>`},
		{`Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`, "Pete <pete@silly.test>"},
		{
			"A Group(Some people)     :Chris Jones <c@(Chris's host.)public.example>,         joe@example.org,  John <jdoe@one.test> (my dear friend); (the end of the group)",
			"A Group: Chris Jones <c@public.example> | joe@example.org | John <jdoe@one.test>",
		},
		{"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "Hidden recipients: "},
		{"Joe Q. Public <john.q.public@example.com>", "Joe Q. Public <john.q.public@example.com>"},
		{"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example", "has two @ signs"},
		{"jdoe@test  . example", "has a space after the @"},
		{"John Doe <jdoe@machine(comment).  example>", "has a space after the @"},
	} {
		var got []string
		group := ""
		var bad error
		for _, e := range address.Split(tt.field) {
			if e.Err != nil && bad == nil {
				bad = e.Err
			}
			if e.Group != "" {
				group = e.Group + ": "
			}
			for _, m := range e.Mailboxes {
				got = append(got, m.String())
			}
		}
		said := group + strings.Join(got, " | ")
		if bad != nil {
			said = bad.Error()
		}
		if said != tt.want && (bad == nil || !strings.Contains(said, tt.want)) {
			t.Errorf("%s\nis read as %s\nwant       %s", tt.field, said, tt.want)
		}
	}
}
