package post

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
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

// TestOccupyAtOnce: of windows that open and leave one draft all the time, no two
// take themselves for the only one.
func TestOccupyAtOnce(t *testing.T) {
	t.Parallel()
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	var alone atomic.Int32
	var windows sync.WaitGroup
	for range 4 {
		r := open(t, Options{Home: home})
		windows.Go(func() {
			for range 200 {
				if !r.Occupy(1) {
					if n := alone.Add(1); n > 1 {
						t.Errorf("%d windows have it open alone", n)
					}
					for range 20 {
						runtime.Gosched()
					}
					alone.Add(-1)
				}
				r.Occupy(0)
			}
		})
	}
	windows.Wait()
}

// TestOccupyLeft: what a window that was killed left of its draft is gone with the
// next one that opens any; what a living window has open is not.
func TestOccupyLeft(t *testing.T) {
	t.Parallel()
	home := config.Home{ConfigDir: t.TempDir(), StateDir: t.TempDir()}
	alive := open(t, Options{Home: home})
	if alive.Occupy(3) {
		t.Fatal("it is open elsewhere")
	}
	for _, name := range []string{"open-7.lock", "open-8.lock"} {
		if err := os.WriteFile(filepath.Join(home.StateDir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next := open(t, Options{Home: home})
	if next.Occupy(8) {
		t.Error("what is left keeps others out")
	}
	if !next.Occupy(3) {
		t.Error("a living window's draft is not open any more")
	}
	left, err := filepath.Glob(filepath.Join(home.StateDir, "open-*"))
	if want := filepath.Join(home.StateDir, "open-3.lock"); err != nil || len(left) != 1 || left[0] != want {
		t.Errorf("there is %v, %v; want %s", left, err, want)
	}
}
