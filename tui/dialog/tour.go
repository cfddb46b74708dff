package dialog

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// Hint is one stop of the tour: what the screen that it shows is for.
type Hint struct {
	Title, Text string
	Show        kit.Intent // the screen; nil for the one before
}

// Tour leads through the screens, a hint at a time. It can be left at any of
// them, and does not come back by itself.
type Tour struct {
	pen   widget.Pen
	keys  keys.Dialog
	hints []Hint
	at    int
	over  kit.Intent // what is wanted when it ends
}

// NewTour returns the tour at its first hint, of which the screen shows.
func NewTour(env kit.Env, hints []Hint, over kit.Intent) *Tour {
	return &Tour{pen: pen(env), keys: env.Keys.Dialog, hints: hints, over: over}
}

// Title implements Dialog.
func (t *Tour) Title() string {
	return fmt.Sprintf("%s, %d of %d", t.hints[t.at].Title, t.at+1, len(t.hints))
}

// Update implements Dialog.
func (t *Tour) Update(msg tea.Msg) (bool, kit.Intent) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
		return false, nil
	case key.Matches(press, t.keys.Close), key.Matches(press, t.keys.Press) && t.at == len(t.hints)-1:
		return true, t.over
	case key.Matches(press, t.keys.Press, t.keys.Next) && t.at < len(t.hints)-1:
		t.at++
	case key.Matches(press, t.keys.Previous) && t.at > 0:
		t.at--
	default:
		return false, nil
	}
	return false, t.hints[t.at].Show
}

// View implements Dialog.
func (t *Tour) View(width, _ int) ([]string, *tea.Cursor) {
	return t.pen.Wrap(t.hints[t.at].Text, min(width, 56)), nil
}

// Bindings implements Dialog.
func (t *Tour) Bindings() []key.Binding {
	next, back, leave := t.keys.Press, t.keys.Previous, t.keys.Close
	next.SetHelp(next.Help().Key, "next")
	back.SetHelp(back.Help().Key, "back")
	leave.SetHelp(leave.Help().Key, "leave the tour")
	switch t.at {
	case 0:
		return []key.Binding{next, leave}
	case len(t.hints) - 1:
		next.SetHelp(next.Help().Key, "done")
		return []key.Binding{next, back}
	}
	return []key.Binding{next, back, leave}
}
