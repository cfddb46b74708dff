package markdown

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
)

// printer writes a document as a text that reads well by itself. Blocks are
// lists of lines, so that quotes and lists can stand within each other.
type printer struct{ source []byte }

func (p *printer) print(root ast.Node) string { return strings.Join(p.blocks(root, true), "\n") }

// blocks writes the children of a node, with an empty line between them if
// they are loose.
func (p *printer) blocks(parent ast.Node, loose bool) []string {
	var lines []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		block := p.block(n)
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 && loose {
			lines = append(lines, "")
		}
		lines = append(lines, block...)
	}
	return lines
}

func (p *printer) block(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.Heading:
		title := strings.Join(p.inline(n), " ")
		if n.Level > 2 || title == "" {
			return []string{title}
		}
		return []string{title, strings.Repeat([]string{"=", "-"}[n.Level-1], cells(title))}
	case *ast.Blockquote:
		return prefixed(p.blocks(n, true), "> ", "> ")
	case *ast.List:
		return p.list(n)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return prefixed(p.raw(n), "    ", "    ")
	case *ast.ThematicBreak:
		return []string{strings.Repeat("-", 40)}
	case *extension.Table:
		return p.table(n)
	case *ast.Paragraph, *ast.TextBlock:
		return p.inline(n)
	}
	return p.blocks(n, true)
}

// prefixed puts first before the first of lines and rest before the others.
// Nothing but marks of quotes stands before an empty line.
func prefixed(lines []string, first, rest string) []string {
	for i, line := range lines {
		lead := rest
		if i == 0 {
			lead = first
		}
		if lines[i] = lead + line; line == "" {
			lines[i] = strings.TrimRight(lead, " ")
		}
	}
	return lines
}

func (p *printer) list(list *ast.List) []string {
	var lines []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d%c ", number, list.Marker)
			number++
		}
		if len(lines) > 0 && !list.IsTight {
			lines = append(lines, "")
		}
		content := p.blocks(item, !list.IsTight)
		if len(content) == 0 {
			content = []string{""}
		}
		lines = append(lines, prefixed(content, mark, strings.Repeat(" ", len(mark)))...)
	}
	return lines
}

// raw returns the lines of a block as they were written.
func (p *printer) raw(n ast.Node) []string {
	var lines []string
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		lines = append(lines, strings.TrimRight(string(segment.Value(p.source)), "\n"))
	}
	return lines
}

// inline writes the text within a block. Only a hard break ends a line.
func (p *printer) inline(parent ast.Node) []string {
	lines := strings.Split(p.span(parent), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

func (p *printer) span(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if parent.Kind() == ast.KindCodeSpan || n.IsRaw() {
				b.Write(n.Value(p.source))
			} else {
				b.WriteString(literal(n.Value(p.source)))
			}
			switch {
			case n.HardLineBreak():
				b.WriteByte('\n')
			case n.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.CodeSpan:
			b.WriteString("`" + p.span(n) + "`")
		case *ast.Emphasis:
			b.WriteString("*" + p.span(n) + "*")
		case *extension.Strikethrough:
			b.WriteString("~" + p.span(n) + "~")
		case *ast.AutoLink:
			b.Write(n.Label(p.source))
		case *ast.Link:
			b.WriteString(linked(p.span(n), string(n.Destination)))
		case *ast.Image:
			b.WriteString("[" + strings.TrimSpace("image: "+p.span(n)) + "]")
		default:
			b.WriteString(p.span(n))
		}
	}
	return b.String()
}

// linked names where a text leads, unless the text does.
func linked(text, destination string) string {
	if text == "" || text == destination || "mailto:"+text == destination {
		return "<" + destination + ">"
	}
	return text + " <" + destination + ">"
}
