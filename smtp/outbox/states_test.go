package outbox

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var updateStates = flag.Bool("update-states", false, "write the table of the document about states anew")

// TestStatesAreDocumented holds the table of transitions against the one that
// people read.
func TestStatesAreDocumented(t *testing.T) {
	t.Parallel()
	const file, head = "../../assets/doc/states.md", "| from | action | to |\n|---|---|---|\n"
	var table strings.Builder
	for _, tr := range transitions {
		var to []string
		for _, s := range tr.to {
			if s == gone {
				s = "gone"
			}
			to = append(to, string(s))
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", tr.from, tr.by, strings.Join(to, ", "))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, is, found := strings.Cut(string(text), head) // it is the last there
	if !found {
		t.Fatal("there is no table")
	}
	if *updateStates {
		if err := os.WriteFile(file, []byte(before+head+table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if is != table.String() {
		t.Errorf("the table is\n%s\nand should be\n%s\n(go test -run StatesAreDocumented -update-states writes it)", is, table.String())
	}
}
