package lines

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
)

// textHelp says how a text is typed.
const textHelp = "Each line you type is a line of the text. A line that is only . ends it; write .. for a line that is only a dot, " +
	"?? for one that is only a question mark, and // where a line begins with /."

// compose asks for what a mail needs and has not got, and then what is to become
// of it.
func (d *desk) compose() error {
	d.introduce()
	for _, f := range []struct {
		name string
		list *string
		ask  bool
	}{{"To", &d.fields.To, d.fields.To+d.fields.Cc+d.fields.Bcc == ""}, {"Cc", &d.fields.Cc, d.ref.ID == 0 && !d.begun && d.fields.Cc == ""}} {
		if !f.ask {
			continue
		}
		if err := d.askPeople(f.name, f.list); err != nil {
			return err
		}
	}
	if d.fields.Subject == "" {
		if err := d.askSubject(); err != nil {
			return err
		}
	}
	if err := d.text(); err != nil {
		return err
	}
	for {
		line, err := d.ask("Now what (/send, /list, ? for all)", "/send sends the mail, /list reads it to you, /text goes on with the text.")
		if err != nil {
			return err
		}
		if err := d.bare(line); err != nil {
			return err
		}
	}
}

// introduce says what the mail has so far.
func (d *desk) introduce() {
	if accounts, _, _, err := d.service.Accounts(d.ctx); err == nil {
		senders := 0
		for _, a := range accounts {
			senders += len(a.Account.Senders())
		}
		if from := d.from(); from != "" && senders > 1 {
			d.say("From: %s. /from lists your other senders.", from)
		} else if from != "" {
			d.say("From: %s", from)
		}
	}
	for _, f := range []struct{ name, value string }{
		{"To", d.fields.To}, {"Cc", d.fields.Cc}, {"Bcc", d.fields.Bcc}, {"Subject", d.fields.Subject},
	} {
		if f.value != "" {
			d.say("%s: %s", f.name, f.value)
		}
	}
	d.checkList(d.fields.To + ", " + d.fields.Cc + ", " + d.fields.Bcc)
	for _, path := range d.fields.Attachments {
		d.say("Attached: %s", path)
	}
}

// from is whom the mail is from as it stands; empty if there is nobody.
func (d *desk) from() string {
	if d.fields.From != "" {
		return d.fields.From
	}
	_, own, err := d.service.Sender(d.draft())
	if err != nil {
		return ""
	}
	return shown(own)
}

// shown is an identity as it stands in a From field.
func shown(i config.Identity) string {
	m, err := address.Parse(i.Address)
	if err != nil {
		return i.Address
	}
	m.Name = i.FullName
	return m.String()
}

func (d *desk) askSubject() error {
	before := d.fields.Subject
	subject, err := d.ask("Subject", "Say what the mail is about, or press enter for no subject.")
	if err != nil {
		return err
	}
	if subject == "" && d.fields.Subject != before {
		return nil // a template was put in meanwhile
	}
	d.fields.Subject = subject
	d.touch()
	return nil
}

// signature is what the text of a new mail ends with.
func (d *desk) signature() string {
	blank := message.Draft{Account: d.fields.Account, From: d.fields.From, To: d.fields.To, Cc: d.fields.Cc, Bcc: d.fields.Bcc}
	if err := d.service.Sign(&blank, false); err != nil {
		return ""
	}
	return blank.Body
}

// text takes the lines of the text, until one ends it.
func (d *desk) text() error {
	if signature := d.signature(); len(d.body) == 1 && d.body[0] == "" && signature != "" && !d.begun {
		d.body = strings.Split(signature, "\n")
		d.say("Your signature will stand under the text.")
	}
	d.tell()
	switch n := len(d.body); {
	case d.wordless():
		d.say("Text (. alone ends it, ? alone helps):")
	case d.at == 0:
		d.say("Text, in front of what is there (. alone ends it, ? alone helps):")
	default:
		d.say("Text, behind line %d of %d (. alone ends it, ? alone helps):", d.at, n)
	}
	for {
		line, err := d.next()
		if err != nil {
			return err
		}
		switch {
		case line == ".":
			return nil
		case line == "?":
			d.help(textHelp)
		case isCommand(line):
			if err := d.command(line); err != nil {
				return err
			}
		default:
			d.insert(line)
		}
	}
}

// insert puts a line into the text. What stands twice at its beginning, so that
// it is taken for text, stands there once.
func (d *desk) insert(line string) {
	if line == ".." || line == "??" || strings.HasPrefix(line, "//") {
		line = line[1:]
	}
	d.body = slices.Insert(d.body, min(d.at, len(d.body)), line)
	d.at = min(d.at, len(d.body)) + 1
	d.touch()
}

// list reads the mail to its author, the lines of the text with their numbers.
func (d *desk) list(string) error {
	if from := d.from(); from != "" {
		d.say("From: %s", from)
	}
	f := d.fields
	for _, field := range []struct{ name, value string }{
		{"To", f.To}, {"Cc", f.Cc}, {"Bcc", f.Bcc}, {"Reply-To", f.ReplyTo}, {"Subject", f.Subject},
	} {
		if field.value != "" {
			d.say("%s: %s", field.name, field.value)
		}
	}
	for _, h := range f.Headers {
		d.recite(h.String())
	}
	for i, f := range d.service.CheckFiles(d.ctx, f.Attachments) {
		d.say("Attached %d: %s", i+1, file(f, d.fields.Attached[d.fields.Attachments[i]]))
	}
	for _, way := range []struct {
		on   bool
		said string
	}{
		{f.Format == message.Markdown, "The text is markdown."}, {f.Sign == message.Yes, "It will be signed."},
		{f.Encrypt == message.Yes, "It will be encrypted."}, {f.Crypto == "smime", "What signs and encrypts is S/MIME, by gpgsm."},
	} {
		if way.on {
			d.say("%s", way.said)
		}
	}
	if f.Wishes != (message.Wishes{}) {
		d.asked()
	}
	if d.wordless() {
		d.say("There is no text yet.")
		return nil
	}
	last := len(d.body)
	if d.body[last-1] == "" {
		last--
	}
	for i, line := range d.body[:last] {
		d.recite(strconv.Itoa(i+1) + " " + line)
	}
	return nil
}

// change puts another line in the place of one.
func (d *desk) change(arg string) error {
	number, line, _ := strings.Cut(arg, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(d.body) {
		d.say("Say which line and what it is to be: /line 3 the new words. /list tells the numbers.")
		return nil
	}
	d.body[n-1] = line
	d.touch()
	d.recite(fmt.Sprintf("Line %d: %s", n, line))
	return nil
}

// drop takes lines out of the text: the one that was typed last, or those that
// are named.
func (d *desk) drop(arg string) error {
	first, last := d.at, d.at
	if arg != "" {
		from, to, isRange := strings.Cut(arg, "-")
		if !isRange {
			to = from
		}
		var bad [2]error
		first, bad[0] = strconv.Atoi(strings.TrimSpace(from))
		last, bad[1] = strconv.Atoi(strings.TrimSpace(to))
		if bad[0] != nil || bad[1] != nil {
			first = 0
		}
	}
	if first < 1 || last < first || last > len(d.body) {
		d.say("There is no such line. /drop takes out the last one you typed, /drop 3 or /drop 3-5 others; /list tells the numbers.")
		return nil
	}
	gone := d.body[first-1 : last]
	if len(gone) == 1 {
		d.recite(fmt.Sprintf("Out is line %d: %s", first, gone[0]))
	} else {
		d.say("Out are %d lines.", len(gone))
	}
	d.body = slices.Delete(d.body, first-1, last)
	if len(d.body) == 0 {
		d.body = []string{""}
	}
	if d.at >= last {
		d.at -= last - first + 1
	} else {
		d.at = min(d.at, first-1)
	}
	d.touch()
	return nil
}

// goOn takes more of the text, behind a line if one is named.
func (d *desk) goOn(arg string) error {
	if arg != "" {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 || n > len(d.body) {
			d.say("Say behind which line: /text 3, or /text 0 for in front of all. /list tells the numbers.")
			return nil
		}
		d.at = n
	}
	return d.text()
}
