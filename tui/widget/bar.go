package widget

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
)

// eighths are blocks that fill one column by 1/8 to 7/8.
var eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// Bar draws a progress bar of width columns. Where the terminal shows Unicode
// it moves by eighths of a column.
func (p Pen) Bar(width int, done float64) string {
	width = max(width, 0)
	done = max(0, min(done, 1))
	steps := 8
	if p.Glyphs.ASCII {
		steps = 1
	}
	filled := int(done * float64(width*steps))
	full, part := filled/steps, ""
	if steps == 8 {
		part = eighths[filled%steps]
	}
	rest := width - full
	if part != "" {
		rest--
	}
	return p.Busy.Render(strings.Repeat(p.Glyphs.Full, full)+part) +
		p.Rule.Render(strings.Repeat(p.Glyphs.Empty, rest))
}

// levels are columns filled by 1/8 to all, levelsASCII what comes near them.
var (
	levels      = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	levelsASCII = [...]string{"_", ".", "-", "=", "+", "*", "%", "#"}
)

// Spark draws values beside one another, a column each, against the greatest.
func (p Pen) Spark(values []int64) string {
	most, signs := int64(1), levels
	if p.Glyphs.ASCII {
		signs = levelsASCII
	}
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range values {
		b.WriteString(signs[max(0, min(int(float64(v)*float64(len(signs))/float64(most)), len(signs)-1))])
	}
	return p.Busy.Render(b.String())
}

// Line draws a line across.
func (p Pen) Line(width int) string {
	return p.Rule.Render(strings.Repeat(p.Glyphs.Rule, max(width, 0)))
}

// manyKeys is how many keys are enough that none takes the room of one before
// it that did not fit.
const manyKeys = 4

// keyGap is how far apart the keys of a line are.
const keyGap = 2

// Keys draws the bindings that fit into width, each whole or not at all, in
// the order given. Those in always stand at the end and are never left out;
// where there is room for nothing else, the way out by esc is.
func (p Pen) Keys(width int, bindings, always []key.Binding) string {
	var shown []string
	for _, b := range p.fittingKeys(width, bindings, always) {
		shown = append(shown, p.Key.Render(b.Help().Key)+" "+p.Dim.Render(b.Help().Desc))
	}
	return " " + strings.Join(shown, strings.Repeat(" ", keyGap))
}

// KeyAt returns the binding that Keys drew at column x.
func (p Pen) KeyAt(width int, bindings, always []key.Binding, x int) (key.Binding, bool) {
	x--
	for _, b := range p.fittingKeys(width, bindings, always) {
		w := p.helpWidth(b)
		if x < w {
			return b, x >= 0
		}
		x -= w + keyGap
	}
	return key.Binding{}, false
}

// fittingKeys returns what Keys draws.
func (p Pen) fittingKeys(width int, bindings, always []key.Binding) (shown []key.Binding) {
	var last []key.Binding
	room := width - 1 + keyGap // no gap behind the last
	for _, b := range always {
		if b.Enabled() {
			last = append(last, b)
			room -= p.helpWidth(b) + keyGap
		}
	}
	out := slices.IndexFunc(bindings, func(b key.Binding) bool {
		return b.Enabled() && slices.Contains(b.Keys(), "esc")
	})
	if out >= 0 {
		room -= p.helpWidth(bindings[out]) + keyGap
	}
	skipped := false
	for i, b := range bindings {
		if !b.Enabled() || b.Help().Key == "" || skipped && len(shown) >= manyKeys && i != out {
			continue
		}
		w := p.helpWidth(b) + keyGap
		if i == out {
			w = 0 // set aside
		}
		if w <= room && (i != out || room >= 0) {
			shown = append(shown, b)
			room -= w
		} else {
			skipped = true
		}
	}
	return append(shown, last...)
}

func (p Pen) helpWidth(b key.Binding) int {
	return p.Width(b.Help().Key) + 1 + p.Width(b.Help().Desc)
}
