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
