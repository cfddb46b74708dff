package eml

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PageText says in lines what a page says, for mail that has no other text.
func PageText(page string) string {
	var p pagePrinter
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.endLine()
			return strings.TrimSpace(clean(p.out.String()))
		case html.TextToken:
			p.write(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			p.open(z.Token())
		case html.EndTagToken:
			p.close(z.Token())
		}
	}
}

// pagePrinter collects a line, and writes it behind the marks of quotes.
type pagePrinter struct {
	out    strings.Builder
	line   strings.Builder
	empty  int  // lines at the end of out
	gap    bool // an empty line goes before the next that is not
	shared int  // quotes that gap is within
	quotes int  // deep
	hidden int  // elements that don't show
	pre    int  // elements that keep their lines
	lists  []pageList
	deeper int    // lists that are open below the deepest that shows
	mark   string // of an entry of the last of lists, until its first line is written
	link   string // where the open link leads
	linked int    // length of line where it began
}

// deepest is how deep quotes and lists show. A page that goes deeper wants to be
// a burden.
const deepest = 30

func (p *pagePrinter) open(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template:
		if t.Type == html.StartTagToken {
			p.hidden++
		}
	case atom.Body:
		p.hidden = 0 // of a head that was not closed
	case atom.Br:
		p.endLine()
	case atom.Li:
		p.entry()
	case atom.Ul, atom.Ol:
		p.list(t)
	case atom.Td, atom.Th:
		if p.line.Len() > 0 {
			p.line.WriteString("  ")
		}
	case atom.A:
		p.link, p.linked = attribute(t, "href"), p.line.Len()
	case atom.Img:
		if alt := attribute(t, "alt"); alt != "" {
			p.write("[image: " + alt + "]")
		}
	case atom.Blockquote:
		p.paragraph()
		p.quotes++
	case atom.Pre:
		p.paragraph()
		p.pre++
	default:
		p.block(t.DataAtom)
	}
}

func (p *pagePrinter) close(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template:
		p.hidden = max(0, p.hidden-1)
	case atom.A:
		text := strings.TrimSpace(p.line.String()[min(p.linked, p.line.Len()):])
		if web := strings.HasPrefix(p.link, "http://") || strings.HasPrefix(p.link, "https://"); web && text != p.link && text != "" {
			p.line.WriteString(" <" + p.link + ">")
		}
		p.link = ""
	case atom.Blockquote:
		p.endLine()
		p.quotes = max(0, p.quotes-1)
	case atom.Pre:
		p.paragraph()
		p.pre = max(0, p.pre-1)
	case atom.Ul, atom.Ol:
		p.endLine()
		p.endList()
	default:
		p.block(t.DataAtom)
	}
}

// block ends lines where an element begins or ends that stands by itself.
func (p *pagePrinter) block(a atom.Atom) {
	switch a {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table:
		p.paragraph()
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Hr, atom.Dt, atom.Dd:
		p.endLine()
	}
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// write adds text to the line, its white space made one blank.
func (p *pagePrinter) write(s string) {
	if p.hidden > 0 {
		return
	}
	s = html.UnescapeString(s)
	if p.pre > 0 {
		for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
			if i > 0 {
				p.breakLine()
			}
			p.line.WriteString(line)
		}
		return
	}
	for i, word := range strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")) {
		if i > 0 || strings.TrimLeft(s, " \t\r\n\u00a0") != s {
			p.space()
		}
		p.line.WriteString(word)
	}
	if strings.TrimRight(s, " \t\r\n\u00a0") != s {
		p.space()
	}
}

func (p *pagePrinter) space() {
	if s := p.line.String(); s != "" && !strings.HasSuffix(s, " ") {
		p.line.WriteByte(' ')
	}
}

// endLine ends the line if anything stands on it.
func (p *pagePrinter) endLine() {
	if strings.TrimSpace(p.line.String()) != "" {
		p.breakLine()
	}
	p.line.Reset()
}

func (p *pagePrinter) breakLine() {
	line := strings.TrimRight(p.line.String(), " ")
	p.line.Reset()
	if p.gap && line != "" && p.empty == 0 {
		p.out.WriteString(strings.TrimRight(strings.Repeat("> ", min(p.shared, p.quotes, deepest)), " ") + "\n")
	}
	p.gap = p.gap && line == ""
	if line == "" {
		if p.empty++; p.empty > 1 {
			return
		}
	} else {
		p.empty = 0
	}
	if line != "" {
		line = p.indent() + line
	}
	p.out.WriteString(strings.TrimRight(strings.Repeat("> ", min(p.quotes, deepest))+line, " ") + "\n")
}

// paragraph leaves an empty line before what follows.
func (p *pagePrinter) paragraph() {
	p.endLine()
	if !p.gap {
		p.shared = p.quotes
	}
	p.shared, p.gap = min(p.shared, p.quotes), p.out.Len() > 0
}
