package cli

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// blockKind is what a part of a document is.
type blockKind int

const (
	paragraph blockKind = iota
	heading             // of what follows
	quotation           // words of the program
	code                // lines that stay as they are
	item                // of a list
	table
)

// block is a part of a document: one text, or the lines of code, or the rows of
// a table, the first of which names the columns.
type block struct {
	kind  blockKind
	text  string
	lines []string
	rows  [][]string
}

// blocks reads the little of markdown that our documents and the descriptions of
// commands are written in.
func blocks(text string) (all []block) {
	for part := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		lines := strings.Split(part, "\n")
		line := strings.Join(strings.Fields(part), " ")
		switch {
		case line == "":
		case strings.HasPrefix(part, "#"):
			all = append(all, block{kind: heading, text: strings.Trim(line, "#: ")})
		case strings.HasPrefix(part, "> "):
			all = append(all, block{kind: quotation, text: strings.TrimPrefix(line, "> ")})
		case strings.HasPrefix(part, "  ") || strings.HasPrefix(part, "\t"):
			all = append(all, block{kind: code, lines: strings.Split(strings.ReplaceAll(part, "\t", "    "), "\n")})
		case strings.HasPrefix(part, "- "):
			for one := range strings.SplitSeq("\n"+part, "\n- ") {
				if one != "" {
					all = append(all, block{kind: item, text: strings.Join(strings.Fields(one), " ")})
				}
			}
		case strings.HasPrefix(part, "|") && len(lines) > 2:
			var rows [][]string
			for _, row := range slices.Delete(lines, 1, 2) { // the rule below the heading
				cells := strings.Split(strings.Trim(row, "|"), "|")
				for i, cell := range cells {
					cells[i] = strings.TrimSpace(strings.ReplaceAll(cell, "`", "")) // columns set words apart already
				}
				rows = append(rows, cells)
			}
			all = append(all, block{kind: table, rows: rows})
		default:
			all = append(all, block{kind: paragraph, text: line})
		}
	}
	return all
}

// laidOut is a text as a terminal of so many columns shows it.
func laidOut(text string, columns int) string {
	var b strings.Builder
	var before blockKind
	for i, part := range blocks(text) {
		if i > 0 {
			b.WriteString("\n")
			if part.kind != item || before != item {
				b.WriteString("\n")
			}
		}
		before = part.kind
		switch part.kind {
		case heading:
			b.WriteString(strings.ToUpper(part.text))
		case quotation:
			b.WriteString(hanging("> ", part.text, columns))
		case item:
			b.WriteString(hanging("- ", part.text, columns))
		case code:
			b.WriteString(strings.Join(part.lines, "\n"))
		case table:
			b.WriteString(strings.Join(inColumns(part.rows, columns), "\n"))
		default:
			b.WriteString(strings.Join(broken(part.text, columns), "\n"))
		}
	}
	return b.String()
}

// hanging is a text behind a mark, below which nothing stands.
func hanging(mark, text string, columns int) string {
	return mark + strings.Join(broken(text, columns-len(mark)), "\n"+strings.Repeat(" ", len(mark)))
}

// broken breaks a text between words, and only there: an option is one.
func broken(text string, columns int) (lines []string) {
	for word := range strings.FieldsSeq(text) {
		if n := len(lines); n > 0 && ansi.StringWidth(lines[n-1])+1+ansi.StringWidth(word) <= columns {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// inColumns lays out a table. Where it is too wide, its widest column is broken
// into lines; and where that would leave too little of it, the cells of a row
// stand one below the other, each behind the name of its column.
func inColumns(rows [][]string, columns int) (lines []string) {
	const gap, least = 2, 20
	widths := make([]int, len(rows[0]))
	room := columns - gap*(len(widths)-1)
	for c := range widths {
		for _, row := range rows {
			widths[c] = max(widths[c], ansi.StringWidth(row[c]))
		}
		room -= widths[c]
	}
	widest := slices.Index(widths, slices.Max(widths))
	if widths[widest] += min(room, 0); room < 0 && widths[widest] < least {
		for i, row := range rows[1:] {
			if i > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, broken(row[0], columns)...)
			for c, cell := range row[1:] {
				lines = append(lines, strings.Split(hanging("  ", rows[0][c+1]+": "+cell, columns), "\n")...)
			}
		}
		return lines
	}
	for i, row := range rows {
		parts := broken(row[widest], widths[widest])
		for n := range max(1, len(parts)) {
			line := ""
			for c, cell := range row {
				if c == widest && n < len(parts) {
					cell = parts[n]
				} else if n > 0 {
					cell = ""
				}
				line += cell + strings.Repeat(" ", widths[c]-ansi.StringWidth(cell)+gap)
			}
			lines = append(lines, strings.TrimRight(line, " "))
		}
		if i == 0 {
			rule := make([]string, len(widths))
			for c, width := range widths {
				rule[c] = strings.Repeat("-", width)
			}
			lines = append(lines, strings.Join(rule, strings.Repeat(" ", gap)))
		}
	}
	return lines
}
