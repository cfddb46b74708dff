package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Theme is how the screens look.
type Theme struct {
	Name string // one of Themes

	// Colors are the person's own for the roles of a theme, Dark and Light only
	// on such a ground: "#rrggbb", a number from 0 to 255 of the terminal's
	// palette, or empty for the terminal's own.
	Colors, Dark, Light map[string]string
}

// Themes returns what Theme.Name can be. With "auto" it is dark or light as the
// terminal is, and with "none" there are no colors.
func Themes() []string {
	return []string{"auto", "light", "dark", "high-contrast", "sixteen", "none"}
}

// Roles returns what a theme has colors for; package theme says what each means.
func Roles() []string {
	return []string{
		"text", "dim", "rule", "strong", "label", "accent", "on-accent", "select", "on-select",
		"mark", "on-mark", "good", "busy", "wait", "bad", "frame",
	}
}

// themeTables are the theme's table, and those for one ground alone.
var themeTables = []table{
	colorTable("theme", []string{"name"}, func(t *Theme) *map[string]string { return &t.Colors }),
	colorTable("theme.dark", nil, func(t *Theme) *map[string]string { return &t.Dark }),
	colorTable("theme.light", nil, func(t *Theme) *map[string]string { return &t.Light }),
}

// colorTable makes the table of colors that go to a field of Theme, which may
// have other keys of a text.
func colorTable(name string, others []string, of func(*Theme) *map[string]string) table {
	keys := slices.Concat(others, Roles())
	return table{name, false, keys, func(d *document, s *section, c *Config) error {
		colors := map[string]string{}
		for _, e := range s.entries {
			if !slices.Contains(keys, e.key) {
				text, hint := unknownKey(e.key, keys)
				return d.errorAt(e.start, text, hint)
			}
			if e.key == "name" {
				if e.kind != unstable.String || !slices.Contains(Themes(), e.text) {
					return d.errorAt(e.value, "the theme can't be "+quote(e.text), suggest(e.text, Themes()))
				}
				c.Theme.Name = e.text
				continue
			}
			color, ok := parseColor(e.text)
			if !ok || e.kind != unstable.String && e.kind != unstable.Integer {
				return d.errorAt(e.value, quote(e.text)+" is not a color",
					`write "#rrggbb", a number from 0 to 255, "default", or a name such as "red" or "bright-red"`)
			}
			colors[e.key] = color
		}
		*of(&c.Theme) = colors
		return nil
	}}
}

// parseColor reads a color into the form that Theme has it in.
func parseColor(text string) (color string, ok bool) {
	text = strings.ToLower(text)
	if hex, is := strings.CutPrefix(text, "#"); is {
		if len(hex) == 3 {
			hex = strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
		}
		_, err := strconv.ParseUint(hex, 16, 24)
		return "#" + hex, err == nil && len(hex) == 6
	}
	if text == "default" {
		return "", true
	}
	if n, err := strconv.ParseUint(text, 10, 8); err == nil {
		return strconv.FormatUint(n, 10), true
	}
	name, bright := strings.CutPrefix(text, "bright-")
	n := slices.Index([]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}, name)
	if bright {
		return strconv.Itoa(n + 8), n >= 0
	}
	return strconv.Itoa(n), n >= 0
}
