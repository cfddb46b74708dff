package theme

import (
	"fmt"
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/pelletier/go-toml/v2"

	"sendoff/assets"
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

// role returns where the colour of a role is, nil for what is none. Themes and
// the configuration call the roles by these names.
func (p *Palette) role(name string) *color.Color {
	return map[string]*color.Color{
		"text": &p.Text, "dim": &p.Dim, "rule": &p.Rule, "strong": &p.Strong, "label": &p.Label,
		"accent": &p.Accent, "on-accent": &p.OnAccent, "select": &p.Select, "on-select": &p.OnSelect,
		"mark": &p.Mark, "on-mark": &p.OnMark,
		"good": &p.Good, "busy": &p.Busy, "wait": &p.Wait, "bad": &p.Bad, "frame": &p.Frame,
	}[name]
}

// With returns p with the colours given to roles: "#rrggbb", a number of the
// terminal's 256, or nothing for the terminal's own.
func (p Palette) With(colors map[string]string) (Palette, error) {
	for name, c := range colors {
		at := p.role(name)
		if at == nil {
			return p, fmt.Errorf("a theme has no role %q", name)
		}
		*at = nil
		if c != "" {
			*at = lipgloss.Color(c)
		}
	}
	return p, nil
}

// Dark is the palette for a dark ground.
func Dark() Palette { return embedded("dark") }

// Light is the palette for a light ground.
func Light() Palette { return embedded("light") }

// HighContrast is the palette for eyes that need it, on a dark ground or a
// light one.
func HighContrast(dark bool) Palette {
	if dark {
		return embedded("high-contrast-dark")
	}
	return embedded("high-contrast-light")
}

// Sixteen is the palette for terminals with the sixteen standard colours.
func Sixteen() Palette { return embedded("sixteen") }

// None is the palette without colour; weight and reversal tell the meaning.
func None() Palette { return Palette{} }

// Bare is the palette for terminals that can't even show reversal: a sign in
// the first column marks what is selected.
func Bare() Palette { return Palette{bare: true} }

// embedded reads a theme that comes with the program.
func embedded(name string) Palette {
	colors := map[string]string{}
	text, err := assets.Themes.ReadFile("themes/" + name + ".toml")
	if err == nil {
		err = toml.Unmarshal(text, &colors)
	}
	p, wrong := Palette{}.With(colors)
	if err != nil || wrong != nil {
		return Palette{} // which a test rules out
	}
	return p
}
