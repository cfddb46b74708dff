package cli

import (
	"reflect"
	"strings"
	"testing"
)

// TestJSONIsExplained looks for every field of an event in the page of help.
func TestJSONIsExplained(t *testing.T) {
	t.Parallel()
	help := new(program).jsonTopic().Long
	words := strings.FieldsFunc(help, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
	known := map[string]bool{}
	for _, w := range words {
		known[w] = true
	}
	for _, v := range []any{eventJSON{}, detailJSON{}, resultJSON{}, itemJSON{}, recipientJSON{}, progressJSON{}} {
		for i := range reflect.TypeOf(v).NumField() {
			name, _, _ := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
			if name != "" && !known[name] {
				t.Errorf("help does not mention %q of %T", name, v)
			}
		}
	}
}
