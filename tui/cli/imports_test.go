package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// allowed says which packages of the project each package may import; a name
// that ends in /... covers a whole folder. What the table does not mention
// fails, so that a new package is placed on purpose.
var allowed = map[string][]string{
	"sendoff": {"tui/cli"},
	"assets":  {},

	"config":          {"assets", "config/private"},
	"config/private":  {},
	"config/secret":   {"config", "config/private", "assets"},
	"config/provider": {"config", "assets"},
	"config/foreign":  {"config", "config/secret"},
	"config/book":     {"smtp/address"},
	"config/oauth":    {"config", "config/private", "config/secret"},
	"config/discover": {"config", "config/provider"},

	"smtp/sasl":             {},
	"smtp/address":          {},
	"smtp/sandbox":          {},
	"smtp":                  {"smtp/sasl"},
	"smtp/folder":           {},
	"smtp/message":          {"smtp/address", "smtp/message/markdown"},
	"smtp/message/markdown": {},
	"smtp/message/eml":      {"smtp/address", "smtp/message"},
	"smtp/message/template": {"smtp/message"},
	"smtp/message/relay":    {"smtp/message"},
	"smtp/message/merge":    {},
	"smtp/message/seal":     {"smtp/address", "smtp/message"},

	"smtp/message/seal/sealtest": {},

	"smtp/outbox":           {"smtp", "smtp/message"},
	"smtp/outbox/sqlite":    {"smtp", "smtp/message", "smtp/outbox"},
	"smtp/outbox/storetest": {"smtp", "smtp/message", "smtp/outbox"},
	"smtp/submit":           {"smtp", "smtp/sasl", "smtp/message", "smtp/message/seal", "smtp/address", "smtp/outbox", "config/..."},
	"smtp/submit/realtest":  {},

	"tui/text":    {},
	"tui/spell":   {},
	"tui/presend": {"smtp/address", "smtp/message", "smtp/message/template"},
	"tui/when":    {},
	"tui/theme":   {"assets"},
	"tui/keys":    {},
	"tui/editor":  {"tui/text", "tui/theme", "tui/keys"},
	"tui/widget":  {"tui/text", "tui/theme", "tui/keys"},
	"tui/field":   {"tui/text", "tui/theme", "tui/keys", "tui/editor", "smtp/address"},
	"tui/kit":     {"tui/presend", "tui/text", "tui/when", "tui/theme", "tui/keys", "config/...", "smtp/..."},
	"tui/dialog":  {"tui/text", "tui/when", "tui/theme", "tui/keys", "tui/kit", "tui/editor", "tui/field", "tui/widget", "config/..."},
	"tui/stage":   {"tui/text", "tui/when", "tui/theme", "tui/keys", "tui/kit", "tui/widget", "smtp", "smtp/outbox"},
	"tui/tuitest": {"tui/...", "config/...", "smtp/..."},

	"tui/compose":  screen,
	"tui/queue":    screen,
	"tui/session":  screen,
	"tui/accounts": screen,

	"tui/lines": {
		"tui/kit", "tui/stage", "tui/presend", "tui/text", "tui/when",
		"config", "config/secret", "config/book", "smtp", "smtp/address", "smtp/message", "smtp/message/template", "smtp/outbox", "smtp/submit",
	},

	"tui":      {"tui/...", "config/...", "smtp/..."},
	"tui/post": {"tui/presend", "tui/spell", "tui/kit", "tui/text", "config/...", "smtp/..."},
	"tui/cli":  {"tui/...", "config/...", "smtp/...", "assets", "tui"},
}

// screen is what a screen may import: the parts it is made of, and the types
// of the domain. Never another screen.
var screen = []string{
	"tui/kit", "tui/keys", "tui/theme", "tui/text", "tui/when", "tui/editor", "tui/field", "tui/widget", "tui/dialog", "tui/stage", "tui/presend",
	"config", "config/secret", "config/discover", "config/provider", "config/book",
	"smtp", "smtp/address", "smtp/message", "smtp/message/seal", "smtp/message/template", "smtp/outbox", "smtp/submit",
}

// forbidden lists what must not be reached for at all from some folders: a
// screen never talks to the network, the disk or a database, and neither the
// engine nor the sandbox needs more than the standard library.
func forbidden(pkg, imported string) bool {
	screens := map[string]bool{"tui/compose": true, "tui/queue": true, "tui/session": true, "tui/accounts": true, "tui/lines": true}
	outside := strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
	switch {
	case screens[pkg]:
		return imported == "net" || imported == "os" || imported == "database/sql"
	case pkg == "smtp" || pkg == "smtp/sandbox":
		return outside
	case pkg == "smtp/outbox":
		return outside || imported == "database/sql"
	}
	return false
}

// TestImportsRunOneWay keeps the direction of imports.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "sendoff/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(words[0], "sendoff/")
		permitted, placed := allowed[pkg]
		if !placed {
			t.Errorf("package %s has no place in the table of imports", pkg)
			continue
		}
		for _, imported := range words[1:] {
			if forbidden(pkg, imported) {
				t.Errorf("%s must not import %s", pkg, imported)
			}
			own, ours := strings.CutPrefix(imported, "sendoff/")
			if ours && !covers(permitted, own) {
				t.Errorf("%s must not import %s", pkg, own)
			}
		}
	}
}

// covers tells whether one of the patterns stands for pkg.
func covers(patterns []string, pkg string) bool {
	for _, p := range patterns {
		folder, whole := strings.CutSuffix(p, "/...")
		if p == pkg || whole && (pkg == folder || strings.HasPrefix(pkg, folder+"/")) {
			return true
		}
	}
	return false
}
