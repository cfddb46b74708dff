package cli

import (
	"io/fs"
	pathpkg "path"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/assets"
)

// topics are pages of help without a command: the documents, by the names of
// their files.
func topics() []*cobra.Command {
	comments := regexp.MustCompile(`(?m)^<!--.*-->\n`)
	var all []*cobra.Command
	files, _ := fs.Glob(assets.Docs, "doc/*.md") // the pattern is a good one
	for _, file := range files {
		text, err := assets.Docs.ReadFile(file)
		if err != nil {
			panic(err) // it is part of the program
		}
		heading, rest, _ := strings.Cut(comments.ReplaceAllString(string(text), ""), "\n")
		all = append(all, &cobra.Command{
			Use:   strings.ToLower(strings.TrimSuffix(pathpkg.Base(file), ".md")),
			Short: strings.TrimPrefix(heading, "# "),
			Long:  strings.TrimSpace(rest),
		})
	}
	return all
}
