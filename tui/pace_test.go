package tui

import (
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestPaceFindsTheClock: Bubble Tea keeps its clock where it is looked for.
func TestPaceFindsTheClock(t *testing.T) {
	t.Parallel()
	if newPace(tea.NewProgram(nil)) == nil {
		t.Error("the renderer's clock is elsewhere; look for time.NewTicker in tea.go")
	}
	var none *pace
	none.news() // costs speed, nothing else
}

// TestPace: a frame is seen at once after news, however much there is, and
// seldom looked for without.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := time.NewTicker(time.Second / 120)
		defer clock.Stop()
		p := &pace{find: func() *time.Ticker { return clock }}
		frames := func(while time.Duration) (n int) {
			for end := time.After(while); ; {
				select {
				case <-clock.C:
					n++
				case <-end:
					return n
				}
			}
		}
		p.news()
		if n := frames(5 * time.Second); n < 20 || n > 60 {
			t.Errorf("%d frames in the five seconds after news", n)
		}
		if n := frames(10 * time.Second); n > 40 {
			t.Errorf("%d frames in ten seconds without news", n)
		}
		p.news()
		begin := time.Now()
		<-clock.C
		if late := time.Since(begin); late > quickest {
			t.Errorf("the frame after news is seen %v late", late)
		}
		seen := 0
		for range 1000 { // more than one for each frame
			p.news()
			seen += frames(quickest / 5)
		}
		if seen < 100 {
			t.Errorf("%d frames in 200 ms full of news", seen)
		}
	})
}

// TestPaceWithoutClock: a program that does not draw yet, or no longer, has none.
func TestPaceWithoutClock(t *testing.T) {
	t.Parallel()
	newPace(tea.NewProgram(nil)).news()
}
