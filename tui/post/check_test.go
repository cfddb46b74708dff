package post

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/tui/presend"
)

// names are the Domains that there are.
type names struct{}

var errNone = &net.DNSError{Err: "no such host", IsNotFound: true}

func (names) LookupMX(_ context.Context, domain string) ([]*net.MX, error) {
	switch domain {
	case "ok.example":
		return []*net.MX{{Host: "mx.ok.example."}}, nil
	case "null.example":
		return []*net.MX{{Host: "."}}, nil
	case "slow.example":
		return nil, errors.New("timeout")
	}
	return nil, errNone
}

func (names) LookupHost(_ context.Context, domain string) ([]string, error) {
	if domain == "host.example" {
		return []string{"192.0.2.1"}, nil
	}
	return nil, errNone
}

func TestCheckLooksUpDomains(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Domains: names{}})
	add(t, r, work, "")
	found := r.Check(t.Context(), message.Draft{
		To: "a@ok.example, a@null.example, a@slow.example, a@host.example, a@gone.example, a@[192.0.2.7]", Subject: "x", Body: "y",
	})
	var said []string
	for _, f := range found {
		if f.Kind != presend.Dead {
			t.Errorf("it says %+v", f)
		}
		said = append(said, f.Text)
	}
	want := []string{
		"a@null.example can't be reached: its domain says that it takes no mail",
		"a@gone.example can't be reached: there is no such domain, or it has no mail server",
	}
	if !slices.Equal(said, want) {
		t.Errorf("it says %q", said)
	}
}

// The first mail to somebody is one only where there was one to others.
func TestCheckFirstMail(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Sandbox: true, Lookup: func(string) (string, bool) { return "", false }})
	d := message.Draft{To: "bob@example.org", Subject: "x", Body: "y"}
	if found := r.Check(t.Context(), d); len(found) != 0 {
		t.Errorf("in an empty outbox it says %+v", found)
	}
	if _, err := r.Post(t.Context(), d, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Flush(t.Context(), func(outbox.Event) {}, outbox.Only{}); err != nil {
		t.Fatal(err)
	}
	if found := r.Check(t.Context(), d); len(found) != 0 {
		t.Errorf("of a second mail it says %+v", found)
	}
	d.To = "bob@example.org, BOB@Example.ORG, carol@example.org"
	found := r.Check(t.Context(), d)
	if len(found) != 1 || !strings.HasSuffix(found[0].Text, "first mail to carol@example.org") {
		t.Errorf("it says %+v", found)
	}
	d.Headers = []message.Header{{Name: "In-Reply-To", Value: "<1@example.org>"}}
	if found := r.Check(t.Context(), d); len(found) != 0 {
		t.Errorf("of an answer it says %+v", found)
	}
}

// The person's own command sees the mail, and what it says comes first.
func TestChecker(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the command is a shell's")
	}
	r := open(t, Options{})
	add(t, r, work, "")
	large := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(large, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	d := message.Draft{To: "bob@ok.example", Subject: "secret plan", Body: "y", Attachments: []string{large}}
	for script, want := range map[string]string{
		`grep -q "^Subject: secret" && { echo "it tells a secret"; exit 3; }`: "your own check, sh, says: it tells a secret",
		`exit 1`:                    "exit status 1",
		`true`:                      "",
		`cat >/dev/null; echo fine`: "",
		`cat | wc -c >&2; exit 2`:   "43",
	} {
		setChecker(t, r, []string{"sh", "-c", script})
		found := r.Check(t.Context(), d)
		switch {
		case want == "" && len(found) != 0:
			t.Errorf("%s: it says %+v", script, found)
		case want != "" && (len(found) != 1 || found[0].Kind != presend.Checker || !strings.Contains(found[0].Text, want)):
			t.Errorf("%s: it says %+v", script, found)
		}
	}
	setChecker(t, r, []string{"/no/such/checker"})
	if found := r.Check(t.Context(), d); len(found) != 1 || !strings.Contains(found[0].Text, "checker") {
		t.Errorf("of a missing command it says %+v", found)
	}
}

// setChecker writes the command into the configuration.
func setChecker(t *testing.T, r *Room, argv []string) {
	t.Helper()
	path := r.Home().ConfigFile()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	accounts, _, _ := strings.Cut(string(text), "[compose]")
	quoted := make([]string, len(argv))
	for i, a := range argv {
		quoted[i] = "'''" + a + "'''"
	}
	if err := os.WriteFile(path, []byte(accounts+"[compose]\ncheck = ["+strings.Join(quoted, ", ")+"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path); err != nil {
		t.Fatal(err)
	}
}
