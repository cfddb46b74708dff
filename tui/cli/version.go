package cli

import (
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			version, revision := p.version()
			if p.json {
				return p.object(struct {
					Version  string `json:"version"`
					Revision string `json:"revision,omitempty"`
					Go       string `json:"go"`
					System   string `json:"system"`
				}{version, revision, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
			}
			if revision != "" {
				version += " (" + revision + ")"
			}
			return p.line("sendoff %s %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

// version returns the version this program was built as, and the revision of
// its source where the build knew one.
func (p *program) version() (version, revision string) {
	revision = p.setting("vcs.revision")
	revision = revision[:min(len(revision), 12)]
	switch {
	case p.Version != "":
		return p.Version, revision
	case p.Build == nil || p.Build.Main.Version == "":
		return "unknown", revision
	}
	return p.Build.Main.Version, revision
}

// setting is one that the program was built with; empty where that is unknown.
func (p *program) setting(key string) string {
	if p.Build != nil {
		for _, s := range p.Build.Settings {
			if s.Key == key {
				return s.Value
			}
		}
	}
	return ""
}

// agent is what goes into the User-Agent field of mails. A build from a work
// tree has no version, and a word in parentheses would be a comment.
func (p *program) agent() string {
	version, _ := p.version()
	if strings.ContainsAny(version, "() ") || version == "unknown" {
		return "sendoff"
	}
	return "sendoff/" + version
}

// title is the program and its version, for a person.
func (p *program) title() string {
	version, revision := p.version()
	if revision != "" {
		version += " (" + revision + ")"
	}
	return "sendoff " + version
}

// dated is the day that manual pages are of: SOURCE_DATE_EPOCH where a package
// is built, else that of the source that this program was built from; empty
// where the build did not know.
func (p *program) dated() string {
	epoch, _ := p.Lookup("SOURCE_DATE_EPOCH")
	if at, err := strconv.ParseInt(epoch, 10, 64); err == nil {
		return time.Unix(at, 0).UTC().Format(time.DateOnly)
	}
	day := p.setting("vcs.time")
	return day[:min(len(day), len(time.DateOnly))]
}
