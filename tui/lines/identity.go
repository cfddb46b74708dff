package lines

import (
	"strings"

	"sendoff/config"
	"sendoff/config/secret"
)

// identity has the person add, change or remove one of the identities of an
// account, or change its own.
func (d *desk) identity(string) error {
	accounts, _, _, err := d.service.Accounts(d.ctx)
	if err != nil {
		d.trouble("The accounts can't be read", err)
		return nil
	}
	type place struct {
		account config.Account
		n       int // 0 for the account's own, else 1 and its place among the others
	}
	var all []place
	var names []string
	for _, info := range accounts {
		a := info.Account
		for n, i := range append([]config.Identity{a.Own()}, a.Identities...) {
			all, names = append(all, place{a, n}), append(names, shown(i)+", account "+a.Name)
		}
		all, names = append(all, place{a, len(a.Identities) + 1}), append(names, "a new one, account "+a.Name)
	}
	if len(all) == 0 {
		d.say("There is no account yet; /account adds one.")
		return nil
	}
	at, err := d.choose("Identity", names)
	if err != nil || at < 0 {
		return err
	}
	a, n := all[at].account, all[at].n
	if 0 < n && n <= len(a.Identities) {
		gone, err := d.choose("What is to become of it", []string{"change it", "remove it"})
		if err != nil || gone < 0 {
			return err
		}
		if gone == 1 {
			if a.Identities = append(a.Identities[:n-1:n-1], a.Identities[n:]...); len(a.Identities) == 0 {
				a.Identities = nil // as it comes from a file
			}
			return d.keepIdentities(a)
		}
	}
	i := config.Identity{}
	switch {
	case n == 0:
		i = a.Own()
	case n <= len(a.Identities):
		i = a.Identities[n-1]
	}
	if err := d.askIdentity(&i); err != nil {
		return err
	}
	if n == 0 {
		a = a.WithOwn(i)
	} else {
		a.Identities = append(append(a.Identities[:n-1:n-1], i), a.Identities[min(n, len(a.Identities)):]...)
	}
	return d.keepIdentities(a)
}

// askIdentity asks for what an identity says. What stands there is kept when
// nothing is typed, and taken out by a dash.
func (d *desk) askIdentity(i *config.Identity) error {
	bcc, recipients := strings.Join(i.Bcc, ", "), strings.Join(i.Recipients, ", ")
	for _, field := range []struct {
		name, help string
		value      *string
	}{
		{"Address", "The address that mail comes from.", &i.Address},
		{"Name", "As others see it beside the address.", &i.FullName},
		{"Answers to", "Mostly empty: answers then go to the address itself.", &i.ReplyTo},
		{"Copies to", "Who gets a copy of each mail, unseen by the others; several apart by commas.", &bcc},
		{"For", "Mail to these is from here, such as *@example.org; several apart by commas.", &recipients},
	} {
		question := field.name + " (enter for none)"
		if *field.value != "" {
			question = field.name + " (enter keeps " + *field.value + ", - for none)"
		}
		typed, err := d.ask(question, field.help)
		switch {
		case err != nil:
			return err
		case typed == "-":
			*field.value = ""
		case typed != "":
			*field.value = typed
		}
	}
	i.Bcc, i.Recipients = several(bcc), several(recipients)
	return d.askSignature(&i.Signature)
}

// several takes a list apart; nil for an empty one, as it comes from a file.
func several(list string) []string {
	parts := strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
	if len(parts) == 0 {
		return nil
	}
	return parts
}

// askSignature asks for the lines at the end of each mail.
func (d *desk) askSignature(signature *string) error {
	const help = "What stands at the end of each mail. A line that is only . ends it."
	question := "Signature, its first line (enter for none)"
	if *signature != "" {
		d.recite("The signature: " + strings.Join(strings.Split(strings.TrimSpace(*signature), "\n"), " / "))
		question = "Signature, its first line (enter keeps it, - for none)"
	}
	line, err := d.ask(question, help)
	if err != nil || line == "" {
		return err
	}
	*signature = ""
	for line != "." && line != "-" {
		*signature += line + "\n"
		if line, err = d.ask("Its next line (. ends it)", help); err != nil {
			return err
		}
	}
	return nil
}

// keepIdentities writes an account down, if it is sound.
func (d *desk) keepIdentities(a config.Account) error {
	before := d.signature()
	if err := a.Check(); err != nil {
		d.say("Everything is as it was: %s.", err)
		return nil
	}
	if err := d.service.UpdateAccount(d.ctx, a, secret.Secret{}); err != nil {
		d.trouble("Everything is as it was", err)
		return nil
	}
	d.resign(before)
	d.say("Account %s is changed. /from chooses among your senders.", a.Name)
	return nil
}

// resign puts the signature that is due in the place of one.
func (d *desk) resign(before string) {
	if said, ok := strings.CutSuffix(strings.Join(d.body, "\n"), before); ok && (before != "" || d.wordless()) {
		d.body = strings.Split(said+d.signature(), "\n")
		d.at = min(d.at, len(d.body))
	}
}
