package compose

import (
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// Draft implements kit.Drafter.
func (s *Screen) Draft() message.Draft {
	line, column := s.body.Position()
	return message.Draft{
		Account:     s.from.name,
		From:        s.from.typed,
		To:          s.lists[inTo].Text(),
		Cc:          s.lists[inCc].Text(),
		Bcc:         s.lists[inBcc].Text(),
		ReplyTo:     s.lists[inReplyTo].Text(),
		Subject:     s.subject.Text(),
		Headers:     slices.Clone(s.headers.list),
		Body:        s.body.Text(),
		Attachments: s.files.paths(),
		Attached:    s.files.decided(),
		Format:      s.format,
		Sign:        s.seal.sign,
		Encrypt:     s.seal.encrypt,
		Crypto:      s.seal.crypto,
		Wishes:      s.wishes,
		Focus:       string(s.focus),
		Line:        line,
		Column:      column,
	}
}

// Empty implements kit.Drafter. A signature alone is nothing written.
func (s *Screen) Empty() bool {
	for _, list := range s.lists {
		if !list.Empty() {
			return false
		}
	}
	return s.subject.Empty() && len(s.files.list) == 0 && len(s.headers.list) == 0 && s.wishes == (message.Wishes{}) && s.wordless()
}

// wordless tells that the text holds nothing but white space and signature.
func (s *Screen) wordless() bool {
	if s.body.Lines() > 1000 {
		return false // a text to be kept, whatever it is
	}
	body, _ := strings.CutSuffix(s.body.Text(), s.signature())
	return strings.TrimSpace(body) == ""
}

// Revision implements kit.Drafter.
func (s *Screen) Revision() uint64 { return s.revision }

// snapshot is what tells one revision from another, without reading the text.
type snapshot struct {
	to, cc, bcc, replyTo uint64
	subject, body        uint64
	name, typed          string
	files, headers       int
	format               message.Format
	seal                 sealChoice
	wishes               message.Wishes
	focus                place
	bodyLine, bodyColumn int
}

func (s *Screen) snapshot() snapshot {
	line, column := s.body.Position()
	return snapshot{
		s.lists[inTo].Revision(), s.lists[inCc].Revision(), s.lists[inBcc].Revision(), s.lists[inReplyTo].Revision(),
		s.subject.Revision(), s.body.Revision(), s.from.name, s.from.typed, s.files.changes, s.headers.changes, s.format, s.seal.sealChoice, s.wishes, s.focus, line, column,
	}
}

// written is what was written, whatever the cursor and the attachments are.
func (s *Screen) written() snapshot {
	now := s.snapshot()
	now.files, now.focus, now.bodyLine, now.bodyColumn = 0, "", 0, 0
	return now
}

// count makes a new revision if anything changed.
func (s *Screen) count() {
	if now := s.snapshot(); now != s.last {
		s.last = now
		s.revision++
	}
}

// load begins with the fields of a draft, or with a new mail.
func (s *Screen) load(msg kit.DraftLoaded) kit.Intent {
	if msg.Err != nil {
		s.trouble(msg.Err)
		return nil
	}
	f := msg.Fields
	s.draft, s.format, s.wishes = msg.ID, f.Format, f.Wishes
	s.headers.set(f.Headers)
	s.seal = sealing{sealChoice: sealChoice{f.Sign, f.Encrypt, f.Crypto}}
	s.sending, s.saveErr, s.status = writing, nil, kit.Status{}
	s.over, s.pasted = nil, nil
	s.saved = time.Time{}
	s.from.name, s.from.typed = f.Account, strings.TrimSpace(f.From)
	s.from.chosen = f.Account != "" || s.from.typed != ""
	s.settle()
	for p, typed := range map[place]string{inTo: f.To, inCc: f.Cc, inBcc: f.Bcc, inReplyTo: f.ReplyTo} {
		s.lists[p].SetText(typed)
	}
	s.subject.SetText(f.Subject)
	s.subject.ToEnd()
	s.body.SetText(f.Body)
	if msg.ID == 0 && f.Body == "" {
		s.body.SetText(s.signature())
	}
	s.body.SetPosition(f.Line, f.Column)
	s.files.set(f.Attachments, f.Attached)
	s.more = false
	s.goTo(s.first(place(f.Focus)))
	s.revision++
	return s.look()
}

// first returns where writing goes on: at the place that a draft names, else at
// what is still to be filled in.
func (s *Screen) first(p place) place {
	switch p {
	case inFrom, inTo, inCc, inBcc, inReplyTo, inSubject, inBody:
		return p
	case inFiles:
		if len(s.files.list) > 0 {
			return p
		}
	case inHeaders:
		if len(s.headers.list) > 0 {
			return p
		}
	}
	switch {
	case s.lists[inTo].Empty():
		return inTo
	case s.subject.Empty():
		return inSubject
	default:
		return inBody
	}
}

// draftSaved takes over how the last save went.
func (s *Screen) draftSaved(msg kit.DraftSaved) {
	s.saveErr = msg.Err
	if msg.Err == nil {
		s.draft, s.saved = msg.ID, msg.At
	}
}
