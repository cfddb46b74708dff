package theme

import "charm.land/lipgloss/v2"

// Glyphs are the signs beyond ASCII that the program draws.
type Glyphs struct {
	Rule, Full, Empty, Ellipsis, Dot, Here string
	ASCII                                  bool
	TopLeft, TopRight, Side, BottomLeft    string
	BottomRight, Chosen                    string
}

// Unicode returns the signs for terminals that show Unicode.
func Unicode() Glyphs {
	return Glyphs{
		Rule: "─", Full: "█", Empty: "░", Ellipsis: "…", Dot: "·", Here: "▸",
		TopLeft: "╭", TopRight: "╮", Side: "│", BottomLeft: "╰", BottomRight: "╯", Chosen: "●",
	}
}

// ASCII returns signs that every terminal shows.
func ASCII() Glyphs {
	return Glyphs{
		Rule: "-", Full: "#", Empty: ".", Ellipsis: "~", Dot: "-", Here: ">", ASCII: true,
		TopLeft: "+", TopRight: "+", Side: "|", BottomLeft: "+", BottomRight: "+", Chosen: "*",
	}
}

// tone says how much a state matters to the person.
type tone int

const (
	quiet tone = iota
	plain
	busy
	good
	wait
	bad
)

// marks is keyed by the word that stands beside the mark: the states of mails,
// of their recipients, and of the steps of a session.
var marks = map[string]struct {
	sign, ascii string
	tone        tone
}{
	"draft":     {"◦", "o", quiet},
	"held":      {"‖", "=", wait},
	"scheduled": {"◷", "@", wait},
	"queued":    {"·", ".", plain},
	"sending":   {"▸", ">", busy},
	"deferred":  {"↻", "~", wait},
	"sent":      {"✓", "+", good},
	"partial":   {"◐", "%", bad},
	"failed":    {"✗", "x", bad},
	"uncertain": {"?", "?", bad},
	"cancelled": {"–", "-", quiet},

	"pending":  {"·", ".", plain},
	"accepted": {"✓", "+", good},
	"rejected": {"✗", "x", bad},
	"claimed":  {"✓", "+", plain},
	"new":      {"◇", "*", wait},
	"group":    {"◎", "&", plain},

	"done":    {"✓", "+", good},
	"running": {"▸", ">", busy},
	"waiting": {" ", " ", quiet},
}

// Mark returns the one-column sign of a state, unstyled.
func (s Styles) Mark(state string) string {
	m, ok := marks[state]
	switch {
	case !ok:
		return " "
	case s.Glyphs.ASCII:
		return m.ascii
	}
	return m.sign
}

// Tone returns the style of a state.
func (s Styles) Tone(state string) lipgloss.Style {
	switch marks[state].tone {
	case busy:
		return s.Busy
	case good:
		return s.Good
	case wait:
		return s.Wait
	case bad:
		return s.Bad
	case plain:
		return s.Text
	}
	return s.Dim
}

// State returns mark and word of a state, styled.
func (s Styles) State(state string) string {
	return s.Tone(state).Render(s.Mark(state) + " " + state)
}
