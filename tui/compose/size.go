package compose

import (
	"sendoff/smtp/message"
	"sendoff/tui/text"
)

// takes is what a mail may have at the server of the account that sends; 0 if
// that is not known.
func (s *Screen) takes() int64 {
	a, _ := s.from.account()
	return s.from.takes[a.Name]
}

// built is about what the attachments have when the mail is built.
func (f *files) built() (sum int64) {
	for _, file := range f.list {
		sum += message.EncodedSize(file.Size)
	}
	return sum
}

// overSize says that the mail is too large for its server; empty if it is not.
func (s *Screen) overSize() string {
	built, takes := s.files.built(), s.takes()
	if takes == 0 || built <= takes {
		return ""
	}
	return "the files have " + text.FormatSize(built) + " in a mail, and the server takes " + text.FormatSize(takes)
}

// total is how large the attachments are, and what the server takes, as far as
// there is room.
func (s *Screen) total(width int) string {
	said := ""
	if len(s.files.list) > 1 {
		said = text.FormatSize(s.files.size())
	}
	if takes := s.takes(); takes > 0 && width >= 60 {
		if said != "" {
			said += ", "
		}
		said += "server takes " + text.FormatSize(takes)
	}
	if said == "" {
		return ""
	}
	style := s.pen.Dim
	if s.overSize() != "" {
		style = s.pen.Bad
	}
	return style.Render("  " + said + " ")
}
