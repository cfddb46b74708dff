package compose

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"sendoff/smtp/message"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// files are the attachments, as far as they were looked at.
type files struct {
	list    []attachment
	at      int        // the one that is chosen
	changes int        // of the list
	looking []string   // what was asked for and not answered yet
	past    []attached // what undo brings back, the last step last
}

// attachment is a file that goes along.
type attachment struct {
	kit.File // as it was when it was looked at last
	as       message.Attached
}

// name is what the recipients see.
func (a attachment) name() string { return cmp.Or(a.as.Name, a.Name) }

// quoted is the name in a sentence, where it must stay as it is.
func (a attachment) quoted() string { return `"` + text.Clean(a.name()) + `"` }

// changed tells that the file is not as it was when it was attached.
func (a attachment) changed() bool { return a.Err == nil && a.as.Changed(a.Size, a.Modified) }

// attached is how the attachments were before a change, and what was written
// then. Where no more can be undone than could be then, the change is the last
// thing that was done.
type attached struct {
	list    []attachment
	at      int
	steps   map[place]int // that undo could take back
	written snapshot
	pasted  place // where the paths were taken out of the text; empty for nowhere
}

func (f *files) paths() []string {
	paths := make([]string, len(f.list))
	for i, file := range f.list {
		paths[i] = file.Path
	}
	return paths
}

// decided is what the draft keeps of the attachments beside their paths.
func (f *files) decided() map[string]message.Attached {
	var all map[string]message.Attached
	for _, file := range f.list {
		if file.as == (message.Attached{}) {
			continue
		}
		if all == nil {
			all = map[string]message.Attached{}
		}
		all[file.Path] = file.as
	}
	return all
}

// broken returns the first that can't be attached; -1 if there is none.
func (f *files) broken() int {
	return slices.IndexFunc(f.list, func(file attachment) bool { return file.Err != nil })
}

func (f *files) size() (sum int64) {
	for _, file := range f.list {
		sum += file.Size
	}
	return sum
}

// set begins with other attachments.
func (f *files) set(paths []string, decided map[string]message.Attached) {
	f.list, f.at, f.past = nil, 0, nil
	f.changes++
	for _, path := range paths {
		f.list = append(f.list, attachment{kit.File{Path: path, Name: filepath.Base(path)}, decided[path]})
	}
}

// decide has the attachments go as was decided elsewhere.
func (f *files) decide(all map[string]message.Attached) {
	for i := range f.list {
		if as, ok := all[f.list[i].Path]; ok {
			f.list[i].as.Name, f.list[i].as.Inline = as.Name, as.Inline
			f.changes++
		}
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
		f.looked(msg.Files)
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

// looked takes over how the files are now. The first look at one tells how it
// was when it was attached.
func (f *files) looked(now []kit.File) {
	for i := range f.list {
		a := &f.list[i]
		if a.File = now[i]; a.Err == nil && a.as.Modified.IsZero() && !a.Modified.IsZero() {
			a.as.Size, a.as.Modified = a.Size, a.Modified
			f.changes++
		}
	}
}

// attach adds files that were just looked at. One that is there already goes
// along as it is now.
func (s *Screen) attach(all ...kit.File) {
	f := &s.files
	s.keepFiles("")
	for _, file := range all {
		as := message.Attached{Size: file.Size, Modified: file.Modified}
		if file.Err != nil || file.Modified.IsZero() {
			as = message.Attached{}
		}
		f.changes++
		i := slices.IndexFunc(f.list, func(other attachment) bool { return other.Path == file.Path })
		if i < 0 {
			f.list = append(f.list, attachment{file, as})
			f.at = len(f.list) - 1
			continue
		}
		as.Name, as.Inline = f.list[i].as.Name, f.list[i].as.Inline
		f.at, f.list[i] = i, attachment{file, as}
		s.status = kit.Status{Text: f.list[i].quoted() + " is attached already"}
	}
}

// detach removes the chosen attachment. Without the focus there, it is chosen
// first, unless there is no choice. Where none is left, what was removed last
// comes back.
func (s *Screen) detach() kit.Intent {
	f, keys := &s.files, s.env.Keys.Text
	switch {
	case f.removed():
		return s.undoFiles()
	case len(f.list) == 0:
		s.status = kit.Status{Text: "nothing is attached; " + s.keys.Attach.Help().Key + " attaches a file"}
		return nil
	case s.focus != inFiles && len(f.list) > 1:
		s.goTo(inFiles)
		s.status = kit.Status{Text: keys.Left.Help().Key + " and " + keys.Right.Help().Key + " choose, " + s.keys.Detach.Help().Key + " removes"}
		return nil
	}
	s.keepFiles("")
	s.status = kit.Status{Text: f.list[f.at].quoted() + " is no longer attached; " + s.undoKey() + " brings it back"}
	f.list = slices.Delete(f.list, f.at, f.at+1)
	f.at = max(0, min(f.at, len(f.list)-1))
	f.changes++
	if len(f.list) == 0 && s.focus == inFiles {
		s.goTo(inBody)
	}
	return nil
}

// removed tells that nothing is attached any more, and something was.
func (f *files) removed() bool { return len(f.list) == 0 && len(f.past) > 0 }

// undoKey is the key that undoes where the person is.
func (s *Screen) undoKey() string {
	if s.focus == inFiles && len(s.files.list) > 1 {
		return s.env.Keys.Files.Undo.Help().Key
	}
	return s.env.Keys.Text.Undo.Help().Key
}

// undoable is a text whose changes can be taken back by steps.
type undoable interface {
	Steps() int
	Pause()
}

// texts are the fields that have an undo of their own.
func (s *Screen) texts() map[place]undoable {
	all := map[place]undoable{inSubject: s.subject, inBody: s.body}
	for p, list := range s.lists {
		all[p] = list
	}
	return all
}

// keepFiles remembers how the attachments are, for undo.
func (s *Screen) keepFiles(pasted place) {
	was := attached{list: slices.Clone(s.files.list), at: s.files.at, steps: map[place]int{}, written: s.written(), pasted: pasted}
	for p, text := range s.texts() {
		was.steps[p] = text.Steps()
		text.Pause()
	}
	s.files.past = append(s.files.past, was)
}

// filesLast tells that what was done last where the person is was done to the
// attachments.
func (s *Screen) filesLast() bool {
	past := s.files.past
	if len(past) == 0 || s.focus == inFiles {
		return len(past) > 0
	}
	text, ok := s.texts()[s.focus]
	return ok && text.Steps() <= past[len(past)-1].steps[s.focus]
}

// undoFiles takes the last change of the attachments back, and has them looked
// at.
func (s *Screen) undoFiles() kit.Intent {
	f := &s.files
	if len(f.past) == 0 {
		s.status = kit.Status{Text: "there is nothing to undo here"}
		return nil
	}
	was := f.past[len(f.past)-1]
	f.past = f.past[:len(f.past)-1]
	s.status = kit.Status{Text: undone(f.list, was.list)}
	f.list, f.at = was.list, was.at
	f.changes++
	if was.pasted != "" && was.written == s.written() {
		s.goTo(was.pasted)
		s.pressIn(keys.Press(s.env.Keys.Text.Redo.Keys()[0]))
	}
	if len(f.list) == 0 && s.focus == inFiles {
		s.goTo(inBody)
	}
	return s.look()
}

// undone says what an undo changed.
func undone(now, was []attachment) string {
	without := func(list, other []attachment) (only []attachment) {
		for _, a := range list {
			if !slices.ContainsFunc(other, func(b attachment) bool { return a.Path == b.Path }) {
				only = append(only, a)
			}
		}
		return only
	}
	switch back, gone := without(was, now), without(now, was); {
	case len(back) == 1:
		return back[0].quoted() + " is attached again."
	case len(gone) == 1:
		return "Undone: " + gone[0].quoted() + " is no longer attached."
	}
	return "Undone."
}

// reason says why a file can't be attached, without the path that the person
// sees anyway.
func reason(err error) string {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return text.Clean(err.Error())
}
