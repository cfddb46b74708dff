package cli

import (
	"io/fs"
	pathpkg "path"
	"strings"

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
