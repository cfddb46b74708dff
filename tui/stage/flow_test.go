package stage

import (
	"testing"
	"time"
)

// TestFlow: however long a transfer takes, all of it is kept, in few stretches.
func TestFlow(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 27, 14, 30, 0, 0, time.UTC)
	for _, long := range []time.Duration{time.Second, 10 * time.Second, time.Hour, 100 * time.Hour} {
		var f flow
		const steps = 10_000
		for i := range int64(steps + 1) {
			f.note(began.Add(long*time.Duration(i)/steps), 1000*i)
		}
		sum := int64(0)
		for _, n := range f.octets {
			sum += n
		}
		if sum != 1000*steps || len(f.octets) > stretches || long > 10*time.Second && len(f.octets) < stretches/2 {
			t.Errorf("%v: %d octets in %d stretches of %v", long, sum, len(f.octets), f.stretch)
		}
		for i, n := range f.whole() {
			if even := 1000 * steps * f.stretch.Seconds() / long.Seconds(); float64(n) < even*0.9 || float64(n) > even*1.1 {
				t.Errorf("%v: stretch %d has %d octets, want about %.0f", long, i, n, even)
			}
		}
	}
	var f flow
	f.note(began, 0)
	f.note(began.Add(-time.Second), 10) // a clock that was set back
	f.note(began.Add(50*time.Hour), 20) // nothing for long
	if len(f.octets) > stretches || f.sent != 20 {
		t.Errorf("%d stretches, %d octets", len(f.octets), f.sent)
	}
	if (&flow{octets: make([]int64, leastOfStream)}).whole() != nil {
		t.Error("a moment is told as a course")
	}
}
