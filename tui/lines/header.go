package lines

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/tui/kit"
	"sendoff/tui/when"
)

// header adds a field to the header, or has one that is there say something
// else; without a value it is taken out.
func (d *desk) header(arg string) error {
	if arg == "" {
		for _, h := range d.fields.Headers {
			d.recite(h.String())
		}
		d.say("Say which field and its value: /header Organization: Example Ltd. Without a value it is taken out.")
		return nil
	}
	field := message.ReadHeader(arg)
	same := func(h message.Header) bool { return strings.EqualFold(h.Name, field.Name) }
	list := slices.DeleteFunc(slices.Clone(d.fields.Headers), same)
	if !strings.Contains(arg, ":") {
		d.say("A colon stands behind the name of a field: /header %s: value", arg)
		return nil
	}
	if field.Value == "" {
		d.fields.Headers = list
		d.touch()
		d.say("%s is not in the header.", field.Name)
		return nil
	}
	list = append(list, field)
	if err := message.CheckHeaders(list); err != nil {
		d.trouble("The header is as it was", err)
		return nil
	}
	d.fields.Headers = list
	d.touch()
	d.recite(field.String())
	return nil
}

// wishNames are what can be asked for a mail beyond its content, each with how
// its value is typed.
var wishNames = [][2]string{
	{"notify", "reports of success, failure, delay, with commas between; or never"},
	{"return", "what reports bring back: full or headers"},
	{"hold-until", "the time until which the server keeps it; it can't be taken back then"},
	{"deliver-by", "the time by which it is delivered or comes back"},
	{"priority", "its turn on the way, from -9 to 9"},
	{"require-tls", "yes: have it come back rather than go on unencrypted"},
	{"read-receipt", "yes: ask its readers' programs to tell when it is read"},
	{"importance", "high or low, a mark for its readers"},
}

// wish asks something for the mail beyond its content, or no longer.
func (d *desk) wish(arg string) error {
	name, value, _ := strings.Cut(arg, " ")
	if name == "" {
		for _, w := range wishNames {
			d.say("/ask %s: %s", w[0], w[1])
		}
		d.say("Without a value it is no longer asked for. A server that can't do it does not get the mail, and you are told.")
		d.asked()
		return nil
	}
	w, err := d.fields.Wishes.Ask(name, strings.TrimSpace(value), func(typed string) (time.Time, error) { return when.Parse(typed, d.opts.Clock()) })
	if err != nil {
		d.say("It is as it was: %s. /ask alone tells what can be asked for.", err)
		return nil
	}
	d.fields.Wishes = w
	d.touch()
	d.asked()
	return nil
}

// asked says what is asked for the mail.
func (d *desk) asked() {
	asked := kit.Wishes(d.fields.Wishes, d.opts.Clock().Location())
	if len(asked) == 0 {
		d.say("Nothing is asked for this mail.")
		return
	}
	d.say("Asked for this mail: %s.", strings.Join(asked, "; "))
}

// template puts a template into the mail. What is there stays: recipients and
// files come to those there are, the text goes where the next line would.
func (d *desk) template(name string) error {
	t, err := d.chooseTemplate(name)
	if err != nil || t == nil {
		return err
	}
	values := map[string]string{}
	for _, place := range t.Open {
		value, err := d.ask(place+" (enter leaves it open)", "Type what stands in the place of "+place+" in the template.")
		if err != nil {
			return err
		}
		if value != "" {
			values[place] = value
		}
	}
	filled, _ := template.Fill(t.Fields, values)
	d.take(filled)
	return nil
}

// chooseTemplate returns the template of that name, or asks which; nil for none.
func (d *desk) chooseTemplate(name string) (*kit.Template, error) {
	all, err := d.service.Templates(d.ctx)
	if err != nil {
		d.trouble("The templates can't be read", err)
		return nil, nil
	}
	if len(all) == 0 {
		d.say("No template is there yet. One is a file in %s: a header with Subject and what else is to be filled in, an empty line, and a text.",
			d.service.TemplateFolder())
		return nil, nil
	}
	at := slices.IndexFunc(all, func(t kit.Template) bool { return t.Name == name })
	if at < 0 {
		if name != "" {
			d.say("No template is called %s. There are:", name)
		}
		names := make([]string, len(all))
		for i, t := range all {
			if names[i] = t.Name; t.Fields.Subject != "" {
				names[i] += ", " + t.Fields.Subject
			}
		}
		if at, err = d.choose("Template", names); err != nil || at < 0 {
			return nil, err
		}
	}
	if t := all[at]; t.Err != nil {
		d.trouble(t.Name+" can't be used", t.Err)
		return nil, nil
	}
	return &all[at], nil
}

// take puts what a template makes into the mail.
func (d *desk) take(t message.Draft) {
	f := &d.fields
	before, blank := d.signature(), d.wordless()
	if t.Account != "" || t.From != "" {
		f.Account, f.From = t.Account, t.From
	}
	f.To, f.Cc, f.Bcc = joined(f.To, t.To), joined(f.Cc, t.Cc), joined(f.Bcc, t.Bcc)
	if f.ReplyTo == "" {
		f.ReplyTo = t.ReplyTo
	}
	if strings.TrimSpace(f.Subject) == "" {
		f.Subject = t.Subject
	}
	for _, h := range t.Headers {
		if !slices.ContainsFunc(f.Headers, func(other message.Header) bool { return strings.EqualFold(h.Name, other.Name) }) {
			f.Headers = append(f.Headers, h)
		}
	}
	if t.Format != message.Unset {
		f.Format = t.Format
	}
	f.Sign, f.Encrypt, f.Crypto = cmp.Or(t.Sign, f.Sign), cmp.Or(t.Encrypt, f.Encrypt), cmp.Or(t.Crypto, f.Crypto)
	f.Wishes = f.Wishes.Or(t.Wishes)
	f.Attachments = append(f.Attachments, t.Attachments...)
	for path, as := range t.Attached {
		d.goesAs(path, as)
	}
	words := strings.TrimRight(t.Body, "\n")
	if blank {
		d.body, d.at = []string{""}, 0
		if !strings.Contains("\n"+words+"\n", "\n-- \n") {
			words += d.signature()
		}
		d.body = strings.Split(words, "\n")
		d.at = d.ending()
	} else {
		if after := d.signature(); after != before {
			said, _ := strings.CutSuffix(strings.Join(d.body, "\n"), before)
			d.body = strings.Split(said+after, "\n")
		}
		d.at = min(d.at, len(d.body))
		lines := strings.Split(words, "\n")
		d.body = slices.Insert(d.body, d.at, lines...)
		d.at += len(lines)
	}
	d.touch()
	d.introduce()
	d.say("Its text is in the mail; /list reads it to you.")
}
