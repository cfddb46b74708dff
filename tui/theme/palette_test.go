package theme

import (
	"fmt"
	"image/color"
	"io/fs"
	"math"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/assets"
)

// grounds are those that terminals commonly have, darkest and lightest first.
var grounds = map[Ground][]string{
	OnDark:  {"#000000", "#1E1E1E", "#282A36", "#002B36"},
	OnLight: {"#FFFFFF", "#F5F5F5", "#FDF6E3"},
}

// TestContrast: whatever is to be read stands out from its ground as WCAG 2.1
// asks for text, 4.5 to 1, and with high contrast 7 to 1.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		p     Palette
		on    Ground
		least float64
	}{
		{"dark", Dark(), OnDark, 4.5},
		{"light", Light(), OnLight, 4.5},
		{"high contrast, dark", HighContrast(true), OnDark, 7},
		{"high contrast, light", HighContrast(false), OnLight, 7},
	} {
		look := func(role string, fore, back color.Color, least float64) {
			t.Helper()
			if got := contrast(fore, back); got < least {
				t.Errorf("%s: %s on %v has a contrast of %.2f, less than %.1f", c.name, role, back, got, least)
			}
		}
		for _, ground := range grounds[c.on] {
			back := lipgloss.Color(ground)
			for role, fore := range map[string]color.Color{
				"text": c.p.Text, "dim": c.p.Dim, "strong": c.p.Strong, "label": c.p.Label, "accent": c.p.Accent,
				"good": c.p.Good, "busy": c.p.Busy, "wait": c.p.Wait, "bad": c.p.Bad,
			} {
				if fore != nil {
					look(role, fore, back, c.least)
				}
			}
			look("frame", c.p.Frame, back, 3)
		}
		look("on-accent", c.p.OnAccent, c.p.Accent, c.least)
		look("on-select", c.p.OnSelect, c.p.Select, c.least)
		look("on-mark", c.p.OnMark, c.p.Mark, c.least)
	}
}

// contrast is the ratio of WCAG 2.1 section 1.4.3.
func contrast(a, b color.Color) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// TestEmbedded: every theme that comes along is read, and is one that can be
// chosen.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(assets.Themes, "themes/*.toml")
	if err != nil || len(files) != 5 {
		t.Fatalf("themes %v, error %v", files, err)
	}
	for _, f := range files {
		if p := embedded(strings.TrimSuffix(strings.TrimPrefix(f, "themes/"), ".toml")); p == (Palette{}) {
			t.Errorf("%s gives no theme", f)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	on := func(p colorprofile.Profile, g Ground) Terminal { return Terminal{p, g} }
	const full, sixteen = colorprofile.TrueColor, colorprofile.ANSI
	for _, c := range []struct {
		name string
		at   Terminal
		want Palette
	}{
		{"", on(full, Unknown), Sixteen()},
		{"", on(full, OnDark), Dark()},
		{"auto", on(full, OnLight), Light()},
		{"", on(colorprofile.ANSI256, OnLight), Light()},
		{"", on(sixteen, OnLight), Sixteen()},
		{"dark", on(full, OnLight), Dark()},
		{"light", on(full, Unknown), Light()},
		{"dark", on(sixteen, OnDark), Sixteen()},
		{"sixteen", on(full, OnDark), Sixteen()},
		{"none", on(full, OnDark), None()},
		{"high-contrast", on(full, OnDark), HighContrast(true)},
		{"high-contrast", on(full, OnLight), HighContrast(false)},
		{"high-contrast", on(full, Unknown), None()},
		{"high-contrast", on(sixteen, OnDark), None()},
		{"dark", on(colorprofile.ASCII, OnDark), None()},
		{"dark", on(colorprofile.NoTTY, OnDark), Bare()},
	} {
		if got := Choose(Choice{Name: c.name}, c.at); got != c.want {
			t.Errorf("Choose(%q, %v) = %v", c.name, c.at, got)
		}
	}
}

// TestOwnColors: the person's colours win, those for the ground over those for
// any, and an empty one is the terminal's own.
func TestOwnColors(t *testing.T) {
	t.Parallel()
	c := Choice{
		Colors: map[string]string{"accent": "#010203", "dim": ""},
		Dark:   map[string]string{"accent": "#040506"},
		Light:  map[string]string{"good": "2"},
	}
	show := func(p Palette) string { return fmt.Sprint(p.Accent, p.Dim, p.Good == lipgloss.Color("2")) }
	for ground, want := range map[Ground]string{
		OnDark:  fmt.Sprint(lipgloss.Color("#040506"), nil, false),
		OnLight: fmt.Sprint(lipgloss.Color("#010203"), nil, true),
	} {
		if got := show(Choose(c, Terminal{colorprofile.TrueColor, ground})); got != want {
			t.Errorf("on ground %v: %s, want %s", ground, got, want)
		}
	}
	if got := Choose(c, Terminal{colorprofile.ASCII, OnDark}); got != None() {
		t.Errorf("without colour: %v", got)
	}
	if _, err := Dark().With(map[string]string{"acent": "1"}); err == nil {
		t.Error("a role that is none is taken")
	}
}
