package keys

import (
	"fmt"
	"strings"
)

//go:generate go test -run TestReference -update .

// Reference writes all that m does by keys, context by context, as markdown.
func (m *Map) Reference() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nThe keys as they come. `[keys]` in the configuration gives an action others,\nunder the name it has here; `sendoff config keys` shows them as they are then.\n")
	i, actions := 0, m.Actions() // in the order of the sections, as Map has them
	for _, s := range m.Sections() {
		fmt.Fprintf(&b, "\n## %s\n\n| what | keys | action |\n|---|---|---|\n", s.Title)
		for range s.Bindings {
			a := actions[i]
			names := strings.ReplaceAll(strings.Join(a.Binding.Keys(), "`, `"), "|", `\|`)
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", a.Binding.Help().Desc, names, a.Name)
			i++
		}
	}
	return b.String()
}
