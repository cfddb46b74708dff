package session

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sendoff/smtp"
	"sendoff/smtp/submit"
	"sendoff/tui/stage"
	"sendoff/tui/text"
)

// particulars tells all that the connection showed of itself.
func (s *Screen) particulars() []string {
	var f stage.Facts
	if steps := s.live[s.id]; steps != nil {
		f = steps.Facts()
	}
	var rows []string
	add := func(name, words string) {
		if words == "" {
			return
		}
		for _, row := range s.pen.Wrap(text.Clean(words), max(10, s.sheetWidth()-15)) {
			rows = append(rows, " "+s.pen.Label.Render(s.pen.Pad(name, 12))+"  "+row)
			name = ""
		}
	}
	if f.TLS != nil {
		s.certificate(f.TLS, add)
	}
	if f.Login.Mechanism != "" {
		s.login(f.Login, add)
	}
	if f.Capabilities != nil {
		add("server", f.Capabilities.Greeting)
		add("offers", strings.Join(f.Capabilities.Extensions, " · "))
	}
	add("mail goes by", strings.Join(f.Used, " · "))
	if f.Waits > 0 {
		add("waits", strconv.Itoa(f.Waits)+" for this mail so far, those to set up the connection included")
	}
	if len(rows) == 0 {
		return []string{s.pen.Dim.Render(" Nothing is known of the connection: it was not watched from here, or another mail opened it.")}
	}
	return rows
}

func (s *Screen) certificate(t *smtp.TLSInfo, add func(name, words string)) {
	c := t.Certificate
	add("encryption", t.Version+", "+t.Cipher)
	add("certificate", "for "+strings.Join(t.Names(), ", "))
	add("subject", c.Subject.String())
	add("signed by", t.Issuer())
	add("valid", c.NotBefore.UTC().Format(time.DateOnly)+" to "+c.NotAfter.UTC().Format(time.DateOnly))
	if len(c.Raw) > 0 {
		add("fingerprint", fmt.Sprintf("SHA-256 % X", sha256.Sum256(c.Raw)))
	}
	add("key", submit.Pin(c))
}

func (s *Screen) login(e smtp.Event, add func(name, words string)) {
	add("login", e.Mechanism+": "+e.Text)
	if e.Choice == nil {
		return
	}
	add("offered", strings.Join(e.Choice.Offered, ", "))
	for _, p := range e.Choice.Reasons() {
		add("not", p.Mechanism+": "+p.Why)
	}
}
