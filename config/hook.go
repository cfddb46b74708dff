package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What a Hook can be for.
const (
	OnSent      = "sent"      // every recipient was accepted
	OnFailed    = "failed"    // a recipient was refused, or given up
	OnUncertain = "uncertain" // nobody knows whether it was accepted
	OnDeferred  = "deferred"  // the server has put it off for longer than After
)

// Hook says what is done when something became of a mail.
type Hook struct {
	On      []string      // for what; failed, uncertain and deferred if empty
	After   time.Duration // of putting off, for deferred; 0 for an hour
	Command []string      // program and arguments to run, with the news as JSON on its standard input
	Notify  bool          // show a notification of the desktop
	Bell    bool          // ring the terminal
}

var hookFields = []field[Hook]{
	{"on", true, func(h *Hook) any { return &h.On }},
	{"after", false, func(h *Hook) any { return &h.After }},
	{"command", false, func(h *Hook) any { return &h.Command }},
	{"notify", false, func(h *Hook) any { return &h.Notify }},
	{"bell", false, func(h *Hook) any { return &h.Bell }},
}

// hookTable is the table of hooks, of which there can be several.
var hookTable = table{"hook", true, keysOf(hookFields), func(d *document, s *section, c *Config) error {
	var h Hook
	if err := takeChecked(d, s, hookFields, &h, Hook.check); err != nil {
		return err
	}
	if len(h.On) == 0 {
		h.On = []string{OnFailed, OnUncertain, OnDeferred}
	}
	if h.After == 0 {
		h.After = time.Hour
	}
	if len(h.Command) > 0 && strings.ContainsAny(h.Command[0], "/"+string(filepath.Separator)) {
		if err := d.resolve(&h.Command[0]); err != nil {
			return d.errorAt(s.place("command"), err.Error(), "")
		}
	}
	c.Hooks = append(c.Hooks, h)
	return nil
}}

func (h Hook) check() *fault {
	known := []string{OnSent, OnFailed, OnUncertain, OnDeferred}
	for _, on := range h.On {
		if !slices.Contains(known, on) {
			return &fault{"on", "a hook can't be on " + quote(on), suggest(on, known)}
		}
	}
	switch {
	case len(h.Command) == 0 && !h.Notify && !h.Bell:
		return &fault{"command", "the hook does nothing", `add command = ["program", "argument"], notify = true or bell = true`}
	case len(h.Command) > 0 && h.Command[0] == "",
		slices.ContainsFunc(h.Command, func(s string) bool { return strings.ContainsRune(s, 0) }):
		return &fault{"command", "command must be a program and its arguments, each a text", ""}
	case h.After != 0 && len(h.On) > 0 && !slices.Contains(h.On, OnDeferred):
		return &fault{"after", "after has no meaning without " + quote(OnDeferred), fmt.Sprintf("add %q to on, or delete it", OnDeferred)}
	}
	return nil
}
