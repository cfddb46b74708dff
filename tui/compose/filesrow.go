package compose

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// pressFiles takes a key in the row of attachments.
func (s *Screen) pressFiles(msg tea.KeyPressMsg) (want kit.Intent, used bool) {
	f, k := &s.files, s.env.Keys
	if len(f.list) == 0 {
		return nil, false
	}
	switch {
	case key.Matches(msg, k.Text.Left):
		f.at = max(0, f.at-1)
	case key.Matches(msg, k.Text.Right):
		f.at = min(f.at+1, len(f.list)-1)
	case key.Matches(msg, k.Text.Home):
		f.at = 0
	case key.Matches(msg, k.Text.End):
		f.at = len(f.list) - 1
	case key.Matches(msg, k.Files.Remove):
		return s.detach(), true
	case key.Matches(msg, k.Files.Earlier):
		s.swapFiles(f.at - 1)
	case key.Matches(msg, k.Files.Later):
		s.swapFiles(f.at + 1)
	case key.Matches(msg, k.Files.Rename):
		return s.askName(), true
	case key.Matches(msg, k.Files.Inline):
		s.toggleInline()
	case key.Matches(msg, k.Files.Open):
		return kit.OpenFile{Path: f.list[f.at].Path}, true
	case key.Matches(msg, k.Files.Undo):
		return s.undoFiles(), true
	default:
		return nil, false
	}
	return nil, true
}

// swapFiles brings the chosen attachment to where another one is.
func (s *Screen) swapFiles(with int) {
	f := &s.files
	if with < 0 || with >= len(f.list) {
		return
	}
	s.keepFiles("")
	f.list[f.at], f.list[with] = f.list[with], f.list[f.at]
	f.at = with
	f.changes++
}

// askName has the person say what the recipients see the chosen file as.
func (s *Screen) askName() kit.Intent {
	f := &s.files
	was := f.list[f.at]
	return kit.Ask{
		Title: "Name of the attachment",
		Text:  "The recipients see it. The file itself keeps its name.",
		Value: text.Clean(was.name()), Yes: "rename",
		Hint: func(line string) (string, bool) {
			name := message.FileName(line)
			switch ext := filepath.Ext(was.name()); {
			case strings.TrimSpace(line) == "":
				return "it needs a name", false
			case !strings.EqualFold(filepath.Ext(name), ext):
				return fmt.Sprintf("it goes as %s; without %s at the end a reader may not know what it is", name, ext), true
			default:
				return "it goes as " + name, true
			}
		},
		Then: func(line string) kit.Intent {
			s.rename(was.Path, message.FileName(line))
			return nil
		},
	}
}

// rename gives the attachment at path, if it is still there, another name.
func (s *Screen) rename(path, name string) {
	for i := range s.files.list {
		a := &s.files.list[i]
		if a.Path != path || a.name() == name {
			continue
		}
		s.keepFiles("")
		if a.as.Name = name; name == a.Name {
			a.as.Name = ""
		}
		s.files.changes++
	}
	s.arrange()
	s.count()
}

// toggleInline has readers show a picture below the text, or as a file again.
func (s *Screen) toggleInline() {
	f := &s.files
	a := &f.list[f.at]
	if !a.as.Inline && !message.Picture(a.name()) {
		s.status = kit.Status{Text: a.quoted() + " is no picture; it goes as a file"}
		return
	}
	s.keepFiles("")
	a.as.Inline = !a.as.Inline
	f.changes++
	said := " goes as a file"
	if a.as.Inline {
		said = " shows below the text, where a reader can"
	}
	s.status = kit.Status{Text: a.quoted() + said}
}

// chosenFile describes the chosen attachment.
func (s *Screen) chosenFile() kit.Status {
	a := s.files.list[s.files.at]
	if a.Err != nil {
		return kit.Status{Text: a.quoted() + ": " + reason(a.Err), Trouble: true}
	}
	facts := []string{text.FormatSize(a.Size)}
	if a.Type != "" && strings.EqualFold(filepath.Ext(a.name()), filepath.Ext(a.Name)) {
		facts = append([]string{a.Type}, facts...)
	}
	if a.changed() {
		facts = append(facts, "changed since it was attached")
	}
	return kit.Status{Text: a.quoted() + ": " + strings.Join(append(facts, text.Clean(a.Path)), ", ")}
}

// filesBindings are the keys of the attachments' row, its own first.
func (s *Screen) filesBindings() []key.Binding {
	k, text, f := s.env.Keys.Files, s.env.Keys.Text, &s.files
	all := []key.Binding{k.Rename, k.Remove, k.Open}
	if len(f.list) > 1 {
		keys := append(text.Left.Keys(), text.Right.Keys()...)
		which := key.NewBinding(key.WithKeys(keys...), key.WithHelp(text.Left.Help().Key+" "+text.Right.Help().Key, "choose"))
		all = append([]key.Binding{which}, all...)
		all = append(all, k.Earlier, k.Later)
	}
	if message.Picture(f.list[f.at].name()) {
		inline := k.Inline
		if f.list[f.at].as.Inline {
			inline.SetHelp(inline.Help().Key, "as a file")
		}
		all = append(all, inline)
	}
	if len(f.past) > 0 {
		all = append(all, k.Undo)
	}
	return append(all, s.keys.Attach, s.keys.Send, s.keys.Later, s.keys.Next, s.keys.New, s.keys.Discard)
}

// filesRow draws the attachments in one row, the chosen one always in sight,
// and tells in which column each was drawn; below 0 for one that was not.
func (s *Screen) filesRow(width int) (row string, columns []int) {
	f := &s.files
	const gap = "   "
	total := s.total(width)
	room := width - s.pen.Width(total) - 1
	shown := make([]string, len(f.list))
	for i, file := range f.list {
		shown[i] = s.fileText(file, room-8) // room for how many more there are
	}
	first := 0
	for s.focus == inFiles && first < f.at && s.filesWidth(shown[first:f.at+1], gap) > room-8 {
		first++
	}
	row = " "
	if !s.layout.rule {
		row += s.pen.Accent.Render("+ ") // so that it is not taken for text
	}
	if first > 0 {
		row += s.pen.Dim.Render(fmt.Sprintf("+%d", first)) + gap
	}
	columns = slices.Repeat([]int{-1}, len(shown))
	for i := first; i < len(shown); i++ {
		if i > first {
			row += gap
		}
		more := fmt.Sprintf("+%d", len(shown)-i)
		rest := 0
		if i+1 < len(shown) {
			rest = len(gap) + len(more)
		}
		if i > first && s.pen.Width(row)+s.pen.Width(shown[i])+rest > room {
			row += s.pen.Dim.Render(more)
			break
		}
		columns[i] = s.pen.Width(row)
		if i == f.at && s.focus == inFiles {
			row += s.pen.Pick(shown[i], s.pen.Width(shown[i]))
		} else {
			row += shown[i]
		}
	}
	return s.pen.Ends(row, total, width), columns
}

// fileAt returns the attachment at column x; -1 for none.
func (s *Screen) fileAt(x int) int {
	at := -1
	_, columns := s.filesRow(s.width)
	for i, from := range columns {
		if from >= 0 && from <= x {
			at = i
		}
	}
	return at
}

func (s *Screen) filesWidth(shown []string, gap string) int {
	width := 0
	for _, one := range shown {
		width += s.pen.Width(one) + len(gap)
	}
	return width
}

func (s *Screen) fileText(file attachment, width int) string {
	name := text.Clean(file.name())
	if file.Err != nil {
		return s.pen.Bad.Render(s.pen.Truncate(s.pen.Mark("rejected")+" "+name, width))
	}
	facts := s.pen.Dim.Render(" " + text.FormatSize(file.Size))
	if file.as.Inline {
		facts += s.pen.Dim.Render(" in the text")
	}
	if file.changed() {
		facts += s.pen.Wait.Render(" changed")
	}
	return s.pen.Truncate(name, width-s.pen.Width(facts)) + facts
}
