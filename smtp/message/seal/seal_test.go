package seal_test

import (
	"io"
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
