package config

import "github.com/pelletier/go-toml/v2/unstable"

// Key gives an action of the screens other keys than it comes with. Which
// actions and keys there are is package keys's to say.
type Key struct {
	Action string
	Keys   []string
	At     Error // the place in the file
}

// Fault is what is wrong with k, at its place.
func (k Key) Fault(text, hint string) *Error {
	e := k.At
	e.Text, e.Hint = text, hint
	return &e
}

var keysTable = table{"keys", false, nil, func(d *document, s *section, c *Config) error {
	for _, e := range s.entries {
		k := Key{Action: e.key, Keys: e.list, At: *d.errorAt(e.start, "", "")}
		if e.kind == unstable.String {
			k.Keys = []string{e.text}
		} else if !e.texts || len(e.list) == 0 {
			return d.errorAt(e.value, e.key+` must be a key, or a list of at least one: ["ctrl+x", "f5"]`, "")
		}
		c.Keys = append(c.Keys, k)
	}
	return nil
}}
