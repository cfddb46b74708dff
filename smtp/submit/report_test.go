package submit_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// TestReport: a report of a whole check has every step with its time, and no
// secret, even where a server says one; masked it has no address either.
func TestReport(t *testing.T) {
	t.Parallel()
	_, a, sender := start(t, sandbox.Options{})
	a.User = "alice"
	r := submit.Report{Program: "sendoff 1.2", System: "linux/amd64", At: time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC), Account: a.Complete()}
	r.Err = sender.Check(t.Context(), a, func(s submit.Step) { r.Steps = append(r.Steps, s) })
	whole := r.Text(false, password)
	for _, want := range []string{
		"sendoff 1.2 on linux/amd64, 2026-11-27 09:30 UTC", "account: 127.0.0.1 port ", "password in keyring", "ok       auth ", " as alice", "nothing is wrong",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is missing:\n%s", want, whole)
		}
	}
	if masked := r.Text(true, password); strings.Contains(masked, "alice") || !strings.Contains(masked, " as ***") {
		t.Errorf("masked:\n%s", masked)
	}
}

func TestReportHidesSecrets(t *testing.T) {
	t.Parallel()
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	a := config.Account{Name: "work", Address: "alice@example.org", Host: "h.example", Proxy: "socks5://token-of-alice@p.example:1", User: "alice@example.org"}.Complete()
	r := submit.Report{Program: "sendoff", System: "x", Account: a, Err: errors.New("x"), Steps: []submit.Step{
		{Name: "auth", Finding: submit.Bad, Text: "535 hunter2-horse " + coded("hunter2-horse") + " \x1b[2J", Hint: "write to alice@example.org or <Bob.B+x@sub.example.org>", Elapsed: 31 * time.Millisecond, Waits: 2},
		{Name: "auth", Finding: submit.Bad, Text: coded("\x00alice@example.org\x00hunter2-horse")},
	}}
	for _, masked := range []bool{false, true} {
		got := r.Text(masked, "hunter2-horse", "")
		for _, never := range []string{"hunter2", coded("hunter2-horse"), coded("\x00alice@example.org\x00hunter2-horse"), "token-of-alice", "\x1b"} {
			if strings.Contains(got, never) {
				t.Errorf("%q is in it:\n%s", never, got)
			}
		}
		if !strings.Contains(got, "(31ms, 2 waits)") || strings.Contains(got, "nothing is wrong") {
			t.Errorf("it says:\n%s", got)
		}
		if shown := strings.Contains(got, "alice@") || strings.Contains(got, "Bob"); shown == masked || !strings.Contains(got, "@sub.example.org") {
			t.Errorf("masked %v:\n%s", masked, got)
		}
	}
}
