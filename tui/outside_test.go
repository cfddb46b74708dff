package tui

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// TestOutsideEditor: the text comes back also when the editor fails, and the
// file goes only then.
func TestOutsideEditor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	drive(t, 80, 24, newFake(), Options{Temp: folder}, func(d *driver) {
		d.toBody()
		d.typed("before")
		out := func() handed {
			h, ok := d.app.handOut(d.app.composer.Draft().Body)().(handed)
			if !ok || h.err != nil {
				t.Fatalf("handed out: %+v", h)
			}
			return h
		}
		back := func(h handed, exit error) {
			d.run(d.app.handBack(closedEditor{h, exit}))
			d.settle()
		}
		h := out()
		if err := os.WriteFile(h.path, []byte("after\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		back(h, errors.New("exit status 3"))
		if got := d.app.composer.Draft().Body; got != "after\n" {
			t.Errorf("the text is %q", got)
		}
		if s := d.screen(); !strings.Contains(s, "ditor failed, but what it wrote is here: exit status 3") {
			t.Errorf("it does not say that the editor failed:\n%s", s)
		}
		back(out(), errors.New("exit status 127"))
		if s := d.screen(); !strings.Contains(s, "ditor failed") || d.app.composer.Draft().Body != "after\n" {
			t.Errorf("an editor that does not start:\n%s", s)
		}
		for _, exit := range []error{nil, errors.New("signal: killed")} {
			h = out()
			if err := os.Truncate(h.path, 0); err != nil {
				t.Fatal(err)
			}
			back(h, exit)
			if s := d.screen(); !strings.Contains(s, "ditor ") || d.app.composer.Draft().Body != "after\n" {
				t.Errorf("an editor that leaves nothing, %v:\n%s", exit, s)
			}
		}
		left, err := os.ReadDir(folder)
		if err != nil || len(left) != 0 {
			t.Errorf("%v, left behind: %v", err, left)
		}
	})
}
