package stage

import "time"

// flow is how many octets went in each stretch of time since the first. When
// there are too many stretches, they become twice as long: so what is kept shows
// all of a transfer, however long that takes.
type flow struct {
	began   time.Time
	stretch time.Duration
	sent    int64 // at the newest
	octets  []int64
}

const (
	stretches     = 32 // at most
	firstStretch  = 200 * time.Millisecond
	leastOfStream = 4 // stretches that are worth showing
)

// note takes how much was sent by a moment.
func (f *flow) note(at time.Time, sent int64) {
	if f.began.IsZero() {
		*f = flow{began: at, stretch: firstStretch, sent: sent}
		return
	}
	i := int(at.Sub(f.began) / f.stretch)
	for ; i >= stretches; i /= 2 {
		f.widen()
	}
	for len(f.octets) <= i {
		f.octets = append(f.octets, 0)
	}
	if i >= 0 {
		f.octets[i] += sent - f.sent
	}
	f.sent = sent
}

// widen makes two stretches one.
func (f *flow) widen() {
	f.stretch *= 2
	for i := range (len(f.octets) + 1) / 2 {
		sum := f.octets[2*i]
		if 2*i+1 < len(f.octets) {
			sum += f.octets[2*i+1]
		}
		f.octets[i] = sum
	}
	f.octets = f.octets[:(len(f.octets)+1)/2]
}

// whole returns the stretches that are over; nil if there are too few to tell
// anything.
func (f *flow) whole() []int64 {
	if len(f.octets) <= leastOfStream {
		return nil
	}
	return f.octets[:len(f.octets)-1]
}
