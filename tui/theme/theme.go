// Package theme gives the program its looks: a palette of meanings becomes one
// set of styles, and every state has a mark, a word and a colour, so that each
// of them alone suffices. It knows nothing of mail and nothing of layout.
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Styles is everything that is drawn with.
type Styles struct {
	Text, Dim, Rule, Strong, Label lipgloss.Style
	Accent                         lipgloss.Style
	Here                           lipgloss.Style // the tab or button one is on
	Key                            lipgloss.Style // a key that can be pressed
	Selected                       lipgloss.Style // the selected row
	Marked                         lipgloss.Style // selected text
	Found                          lipgloss.Style // what a search finds
	Misspelled                     lipgloss.Style
	Good, Busy, Wait, Bad          lipgloss.Style
	Frame                          lipgloss.Style // border of a dialog

	Glyphs Glyphs
}

// New makes the styles of a palette.
func New(p Palette, g Glyphs) Styles {
	fg := func(c color.Color) lipgloss.Style {
		if c == nil {
			return lipgloss.NewStyle()
		}
		return lipgloss.NewStyle().Foreground(c)
	}
	on := func(fore, back color.Color) lipgloss.Style {
		if back == nil {
			return lipgloss.NewStyle().Reverse(true)
		}
		return fg(fore).Background(back)
	}
	here, selected := on(p.OnAccent, p.Accent).Bold(true), on(p.OnSelect, p.Select)
	if p.bare {
		pointed := lipgloss.NewStyle().Transform(func(s string) string {
			return g.Here + strings.TrimPrefix(s, " ")
		})
		here, selected = pointed, pointed
	}
	return Styles{
		Text: fg(p.Text), Dim: fg(p.Dim), Rule: fg(p.Rule), Label: fg(p.Label),
		Strong:   fg(p.Strong).Bold(true),
		Accent:   fg(p.Accent).Bold(p.Accent == nil),
		Here:     here,
		Key:      fg(p.Accent).Bold(true),
		Selected: selected,
		Marked:   on(p.OnMark, p.Mark),
		Good:     fg(p.Good), Busy: fg(p.Busy), Wait: fg(p.Wait),
		Bad:   fg(p.Bad).Bold(true),
		Frame: fg(p.Frame),

		Found:      fg(p.Accent).Bold(true).Underline(true),
		Misspelled: fg(p.Bad).Underline(true),

		Glyphs: g,
	}
}
