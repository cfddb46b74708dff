package cli

import (
	"io/fs"
	pathpkg "path"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"sendoff/assets"
)

// topics are pages of help without a command: the documents, by the names of
// their files. They are made at each start, so what is only to be read is laid
// out when it is asked for.
func topics() []*cobra.Command {
	var all []*cobra.Command
	files, _ := fs.Glob(assets.Docs, "doc/*.md") // the pattern is a good one
	for _, file := range files {
		text, err := assets.Docs.ReadFile(file)
		if err != nil {
			panic(err) // it is part of the program
		}
		heading, rest, _ := strings.Cut(string(text), "\n")
		all = append(all, &cobra.Command{
			Use:   strings.ToLower(strings.TrimSuffix(pathpkg.Base(file), ".md")),
			Short: strings.TrimPrefix(heading, "# "),
			Long:  strings.TrimSpace(rest),
		})
	}
	return all
}

// unfold makes of a table that is too wide for a terminal its cells, one below
// the other.
func unfold(text string) string {
	blocks := strings.Split(text, "\n\n")
	for i, block := range blocks {
		rows := strings.Split(strings.TrimSpace(block), "\n")
		wide := slices.ContainsFunc(rows, func(row string) bool { return len(row) > 80 })
		if !wide || !strings.HasPrefix(rows[0], "|") || len(rows) < 2 {
			continue
		}
		var b strings.Builder
		for _, row := range rows[2:] { // after the heading and its line
			for n, cell := range strings.Split(strings.Trim(row, "|"), "|") {
				for line := range strings.SplitSeq(ansi.Wordwrap(strings.TrimSpace(cell), 78, ""), "\n") {
					b.WriteString(strings.Repeat("  ", min(n, 1)) + line + "\n")
				}
			}
		}
		blocks[i] = strings.TrimSuffix(b.String(), "\n")
	}
	return strings.Join(blocks, "\n\n")
}
