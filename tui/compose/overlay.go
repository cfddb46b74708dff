package compose

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
)

// overlay is a page that stands in front of the mail and has the keys until it
// is left: the file picker, what is asked for the mail, the preview, the sheet.
// It knows the screen it stands in front of, and leaves by setting over to nil.
type overlay interface {
	press(tea.KeyPressMsg) kit.Intent
	paste(tea.PasteMsg) kit.Intent
	mouse(tea.MouseMsg) kit.Intent
	// arrange is called before view when anything may have changed.
	arrange()
	view() (string, *tea.Cursor)
	status() kit.Status
	bindings() []key.Binding
}
