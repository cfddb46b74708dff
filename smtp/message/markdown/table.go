package markdown

import (
	"slices"
	"strings"

	extension "github.com/yuin/goldmark/extension/ast"
	"golang.org/x/text/width"
)

const (
	tableCells = 72 // in a line of a table: what is longer, a text that flows breaks
	gap        = "  "
	leastCells = 8 // of a column that had to give way
)

// table writes the rows in columns, the header apart from the rest. Where that
// is too wide, the texts of the widest columns are broken into several lines.
func (p *printer) table(table *extension.Table) []string {
	var rows [][]string
	var widths, words []int // of each column; the longest word of each
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var texts []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			s := strings.Join(p.inline(cell), " ")
			if len(texts) == len(widths) {
				widths, words = append(widths, 1), append(words, 1)
			}
			for word := range strings.FieldsSeq(s) {
				words[len(texts)] = max(words[len(texts)], cells(word))
			}
			widths[len(texts)] = max(widths[len(texts)], cells(s))
			texts = append(texts, s)
		}
		rows = append(rows, texts)
	}
	if tooWide(words) > 0 { // some word will reach out of its column
		words = slices.Repeat([]int{leastCells}, len(words))
	}
	narrow(widths, words)
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

// tooWide is how many cells the columns have too many for a line.
func tooWide(widths []int) int {
	over := len(gap)*(len(widths)-1) - tableCells
	for _, w := range widths {
		over += w
	}
	return over
}

// narrow takes from the widest columns what is too much for a line, and leaves
// each the cells it has to keep.
func narrow(widths, least []int) {
	for over := tooWide(widths); over > 0; over-- {
		widest := -1
		for c, w := range widths {
			if w > least[c] && (widest < 0 || w > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// tableRow writes a row in as many lines as its texts need. A word that reaches
// out of its column has a line to itself, so that no other is moved.
func tableRow(row []string, widths []int, alignments []extension.Alignment) (lines []string) {
	columns := make([][]string, len(row))
	for c, s := range row {
		columns[c] = broken(s, widths[c])
	}
	for more := true; more; more = slices.ContainsFunc(columns, func(c []string) bool { return len(c) > 0 }) {
		line, at := "", 0 // at is where the column begins
		for c, column := range columns {
			if len(column) > 0 {
				room := widths[c] - cells(column[0])
				if room >= 0 || line == "" {
					blanks := at - cells(line)
					if c < len(alignments) && alignments[c] == extension.AlignRight {
						blanks += max(0, room)
					}
					line += strings.Repeat(" ", blanks) + column[0]
					columns[c] = column[1:]
					if room < 0 {
						break
					}
				}
			}
			at += widths[c] + len(gap)
		}
		lines = append(lines, line)
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
