package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// files are the attachments, as far as they were looked at.
type files struct {
	list    []kit.File // Size and Err are from the last look
	at      int        // the one that is chosen
	changes int        // of the list
	looking []string   // what was asked for and not answered yet
}

func (f *files) paths() []string {
	paths := make([]string, len(f.list))
	for i, file := range f.list {
		paths[i] = file.Path
	}
	return paths
}

// broken returns the first that can't be attached; -1 if there is none.
func (f *files) broken() int {
	return slices.IndexFunc(f.list, func(file kit.File) bool { return file.Err != nil })
}

func (f *files) size() (sum int64) {
	for _, file := range f.list {
		sum += file.Size
	}
	return sum
}

// set begins with other attachments.
func (f *files) set(paths []string) {
	f.list, f.at = nil, 0
	f.changes++
	for _, path := range paths {
		f.list = append(f.list, kit.File{Path: path, Name: filepath.Base(path)})
	}
}

// look asks for the state of all attachments, one question at a time.
func (s *Screen) look() kit.Intent {
	f := &s.files
	if len(f.list) == 0 || f.looking != nil {
		return nil
	}
	f.looking = f.paths()
	return kit.CheckFiles{Paths: f.looking}
}

// checked takes over how the attachments are. If they have changed since, they
// are looked at again.
func (s *Screen) checked(msg kit.FilesChecked) kit.Intent {
	if p, ok := s.over.(*picker); ok && len(p.looking) > 0 && slices.Equal(msg.Paths, p.looking) && len(msg.Files) == len(p.looking) {
		return p.picked(msg.Files)
	}
	f := &s.files
	if !slices.Equal(msg.Paths, f.looking) {
		return nil // to what was chosen in the picker, and then left there
	}
	f.looking = nil
	switch {
	case slices.Equal(msg.Paths, f.paths()) && len(msg.Files) == len(f.list):
		copy(f.list, msg.Files)
	case len(f.list) > 0:
		return s.look()
	}
	if s.sending != looking {
		return nil
	}
	s.sending = writing
	if !s.complete() {
		return nil
	}
	return s.queue()
}

// attach adds a file that was just looked at.
func (s *Screen) attach(file kit.File) {
	f := &s.files
	same := func(other kit.File) bool { return other.Path == file.Path }
	if i := slices.IndexFunc(f.list, same); i >= 0 {
		f.at = i
		f.list[i] = file
		s.status = kit.Status{Text: quoted(file) + " is attached already"}
		return
	}
	f.list = append(f.list, file)
	f.at = len(f.list) - 1
	f.changes++
}

// detach removes the chosen attachment. Without the focus there, it is chosen
// first, unless there is no choice.
func (s *Screen) detach() {
	f := &s.files
	switch {
	case len(f.list) == 0:
		s.status = kit.Status{Text: "nothing is attached; " + s.keys.Attach.Help().Key + " attaches a file"}
		return
	case s.focus != inFiles && len(f.list) > 1:
		s.goTo(inFiles)
		s.status = kit.Status{Text: "left and right choose, " + s.keys.Detach.Help().Key + " removes"}
		return
	}
	s.status = kit.Status{Text: quoted(f.list[f.at]) + " is no longer attached"}
	f.list = slices.Delete(f.list, f.at, f.at+1)
	f.at = max(0, min(f.at, len(f.list)-1))
	f.changes++
	if len(f.list) == 0 && s.focus == inFiles {
		s.goTo(inBody)
	}
}

func (s *Screen) pressFiles(msg tea.KeyPressMsg) bool {
	f, keys := &s.files, s.env.Keys.Text
	switch {
	case key.Matches(msg, keys.Left):
		f.at = max(0, f.at-1)
	case key.Matches(msg, keys.Right):
		f.at = min(f.at+1, len(f.list)-1)
	case key.Matches(msg, keys.DeleteBack, keys.DeleteForward):
		s.detach()
	default:
		return false
	}
	return true
}

// quoted names a file in a sentence, where its name must stay as it is.
func quoted(file kit.File) string { return `"` + text.Clean(file.Name) + `"` }

// reason says why a file can't be attached, without the path that the person
// sees anyway.
func reason(err error) string {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return text.Clean(err.Error())
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

func (s *Screen) fileText(file kit.File, width int) string {
	name := text.Clean(file.Name)
	if file.Err != nil {
		return s.pen.Bad.Render(s.pen.Truncate(s.pen.Mark("rejected")+" "+name, width))
	}
	size := " " + text.FormatSize(file.Size)
	return s.pen.Truncate(name, width-len(size)) + s.pen.Dim.Render(size)
}
