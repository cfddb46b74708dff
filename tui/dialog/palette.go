package dialog

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// Command is something that can be done by a key, for the palette.
type Command struct {
	Where    string // it is done: "Outbox"
	Name     string // as the configuration has it; empty for none
	Desc     string
	Key      string // as the screens name it
	Obstacle string // why it can't be done now; empty if it can
	Do       kit.Intent
}

// Palette offers every command there is, to be found by typing.
type Palette struct {
	pen   widget.Pen
	keys  keys.Dialog
	other key.Binding // opens the help in its place
	all   []Command
	found []Command
	line  *editor.Editor
	list  widget.List
}

// NewPalette returns the palette of commands, in the order in which they show.
func NewPalette(env kit.Env, commands []Command) *Palette {
	p := &Palette{
		pen: pen(env), keys: env.Keys.Dialog, other: env.Keys.Global.Help, all: commands, list: widget.NewList(env.Keys.List.WhileTyping()),
		line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells),
	}
	p.filter()
	return p
}

// filter keeps the commands that fit what is typed, the best first.
func (d *Palette) filter() {
	d.found = slices.Clone(d.all)
	if words := strings.Fields(strings.ToLower(d.line.Text())); len(words) > 0 {
		rank := map[string]int{}
		d.found = slices.DeleteFunc(d.found, func(c Command) bool {
			n, fits := c.rank(words)
			rank[c.Name+c.Desc] = n
			return !fits
		})
		slices.SortStableFunc(d.found, func(a, b Command) int { return rank[a.Name+a.Desc] - rank[b.Name+b.Desc] })
	}
	d.list.SetLength(len(d.found))
	d.list.Select(0)
}

// rank says how badly a command fits what is typed, of which every word has to.
// One that can't be done now comes after others that fit as well.
func (c Command) rank(words []string) (n int, fits bool) {
	for _, w := range words {
		one := c.rankWord(w)
		if one < 0 {
			return 0, false
		}
		n += 2 * one
	}
	if c.Obstacle != "" {
		n++
	}
	return n, true
}

func (c Command) rankWord(word string) int {
	desc := strings.ToLower(c.Desc)
	switch {
	case strings.EqualFold(c.Key, word), strings.HasPrefix(desc, word):
		return 0
	case strings.Contains(" "+desc, " "+word):
		return 1
	case strings.Contains(desc, word):
		return 2
	case strings.Contains("."+c.Name, "."+word), strings.HasPrefix(strings.ToLower(c.Where), word):
		return 3
	case scattered(desc, word):
		return 4
	}
	return -1
}

// scattered tells that s has the characters of word in their order, the first
// of them where a word of s begins.
func scattered(s, word string) bool {
	for i := range s {
		if i > 0 && s[i-1] != ' ' {
			continue
		}
		if rest := s[i:]; rest[0] == word[0] && text.InOrder(rest, word) {
			return true
		}
	}
	return false
}

// Title implements Dialog.
func (d *Palette) Title() string { return "Commands" }

// Update implements Dialog.
func (d *Palette) Update(msg tea.Msg) (bool, kit.Intent) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, d.keys.Close):
			return true, nil
		case key.Matches(msg, d.keys.Press):
			return d.choose()
		}
	case tea.MouseClickMsg:
		before := d.list.Cursor()
		msg.Y -= paletteTop
		if d.list.Update(msg) && d.list.Cursor() == before {
			return d.choose()
		}
		return false, nil
	}
	if d.list.Update(msg) {
		return false, nil
	}
	before := d.line.Revision()
	d.line.Update(msg)
	if d.line.Revision() != before {
		d.filter()
	}
	return false, nil
}

// choose does what the cursor is on, if that can be done.
func (d *Palette) choose() (bool, kit.Intent) {
	if i := d.list.Cursor(); i >= 0 && d.found[i].Obstacle == "" {
		return true, d.found[i].Do
	}
	return false, nil
}

// paletteTop is how many rows there are above the list.
const paletteTop = 2

// View implements Dialog.
func (d *Palette) View(width, height int) ([]string, *tea.Cursor) {
	const prompt = "> "
	d.line.SetSize(width-len(prompt), 1)
	x, _, _ := d.line.Cursor()
	rows := []string{d.pen.Pad(prompt+d.line.View(), width), d.pen.Line(width)}
	about := 1 // rows
	if height >= 14 {
		about = 2
	}
	d.list.SetHeight(max(1, min(len(d.all), height-paletteTop-about-1, max(14, height/2))))
	from, _ := d.list.Window()
	list := d.list.Rows(func(i int, selected bool) string {
		row := d.row(i, i == from, width)
		if selected {
			return d.pen.Pick(row, width)
		}
		return row
	})
	if len(d.found) == 0 {
		list[0] = d.pen.Dim.Render(" no command is called like that")
	}
	rows = append(append(rows, list...), d.pen.Line(width))
	said := d.about(width)
	for i := range about {
		row := ""
		if i < len(said) {
			row = said[i]
		}
		if i == about-1 && len(said) > about {
			row = d.pen.Truncate(strings.Join(said[i:], " "), width)
		}
		rows = append(rows, d.pen.Dim.Render(row))
	}
	return rows, tea.NewCursor(x+len(prompt), 0)
}

// row draws a command, and where it is done if that is not where the one above
// it is, or none is above.
func (d *Palette) row(i int, first bool, width int) string {
	c, where := d.found[i], ""
	if width >= 50 {
		if first || d.found[i-1].Where != c.Where {
			where = c.Where
		}
		where = d.pen.Label.Render(d.pen.Pad(" "+where, 12))
	}
	if c.Obstacle != "" {
		return d.pen.Ends(where+" "+d.pen.Dim.Render(c.Desc), d.pen.Dim.Render("not now  "+c.Key)+" ", width)
	}
	return d.pen.Ends(where+" "+c.Desc, d.pen.Key.Render(c.Key)+" ", width)
}

// about says of the command that the cursor is on where it is done, and what
// keeps it from being done.
func (d *Palette) about(width int) []string {
	i := d.list.Cursor()
	if i < 0 {
		return nil
	}
	c := d.found[i]
	says := c.Where
	if c.Obstacle != "" {
		says += ": not now, " + c.Obstacle
	} else if c.Name != "" && width >= 50 {
		says += " " + d.pen.Glyphs.Dot + " " + c.Name
	}
	return d.pen.Wrap(says, width)
}

// Bindings implements Dialog.
func (d *Palette) Bindings() []key.Binding {
	return []key.Binding{d.keys.Press, d.keys.Close, d.other}
}
