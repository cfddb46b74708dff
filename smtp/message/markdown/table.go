package markdown

import (
	"strings"

	extension "github.com/yuin/goldmark/extension/ast"
	"golang.org/x/text/width"
)

const (
	tableCells = 76 // in a line of a table, so that no reader breaks it
	gap        = "  "
	leastCells = 8 // of a column that had to give way
)

// table writes the rows in columns, the header apart from the rest. Where that
// is too wide, the texts of the widest columns are broken into several lines.
func (p *printer) table(table *extension.Table) []string {
	var rows [][]string
	var widths []int
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var texts []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			s := strings.Join(p.inline(cell), " ")
			if len(texts) == len(widths) {
				widths = append(widths, 1)
			}
			widths[len(texts)] = max(widths[len(texts)], cells(s))
			texts = append(texts, s)
		}
		rows = append(rows, texts)
	}
	narrow(widths)
	var lines []string
	for i, row := range rows {
		lines = append(lines, tableRow(row, widths, table.Alignments)...)
		if i == 0 {
			var rule []string
			for _, w := range widths {
				rule = append(rule, strings.Repeat("-", w))
			}
			lines = append(lines, strings.Join(rule, gap))
		}
	}
	return lines
}

// narrow takes from the widest columns what is too much for a line.
func narrow(widths []int) {
	over := len(gap)*(len(widths)-1) - tableCells
	for _, w := range widths {
		over += w
	}
	for ; over > 0; over-- {
		widest := 0
		for c, w := range widths {
			if w > widths[widest] {
				widest = c
			}
		}
		if widths[widest] <= leastCells {
			return
		}
		widths[widest]--
	}
}

// tableRow writes a row in as many lines as its longest text needs.
func tableRow(row []string, widths []int, alignments []extension.Alignment) []string {
	columns := make([][]string, len(row))
	height := 1
	for c, s := range row {
		columns[c] = broken(s, widths[c])
		height = max(height, len(columns[c]))
	}
	lines := make([]string, height)
	for n := range lines {
		var texts []string
		for c, column := range columns {
			s := ""
			if n < len(column) {
				s = column[n]
			}
			blanks := strings.Repeat(" ", max(0, widths[c]-cells(s)))
			if c < len(alignments) && alignments[c] == extension.AlignRight {
				texts = append(texts, blanks+s)
			} else {
				texts = append(texts, s+blanks)
			}
		}
		lines[n] = strings.TrimRight(strings.Join(texts, gap), " ")
	}
	return lines
}

// broken breaks a text between words. A word that is too long stays whole: it
// may be a link.
func broken(s string, width int) (lines []string) {
	for word := range strings.FieldsSeq(s) {
		if n := len(lines); n > 0 && cells(lines[n-1])+1+cells(word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// cells counts the columns of a text in a font of fixed width.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
