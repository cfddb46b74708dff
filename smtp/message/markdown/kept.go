package markdown

import (
	"bufio"
	"bytes"
	stdhtml "html"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// keeping is the parser of a language in which nothing that is typed gets lost
// but comments.
func keeping() parser.Parser {
	blocks, inlines := parser.DefaultBlockParsers(), parser.DefaultInlineParsers()
	for i := range blocks {
		if blocks[i].Value == parser.NewHTMLBlockParser() {
			blocks[i].Value = commentBlocks{parser.NewHTMLBlockParser()}
		}
	}
	for i := range inlines {
		if inlines[i].Value == parser.NewRawHTMLParser() {
			inlines[i].Value = comments{parser.NewRawHTMLParser()}
		}
	}
	const beforeTables = 199
	transformers := append(parser.DefaultParagraphTransformers(),
		util.Prioritized(wholeRows{extension.NewTableParagraphTransformer()}, beforeTables))
	return parser.NewParser(
		parser.WithBlockParsers(blocks...), parser.WithInlineParsers(inlines...), parser.WithParagraphTransformers(transformers...),
	)
}

// comments reads nothing of HTML but comments that end.
type comments struct{ parser.InlineParser }

// Parse reads a comment.
func (c comments) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if line, _ := block.PeekLine(); !bytes.HasPrefix(line, []byte("<!--")) {
		return nil
	}
	return c.InlineParser.Parse(parent, block, pc)
}

// commentBlocks reads nothing of HTML but comments that end, and have their lines
// to themselves.
type commentBlocks struct{ parser.BlockParser }

// commentEnd is where the next comment ends, for all that begin before it.
var commentEnd = parser.NewContextKey()

// Open begins a comment.
func (c commentBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	indent := len(line) - len(bytes.TrimLeft(line, " "))
	if indent > 3 || !bytes.HasPrefix(line[indent:], []byte("<!--")) {
		return nil, parser.NoChildren
	}
	source := reader.Source()
	end, ok := pc.Get(commentEnd).(int)
	if inside := segment.Start + indent + len("<!"); !ok || end < inside {
		if end = len(source); bytes.Contains(source[inside:], []byte("-->")) {
			end = inside + bytes.Index(source[inside:], []byte("-->")) + len("-->")
		}
		pc.Set(commentEnd, end)
	}
	behind, _, _ := bytes.Cut(source[end:], []byte("\n"))
	if !bytes.HasSuffix(source[:end], []byte("-->")) || !util.IsBlank(behind) {
		return nil, parser.NoChildren
	}
	return c.BlockParser.Open(parent, reader, pc)
}

// wholeRows reads tables in which a row that has more cells than the head ends
// with all of them.
type wholeRows struct{ parser.ParagraphTransformer }

// Transform makes a table of a paragraph that is one.
func (t wholeRows) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	parent, before := node.Parent(), node.PreviousSibling()
	t.ParagraphTransformer.Transform(node, reader, pc)
	for n := parent.LastChild(); n != before && n.Kind() == extast.KindTable; n = n.PreviousSibling() {
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			wholeRow(row, reader.Source())
		}
	}
}

func wholeRow(row ast.Node, source []byte) {
	cell := row.LastChild()
	if cell == nil || cell.Lines().Len() == 0 {
		return
	}
	last := cell.Lines().At(0)
	rest, _, _ := bytes.Cut(source[last.Stop:], []byte("\n"))
	rest = bytes.TrimSuffix(bytes.TrimRight(rest, " \t"), []byte("|"))
	if over := bytes.TrimRight(rest, " \t"); len(over) > 0 {
		cell.Lines().Set(0, last.WithStop(last.Stop+len(over)))
	}
}

// restore makes a text again of what names a link that there is not, and takes the
// comments out. It tells how many there were.
func restore(root ast.Node, source []byte) (comments int) {
	used := map[string]bool{}
	var out []ast.Node
	ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var to *ast.ReferenceLink
		switch n := n.(type) {
		case *ast.Link:
			to = n.Reference
		case *ast.Image:
			to = n.Reference
		case *ast.RawHTML, *ast.HTMLBlock, *ast.LinkReferenceDefinition:
			out = append(out, n)
		}
		if to != nil {
			used[util.ToLinkReference(to.Value)] = true
		}
		return ast.WalkContinue, nil
	})
	for _, n := range out {
		definition, ok := n.(*ast.LinkReferenceDefinition)
		if !ok {
			n.Parent().RemoveChild(n.Parent(), n)
			comments++
			continue
		}
		if label := util.ToLinkReference(definition.Label); used[label] {
			used[label] = false // of two the first counts
			continue
		}
		words := ast.NewParagraph()
		for i := range n.Lines().Len() {
			segment := n.Lines().At(i)
			line := ast.NewTextSegment(segment.TrimRightSpace(source))
			line.SetSoftLineBreak(i < n.Lines().Len()-1)
			words.AppendChild(words, line)
		}
		n.Parent().ReplaceChild(n.Parent(), n, words)
	}
	return comments
}

// literal is a text as it is read: without the strokes that keep its signs from
// being markdown, and with the characters that its references name.
func literal(typed []byte) string {
	if !bytes.ContainsAny(typed, "\\&\x00") {
		return string(typed)
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	html.DefaultWriter.Write(w, typed)
	_ = w.Flush() // a Buffer takes all
	return stdhtml.UnescapeString(b.String())
}
