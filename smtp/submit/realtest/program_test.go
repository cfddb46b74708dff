package realtest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sendoff/smtp/submit/realtest"
)

// program is sendoff itself, with a home of its own.
type program struct {
	path string
	env  []string
}

func newProgram(t *testing.T) *program {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "sendoff")
	if out, err := exec.Command("go", "build", "-o", path, "sendoff").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return &program{path, append(os.Environ(),
		"SENDOFF_HOME="+filepath.Join(dir, "home"), "DBUS_SESSION_BUS_ADDRESS=disabled:",
		"SENDOFF_PASSWORD_IMPLICIT="+realtest.Password, "SENDOFF_PASSWORD_STARTTLS="+realtest.Password, "SENDOFF_PASSWORD_WRONG=wrong")}
}

// run runs the program with text as its input and returns its exit code and
// output.
func (p *program) run(t *testing.T, text string, args ...string) (code int, out string) {
	t.Helper()
	cmd := exec.Command(p.path, args...)
	cmd.Env = p.env
	cmd.Stdin = strings.NewReader(text)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	if s := stdout.String() + stderr.String(); strings.Contains(s, realtest.Password) || strings.Contains(s, "\x1b") {
		t.Errorf("%v prints the password or an escape: %q", args, s)
	}
	t.Logf("sendoff %s: %d\n%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), stderr.Bytes())
	return cmd.ProcessState.ExitCode(), stdout.String()
}

// TestProgram takes the whole way, from the command line into the mailbox.
func TestProgram(t *testing.T) {
	t.Parallel()
	server := realtest.StartPostfix(t)
	p := newProgram(t)
	data := make([]byte, 1<<20)
	random := rand.NewChaCha8([32]byte{2})
	_, _ = random.Read(data)
	attachment := filepath.Join(t.TempDir(), "Übersicht.bin")
	if err := os.WriteFile(attachment, data, 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return name + "@" + realtest.Domain }
	for name, port := range map[string]int{"implicit": server.Submissions, "starttls": server.Submission, "wrong": server.Submissions} {
		security := name
		if name == "wrong" {
			security = "implicit"
		}
		code, _ := p.run(t, "", "account", "add", name, "--address", at("ann"), "--host", server.Host, "--port", strconv.Itoa(port),
			"--tls", security, "--user", realtest.User, "--secret", "env", "--ca-file", server.CAFile)
		if code != 0 {
			t.Fatalf("account add %s: exit code %d", name, code)
		}
	}
	const text = "Grüße\n.\n-- \nAnn\n"
	for _, account := range []string{"implicit", "starttls"} {
		code, out := p.run(t, text, "send", "--json", "--account", account, "--to", "Bob <"+at(account)+">, "+at("refused"),
			"--bcc", at(account+"-bcc"), "--subject", "Grüße", "--attach", attachment)
		if code != 69 {
			t.Errorf("send: exit code %d", code)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		var result struct {
			State string
			Bytes int
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &result); err != nil || result.State != "partial" {
			t.Errorf("result %s, %v", lines[len(lines)-1], err)
		}
		d := server.Delivered(t, at(account))
		same(t, d.Content, server.Delivered(t, at(account+"-bcc")).Content)
		if result.Bytes != len(d.Content) {
			t.Errorf("%d octets were counted, %d delivered", result.Bytes, len(d.Content))
		}
		if strings.Contains(string(d.Content), "-bcc") { // no base64 has a hyphen
			t.Errorf("the mail tells of its Bcc")
		}
		checkDelivered(t, d.Content, text, data)
	}
	if code, _ := p.run(t, text, "send", "--account", "wrong", "--to", at("nobody"), "--subject", "x"); code != 77 {
		t.Errorf("with a wrong password: exit code %d", code)
	}
}

// checkDelivered reads a mail with the standard library.
func checkDelivered(t *testing.T, content []byte, text string, data []byte) {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil || subject != "Grüße" {
		t.Errorf("Subject %q, %v", subject, err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(msg.Body, params["boundary"])
	first, err := r.NextPart() // decodes quoted-printable
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(first); err != nil || string(got) != normal(text) {
		t.Errorf("text %q, %v", got, err)
	}
	second, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, second))
	if err != nil || !bytes.Equal(got, data) || second.FileName() != "Übersicht.bin" {
		t.Errorf("attachment %q of %d octets, %v", second.FileName(), len(got), err)
	}
}
