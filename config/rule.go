package config

import "slices"

// Rule chooses an account by whom a mail is from or to. The first that matches
// counts. It matches if each of its lists that is there has a pattern for the
// sender, or for one of the recipients.
type Rule struct {
	From    []string // patterns for the sender's address, as of Identity.Recipients
	To      []string // patterns for the recipients'
	Account string
	Sender  string // one of the account's senders, where the mail names none; empty for its own address
}

var ruleFields = []field[Rule]{
	{"from", false, func(r *Rule) any { return &r.From }},
	{"to", false, func(r *Rule) any { return &r.To }},
	{"account", true, func(r *Rule) any { return &r.Account }},
	{"sender", false, func(r *Rule) any { return &r.Sender }},
}

// ruleTable is the table of rules, of which there can be several. They name
// accounts, so that they are read after all of them.
var ruleTable = table{"rule", true, keysOf(ruleFields), func(d *document, s *section, c *Config) error {
	var r Rule
	if err := takeChecked(d, s, ruleFields, &r, Rule.check); err != nil {
		return err
	}
	a, err := c.Account(r.Account)
	if err != nil {
		return d.errorAt(s.place("account"), "no account is called "+quote(r.Account), suggest(r.Account, c.names()))
	}
	r.Account = a.Name
	if _, ok := a.Sender(r.Sender); r.Sender != "" && !ok {
		return d.errorAt(s.place("sender"), quote(r.Sender)+" is no sender of account "+a.Name,
			"add it as [[account.identity]], or its domain to catch-all")
	}
	c.Rules = append(c.Rules, r)
	return nil
}}

func (r Rule) check() *fault {
	switch {
	case r.Account == "":
		return &fault{"account", "the rule names no account", `add account = "..."`}
	case len(r.From)+len(r.To) == 0:
		return &fault{"to", "the rule is about no mail", `add to = ["*@example.org"], or from`}
	}
	if f := checkPatterns("from", r.From); f != nil {
		return f
	}
	return checkPatterns("to", r.To)
}

// matches tells whether a rule is about a mail. One that is about senders is not
// about a mail whose sender is still to be chosen.
func (r Rule) matches(sender string, recipients []string) bool {
	if len(r.From) > 0 && !anyOf(r.From, sender) {
		return false
	}
	return len(r.To) == 0 || slices.ContainsFunc(recipients, func(to string) bool { return anyOf(r.To, to) })
}

// anyOf tells that an address is one that one of the patterns means.
func anyOf(patterns []string, address string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, address) })
}

func checkPatterns(key string, patterns []string) *fault {
	for _, p := range patterns {
		if !addressLike(p) {
			return &fault{key, quote(p) + " is neither an address nor a pattern", `write "bob@example.org", or "*@example.org" for a domain`}
		}
	}
	return nil
}
