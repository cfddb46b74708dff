// Package theme gives the program its looks: a palette of meanings becomes one
// set of styles, and every state has a mark, a word and a colour, so that each
// of them alone suffices. It knows nothing of mail and nothing of layout.
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Palette names colours by what they mean. A nil colour is the terminal's own.
type Palette struct {
	Text     color.Color // what is read
	Dim      color.Color // what may be read
	Rule     color.Color // lines that divide
	Strong   color.Color // headings, and what the cursor is in
	Label    color.Color // names of fields
	Accent   color.Color // where one is, what can be pressed
	OnAccent color.Color // text upon the accent
	Select   color.Color // ground of the selected row
	OnSelect color.Color
	Mark     color.Color // ground of selected text
	OnMark   color.Color
	Good     color.Color // done, accepted
	Busy     color.Color // under way
	Wait     color.Color // will go on by itself
	Bad      color.Color // needs the person
	Frame    color.Color // border of a dialog

	bare bool // the terminal has no attributes either
}

// Dark is the palette for a dark ground.
func Dark() Palette {
	c := lipgloss.Color
	return Palette{
		Dim: c("#9A9AA5"), Rule: c("#4A4A55"), Strong: c("#FFFFFF"), Label: c("#9A9AA5"),
		Accent: c("#7FB4FF"), OnAccent: c("#10131A"), Select: c("#2B3A55"), OnSelect: c("#FFFFFF"),
		Mark: c("#44506B"), OnMark: c("#FFFFFF"),
		Good: c("#8FD18A"), Busy: c("#7FD7E0"), Wait: c("#E3C46B"), Bad: c("#FF7A70"), Frame: c("#7FB4FF"),
	}
}

// Light is the palette for a light ground.
func Light() Palette {
	c := lipgloss.Color
	return Palette{
		Dim: c("#62626E"), Rule: c("#B9B9C3"), Strong: c("#000000"), Label: c("#62626E"),
		Accent: c("#0B57B8"), OnAccent: c("#FFFFFF"), Select: c("#D5E4FA"), OnSelect: c("#000000"),
		Mark: c("#B9CDEB"), OnMark: c("#000000"),
		Good: c("#1F7A2E"), Busy: c("#00707E"), Wait: c("#8A5A00"), Bad: c("#B3201A"), Frame: c("#0B57B8"),
	}
}

// Sixteen is the palette for terminals with the sixteen standard colours,
// whose shades the person chose: only those that show on either ground.
func Sixteen() Palette {
	c := lipgloss.Color
	return Palette{
		Rule: c("8"), Accent: c("4"), OnAccent: c("15"), Select: c("4"), OnSelect: c("15"),
		Mark: c("4"), OnMark: c("15"),
		Good: c("2"), Busy: c("6"), Wait: c("3"), Bad: c("1"), Frame: c("4"),
	}
}

// None is the palette without colour; weight and reversal tell the meaning.
func None() Palette { return Palette{} }

// Bare is the palette for terminals that can't even show reversal: a sign in
// the first column marks what is selected.
func Bare() Palette { return Palette{bare: true} }

// Styles is everything that is drawn with.
type Styles struct {
	Text, Dim, Rule, Strong, Label lipgloss.Style
	Accent                         lipgloss.Style
	Here                           lipgloss.Style // the tab or button one is on
	Key                            lipgloss.Style // a key that can be pressed
	Selected                       lipgloss.Style // the selected row
	Marked                         lipgloss.Style // selected text
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
		Bad:    fg(p.Bad).Bold(true),
		Frame:  fg(p.Frame),
		Glyphs: g,
	}
}
