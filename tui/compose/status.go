package compose

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"

	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// Status implements kit.Screen. A draft that is not on disk comes first; then
// what the last key led to; then what is wrong with what was written.
func (s *Screen) Status() kit.Status {
	status := s.status
	switch {
	case s.over != nil:
		return s.over.status()
	case s.saveErr != nil:
		status = kit.Status{Trouble: true, Text: "THE DRAFT IS NOT SAVED: " + submit.Explain(s.saveErr).String()}
		if errors.As(s.saveErr, new(*seal.KeysError)) || errors.As(s.saveErr, new(*seal.Error)) {
			status.Text += s.orPlain()
		}
	case status.Text != "":
	case s.sending == looking:
		status.Text = "looking at the attachments"
	case s.sending == queuing:
		status.Text = "putting it into the outbox"
	default:
		status = s.problem()
	}
	if status.Right == "" && !s.saved.IsZero() && s.saveErr == nil {
		status.Right = "draft saved " + text.FormatTime(s.saved, s.env.Now())
	}
	how := s.sealed()
	if s.markdown() {
		how = strings.TrimLeft(how+"  markdown", " ")
	}
	if how != "" && s.pen.Width(status.Text+status.Right+how)+5 > s.width {
		status.Right = "" // what becomes of the mail goes before what is usual
	}
	status.Right = strings.Trim(status.Right+"  "+how, " ")
	return status
}

// problem names the first thing that would keep the mail from going, or else
// what is asked for it.
func (s *Screen) problem() kit.Status {
	if s.focus == inFiles && len(s.files.list) > 0 {
		return s.chosenFile()
	}
	for _, p := range []place{inTo, inCc, inBcc, inReplyTo} {
		if e, found := s.lists[p].Problem(false); found {
			return kit.Status{Text: text.Clean(e.Err.Error()), Trouble: true}
		}
	}
	if err := message.CheckHeaders(s.headers.list); err != nil {
		return kit.Status{Text: wrongHeader(err), Trouble: true}
	}
	if i := s.files.broken(); i >= 0 {
		file := s.files.list[i]
		return kit.Status{Text: file.quoted() + ": " + reason(file.Err), Trouble: true}
	}
	if lack := s.unsealable(); lack != "" {
		return kit.Status{Text: lack, Trouble: true}
	}
	if over := s.overSize(); over != "" {
		return kit.Status{Text: over, Trouble: true}
	}
	if said := s.recipientsSay(); said.Text != "" {
		return said
	}
	return kit.Status{Text: s.asked()}
}

// Bindings implements kit.Screen.
func (s *Screen) Bindings() []key.Binding {
	switch {
	case s.over != nil:
		return s.over.bindings()
	case s.focus == inFiles && len(s.files.list) > 0:
		return s.filesBindings()
	}
	if s.focus == inBody && s.body.Asking() {
		return s.body.Bindings()
	}
	if s.focus == inHeaders {
		change := s.env.Keys.Text.Newline
		change.SetHelp(change.Help().Key, "change them")
		return []key.Binding{change, s.keys.Send, s.keys.Next, s.keys.New}
	}
	all := s.chipBindings()
	all = append(all, s.keys.Send, s.keys.Attach, s.keys.Cc, s.keys.Editor, s.keys.Next)
	switch detach := s.keys.Detach; {
	case s.files.removed():
		detach.SetHelp(detach.Help().Key, "attach it again")
		all = append(all, detach)
	case len(s.files.list) > 0:
		all = append(all, detach)
	}
	all = append(all, s.keys.Later, s.keys.Wishes, s.keys.New, s.keys.Seal, s.keys.Fields, s.keys.Template)
	if !s.Empty() {
		all = append(all, s.keys.Discard)
	}
	if s.focus == inBody {
		text := s.env.Keys.Text
		all = append(all, text.Find, text.Spell, text.GoTo, text.Reflow, text.Undo, text.Redo, text.SelectAll, text.Cut, text.Copy)
	}
	return all
}
