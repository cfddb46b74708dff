package text_test

import (
	"slices"
	"strings"
	"testing"

	"sendoff/tui/text"
	"sendoff/tui/tuitest"
)

// TestGraphemes: text is divided where a reader sees a character end, however
// the terminal counts its cells.
func TestGraphemes(t *testing.T) {
	t.Parallel()
	for _, want := range tuitest.Graphemes(t) {
		for _, m := range []text.Method{text.CodePoints, text.Clusters} {
			var got []string
			for rest := strings.Join(want, ""); rest != ""; {
				cluster, cells := m.Next(rest)
				if cells < 0 || m == text.Clusters && cells > 2 {
					t.Errorf("%+q has %d cells", cluster, cells)
				}
				got = append(got, cluster)
				rest = rest[len(cluster):]
			}
			if !slices.Equal(got, want) {
				t.Errorf("divided as %+q, want %+q", got, want)
			}
		}
	}
}
