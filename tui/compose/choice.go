package compose

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// choice is a file or folder that can be picked.
type choice struct {
	kit.File
	lower string // its name, for comparing
	depth int    // folders between here and it
}

func choices(files []kit.File) []choice {
	all := make([]choice, len(files))
	for i, f := range files {
		all[i] = choice{f, strings.ToLower(text.Clean(f.Name)), strings.Count(f.Name, "/")}
	}
	return all
}

// hides tells that the name of c begins with a dot.
func (c choice) hides() bool { return strings.HasPrefix(c.lower, ".") }

// fit tells how well c fits what is typed, in lower case: 0 is best, and below
// 0 it does not. A beginning counts more than a part, a part more than letters
// in their order, the name more than the folders it is in.
func (c choice) fit(typed string) int {
	base := c.lower[strings.LastIndexByte(c.lower, '/')+1:]
	switch {
	case strings.HasPrefix(base, typed):
		return 0
	case strings.Contains(base, typed):
		return 1
	case strings.Contains(c.lower, typed):
		return 2
	case text.InOrder(base, typed):
		return 3
	case text.InOrder(c.lower, typed):
		return 4
	}
	return -1
}

// fitting returns the choices that fit what is typed, the best first, and among
// equals the nearest.
func fitting(all []choice, typed string) []choice {
	typed = strings.ToLower(typed)
	type ranked struct {
		choice
		fit int
	}
	var found []ranked
	for _, c := range all {
		if fit := c.fit(typed); fit >= 0 {
			found = append(found, ranked{c, fit})
		}
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(a.depth, b.depth)) })
	out := make([]choice, len(found))
	for i, f := range found {
		out[i] = f.choice
	}
	return out
}

// split parts what is typed into a folder and a part of a name.
func (p *picker) split() (folder, name string) {
	typed := p.line.Text()
	i := strings.LastIndexFunc(typed, separator) + 1
	return typed[:i], typed[i:]
}

// folder is the folder that is typed, as the disk calls it.
func (p *picker) folder() string {
	typed, _ := p.split()
	if real, ok := p.real[typed]; ok {
		return real
	}
	return typed
}

func separator(r rune) bool { return r == '/' || r == filepath.Separator }

// refresh shows what fits. It asks for the folder if it is another one, and for
// what is below it once a name is looked for.
func (p *picker) refresh() kit.Intent {
	if p.recent {
		p.filter()
		return nil
	}
	folder := p.folder()
	var want kit.Do
	if folder != p.asked {
		p.asked, p.known, p.here, p.below, p.search, p.err = folder, false, nil, nil, unsearched, nil
		want = append(want, kit.ListFolder{Path: folder})
	}
	if _, name := p.split(); name != "" && p.search == unsearched {
		p.search = searching
		want = append(want, kit.SearchFolder{Path: folder, Hidden: p.hidden})
	}
	p.filter()
	switch len(want) {
	case 0:
		return nil
	case 1:
		return want[0]
	}
	return want
}

func (p *picker) listed(msg kit.FolderListed) {
	if msg.Path != p.asked {
		return // of a folder that was left
	}
	p.known, p.here, p.err = true, choices(msg.Entries), msg.Err
	p.filter()
}

// found takes over what is below the folder. What can't be read there is told
// of by listing it.
func (p *picker) found(msg kit.FolderSearched) {
	if msg.Path != p.asked || msg.Hidden != p.hidden || p.search != searching {
		return
	}
	p.below, p.search = choices(msg.Entries), searched
	if msg.Cut {
		p.search = searchedInPart
	}
	at, kept := p.chosen()
	p.filter()
	if kept && p.pointed {
		p.keep(at.Path)
	}
}

// offerRecent takes over the folders that were used last.
func (p *picker) offerRecent(msg kit.RecentListed) {
	p.folders = choices(msg.Folders)
	if p.recent {
		p.filter()
	}
	if msg.Err != nil {
		p.said = kit.Status{Text: reason(msg.Err), Trouble: true}
	}
}

// filter keeps what fits what is typed. Hidden files show when they are wanted
// or a dot is typed.
func (p *picker) filter() {
	folder, name := p.split()
	switch {
	case p.recent:
		p.shown = fitting(p.folders, folder+name)
	case name == "~" && folder == "":
		p.shown = []choice{{File: kit.File{Path: "~", Name: "~", Folder: true}}}
	default:
		all := p.here
		if !p.hidden && !strings.HasPrefix(name, ".") {
			all = slices.DeleteFunc(slices.Clone(all), choice.hides)
		}
		if name != "" {
			all = slices.Concat(all, p.below)
		}
		p.shown = fitting(all, name)
	}
	first := 0
	if p.known && name == "" && !p.recent {
		p.shown = slices.Insert(p.shown, 0, choice{File: kit.File{Name: "..", Folder: true}})
		first = min(1, len(p.shown)-1)
	}
	p.list.SetLength(len(p.shown))
	p.list.Select(first)
}

// keep brings the cursor to a path, if it is there.
func (p *picker) keep(path string) {
	if i := slices.IndexFunc(p.shown, func(c choice) bool { return c.Path == path }); i >= 0 {
		p.list.Select(i)
	}
}

// complete writes the entry under the cursor into the line, and keeps it under
// the cursor.
func (p *picker) complete() kit.Intent {
	c, ok := p.chosen()
	switch {
	case !ok:
		return nil
	case c.Folder:
		return p.enter(c)
	}
	base := strings.LastIndexByte(c.Name, '/') + 1
	p.inside(c.Name[:base])
	folder, _ := p.split()
	p.write(folder + text.Clean(c.Name[base:]))
	intent := p.refresh()
	p.keep(c.Path)
	return intent
}

// enter goes into a folder.
func (p *picker) enter(c choice) kit.Intent {
	p.pointed = false
	switch {
	case c.Name == "..":
		typed, _ := p.split()
		p.write(above(typed))
	case p.recent:
		p.recent = false
		p.write("")
		p.as(text.Clean(c.Name)+"/", c.Path+"/")
	case c.Name == "~":
		p.write("~/")
	default:
		p.inside(c.Name + "/")
	}
	return p.refresh()
}

// inside writes the path of a folder below the present one into the line.
func (p *picker) inside(folder string) {
	typed, _ := p.split()
	p.as(typed+text.Clean(folder), p.folder()+folder)
}

// as writes the path of a folder into the line as it can be shown, and
// remembers how the disk calls it.
func (p *picker) as(shown, real string) {
	p.write(shown)
	if shown = p.line.Text(); shown != real {
		p.real[shown] = real
	}
}

// above returns the folder around one that was typed.
func above(folder string) string {
	trimmed := strings.TrimRightFunc(folder, separator)
	base := trimmed[strings.LastIndexFunc(trimmed, separator)+1:]
	switch base {
	case "", ".", "..", "~":
		if trimmed == "" && folder != "" {
			return folder // the root
		}
		return folder + "../"
	}
	return strings.TrimSuffix(trimmed, base)
}

func (p *picker) write(s string) {
	p.line.SetText(s)
	p.line.ToEnd()
}
