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
}

var composeFields = []field[Compose]{
	{"check", false, func(c *Compose) any { return &c.Check }},
	{"check-domains", false, func(c *Compose) any { return &c.CheckDomains }},
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
	return nil
}
