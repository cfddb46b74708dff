package compose

import (
	"slices"
	"strings"

	"sendoff/tui/keys"
)

// inLines are the actions on a text that need one of several lines.
var inLines = []string{
	"up", "down", "paragraph-up", "paragraph-down", "page-up", "page-down", "newline", "line-break",
	"reflow", "find", "go-to", "spell", "select-up", "select-down",
}

// Obstacle says what keeps an action of the key map from being done now; it is
// empty if nothing does.
func (s *Screen) Obstacle(a keys.Action) string {
	context, name, _ := strings.Cut(a.Name, ".")
	from, to := s.body.Selection()
	switch {
	case s.over != nil && name == "browser":
		return "this mail has no page"
	case s.over != nil:
		return "only beside the mail, which " + s.env.Keys.Dialog.Close.Help().Key + " goes back to"
	case s.sending == queuing:
		return "the mail is being put into the outbox"
	case name == "browser":
		return "only in the preview of a mail with a page"
	case name == "detach" && len(s.files.list) == 0 && !s.files.removed():
		return "nothing is attached"
	case name == "discard" && s.Empty():
		return "nothing is written yet"
	case name == "shift" && !slices.Contains([]place{inTo, inCc, inBcc}, s.focus):
		return "only on a recipient"
	case context == "files" && (s.focus != inFiles || len(s.files.list) == 0):
		return "only in the row of attachments"
	case context != "text", name == "undo" && s.filesLast():
	case s.focus == inFrom, s.focus == inFiles:
		return "only where text is typed"
	case s.focus != inBody && slices.Contains(inLines, name):
		return "only in the text of the mail"
	case (name == "cut" || name == "copy") && s.focus == inBody && from == to:
		return "nothing is selected"
	}
	return ""
}
