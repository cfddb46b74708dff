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

// picker finds a file: by typing its path, or by going through folders.
type picker struct {
	*Screen
	keys    *keys.Map
	line    *field.Line
	list    widget.List
	real    map[string]string // folders whose names can't be typed, by how they are shown
	looking string            // the path that was chosen and is being looked at
	trouble kit.Status        // why what was chosen can't be attached

	asked   string // the folder that was asked for
	known   bool   // entries are of that folder
	entries []kit.File
	shown   []kit.File // those that fit what is typed
	err     error
}

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
	switch {
	case key.Matches(msg, p.keys.Dialog.Close):
		p.over = nil
		return nil
	case key.Matches(msg, p.keys.Text.Newline):
		return p.choose()
	case key.Matches(msg, p.keys.Compose.Attach):
		return p.chooseFolder()
	}
	return p.find(msg)
}

func (p *picker) paste(msg tea.PasteMsg) kit.Intent { return p.find(msg) }

// picked takes the answer about the file that was chosen. One that can't be
// attached leaves the person where another can be chosen.
func (p *picker) picked(file kit.File) kit.Intent {
	chosen := p.looking
	p.looking = ""
	switch {
	case file.Folder:
		p.write(strings.TrimRightFunc(p.line.Text(), separator) + "/")
		return p.refresh()
	case file.Err != nil:
		p.refuse(chosen, file.Err)
		return nil
	}
	p.over, p.Screen.status = nil, kit.Status{}
	return p.attach(file)
}

// refuse says why a file can't be attached.
func (p *picker) refuse(path string, err error) {
	path = strings.TrimRightFunc(path, separator)
	name := text.Clean(path[strings.LastIndexFunc(path, separator)+1:])
	p.trouble = kit.Status{Text: `"` + name + `": ` + reason(err), Trouble: true}
}

// find takes what is typed.
func (p *picker) find(msg tea.Msg) kit.Intent {
	p.looking, p.trouble = "", kit.Status{}
	if press, ok := msg.(tea.KeyPressMsg); ok {
		if key.Matches(press, p.keys.Compose.Next) {
			return p.complete()
		}
		if by := p.steps(press); by != 0 {
			p.list.Select(p.list.Cursor() + by)
			return nil
		}
	}
	p.line.Update(msg)
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

// split parts what is typed into a folder and the beginning of a name.
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

// refresh shows what fits, and asks for the folder if it is another one.
func (p *picker) refresh() kit.Intent {
	folder := p.folder()
	if folder != p.asked {
		p.asked, p.known, p.entries, p.err = folder, false, nil, nil
		p.filter()
		return kit.ListFolder{Path: folder}
	}
	p.filter()
	return nil
}

func (p *picker) listed(msg kit.FolderListed) {
	if msg.Path != p.asked {
		return // of a folder that was left
	}
	p.known, p.entries, p.err = true, msg.Entries, msg.Err
	p.filter()
}

// filter keeps the entries that hold what is typed, those that begin with it
// first. Hidden ones show when a dot is typed.
func (p *picker) filter() {
	_, name := p.split()
	name = strings.ToLower(name)
	var begin, hold []kit.File
	for _, f := range p.entries {
		lower := strings.ToLower(text.Clean(f.Name))
		switch {
		case strings.HasPrefix(lower, ".") && !strings.HasPrefix(name, "."):
		case strings.HasPrefix(lower, name):
			begin = append(begin, f)
		case strings.Contains(lower, name):
			hold = append(hold, f)
		}
	}
	p.shown = slices.Concat(begin, hold)
	if p.known && name == "" {
		p.shown = append([]kit.File{{Name: "..", Folder: true}}, p.shown...)
	}
	p.list.SetLength(len(p.shown))
	p.list.Select(0)
	if name == "" && len(p.shown) > 1 {
		p.list.Select(1)
	}
}

// chosen returns the entry under the cursor.
func (p *picker) chosen() (f kit.File, ok bool) {
	if i := p.list.Cursor(); i >= 0 {
		return p.shown[i], true
	}
	return kit.File{}, false
}

// choose goes into the folder under the cursor, or has the file there looked
// at; where nothing is listed, the path as it is typed.
func (p *picker) choose() kit.Intent {
	p.trouble = kit.Status{}
	f, ok := p.chosen()
	switch {
	case !ok:
		f.Path = strings.TrimSpace(p.line.Text())
	case f.Folder:
		return p.enter(f.Name)
	case f.Err != nil:
		p.refuse(f.Path, f.Err)
		return nil
	}
	if p.looking == f.Path {
		return nil // the answer is under way
	}
	p.looking = f.Path
	return kit.CheckFiles{Paths: []string{f.Path}}
}

// chooseFolder has the folder under the cursor looked at, or else the one that
// shows, to be attached as an archive.
func (p *picker) chooseFolder() kit.Intent {
	path := p.folder()
	if f, ok := p.chosen(); ok && f.Folder && f.Name != ".." {
		path = f.Path
	}
	if path = strings.TrimRightFunc(path, separator); path == "" && p.folder() == "" {
		path = "."
	}
	p.trouble, p.looking = kit.Status{}, path+"/"
	return kit.CheckFiles{Paths: []string{p.looking}}
}

// complete writes the entry under the cursor into the line, and keeps it under
// the cursor.
func (p *picker) complete() kit.Intent {
	f, ok := p.chosen()
	switch {
	case !ok:
		return nil
	case f.Folder:
		return p.enter(f.Name)
	}
	folder, _ := p.split()
	p.write(folder + text.Clean(f.Name))
	intent := p.refresh()
	same := func(other kit.File) bool { return other.Path == f.Path }
	p.list.Select(max(0, slices.IndexFunc(p.shown, same)))
	return intent
}

// enter goes into a folder.
func (p *picker) enter(name string) kit.Intent {
	typed, _ := p.split()
	if name == ".." {
		p.write(above(typed))
		return p.refresh()
	}
	inside := p.folder() + name + "/"
	p.write(typed + text.Clean(name) + "/")
	if shown := p.line.Text(); shown != inside {
		p.real[shown] = inside
	}
	return p.refresh()
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

func (p *picker) arrange() {
	p.line.SetWidth(p.width - label - 1)
	p.list.SetHeight(p.rows())
}

// rows is how many rows the list has.
func (p *picker) rows() int { return max(1, p.height-2) }

func (p *picker) view() (string, *tea.Cursor) {
	rows := []string{
		p.pen.Accent.Render(p.pen.Pad(" File", label)) + p.line.View(),
		p.pen.Line(p.width),
	}
	switch {
	case p.err != nil:
		rows = append(rows, " "+p.pen.Bad.Render(reason(p.err)))
	case !p.known:
		rows = append(rows, p.pen.Dim.Render(" looking"))
	case len(p.shown) == 0:
		rows = append(rows, p.pen.Dim.Render(" nothing here is called like that"))
	default:
		rows = append(rows, p.list.Rows(p.row)...)
	}
	return p.pen.Page(p.width, p.height, rows), tea.NewCursor(label+p.line.Cursor(), 0)
}

func (p *picker) row(i int, selected bool) string {
	f := p.shown[i]
	name, right := text.Clean(f.Name), text.FormatSize(f.Size)
	switch {
	case f.Folder:
		name, right = name+"/", ""
	case f.Err != nil:
		right = reason(f.Err)
	}
	row := p.pen.Ends(" "+p.pen.Truncate(name, p.width-2), p.pen.Dim.Render(right)+" ", p.width)
	if selected {
		return p.pen.Pick(row, p.width)
	}
	return row
}

func (p *picker) mouse(msg tea.MouseMsg) kit.Intent {
	switch msg.(type) {
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		p.list.Update(shifted(msg, 0, -2))
	}
	return nil
}

func (p *picker) status() kit.Status {
	if p.trouble.Text != "" {
		return p.trouble
	}
	if p.looking != "" {
		return kit.Status{Text: "Looking at the file."}
	}
	if p.known && p.err == nil {
		return kit.Status{Text: "Which file shall go along?", Right: fmt.Sprintf("%d here", len(p.entries))}
	}
	return kit.Status{}
}

func (p *picker) bindings() []key.Binding {
	named := func(b key.Binding, does string) key.Binding {
		return key.NewBinding(key.WithKeys(b.Keys()...), key.WithHelp(b.Help().Key, does))
	}
	return []key.Binding{
		named(p.keys.Text.Newline, "attach"), named(p.keys.Compose.Next, "complete"),
		named(p.keys.Compose.Attach, "folder as archive"),
		named(p.keys.Dialog.Close, "back"),
	}
}
