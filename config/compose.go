package config

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Compose is what the person wants of the composer.
type Compose struct {
	// Check is a program and its arguments, which gets each mail on its standard
	// input before it goes. If it ends with another code than 0, what it wrote
	// is shown before anything is sent.
	Check []string

	// CheckDomains asks the resolver of this machine, while a mail is written
	// and before it goes, whether the domains it is for take mail.
	CheckDomains bool

	Wrap   int // cells of a row of text on the screen, at most; 0 as usual
	Reflow int // cells of a line that is broken anew, at most; 0 as usual

	// Spelling is who looks at what is typed: SpellingAuto, SpellingOff or the
	// name of a program.
	Spelling string

	// EditorHeaders gives the header along with the text to the person's own
	// editor.
	EditorHeaders bool
}

// Who checks the spelling: values of Compose.Spelling beside "hunspell",
// "aspell" and "enchant".
const (
	SpellingAuto = "auto" // whichever is installed, if one is
	SpellingOff  = "off"
)

var composeFields = []field[Compose]{
	{"check", false, func(c *Compose) any { return &c.Check }},
	{"check-domains", false, func(c *Compose) any { return &c.CheckDomains }},

	{"wrap", false, func(c *Compose) any { return &c.Wrap }},
	{"reflow", false, func(c *Compose) any { return &c.Reflow }},
	{"spelling", false, func(c *Compose) any { return &c.Spelling }},
	{"editor-headers", false, func(c *Compose) any { return &c.EditorHeaders }},
}

var composeTable = table{"compose", false, keysOf(composeFields), func(d *document, s *section, c *Config) error {
	if err := takeChecked(d, s, composeFields, &c.Compose, Compose.check); err != nil {
		return err
	}
	if check := c.Compose.Check; len(check) > 0 && strings.ContainsAny(check[0], "/"+string(filepath.Separator)) {
		if err := d.resolve(&check[0]); err != nil {
			return d.errorAt(s.place("check"), err.Error(), "")
		}
	}
	return nil
}}

func (c Compose) check() *fault {
	odd := func(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }
	if slices.ContainsFunc(c.Check, odd) || len(c.Check) > 0 && c.Check[0] == "" {
		return &fault{"check", "check must be a program and its arguments, each a text", `write check = ["program", "argument"]`}
	}
	for _, width := range []struct {
		key   string
		cells int
	}{{"wrap", c.Wrap}, {"reflow", c.Reflow}} {
		if width.cells != 0 && (width.cells < 20 || width.cells > 998) {
			return &fault{width.key, width.key + " must be from 20 to 998 columns", "leave it out for the usual width"}
		}
	}
	if c.Spelling != "" && !slices.Contains([]string{SpellingAuto, SpellingOff, "hunspell", "aspell", "enchant"}, c.Spelling) {
		return &fault{"spelling", "no spelling checker " + quote(c.Spelling) + " is known", `write "auto", "off", "hunspell", "aspell" or "enchant"`}
	}
	return nil
}
