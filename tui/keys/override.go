package keys

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
)

// Action is a binding and the name it has in the configuration: that of its
// context, a dot, and what it does.
type Action struct {
	Name    string
	Subject string // what it is about, where its context has several; empty if not
	Binding *key.Binding
}

// Actions lists all there are; what is done to their bindings is done to m's.
func (m *Map) Actions() []Action {
	var out []Action
	contexts := reflect.ValueOf(m).Elem()
	for i := range contexts.NumField() {
		context := contexts.Field(i)
		for j := range context.NumField() {
			name := kebab(contexts.Type().Field(i).Name) + "." + kebab(context.Type().Field(j).Name)
			subject := context.Type().Field(j).Tag.Get("subject")
			out = append(out, Action{name, subject, context.Field(j).Addr().Interface().(*key.Binding)})
		}
	}
	return out
}

// kebab writes a name of Go's in lower case, with hyphens.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Set gives the action keys in place of those it has. The first is the one that
// the screens name.
func (a Action) Set(names []string) error {
	pressed := make([]string, len(names))
	for i, name := range names {
		k, err := parse(name)
		if err != nil {
			return err
		}
		if a.typed() && Press(k).Text != "" {
			return fmt.Errorf("%s is text where %s is done", name, a.Name)
		}
		pressed[i] = k
	}
	a.Binding.SetKeys(pressed...)
	a.Binding.SetHelp(shown(pressed[0]), a.Binding.Help().Desc)
	return nil
}

// typed tells that the action is done where text is typed.
func (a Action) typed() bool {
	if slices.Contains([]string{"compose.browser", "global.help-plain", "global.take-back-plain", "dialog.yes", "dialog.no"}, a.Name) {
		return false
	}
	context, _, _ := strings.Cut(a.Name, ".")
	return slices.Contains([]string{"global", "compose", "text", "search", "dialog"}, context)
}

// parse returns the name of a key as presses have it.
func parse(name string) (string, error) {
	rest, mods := name, 0
	for {
		word, more, cut := strings.Cut(rest, "+")
		if _, ok := modifiers[strings.ToLower(word)]; !cut || !ok || more == "" {
			break
		}
		rest, mods = more, mods+1
	}
	head := strings.ToLower(name[:len(name)-len(rest)])
	if _, ok := named[strings.ToLower(rest)]; ok {
		return Press(head + strings.ToLower(rest)).String(), nil
	}
	if r, n := utf8.DecodeRuneInString(rest); rest == "" || n < len(rest) || !unicode.IsGraphic(r) || unicode.IsSpace(r) {
		return "", fmt.Errorf("%q is not a key", name)
	}
	if mods > 0 && strings.Contains(head, "ctrl+") {
		rest = strings.ToLower(rest)
	}
	return Press(head + rest).String(), nil
}

// shown is how the screens name a key.
func shown(k string) string {
	if n := len(k); n >= 2 && n <= 3 && k[0] == 'f' && unicode.IsDigit(rune(k[1])) {
		return strings.ToUpper(k)
	}
	return k
}

// Doubt says why a key may never arrive; it is empty if every terminal sends it.
func Doubt(name string) string {
	k, err := parse(name)
	if err != nil {
		return ""
	}
	same := map[string]string{
		"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc", "ctrl+h": "backspace",
	}
	taken := map[string]string{"ctrl+b": "tmux", "ctrl+a": "screen"}
	rest := strings.TrimPrefix(k, "ctrl+")
	switch {
	case same[k] != "":
		return "most terminals send " + same[k] + " for it"
	case taken[k] != "":
		return taken[k] + " takes it for itself"
	case strings.HasPrefix(rest, "shift+") && utf8.RuneCountInString(rest) == len("shift+x"),
		strings.Contains(k, "ctrl+alt+"),
		slices.Contains([]string{"shift+enter", "shift+backspace", "shift+space", "shift+esc"}, k),
		rest != k && slices.Contains([]string{"enter", "tab", "backspace", "esc"}, rest),
		rest != k && len(rest) == 1 && !strings.Contains("abcdefghijklmnopqrstuvwxyz@\\]^_", rest):
		return "many terminals can't send it"
	}
	return ""
}
