package tuitest

import (
	"fmt"
	"html"
	"image/color"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// Ground is what a picture is drawn upon: a terminal's own colours, as
// "#rrggbb".
type Ground struct{ Paper, Ink, Edge string }

// The size of a cell, and the space around all of them, in pixels.
const (
	cellWidth, cellHeight = 8.4, 18
	margin                = 14
)

// Picture draws a window of width and height cells as SVG. It needs no font of
// its own: each run of text is as wide as its cells in whatever font there is,
// and lines and bars are drawn. title says what can be seen, to who can't see.
func Picture(v tea.View, width, height int, on Ground, title string) string {
	cells := uv.NewScreenBuffer(width, height)
	uv.NewStyledString(v.Content).Draw(cells, cells.Bounds())
	w, h := float64(width)*cellWidth+2*margin, height*cellHeight+2*margin
	p := &picture{ground: on}
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img" aria-label="%s">`+"\n",
		w, h, w, h, html.EscapeString(title))
	fmt.Fprintf(p, `<rect x=".5" y=".5" width="%.0f" height="%d" rx="8" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, on.Paper, on.Edge)
	fmt.Fprintf(p, `<g xml:space="preserve" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="%s">`+"\n", on.Ink)
	for y := range height {
		for x := 0; x < width; {
			x = p.run(cells, x, y, width)
		}
	}
	p.WriteString("</g>\n")
	if v.Cursor != nil {
		p.rect(v.Cursor.X, v.Cursor.Y, 2, cellHeight, on.Ink)
	}
	p.WriteString("</svg>\n")
	return p.String()
}

type picture struct {
	strings.Builder
	ground Ground
}

// run draws the cells from x on that look alike, and returns where they end.
func (p *picture) run(cells uv.ScreenBuffer, x, y, width int) (end int) {
	first := cells.CellAt(x, y)
	var text strings.Builder
	for end = x; end < width; {
		cell := cells.CellAt(end, y)
		if !cell.Style.Equal(&first.Style) || cell.Content != first.Content && (sign(cell.Content) || sign(first.Content)) {
			break
		}
		text.WriteString(cell.Content)
		end += max(cell.Width, 1)
	}
	ink, paper := p.colors(first.Style)
	if paper != "" {
		p.rect(x, y, float64(end-x)*cellWidth, cellHeight, paper)
	}
	left, wide := margin+float64(x)*cellWidth, float64(end-x)*cellWidth
	switch first.Content {
	case "─":
		fmt.Fprintf(p, `<path d="M%.1f %dh%.1f" stroke="%s"/>`+"\n", left, margin+y*cellHeight+cellHeight/2, wide, ink)
		return end
	case "█":
		p.rect(x, y, wide, cellHeight-4, ink)
		return end
	case "░":
		p.rect(x, y, wide, cellHeight-4, p.ground.Edge)
		return end
	}
	words := strings.TrimRight(text.String(), " ")
	if words == "" {
		return end
	}
	blanks := len(words) - len(strings.TrimLeft(words, " "))
	left += float64(blanks) * cellWidth
	wide -= float64(blanks+text.Len()-len(words)) * cellWidth
	fmt.Fprintf(p, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
		left, margin+y*cellHeight+13, wide, p.look(first.Style, ink), html.EscapeString(words[blanks:]))
	return end
}

// sign says whether a cell is not ASCII. Such a one may come from another font,
// and is placed by itself.
func sign(s string) bool { return s != "" && s[0] >= utf8.RuneSelf }

// colors returns what a style draws with and what upon; paper is empty for the
// terminal's own.
func (p *picture) colors(s uv.Style) (ink, paper string) {
	ink, paper = hex(s.Fg), hex(s.Bg)
	if s.Attrs&uv.AttrReverse != 0 {
		ink, paper = paper, ink
		if ink == "" {
			ink = p.ground.Paper
		}
		if paper == "" {
			paper = p.ground.Ink
		}
	}
	if ink == "" {
		ink = p.ground.Ink
	}
	return ink, paper
}

// look returns the attributes of a text.
func (p *picture) look(s uv.Style, ink string) string {
	var b strings.Builder
	if ink != p.ground.Ink {
		b.WriteString(` fill="` + ink + `"`)
	}
	for _, a := range []struct {
		attr uint8
		text string
	}{{uv.AttrBold, ` font-weight="bold"`}, {uv.AttrFaint, ` opacity=".6"`}, {uv.AttrItalic, ` font-style="italic"`}} {
		if s.Attrs&a.attr != 0 {
			b.WriteString(a.text)
		}
	}
	if s.Underline != uv.UnderlineNone {
		b.WriteString(` text-decoration="underline"`)
	}
	return b.String()
}

func (p *picture) rect(x, y int, width, height float64, fill string) {
	fmt.Fprintf(p, `<rect x="%.1f" y="%d" width="%.1f" height="%.0f" fill="%s"/>`+"\n",
		float64(margin)+float64(x)*cellWidth, margin+y*cellHeight, width, height, fill)
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
