package lines

import (
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/tui/text"
)

// peopleHelp says how recipients are typed.
const peopleHelp = "Type addresses, apart by commas, with or without names; or a name to look it up among those you wrote to and your address books. " +
	"- alone takes all out."

// askPeople asks for a list of recipients. What stands there is kept when
// nothing is typed.
func (d *desk) askPeople(name string, list *string) error {
	question := name
	if *list != "" {
		question += " (enter keeps " + *list + ")"
	}
	typed, err := d.ask(question, peopleHelp)
	if err != nil || typed == "" {
		return err
	}
	*list = ""
	return d.addPeople(list, typed)
}

// addPeople adds what was typed to a list, an entry at a time: one that can't be
// read is looked up if it is a name, or asked for again.
func (d *desk) addPeople(list *string, typed string) error {
	d.touch()
	if typed == "-" {
		*list = ""
		return nil
	}
	added := ""
	for _, e := range address.Split(typed) {
		entry := typed[e.Start:e.End]
		for e.Err != nil {
			better, err := d.instead(entry, e.Err)
			if err != nil {
				*list = joined(*list, entry) // nothing that was typed is lost
				return err
			}
			if entry = better; entry == "" {
				break
			}
			entries := address.Split(entry)
			e.Err = nil
			if i := slices.IndexFunc(entries, func(e address.Entry) bool { return e.Err != nil }); i >= 0 {
				e.Err = entries[i].Err
			}
		}
		*list, added = joined(*list, entry), joined(added, entry)
	}
	d.checkList(added)
	return nil
}

func joined(list, entry string) string {
	if list == "" || entry == "" {
		return list + entry
	}
	return list + ", " + entry
}

// instead finds out what was meant by an entry that can't be read; empty for
// nobody.
func (d *desk) instead(entry string, why error) (string, error) {
	if !strings.Contains(entry, "@") {
		found, err := d.service.People(d.ctx, entry)
		if more, failed := d.service.AskBook(d.ctx, entry); failed == nil {
			found = append(found, more...)
		} else if err == nil {
			err = failed
		}
		if err != nil {
			d.trouble("Not all address books could be read", err)
		}
		var names []string
		for _, c := range found {
			if !slices.Contains(names, c.String()) {
				names = append(names, c.String())
			}
		}
		if len(names) > 0 {
			d.say("Who is %s?", entry)
			i, err := d.choose("Number", names)
			if err != nil || i >= 0 {
				return pick(names, i), err
			}
		}
	}
	d.say("%s.", text.Clean(why.Error()))
	return d.ask("Instead of "+entry+" (enter leaves it out)", peopleHelp)
}

// pick returns the chosen one; empty for none.
func pick(all []string, i int) string {
	if i < 0 {
		return ""
	}
	return all[i]
}

// checkList tells what is wrong with recipients, and what is known of them
// before anything is sent.
func (d *desk) checkList(list string) {
	var boxes []string
	for _, e := range address.Split(list) {
		if e.Err != nil {
			d.say("%s.", text.Clean(e.Err.Error()))
		}
		for _, m := range e.Mailboxes {
			boxes = append(boxes, m.Addr())
		}
	}
	if len(boxes) == 0 {
		return
	}
	known := d.service.LookUp(d.ctx, boxes)
	for _, box := range boxes {
		switch k := known[box]; {
		case k.Dead != "":
			d.say("%s can't be reached: %s.", box, k.Dead)
		case k.First:
			d.say("This is your first mail to %s.", box)
		}
	}
}

// chooseSender has the person choose whom the mail is from, and puts the
// signature of that in the place of the other.
func (d *desk) chooseSender(string) error {
	accounts, _, _, err := d.service.Accounts(d.ctx)
	if err != nil {
		d.trouble("The accounts can't be read", err)
		return nil
	}
	type sender struct {
		account string
		who     config.Identity
	}
	var all []sender
	var names []string
	for _, a := range accounts {
		for _, i := range a.Account.Senders() {
			all = append(all, sender{a.Account.Name, i})
			names = append(names, shown(i)+", account "+a.Account.Name)
		}
	}
	if len(all) == 0 {
		d.say("There is no account yet; /account adds one.")
		return nil
	}
	i, err := d.choose("From", names)
	if err != nil || i < 0 {
		return err
	}
	before := d.signature()
	d.fields.Account, d.fields.From = all[i].account, shown(all[i].who)
	d.touch()
	d.resign(before)
	d.say("From: %s", d.fields.From)
	return nil
}
