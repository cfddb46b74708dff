package seal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/seal/sealtest"
)

func tools(h *sealtest.Home, kind seal.Kind) seal.Tools {
	return seal.Tools{Kind: kind, Run: h.Run, Now: time.Now}
}

func box(t *testing.T, s string) address.Mailbox {
	t.Helper()
	m, err := address.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// letter has in it all that a relay likes to change.
func letter(t *testing.T) *message.Message {
	text := "Dear Bob,\n\nFrom here it goes on, and a paragraph that is far too long for one line, so that it flows over more of them with blanks.\n\n-- \nÄlice\n"
	enclosed := "Subject: inner \n\nFrom me to you \n"
	return &message.Message{
		From: box(t, "Älice <alice@example.org>"), To: []address.Mailbox{box(t, "bob@example.org")},
		Subject: "Grüße, streng geheim", ID: "1@example.org", Text: text, HTML: "<p>Dear Bob</p>\n",
		Headers: []message.Header{{Name: "Keywords", Value: "spies"}, {Name: "X-Shown", Value: "yes"}},
		Attachments: []message.Attachment{
			{Name: "a.bin", Open: open(strings.Repeat("\x00\xff\n", 9999))}, {Name: "b.eml", Open: open(enclosed)},
		},
	}
}

func open(content string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
}

// mailParts are the raw parts of a multipart, their headers included.
func mailParts(t *testing.T, entity string) (params map[string]string, parts []string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(entity))
	if err != nil {
		t.Fatalf("%v\n%s", err, entity)
	}
	_, params, err = mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	pieces := strings.Split(entity, "--"+params["boundary"])
	if len(pieces) != 4 || !strings.HasPrefix(pieces[3], "--") {
		t.Fatalf("%d parts with the boundary %q\n%s", len(pieces)-2, params["boundary"], entity)
	}
	for _, p := range pieces[1:3] {
		parts = append(parts, strings.TrimSuffix(strings.TrimPrefix(p, "\r\n"), "\r\n"))
	}
	return params, parts
}

func content(entity string) string {
	_, body, _ := strings.Cut(entity, "\r\n\r\n")
	return body
}

func sealed(t *testing.T, tools seal.Tools, o seal.Order, m *message.Message) string {
	t.Helper()
	plan, err := tools.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := plan.Write(t.Context(), &b, m); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if !strings.HasSuffix(line, "\r\n") || len(line) > 80 || strings.Trim(line, "\r\n") != strings.TrimRight(line, " \t\r\n") {
			t.Fatalf("a line of it is %q", line)
		}
	}
	return b.String()
}

// verify checks a multipart/signed with the program itself, and returns what was
// signed.
func verify(t *testing.T, h *sealtest.Home, kind seal.Kind, entity string) string {
	t.Helper()
	params, parts := mailParts(t, entity)
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	signature, text, forged := put("signature", content(parts[1])), put("text", parts[0]), put("forged", strings.Replace(parts[0], "Dear Bob", "Dear Rob", 1))
	args := []string{"gpg", "--batch", "--status-fd", "2"}
	if kind == seal.SMIME {
		args = []string{"gpgsm", "--batch", "--status-fd", "2", "--assume-base64"}
	}
	if _, said, err := h.Try("", append(args, "--verify", signature, text)...); err != nil || !strings.Contains(said, "GOODSIG") {
		t.Fatalf("the signature is not good: %v\n%s", err, said)
	}
	if _, said, err := h.Try("", append(args, "--verify", signature, forged)...); err == nil || !strings.Contains(said, "BADSIG") {
		t.Fatalf("a forged text passes: %v\n%s", err, said)
	}
	hash := map[seal.Kind]string{seal.PGP: "pgp-sha256", seal.SMIME: "sha-256"}[kind]
	protocol := map[seal.Kind]string{seal.PGP: "application/pgp-signature", seal.SMIME: "application/pkcs7-signature"}[kind]
	if params["micalg"] != hash || params["protocol"] != protocol || !strings.Contains(parts[1], "Content-Type: "+protocol) {
		t.Errorf("signed with %v", params)
	}
	return parts[0]
}

func TestSealed(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	for _, user := range []string{"alice@example.org", "bob@example.org", "eve@example.org"} {
		h.Make("Somebody <"+user+">", "", "never")
		h.Trust(h.Certify(user, ""))
	}
	for _, kind := range []seal.Kind{seal.PGP, seal.SMIME} {
		for _, o := range []seal.Order{{Sign: true}, {Encrypt: true}, {Sign: true, Encrypt: true}} {
			m := letter(t)
			o.From, o.To = m.From, m.To
			if kind == seal.PGP {
				o.Bcc = []address.Mailbox{box(t, "eve@example.org")}
			}
			mail := sealed(t, tools(h, kind), o, m)
			var payload string
			if !o.Encrypt {
				if !strings.Contains(mail, "Keywords: spies") {
					t.Error("a signed mail hides something")
				}
				payload = verify(t, h, kind, mail)
			} else {
				payload = opened(t, h, kind, o, mail)
			}
			look(t, o, payload)
		}
	}
}

// opened decrypts a mail with the programs themselves, and returns the payload.
func opened(t *testing.T, h *sealtest.Home, kind seal.Kind, o seal.Order, mail string) string {
	t.Helper()
	head, _, _ := strings.Cut(mail, "\r\n\r\n")
	if !strings.Contains(head, "Subject: [...]") || strings.Contains(head, "spies") || !strings.Contains(head, "X-Shown: yes") {
		t.Errorf("the outside is\n%s", head)
	}
	if kind == seal.SMIME {
		if !strings.Contains(head, "smime-type=enveloped-data") {
			t.Errorf("the outside is\n%s", head)
		}
		inner := h.Must(content(mail), "gpgsm", "--batch", "--assume-base64", "--decrypt")
		if o.Sign {
			return verify(t, h, kind, inner)
		}
		return inner
	}
	params, parts := mailParts(t, mail)
	if params["protocol"] != "application/pgp-encrypted" || content(parts[0]) != "Version: 1\r\n" {
		t.Errorf("encrypted as %v, with %q", params, parts[0])
	}
	inner, said, err := h.Try(content(parts[1]), "gpg", "--batch", "--status-fd", "2", "--decrypt")
	if err != nil || strings.Contains(said, "GOODSIG") != o.Sign {
		t.Fatalf("decrypted: %v\n%s", err, said)
	}
	if !strings.Contains(said, "ENC_TO 0000000000000000") || strings.Count(said, "ENC_TO") != 3 {
		t.Errorf("it is encrypted to\n%s", said)
	}
	packets := h.Must(content(parts[1]), "gpg", "--batch", "--list-only", "--list-packets")
	for user, shown := range map[string]bool{"alice": true, "bob": true, "eve": false} {
		listing := h.Must("", "gpg", "--with-colons", "--list-keys", "<"+user+"@example.org>")
		_, sub, _ := strings.Cut(listing, "\nsub:")
		if id := strings.Split(sub, ":")[3]; strings.Contains(packets, id) != shown {
			t.Errorf("the key of %s is in the list: %v", user, !shown)
		}
	}
	return inner
}

// look checks what is inside.
func look(t *testing.T, o seal.Order, payload string) {
	t.Helper()
	hp := "hp=clear"
	if o.Encrypt {
		hp = "hp=cipher"
		if !strings.Contains(payload, "\r\nHP-Outer: Subject: [...]\r\n") {
			t.Error("what is outside is not told inside")
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Grüße, streng geheim" || m.Header.Get("Keywords") != "spies" || !strings.Contains(m.Header.Get("Content-Type"), hp) {
		t.Errorf("the fields inside are %v, %v", m.Header, err)
	}
	for line := range strings.Lines(payload) {
		line = strings.TrimSuffix(line, "\r\n")
		if strings.HasPrefix(line, "From ") || strings.TrimRight(line, " \t") != line || strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Fatalf("a line inside is %q", line)
		}
	}
}

// TestPython has another program take the mails apart.
func TestPython(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	h.Trust(h.Certify("alice@example.org", ""))
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("SENDOFF_TEST_REAL") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	script := `
import email, email.policy, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.strict)
for p in m.walk():
    if p.defects: raise SystemExit(p.defects)
    print(p.get_content_type(), p.get_filename(), p.get("Subject"))
`
	m := letter(t)
	me := []address.Mailbox{m.From}
	inner := "multipart/mixed None Grüße, streng geheim\nmultipart/alternative None None\ntext/plain None None\ntext/html None None\n" +
		"application/octet-stream a.bin None\napplication/octet-stream b.eml None\n"
	for _, test := range []struct {
		kind seal.Kind
		o    seal.Order
		want string
	}{
		{seal.PGP, seal.Order{Sign: true}, "multipart/signed None Grüße, streng geheim\n" + inner + "application/pgp-signature signature.asc None\n"},
		{seal.SMIME, seal.Order{Sign: true}, "multipart/signed None Grüße, streng geheim\n" + inner + "application/pkcs7-signature smime.p7s None\n"},
		{
			seal.PGP, seal.Order{Encrypt: true, To: me},
			"multipart/encrypted None [...]\napplication/pgp-encrypted None None\napplication/octet-stream encrypted.asc None\n",
		},
		{seal.SMIME, seal.Order{Sign: true, Encrypt: true, To: me}, "application/pkcs7-mime smime.p7m [...]\n"},
	} {
		test.o.From = m.From
		cmd := exec.Command(python, "-c", script)
		cmd.Stdin = strings.NewReader(sealed(t, tools(h, test.kind), test.o, m))
		cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != test.want {
			t.Errorf("%s %+v: %v\n%s", test.kind, test.o, err, out)
		}
	}
}

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

// TestPassphrase asserts how a person is asked, and what comes of it if they are
// not, or don't answer.
func TestPassphrase(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "secret", "never")
	h.Trust(h.Certify("alice@example.org", "secret"))
	m := letter(t)
	for _, kind := range []seal.Kind{seal.PGP, seal.SMIME} {
		unclear := seal.Canceled // gpgsm has no code for it
		wrong := seal.BadPassphrase
		cantAsk := seal.CantAsk
		if kind == seal.SMIME {
			unclear, wrong, cantAsk = seal.Failed, seal.Failed, seal.Failed
		}
		for _, test := range []struct {
			pinentry string // empty to go on with the last, and what the agent knows by now
			ask      bool
			want     seal.Reason
		}{
			{sealtest.Answers("secret"), false, seal.MustAsk},
			{sealtest.Cancels(), true, unclear},
			{"exit 1", true, cantAsk},
			{sealtest.Answers("wrong"), true, wrong},
			{sealtest.Answers("secret"), true, ""},
			{"", false, ""},
		} {
			if test.pinentry != "" {
				h.Pinentry(test.pinentry)
				h.Restart()
			}
			tools := tools(h, kind)
			tools.Ask = test.ask
			plan, err := tools.Plan(t.Context(), seal.Order{Sign: true, From: m.From})
			if err != nil {
				t.Fatal(err)
			}
			err = plan.Write(t.Context(), io.Discard, m)
			var failed *seal.Error
			if errors.As(err, &failed); (err == nil) != (test.want == "") || failed != nil && failed.Reason != test.want {
				t.Errorf("%s, pinentry %q, ask %v: %v", kind, test.pinentry, test.ask, err)
			}
			if seal.AsksPerson(err) != (test.want == seal.MustAsk) {
				t.Errorf("%v: asks is wrong", err)
			}
		}
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	m := letter(t)
	o := seal.Order{Sign: true, Encrypt: true, From: m.From, To: []address.Mailbox{m.From}}

	none := tools(h, seal.PGP)
	none.Run = func(context.Context, []string, io.Reader, io.Writer) ([]byte, error) { return nil, fs.ErrNotExist }
	_, err := none.Plan(t.Context(), o)
	if err == nil || err.Error() != "gpg is not installed" {
		t.Errorf("no program: %v", err)
	}

	plan, err := tools(h, seal.PGP).Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	// The secret part may be on a card that is not there.
	card := seal.Tools{Kind: seal.PGP, Now: time.Now, Ask: true}
	card.Run = func(ctx context.Context, argv []string, in io.Reader, out io.Writer) ([]byte, error) {
		if argv[len(argv)-1] == m.From.Addr() || strings.Contains(strings.Join(argv, " "), "--list") {
			return h.Run(ctx, argv, in, out)
		}
		return []byte("gpg: signing failed: Card not present\n[GNUPG:] CARDCTRL 4\n[GNUPG:] FAILURE sign 100663408\n"), errors.New("exit status 2")
	}
	cardPlan, err := card.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	err = cardPlan.Write(t.Context(), io.Discard, m)
	if err == nil || err.Error() != "gpg misses the card with the key: gpg: signing failed: Card not present" {
		t.Errorf("card: %v", err)
	}

	broken := errors.New("broken disk")
	m.Attachments[0].Open = func() (io.ReadCloser, error) { return nil, broken }
	if err := plan.Write(t.Context(), io.Discard, m); !errors.Is(err, broken) {
		t.Errorf("a file that can't be read: %v", err)
	}
	if err := plan.Write(t.Context(), failing{}, letter(t)); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	n := 0
	m.Attachments[0].Open = func() (io.ReadCloser, error) { n++; return open(strings.Repeat("x", n))() }
	signs, err := tools(h, seal.PGP).Plan(t.Context(), seal.Order{Sign: true, From: m.From})
	if err != nil {
		t.Fatal(err)
	}
	if err := signs.Write(t.Context(), io.Discard, m); !errors.Is(err, seal.ErrChanged) {
		t.Errorf("a file that changes: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := plan.Write(ctx, io.Discard, letter(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

var errFull = errors.New("the disk is full")

// failing takes the header, and nothing else.
type failing struct{}

func (failing) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("From: ")) {
		return len(p), nil
	}
	return 0, errFull
}

func TestDraft(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	h.Trust(h.Certify("alice@example.org", ""))
	d := message.Draft{From: "alice@example.org", To: "bob@example.org", Subject: "secret", Body: "for nobody's eyes", Encrypt: message.Yes}
	for _, kind := range []seal.Kind{seal.PGP, seal.SMIME} {
		locked, err := tools(h, kind).Lock(t.Context(), d, seal.Order{From: box(t, d.From)})
		if err != nil {
			t.Fatal(err)
		}
		if locked.Subject != message.HiddenSubject || locked.Body != "" || locked.To != d.To || strings.Contains(locked.Locked, "eyes") {
			t.Errorf("locked it is %+v", locked)
		}
		got, err := tools(h, kind).Unlock(t.Context(), locked)
		if err != nil || got.Body != d.Body || got.Subject != d.Subject {
			t.Errorf("unlocked it is %+v, %v", got, err)
		}
	}
	if _, err := tools(h, seal.PGP).Lock(t.Context(), d, seal.Order{From: box(t, "bob@example.org")}); !errors.As(err, new(*seal.KeysError)) {
		t.Errorf("without a key: %v", err)
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
