package eml

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// pageList is a list of a page that is open.
type pageList struct {
	number int // of the next entry; below 0 for bullets
	indent string
}

// list opens a list, within an entry of another without a line between.
func (p *pagePrinter) list(t html.Token) {
	if len(p.lists) == 0 {
		p.paragraph()
	}
	p.endLine()
	if len(p.lists) == deepest {
		p.deeper++
		return
	}
	number := -1
	if t.DataAtom == atom.Ol {
		number = 1
		if start, err := strconv.Atoi(attribute(t, "start")); err == nil && start >= 0 {
			number = start
		}
	}
	p.lists = append(p.lists, pageList{number: number})
}

func (p *pagePrinter) endList() {
	if p.deeper > 0 {
		p.deeper--
		return
	}
	p.lists, p.mark = p.lists[:max(0, len(p.lists)-1)], ""
	if len(p.lists) == 0 {
		p.paragraph()
	}
}

// entry begins one. A page may have it outside of any list.
func (p *pagePrinter) entry() {
	p.endLine()
	if len(p.lists) == 0 {
		p.line.WriteString("- ")
		return
	}
	l := &p.lists[len(p.lists)-1]
	p.mark = "- "
	if l.number >= 0 {
		p.mark = strconv.Itoa(l.number) + ". "
		l.number++
	}
	l.indent = strings.Repeat(" ", len(p.mark))
}

// indent is what stands in front of a line of the lists that are open.
func (p *pagePrinter) indent() string {
	var b strings.Builder
	for i, l := range p.lists {
		if i == len(p.lists)-1 && p.mark != "" {
			b.WriteString(p.mark)
			p.mark = ""
			break
		}
		b.WriteString(l.indent)
	}
	return b.String()
}
