package post

import (
	"path/filepath"
	"testing"

	"sendoff/config"
	"sendoff/smtp/outbox"
)

// TestOccupy opens drafts in two windows: each hears that the other has one open,
// until that goes on to another draft or ends.
func TestOccupy(t *testing.T) {
	t.Parallel()
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	first, second := open(t, Options{Home: home}), open(t, Options{Home: home})
	for i, step := range []struct {
		room      *Room
		id        outbox.ID
		elsewhere bool
	}{
		{first, 1, false}, {first, 1, false},
		{second, 1, true}, {second, 2, false},
		{first, 2, true}, {second, 1, false},
		{first, 1, true}, {second, 0, false}, {first, 1, false},
		{second, 1, true},
	} {
		if got := step.room.Occupy(step.id); got != step.elsewhere {
			t.Errorf("step %d: elsewhere is %v", i, got)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if second.Occupy(1) {
		t.Error("a window that was closed has it open")
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(home.StateDir, "open-*")); err != nil || len(left) != 0 {
		t.Errorf("there is %v, %v", left, err)
	}
}
