package message_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
)

// aboutContent are rules of SpamAssassin on what a mail says and to whom, not on
// its form: our mails hold what they do on purpose.
var aboutContent = []string{
	"HTML_MESSAGE", "TVD_SPACE_RATIO", "EMPTY_MESSAGE", "MISSING_SUBJECT", "SUBJ_ALL_CAPS", "WEIRD_QUOTING", "APOSTROPHE_TOCC",
	"T_PDS_FROM_2_EMAILS", "FROM_EXCESS_BASE64", "SUSP_UTF8_WORD_FROM", "SUSP_UTF8_WORD_SUBJ",
	"T_MIME_MALF", // of a text that begins as a header does
	"NO_RELAYS", "ALL_TRUSTED",
}

// TestNoSpam has SpamAssassin look at the form of all mails that readers agree
// on. It asks nobody.
func TestNoSpam(t *testing.T) {
	t.Parallel()
	if exec.Command("perl", "-MMail::SpamAssassin", "-MJSON::PP", "-e1").Run() != nil {
		lacks(t, "SpamAssassin")
	}
	all := tortures()
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	folder := t.TempDir()
	var paths []string
	for i := range names {
		m := all[names[i]]
		id, err := message.NewID(strings.NewReader("sixteen octets of this"), "example.org")
		if err != nil {
			t.Fatal(err)
		}
		m.ID = id
		path := filepath.Join(folder, names[i])
		received := "Received: from localhost (localhost [127.0.0.1]) by mx.example.org; " + m.Date.Format(time.RFC1123Z) + "\r\n"
		if err := os.WriteFile(path, []byte(received+build(t, m)), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	cmd := exec.CommandContext(t.Context(), "perl", filepath.Join("testdata", "readers", "spam.pl"), t.TempDir())
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\n") + "\n")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	looked := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); looked++ {
		var found struct {
			Path  string
			Rules []string
		}
		if err := json.Unmarshal(lines.Bytes(), &found); err != nil {
			t.Fatal(err)
		}
		for _, rule := range found.Rules {
			if !slices.Contains(aboutContent, rule) {
				t.Errorf("%s meets the rule %s", filepath.Base(found.Path), rule)
			}
		}
	}
	if looked != len(paths) {
		t.Errorf("%d mails of %d were looked at", looked, len(paths))
	}
}

// TestSpamIsSeen: the rules are there, and a broken form meets one.
func TestSpamIsSeen(t *testing.T) {
	t.Parallel()
	if exec.Command("perl", "-MMail::SpamAssassin", "-MJSON::PP", "-e1").Run() != nil {
		lacks(t, "SpamAssassin")
	}
	path := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(path, []byte("Date: yesterday\nMessage-ID: <1>\n\ntext\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "perl", filepath.Join("testdata", "readers", "spam.pl"), t.TempDir())
	cmd.Stdin = strings.NewReader(path + "\n")
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "INVALID_DATE") || !strings.Contains(string(out), "MISSING_FROM") {
		t.Errorf("%v: %s", err, out)
	}
}
