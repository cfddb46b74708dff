package outbox

import "time"

// nap is how much further the clock must have gone than the time this program
// ran, for the machine to count as having slept. Set back by as much, it makes
// waits longer than they were meant to be.
const nap = 10 * time.Second

// senses notice what makes waiting for the network pointless: that the machine
// woke up, or has another way to the network than before. They send nothing.
type senses struct {
	network func() string // see Options.Network; nil for none

	wall time.Time // when they last looked
	ran  time.Time // the same by the time that stands still in sleep
	seen string
}

func (w *Worker) newSenses() *senses {
	s := &senses{network: w.opts.Network, wall: w.opts.Clock().Round(0), ran: time.Now()}
	if s.network != nil {
		s.seen = s.network()
	}
	return s
}

// stirred tells whether something changed since it was last asked. waiting
// tells that something waits: only then is the network looked at.
func (s *senses) stirred(wall, ran time.Time, waiting bool) bool {
	wall = wall.Round(0) // the monotonic reading would hide the sleep
	jumped := wall.Sub(s.wall) - ran.Sub(s.ran)
	s.wall, s.ran = wall, ran
	stirred := jumped.Abs() > nap
	if s.network != nil && waiting {
		if seen := s.network(); seen != s.seen {
			stirred = stirred || seen != "" // without a way nothing can go
			s.seen = seen
		}
	}
	return stirred
}

// waits tells whether an account waits for the network or a server.
func (w *Worker) waits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.parked) > 0
}
