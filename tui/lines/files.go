package lines

import (
	"cmp"
	"maps"
	"strconv"
	"strings"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

func (d *desk) attach(arg string) error {
	if arg == "" {
		var err error
		if arg, err = d.ask("File (enter for none)", "Type the path of a file, ~ for your home, or a folder with a / behind its name."); err != nil || arg == "" {
			return err
		}
	}
	f := d.service.CheckFiles(d.ctx, []string{arg})[0]
	if f.Err != nil {
		d.trouble("Not attached, "+f.Name, f.Err)
		return nil
	}
	d.fields.Attachments = append(d.fields.Attachments, f.Path)
	d.touch()
	d.say("Attached %d: %s, %s", len(d.fields.Attachments), f.Name, text.FormatSize(f.Size))
	return nil
}

// attached is the path of the file of a number, which the person is asked for
// again where there is none; empty for that.
func (d *desk) attached(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(d.fields.Attachments) {
		d.say("Say which by its number; /list tells it. %d files are attached.", len(d.fields.Attachments))
		return ""
	}
	return d.fields.Attachments[n-1]
}

func (d *desk) detach(arg string) error {
	path := d.attached(arg)
	if path == "" {
		return nil
	}
	n, _ := strconv.Atoi(arg)
	d.say("No longer attached: %s", path)
	d.fields.Attachments = append(d.fields.Attachments[:n-1:n-1], d.fields.Attachments[n:]...)
	d.touch()
	return nil
}

// inline has readers show a picture below the text, or as a file again.
func (d *desk) inline(arg string) error {
	path := d.attached(arg)
	if path == "" {
		return nil
	}
	as := d.fields.Attached[path]
	name := cmp.Or(as.Name, path)
	if !as.Inline && !message.Picture(name) {
		d.say("%s is no picture; it goes as a file.", name)
		return nil
	}
	as.Inline = !as.Inline
	d.goesAs(path, as)
	if as.Inline {
		d.say("%s shows below the text, where a reader can.", name)
	} else {
		d.say("%s goes as a file.", name)
	}
	return nil
}

func (d *desk) rename(arg string) error {
	number, name, _ := strings.Cut(arg, " ")
	path := d.attached(number)
	if path == "" {
		return nil
	}
	if name = strings.TrimSpace(name); name == "" {
		d.say("Say its number and the name it is to have: /rename 1 minutes.pdf")
		return nil
	}
	as := d.fields.Attached[path]
	as.Name = name
	d.goesAs(path, as)
	d.say("%s goes as %s.", path, name)
	return nil
}

// goesAs notes what the author wants of an attached file.
func (d *desk) goesAs(path string, as message.Attached) {
	all := maps.Clone(d.fields.Attached)
	if all == nil {
		all = map[string]message.Attached{}
	}
	all[path] = as
	d.fields.Attached = all
	d.touch()
}

// file tells how an attached file goes.
func file(f kit.File, as message.Attached) string {
	said := f.Name + ", " + text.FormatSize(f.Size)
	if f.Err != nil {
		return f.Name + ", " + f.Err.Error()
	}
	if as.Name != "" {
		said += ", as " + as.Name
	}
	if as.Inline {
		said += ", shown below the text"
	}
	return said
}
