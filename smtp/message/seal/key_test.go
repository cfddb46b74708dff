package seal_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/seal/sealtest"
)

// TestKeys asserts which keys are used, and what is said of those that are not.
func TestKeys(t *testing.T) {
	t.Parallel()
	h, others := sealtest.New(t), sealtest.New(t)
	h.Make("Alice <alice@example.org>", "", "never")
	old := h.Make("Two <two@example.org>", "", "never")
	h.Must("", "gpg", "--batch", "--utf8-strings", "--quick-add-uid", old, "Umlaut <two@bücher.example>")
	h.Must("", "gpg", "--batch", "--faked-system-time", "20260101T120000!", "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-generate-key", "gone@example.org", "future-default", "default", "1d")
	listing := h.Must("", "gpg", "--with-colons", "--list-keys", "gone@example.org")
	_, print, _ := strings.Cut(listing, "\nfpr:")
	gone := strings.Split(print, ":")[8]
	revoked := h.Make("revoked@example.org", "", "never")
	certificate, err := os.ReadFile(filepath.Join(h.Dir, "openpgp-revocs.d", revoked+".rev"))
	if err != nil {
		t.Fatal(err)
	}
	h.Must(strings.Replace(string(certificate), ":-----BEGIN", "-----BEGIN", 1), "gpg", "--batch", "--import")
	h.Must("", "gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", "sign@example.org", "ed25519", "sign", "never")
	for _, user := range []string{"Other <two@example.org>", "stranger@example.org", "<twoo@example.org>"} {
		others.Make(user, "", "never")
	}
	h.Must(others.Must("", "gpg", "--export"), "gpg", "--batch", "--import")

	for _, test := range []struct{ to, key, want string }{
		{to: "two@example.org"}, // the one that is trusted, though older
		{to: "TWO@Example.org"},
		{to: "two@bücher.example"},
		{to: "two@xn--bcher-kva.example"},
		{key: old},
		{key: old + "!"},
		{key: "two@example.org"},
		{to: "nobody@example.org", want: "nobody@example.org has no key"},
		{to: "wo@example.org", want: "wo@example.org has no key"},
		{to: "gone@example.org", want: "gone@example.org has only a key that expired on 2026-01-02"},
		{to: "revoked@example.org", want: "revoked@example.org has only a key that was revoked"},
		{to: "stranger@example.org", want: "stranger@example.org has only a key that is not trusted"},
		{to: "sign@example.org", want: "sign@example.org has only a key that can't be used for this"},
		{to: `"--output=x"@example.org`, want: `--output=x@example.org has no key`},
		{to: "=alice@example.org", want: "=alice@example.org has no key"},
		{key: "nothing@example.org", want: "nothing@example.org has no secret key here; nothing@example.org has no secret key here"},
		{key: gone, want: gone + " has only a key that expired on 2026-01-02; " + gone + " has only a key that expired on 2026-01-02"},
	} {
		o := seal.Order{Sign: true, Encrypt: true, From: box(t, "alice@example.org"), Key: test.key}
		if test.to != "" {
			o.To = []address.Mailbox{box(t, test.to)}
		}
		_, err := tools(h, seal.PGP).Plan(t.Context(), o)
		var keys *seal.KeysError
		if got := errors.As(err, &keys); got != (test.want != "") || err != nil && err.Error() != test.want {
			t.Errorf("%+v: %v", test, err)
		}
		if keys != nil && keys.Hint() == "" {
			t.Errorf("%v: no hint", err)
		}
	}
	// Who trusts all keys has said so to gpg.
	h.Write("gpg.conf", "trust-model always\n")
	m := letter(t)
	m.To = []address.Mailbox{box(t, "stranger@example.org")}
	sealed(t, tools(h, seal.PGP), seal.Order{Encrypt: true, From: m.From, To: m.To}, m)
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Trust(h.Certify("alice@example.org", ""))
	h.Trust(h.Certify("bob@example.org", ""))
	h.Certify("stranger@example.org", "")
	alice, bob := box(t, "alice@example.org"), []address.Mailbox{box(t, "bob@example.org")}
	for _, test := range []struct {
		o    seal.Order
		want string
	}{
		{seal.Order{To: bob, Bcc: []address.Mailbox{alice}}, ""}, // it is in the list anyway
		{seal.Order{Bcc: bob}, "bob@example.org can't get it in Bcc: S/MIME would show the others that it did"},
		{seal.Order{To: []address.Mailbox{box(t, "stranger@example.org")}}, "stranger@example.org has only a certificate that is not trusted"},
		{seal.Order{To: []address.Mailbox{box(t, "nobody@example.org")}}, "nobody@example.org has no certificate"},
		{seal.Order{Key: "nobody@example.org"}, "nobody@example.org has no secret certificate here"},
	} {
		test.o.From, test.o.Encrypt = alice, true
		_, err := tools(h, seal.SMIME).Plan(t.Context(), test.o)
		if err == nil && test.want != "" || err != nil && err.Error() != test.want {
			t.Errorf("%+v: %v", test.o, err)
		}
	}
}

// FuzzListing asserts that nothing in a listing can make the parser fail, nor
// become an argument that is no fingerprint.
func FuzzListing(f *testing.F) {
	f.Add("pub:u:255:22:72A23B9CD98C351F:1795756577:::u:::scESC::::::23::0:\nfpr:::::::::1FF6CB42221F9F9366D58B8772A23B9CD98C351F:\nuid:u::::1::X::A\\x3a <a@b.example>::::::::::0:\n")
	f.Add("crt:u:2048:1:37C5:20261127T051829:20300101T000000:32FA::CN=A::esES::::::23:\nfpr:::::::::--output:\nuid:u::::::::<a@b.example>::\n")
	f.Fuzz(func(t *testing.T, listing string) {
		tools := seal.Tools{Kind: seal.PGP, Now: time.Now}
		tools.Run = func(_ context.Context, argv []string, _ io.Reader, out io.Writer) ([]byte, error) {
			for _, arg := range argv[len(argv)-1:] {
				if strings.HasPrefix(arg, "-") {
					t.Errorf("the argument %q", arg)
				}
			}
			_, err := io.WriteString(out, listing)
			return nil, err
		}
		a := address.Mailbox{Local: "a", Domain: "b.example"}
		_, _ = tools.Plan(t.Context(), seal.Order{Sign: true, Encrypt: true, From: a, To: []address.Mailbox{a}})
	})
}
