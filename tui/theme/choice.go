package theme

import "github.com/charmbracelet/colorprofile"

// Choice is the theme that a person wants.
type Choice struct {
	// Name is "light", "dark", "high-contrast", "sixteen" or "none"; else it is
	// light or dark as the terminal's ground is.
	Name string

	// Colors are the person's own for roles, see Palette.With: for any ground,
	// and for one of them alone.
	Colors, Dark, Light map[string]string
}

// Terminal is what is known of how the terminal looks.
type Terminal struct {
	Profile colorprofile.Profile
	Ground  Ground
}

// Ground is what a terminal draws upon.
type Ground int

// The grounds.
const (
	Unknown Ground = iota // the terminal has not told, or never does
	OnDark
	OnLight
)

// Choose returns the palette for a choice: that of the person as far as the
// terminal can show it. As long as the ground is unknown, only colours that
// show on both are used.
func Choose(c Choice, t Terminal) Palette {
	switch {
	case t.Profile == colorprofile.NoTTY:
		return Bare()
	case t.Profile <= colorprofile.ASCII || c.Name == "none":
		return None()
	}
	switch c.Name {
	case "dark":
		t.Ground = OnDark
	case "light":
		t.Ground = OnLight
	}
	p := c.base(t)
	own := []map[string]string{c.Colors}
	switch t.Ground {
	case OnDark:
		own = append(own, c.Dark)
	case OnLight:
		own = append(own, c.Light)
	}
	for _, colors := range own {
		if with, err := p.With(colors); err == nil {
			p = with
		}
	}
	return p
}

// base is the palette of a choice without the person's own colours.
func (c Choice) base(t Terminal) Palette {
	switch {
	case c.Name == "high-contrast" && (t.Ground == Unknown || t.Profile <= colorprofile.ANSI):
		return None() // the terminal's own text is what shows best
	case t.Profile <= colorprofile.ANSI || t.Ground == Unknown || c.Name == "sixteen":
		return Sixteen()
	case c.Name == "high-contrast":
		return HighContrast(t.Ground == OnDark)
	case t.Ground == OnDark:
		return Dark()
	}
	return Light()
}
