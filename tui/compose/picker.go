package compose

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/field"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// picker finds files: by typing a path or a part of a name, or by going through
// folders.
type picker struct {
	*Screen
	keys    *keys.Map
	line    *field.Line
	list    widget.List
	real    map[string]string // folders whose names can't be typed, by how they are shown
	looking []string          // the paths that were chosen and are being looked at
	said    kit.Status        // what became of the last key, until the next
	marked  []kit.File        // in the order in which they were; folders end in a slash
	pointed bool              // the cursor of the list was moved since something was typed
	hidden  bool              // what begins with a dot shows as well

	ways       [][]string // in which what was pasted last can be read as paths
	pastedLine string     // what stood in the line then

	asked   string   // the folder that was asked for
	known   bool     // here are the entries of that folder
	here    []choice // in it
	below   []choice // in the folders below it
	search  search
	recent  bool     // it is recent folders that are chosen from
	folders []choice // those
	shown   []choice // those that fit what is typed
	err     error
}

// search is how far looking below the folder has come.
type search int

const (
	unsearched search = iota
	searching
	searched
	searchedInPart // there is more than is known
)

// openPicker begins with the folder the program was started in.
func (s *Screen) openPicker() kit.Intent {
	p := &picker{
		Screen: s, keys: s.env.Keys, list: widget.NewList(s.env.Keys.List),
		line: field.NewLine(s.env.Keys.Text, s.env.Styles, s.env.Cells), real: map[string]string{},
	}
	p.line.Focus(true)
	s.over = p
	return kit.ListFolder{}
}

func (p *picker) press(msg tea.KeyPressMsg) kit.Intent {
	p.looking, p.said = nil, kit.Status{}
	switch k := p.keys; {
	case key.Matches(msg, k.Dialog.Close) && p.recent:
		p.recent = false
		return p.refresh()
	case key.Matches(msg, k.Dialog.Close):
		p.over = nil
	case key.Matches(msg, k.Text.Newline):
		return p.choose()
	case key.Matches(msg, k.Compose.Attach):
		return p.chooseFolder()
	case key.Matches(msg, k.Compose.Next):
		return p.complete()
	case key.Matches(msg, k.Picker.Hidden):
		return p.toggleHidden()
	case key.Matches(msg, k.Picker.Recent):
		return p.toggleRecent()
	case key.Matches(msg, k.Picker.Mark) && !p.spells(msg):
		p.mark()
	case p.steps(msg) != 0:
		p.point(p.list.Cursor() + p.steps(msg))
	default:
		return p.typed(msg)
	}
	return nil
}

// paste types what is pasted. If it names files they are attached at once.
func (p *picker) paste(msg tea.PasteMsg) kit.Intent {
	p.looking, p.said = nil, kit.Status{}
	p.ways = pathsIn(msg.Content)
	want := p.typed(msg)
	if p.pastedLine = p.line.Text(); len(p.ways) == 0 {
		return want
	}
	if find := (kit.FindPasted{Ways: p.ways}); want == nil {
		return find
	} else {
		return kit.Do{want, find}
	}
}

// dropped takes the answer about what was pasted, unless something was done
// since.
func (p *picker) dropped(msg kit.PastedFound) kit.Intent {
	if len(msg.Files) == 0 || p.line.Text() != p.pastedLine || !slices.EqualFunc(p.ways, msg.Ways, slices.Equal) {
		return nil
	}
	if f := msg.Files[0]; f.Folder && len(msg.Files) == 1 {
		p.as(text.Clean(f.Path), f.Path)
		return p.refresh()
	}
	p.over, p.Screen.status = nil, kit.Status{}
	return p.attachPasted(msg.Files)
}

// typed takes what is typed into the line.
func (p *picker) typed(msg tea.Msg) kit.Intent {
	p.line.Update(msg)
	p.pointed = false
	return p.refresh()
}

// steps returns how far a key moves the cursor in the list.
func (p *picker) steps(press tea.KeyPressMsg) int {
	switch k := p.keys.Text; {
	case key.Matches(press, k.Up):
		return -1
	case key.Matches(press, k.Down):
		return 1
	case key.Matches(press, k.PageUp):
		return -p.rows()
	case key.Matches(press, k.PageDown):
		return p.rows()
	}
	return 0
}

// point moves the cursor of the list.
func (p *picker) point(row int) {
	p.list.Select(row)
	p.pointed = true
}

// chosen returns the entry under the cursor.
func (p *picker) chosen() (c choice, ok bool) {
	if i := p.list.Cursor(); i >= 0 {
		return p.shown[i], true
	}
	return choice{}, false
}

// choose has what is marked looked at, or else the file under the cursor; it
// goes into a folder there. Where nothing is listed it takes the path as it is
// typed.
func (p *picker) choose() kit.Intent {
	c, ok := p.chosen()
	path := c.Path
	switch {
	case len(p.marked) > 0:
		var paths []string
		for _, f := range p.marked {
			paths = append(paths, f.Path)
		}
		return p.look(paths...)
	case !ok && p.recent:
		return nil
	case !ok:
		path = strings.TrimSpace(p.line.Text())
	case c.Folder:
		return p.enter(c)
	case c.Err != nil:
		p.refuse(path, c.Err)
		return nil
	}
	return p.look(path)
}

// chooseFolder has the folder under the cursor looked at, or else the one that
// shows, to be attached as an archive.
func (p *picker) chooseFolder() kit.Intent {
	path := p.folder()
	if c, ok := p.chosen(); ok && c.Folder && c.Name != ".." {
		path = c.Path
	}
	if path = strings.TrimRightFunc(path, separator); path == "" && p.folder() == "" {
		path = "."
	}
	return p.look(path + "/")
}

func (p *picker) look(paths ...string) kit.Intent {
	p.looking = paths
	return kit.CheckFiles{Paths: paths}
}

// picked takes the answer about what was chosen. If something can't be attached
// the person stays where another can be chosen.
func (p *picker) picked(all []kit.File) kit.Intent {
	chosen := p.looking
	p.looking = nil
	if len(all) == 1 && all[0].Folder {
		p.write(strings.TrimRightFunc(p.line.Text(), separator) + "/")
		p.said = kit.Status{Text: "That is a folder; " + p.keys.Compose.Attach.Help().Key + " attaches an archive of it."}
		return p.refresh()
	}
	for i, file := range all {
		if file.Err != nil {
			p.refuse(chosen[i], file.Err)
			return nil
		}
	}
	p.over, p.Screen.status = nil, kit.Status{}
	p.attach(all...)
	return kit.UsedFolder{Path: filepath.Dir(filepath.Clean(all[len(all)-1].Path))}
}

// refuse says why a file can't be attached.
func (p *picker) refuse(path string, err error) {
	path = strings.TrimRightFunc(path, separator)
	name := text.Clean(path[strings.LastIndexFunc(path, separator)+1:])
	p.said = kit.Status{Text: `"` + name + `": ` + reason(err), Trouble: true}
}

// mark marks what is under the cursor, a folder as an archive of it, or takes
// the mark away, and goes on to the next.
func (p *picker) mark() {
	c, ok := p.chosen()
	switch {
	case !ok || c.Name == ".." || p.recent:
		return
	case c.Err != nil:
		p.refuse(c.Path, c.Err)
		return
	}
	if i := p.markOf(c.File); i >= 0 {
		p.marked = slices.Delete(p.marked, i, i+1)
	} else {
		if c.Folder {
			c.Path += "/"
		}
		p.marked = append(p.marked, c.File)
	}
	p.point(p.list.Cursor() + 1)
}

// markOf returns which mark is that of an entry; below 0 if it has none.
func (p *picker) markOf(f kit.File) int {
	return slices.IndexFunc(p.marked, func(m kit.File) bool {
		return m.Path == f.Path || f.Folder && m.Path == f.Path+"/"
	})
}

// spells tells that a space is a part of what is typed: nothing was pointed at,
// and something there goes on with it.
func (p *picker) spells(msg tea.KeyPressMsg) bool {
	_, name := p.split()
	if msg.Text != " " || p.pointed || name == "" {
		return false
	}
	name = strings.ToLower(name + " ")
	return len(p.shown) == 0 || slices.ContainsFunc(p.shown, func(c choice) bool { return strings.Contains(c.lower, name) })
}

func (p *picker) toggleHidden() kit.Intent {
	p.hidden = !p.hidden
	p.below, p.search = nil, unsearched
	return p.refresh()
}

// toggleRecent offers the folders that files were attached from, or goes back.
func (p *picker) toggleRecent() kit.Intent {
	p.recent, p.pointed = !p.recent, false
	p.write("")
	if !p.recent {
		return p.refresh()
	}
	p.filter()
	return kit.ListRecent{}
}

func (p *picker) arrange() {
	p.line.SetWidth(p.width - label - 1)
	p.list.SetHeight(p.rows())
}

// rows is how many rows the list has.
func (p *picker) rows() int { return max(1, p.height-2) }

func (p *picker) view() (string, *tea.Cursor) {
	name := " File"
	if p.recent {
		name = " Folder"
	}
	rows := []string{
		p.pen.Accent.Render(p.pen.Pad(name, label)) + p.line.View(),
		p.pen.Line(p.width),
	}
	switch {
	case p.err != nil:
		rows = append(rows, " "+p.pen.Bad.Render(reason(p.err)))
	case !p.known:
		rows = append(rows, p.pen.Dim.Render(" looking"))
	case len(p.shown) == 0:
		rows = append(rows, p.pen.Dim.Render(" "+p.nothing()))
	default:
		rows = append(rows, p.list.Rows(p.row)...)
	}
	return p.pen.Page(p.width, p.height, rows), tea.NewCursor(label+p.line.Cursor(), 0)
}

// nothing says why the list is empty.
func (p *picker) nothing() string {
	switch {
	case p.recent && len(p.folders) == 0:
		return "no file was attached from anywhere yet"
	case p.search == searching:
		return "looking in the folders below"
	case p.search == searchedInPart:
		return "nothing is called like that, as far as was looked"
	}
	return "nothing here is called like that"
}

func (p *picker) row(i int, selected bool) string {
	f := p.shown[i].File
	name, right := text.Clean(f.Name), text.FormatSize(f.Size)
	switch {
	case f.Folder:
		name, right = name+"/", ""
	case f.Err != nil:
		right = reason(f.Err)
	}
	mark := " "
	if len(p.marked) > 0 {
		mark = "   "
		if p.markOf(f) >= 0 {
			mark = " " + p.pen.Glyphs.Chosen + " "
		}
	}
	row := p.pen.Ends(mark+p.pen.Truncate(name, p.width-1-p.pen.Width(mark)), p.pen.Dim.Render(right)+" ", min(across, p.width))
	if selected {
		return p.pen.Pick(row, p.width)
	}
	return row
}

// mouse moves the cursor; a click on what is under it already chooses that.
func (p *picker) mouse(msg tea.MouseMsg) kit.Intent {
	was := p.list.Cursor()
	switch msg.(type) {
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		if !p.list.Update(shifted(msg, 0, -2)) {
			return nil
		}
		p.pointed, p.looking, p.said = true, nil, kit.Status{}
	}
	if _, click := msg.(tea.MouseClickMsg); click && p.list.Cursor() == was {
		return p.choose()
	}
	return nil
}

func (p *picker) status() kit.Status {
	switch {
	case p.said.Text != "":
		return p.said
	case len(p.looking) > 0:
		return kit.Status{Text: "Looking at it."}
	case !p.known || p.err != nil:
		return kit.Status{}
	case p.recent:
		return kit.Status{Text: "From which folder?"}
	}
	right := fmt.Sprintf("%d here", len(p.here))
	switch n := len(p.below); {
	case p.search == searchedInPart:
		right += fmt.Sprintf(", more than %d below", n)
	case n > 0:
		right += fmt.Sprintf(", %d below", n)
	}
	return kit.Status{Text: "Which file shall go along?", Right: right}
}

func (p *picker) bindings() []key.Binding {
	named := func(b key.Binding, does string) key.Binding {
		return key.NewBinding(key.WithKeys(b.Keys()...), key.WithHelp(b.Help().Key, does))
	}
	enter, c := "attach", choice{}
	if i := p.list.Cursor(); i >= 0 {
		c = p.shown[i]
	}
	switch n := len(p.marked); {
	case n > 0:
		enter = fmt.Sprintf("attach %d", n)
	case c.Folder:
		enter = "open"
	}
	back := named(p.keys.Dialog.Close, "back")
	if p.recent {
		return []key.Binding{named(p.keys.Text.Newline, enter), named(p.keys.Picker.Recent, "all files"), back}
	}
	return []key.Binding{
		named(p.keys.Text.Newline, enter), named(p.keys.Compose.Next, "complete"), p.keys.Picker.Mark,
		named(p.keys.Compose.Attach, "folder as archive"), p.keys.Picker.Recent, p.keys.Picker.Hidden, back,
	}
}
