package compose

import (
	"path/filepath"
	"slices"
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/tui/field"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// editOutside hands the text to the person's own editor, with the header above
// it if that is wanted.
func (s *Screen) editOutside() kit.Intent {
	if s.headed = s.writing.EditorHeaders; s.headed {
		return kit.EditOutside{Text: template.Render(s.Draft())}
	}
	return kit.EditOutside{Text: s.body.Text()}
}

// edited takes over what the outside editor left, even if it failed then.
func (s *Screen) edited(msg kit.Edited) (want kit.Intent) {
	d, said := message.Draft{Body: msg.Text}, ""
	if s.headed {
		var wrong []string
		var header bool
		d, wrong, header = template.Edited(msg.Text, s.Draft())
		switch {
		case !header:
			said = "No header came back from the editor: the fields stay as they were, and all of it is text."
		case len(wrong) > 0:
			said = wrong[0] + "; it stands at the top of the text now."
		}
		want = s.takeHeader(d)
	}
	if d.Body != s.body.Text() {
		s.body.ReplaceAll(d.Body)
	}
	s.goTo(inBody)
	switch {
	case said != "":
		s.body.SetPosition(0, 0)
		s.status = kit.Status{Text: text.Clean(said), Trouble: true}
	case msg.Err != nil:
		s.trouble(msg.Err)
	}
	return want
}

// takeHeader takes over the fields that changed outside, and has the files that
// were added looked at.
func (s *Screen) takeHeader(d message.Draft) kit.Intent {
	for p, typed := range map[place]string{inTo: d.To, inCc: d.Cc, inBcc: d.Bcc, inReplyTo: d.ReplyTo} {
		if list := s.lists[p]; !sameTyped(list, typed) {
			list.SetText(typed)
		}
	}
	if d.Subject != strings.TrimSpace(s.subject.Text()) {
		s.subject.SetText(d.Subject)
	}
	if f := &s.from; d.From != f.typed || d.Account != f.name {
		if owner, _ := f.owner(d.From); owner != "" && d.Account == f.name {
			d.Account = owner
		}
		f.name, f.typed, f.chosen = d.Account, d.From, true
		s.settle()
	}
	s.headers.set(d.Headers)
	s.format, s.wishes = d.Format, d.Wishes
	s.seal.sealChoice = sealChoice{d.Sign, d.Encrypt, d.Crypto}
	var added []kit.File
	for _, path := range d.Attachments {
		if !slices.Contains(s.files.paths(), path) {
			added = append(added, kit.File{Path: path, Name: filepath.Base(path)})
		}
	}
	if len(added) == 0 {
		return nil
	}
	s.attach(added...)
	s.files.decide(d.Attached)
	return s.look()
}

// sameTyped tells that a list holds what was typed, but for blanks.
func sameTyped(list *field.Addresses, typed string) bool {
	return strings.Join(strings.Fields(list.Text()), " ") == strings.Join(strings.Fields(typed), " ")
}
