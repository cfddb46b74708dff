package stage

import (
	"strings"

	"sendoff/smtp"
)

// Facts is what a session showed of itself, for who wants to know it in full.
// What belongs to the connection was told with the first mail that went over
// it; for others it is empty.
type Facts struct {
	TLS          *smtp.TLSInfo
	Capabilities *smtp.Capabilities
	Login        smtp.Event // the beginning of the login that counted
	Used         []string   // extensions that the mail goes by
	Waits        int        // times there was nothing to do but wait for the server
}

// Facts returns what was heard so far.
func (s *Steps) Facts() Facts { return s.facts }

// learn takes note of what e shows of the session.
func (f *Facts) learn(e smtp.Event) {
	switch {
	case e.Kind == smtp.KindWait:
		f.Waits++
	case e.TLS != nil:
		f.TLS = e.TLS
	case e.Capabilities != nil:
		f.Capabilities = e.Capabilities
	case e.Kind == smtp.KindBegin && e.Stage == smtp.StageAuth:
		f.Login = e
	case e.Used != nil:
		f.Used = e.Used
	}
}

// login names the mechanism and says in short why it was chosen.
func (f *Facts) login(mechanism string) string {
	why, _, _ := strings.Cut(f.Login.Text, " of ")
	if why == "" || f.Login.Mechanism != mechanism {
		return mechanism
	}
	if choice := f.Login.Choice; choice != nil && why != f.Login.Text {
		why += " of those offered"
	}
	return mechanism + ", " + why
}
