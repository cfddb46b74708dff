package lines

import (
	"regexp"
	"strings"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// verb is a command: a word behind a slash.
type verb struct {
	name, args string
	what       string
	do         func(d *desk, arg string) error
}

// verbs lists the commands, those that most mails need first.
func verbs() []verb {
	return []verb{
		{"send", "[TIME]", "send the mail; or at a time: /send tomorrow 9:00", (*desk).send},
		{"list", "", "read the mail to you, the lines of its text with numbers", (*desk).list},
		{"to", "[ADDRESSES]", "add recipients, or ask for all anew; - alone for none", people("To", func(f *message.Draft) *string { return &f.To })},
		{"cc", "[ADDRESSES]", "the same for copies", people("Cc", func(f *message.Draft) *string { return &f.Cc })},
		{"bcc", "[ADDRESSES]", "the same for copies that nobody sees", people("Bcc", func(f *message.Draft) *string { return &f.Bcc })},
		{"reply-to", "[ADDRESSES]", "the same for where answers go", people("Reply-To", func(f *message.Draft) *string { return &f.ReplyTo })},
		{"subject", "[WORDS]", "give the mail another subject", (*desk).subject},
		{"from", "", "choose the sender", (*desk).chooseSender},
		{"template", "[NAME]", "put a template into the mail", (*desk).template},
		{"header", "[NAME: VALUE]", "add a field to the header; without a value take it out", (*desk).header},
		{"ask", "[WHAT VALUE]", "ask for reports, a priority, a time by which it arrives; alone it tells what can be asked", (*desk).wish},
		{"attach", "PATH", "attach a file; FOLDER/ attaches an archive of it", (*desk).attach},
		{"detach", "NUMBER", "take an attachment out again", (*desk).detach},
		{"inline", "NUMBER", "show an attached picture below the text, or as a file again", (*desk).inline},
		{"rename", "NUMBER NAME", "give what is attached another name", (*desk).rename},
		{"text", "[LINE]", "go on with the text, or behind that line", (*desk).goOn},
		{"line", "LINE WORDS", "write a line anew", (*desk).change},
		{"drop", "[LINES]", "take out the last line typed, or those named: 3 or 3-5", (*desk).drop},
		{"edit", "", "open the mail in your editor ($VISUAL, $EDITOR)", (*desk).edit},
		{"preview", "", "read the text as its recipients will see it", (*desk).preview},
		{"markdown", "yes|no", "the text is markdown", (*desk).markdown},
		{"sign", "yes|no", "sign the mail", choice(func(f *message.Draft) *message.Choice { return &f.Sign }, "It will be signed.", "It won't be signed.")},
		{"encrypt", "yes|no", "encrypt it to its recipients", choice(func(f *message.Draft) *message.Choice { return &f.Encrypt }, "It will be encrypted.", "It won't be encrypted.")},
		{"crypto", "pgp|smime", "sign and encrypt by OpenPGP or by S/MIME", (*desk).crypto},
		{"save", "", "save the draft now, and tell its number", (*desk).keep},
		{"new", "", "begin another mail; this one is kept as a draft", func(d *desk, _ string) error { return d.leave(errNew) }},
		{"discard", "", "delete the draft", (*desk).discard},
		{"outbox", "", "list the mail in the outbox and say what is to become of it", func(d *desk, _ string) error { return d.leave(errOutbox) }},
		{"mail", "NUMBER", "look at one mail of the outbox", (*desk).look},
		{"find", "WORDS", "find mail by subject, people, text or file names", (*desk).find},
		{"password", "[ACCOUNT]", "give the password of an account that waits for it", (*desk).givePassword},
		{"test", "[ACCOUNT]", "log in to an account's server and out again", (*desk).test},
		{"account", "", "add an account", func(d *desk, _ string) error { return d.addAccount() }},
		{"identity", "", "add, change or remove somebody whom your mail can be from", (*desk).identity},
		{"quit", "", "leave; what you wrote is kept", func(*desk, string) error { return errQuit }},
	}
}

// command is how one looks: a path is none.
var command = regexp.MustCompile(`^/[a-z-]+( |$)`)

func isCommand(line string) bool { return command.MatchString(line) }

// command does what a line says.
func (d *desk) command(line string) error {
	name, arg, _ := strings.Cut(line[1:], " ")
	var names []string
	for _, v := range verbs() {
		if v.name == name {
			return v.do(d, strings.TrimSpace(arg))
		}
		names = append(names, v.name)
	}
	hint := "? alone lists them all."
	if near, ok := config.Nearest(name, names); ok {
		hint = "did you mean /" + near + "?"
	}
	d.say("There is no command /%s; %s To begin a line of text with / write //.", name, hint)
	return nil
}

// bare takes a line where nothing but commands has a meaning: there the slash
// may be left away.
func (d *desk) bare(line string) error {
	switch {
	case line == "":
		return nil
	case !isCommand("/" + line):
		d.say("Say a command, such as /quit; ? alone lists them all.")
		return nil
	}
	return d.command("/" + line)
}

// help tells what can be answered here, and every command.
func (d *desk) help(here string) {
	d.say("%s", here)
	d.say("? alone helps. Commands can be given whenever something is asked, and within the text:")
	for _, v := range verbs() {
		d.say("%s: %s", strings.TrimSpace("/"+v.name+" "+v.args), v.what)
	}
}

// people is the command for one list of recipients.
func people(name string, field func(*message.Draft) *string) func(*desk, string) error {
	return func(d *desk, arg string) error {
		list := field(&d.fields)
		if arg == "" {
			return d.askPeople(name, list)
		}
		if err := d.addPeople(list, arg); err != nil {
			return err
		}
		if *list == "" {
			d.say("%s is empty.", name)
		} else {
			d.say("%s: %s", name, *list)
		}
		return nil
	}
}

func (d *desk) subject(arg string) error {
	if arg == "" {
		return d.askSubject()
	}
	d.fields.Subject = arg
	d.touch()
	d.say("Subject: %s", arg)
	return nil
}

// edit hands the whole mail to the person's editor.
func (d *desk) edit(string) error {
	if d.opts.Edit == nil {
		d.say("There is no editor here.")
		return nil
	}
	d.save()
	edited, err := d.opts.Edit(d.ctx, d.draft())
	if err != nil {
		d.trouble("The mail is as it was", err)
		return nil
	}
	ref := d.ref
	edited.Focus = "" // behind the text
	d.adopt(ref, edited)
	d.touch()
	d.introduce()
	return nil
}

func (d *desk) preview(string) error {
	p, err := d.service.Preview(d.ctx, d.draft())
	if err != nil {
		d.trouble("It can't be made yet", err)
		return nil
	}
	for line := range strings.Lines(p.Text) {
		d.recite(strings.TrimRight(line, "\r\n"))
	}
	if p.Comments > 0 {
		d.say("What stands between <!-- and --> is left out.")
	}
	return nil
}

func (d *desk) markdown(arg string) error {
	switch strings.ToLower(arg) {
	case "", "yes":
		d.fields.Format = message.Markdown
		d.say("The text is markdown: it is sent as text and as a page.")
	case "no":
		d.fields.Format = message.Plain
		d.say("The text is sent as it is.")
	default:
		d.say("Say yes or no.")
		return nil
	}
	d.touch()
	return nil
}

// choice is the command for something that is to be done with the mail or not.
func choice(field func(*message.Draft) *message.Choice, yes, no string) func(*desk, string) error {
	return func(d *desk, arg string) error {
		switch strings.ToLower(arg) {
		case "", "yes":
			*field(&d.fields) = message.Yes
			d.say("%s", yes)
		case "no":
			*field(&d.fields) = message.No
			d.say("%s", no)
		default:
			d.say("Say yes or no.")
			return nil
		}
		d.touch()
		return nil
	}
}

// crypto says by what the mail is signed and encrypted.
func (d *desk) crypto(arg string) error {
	said := map[string]string{"pgp": "OpenPGP, by gpg", "smime": "S/MIME, by gpgsm"}
	way := strings.ToLower(arg)
	if said[way] == "" {
		d.say("Say /crypto pgp or /crypto smime.")
		return nil
	}
	d.fields.Crypto = way
	d.touch()
	d.say("What signs and encrypts is %s.", said[way])
	return nil
}

// keep saves the draft because the person wants it.
func (d *desk) keep(string) error {
	if d.empty() {
		d.say("There is nothing to save yet.")
		return nil
	}
	d.touch()
	if d.save() == nil {
		d.say("Saved as mail %s.", d.ref.ID)
	}
	return nil
}

// leave goes elsewhere, once what was written is on disk.
func (d *desk) leave(next error) error {
	if err := d.save(); err != nil {
		return nil // which was told
	}
	if d.ref.ID != 0 {
		d.say("Your draft is kept as mail %s.", d.ref.ID)
	}
	d.blank()
	return next
}

func (d *desk) discard(string) error {
	if d.empty() && d.ref.ID == 0 {
		d.say("There is nothing to throw away.")
		return nil
	}
	yes, err := d.yes("What you have written here will be gone. Throw it away")
	if err != nil || !yes {
		return err
	}
	if d.ref.ID != 0 {
		if err := d.service.Act(d.ctx, d.ref.ID, kit.Delete); err != nil {
			d.trouble("It can't be deleted", err)
			return nil
		}
	}
	d.blank()
	return errDone
}

// addAccount has the person set up an account. What goes wrong keeps nobody
// from writing.
func (d *desk) addAccount() error {
	if d.opts.AddAccount == nil {
		d.say("Here is the one account of the sandbox.")
		return nil
	}
	w := &watching{desk: d}
	err := d.opts.AddAccount(d.ctx, func(question string) (string, error) {
		return d.ask(question, "Answer, or press enter for what stands in brackets.")
	}, w.session)
	switch {
	case leaves(err), d.ctx.Err() != nil:
		return err
	case err != nil:
		d.trouble("No account", err)
	}
	return nil
}
