package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/editor"
	"sendoff/tui/kit"
	"sendoff/tui/widget"
)

// Help shows the keys that work, under the titles of what they are about. What
// is typed keeps those that fit it.
type Help struct {
	pen   widget.Pen
	close key.Binding
	other key.Binding // opens the palette in its place
	all   []Command
	line  *editor.Editor
	pager widget.Pager
	fit   int // the width that the lines were made for
	most  int // lines there were at that width
}

// NewHelp returns the key reference. Where of each command is its title, and
// commands of one title stand together.
func NewHelp(env kit.Env, commands []Command) *Help {
	shut := env.Keys.Dialog.Close
	shut.SetKeys(append(shut.Keys(), env.Keys.Global.Help.Keys()...)...)
	return &Help{
		pen: pen(env), close: shut, other: env.Keys.Global.Palette, all: commands, pager: widget.NewPager(env.Keys.List.WhileTyping()),
		line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells),
	}
}

// Title implements Dialog.
func (d *Help) Title() string { return "Keys that work here" }

// Update implements Dialog.
func (d *Help) Update(msg tea.Msg) (bool, kit.Intent) {
	if press, ok := msg.(tea.KeyPressMsg); ok && key.Matches(press, d.close) {
		return true, nil
	}
	if d.pager.Update(msg) {
		return false, nil
	}
	before := d.line.Revision()
	d.line.Update(msg)
	if d.line.Revision() != before {
		d.fit = 0
	}
	return false, nil
}

// View implements Dialog.
func (d *Help) View(width, height int) ([]string, *tea.Cursor) {
	const prompt = "> "
	if d.fit != width {
		lines := d.lines(width)
		d.pager.SetLines(lines)
		if d.fit == 0 {
			d.pager.ToStart()
		}
		d.fit, d.most = width, max(d.most, len(lines))
	}
	d.line.SetSize(width-len(prompt), 1)
	x, _, _ := d.line.Cursor()
	d.pager.SetHeight(max(1, min(d.most, height-2)))
	rows := d.pager.Rows()
	if above, total := d.pager.Position(); above+len(rows) < total {
		rows[len(rows)-1] = d.pen.Dim.Render(d.pen.Glyphs.Ellipsis + " more below")
	}
	return append([]string{d.pen.Pad(prompt+d.line.View(), width), d.pen.Line(width)}, rows...), tea.NewCursor(x+len(prompt), 0)
}

// lines writes what fits in two columns under the titles; the first is as wide as
// what stands under its title needs.
func (d *Help) lines(width int) (out []string) {
	title, words := "", strings.Fields(strings.ToLower(d.line.Text()))
	columns := map[string]int{}
	for _, c := range d.all {
		columns[c.Where] = min(max(columns[c.Where], d.pen.Width(c.Key), 9), width/2)
	}
	for _, c := range d.all {
		if _, fits := c.rank(words); !fits {
			continue
		}
		if c.Where != title {
			if title != "" {
				out = append(out, "")
			}
			title = c.Where
			out = append(out, d.pen.Strong.Render(title))
		}
		out = append(out, d.pen.Truncate(" "+d.pen.Key.Render(d.pen.Pad(c.Key, columns[c.Where]))+"  "+c.Desc, width))
	}
	if len(out) == 0 {
		out = []string{d.pen.Dim.Render("no key here is for that")}
	}
	return out
}

// Bindings implements Dialog.
func (d *Help) Bindings() []key.Binding { return []key.Binding{d.close, d.other} }
