package config

import (
	"slices"
	"strings"
)

// identity writes a new section, with an empty line before it.
func (d *document) identity(i Identity) string {
	var b strings.Builder
	b.WriteString(d.newline() + "[[" + identityTable + "]]" + d.newline())
	for _, f := range identityFields {
		if value := valueOf(f.of(&i)); value != "" {
			b.WriteString(f.key + " = " + value + d.newline())
		}
	}
	return b.String()
}

// updateIdentities are the cuts that make after of before below section s. An
// identity is the same one if it has the same address, or, where none came or
// went, the same place. New ones go behind the others.
func (d *document) updateIdentities(s *section, before, after []Identity) []cut {
	var removed, changed []cut
	kept, at := map[int]bool{}, d.endOf(s)
	for n, b := range before {
		with := slices.IndexFunc(after, func(i Identity) bool { return strings.EqualFold(i.Address, b.Address) })
		if with < 0 && len(before) == len(after) {
			with = n
		}
		if with < 0 || kept[with] {
			removed = append(removed, d.removal(s.below[n]))
			continue
		}
		kept[with] = true
		at = d.endOf(s.below[n])
		changed = append(changed, updates(d, s.below[n], identityFields, b, after[with], Identity{})...)
	}
	var added strings.Builder
	for n, i := range after {
		if !kept[n] {
			added.WriteString(d.identity(i))
		}
	}
	return slices.Concat(removed, []cut{{at, at, added.String()}}, changed)
}

// rules are the sections of rules, in the order of Config.Rules.
func (d *document) rules() []*section {
	return slices.DeleteFunc(slices.Clone(d.tables), func(s *section) bool { return s.table.name != ruleTable.name })
}

// updateRules has the rules of an account follow it to another name.
func (d *document) updateRules(c *Config, from, to string) (cuts []cut) {
	for n, s := range d.rules() {
		if e, ok := s.find("account"); ok && c.Rules[n].Account == from && from != to {
			cuts = append(cuts, cut{e.value, e.end, tomlString(to)})
			c.Rules[n].Account = to
		}
	}
	return cuts
}

// removeRules takes out the rules that choose an account.
func (d *document) removeRules(c *Config, account string) (cuts []cut) {
	var left []Rule
	for n, s := range d.rules() {
		if c.Rules[n].Account == account {
			cuts = append(cuts, d.removal(s))
			continue
		}
		left = append(left, c.Rules[n])
	}
	c.Rules = left
	return cuts
}

// strayRule finds a rule whose sender is none of its account's any more.
func (c Config) strayRule() (Rule, bool) {
	n := slices.IndexFunc(c.Rules, func(r Rule) bool {
		a, err := c.Account(r.Account)
		_, ok := a.Sender(r.Sender)
		return err == nil && r.Sender != "" && !ok
	})
	if n < 0 {
		return Rule{}, false
	}
	return c.Rules[n], true
}
