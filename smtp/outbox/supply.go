package outbox

import (
	"bytes"
	"context"
	"io"
	"time"

	"sendoff/smtp"
)

const (
	// most is how many mails are claimed at a time, and brisk how soon they have
	// to be gone for that; who is slower gets fewer, since what is claimed is
	// out of reach for others.
	most  = 64
	few   = 16
	brisk = time.Second

	// smallMail is the most octets of a mail that is read ahead, and readAhead
	// those of all that are at a time.
	smallMail = 64 << 10
	readAhead = 1 << 20
)

// want says what to claim next: more each time, as long as that goes well.
func (s *session) want() Want {
	now := time.Now()
	limit := most
	if s.batch >= few && now.Sub(s.claimed) > brisk {
		limit = few
	}
	s.batch, s.claimed = min(max(1, 2*s.batch), limit), now
	return Want{
		Account: s.account, Owner: s.worker.opts.Owner, Lease: s.worker.opts.Lease, Max: s.batch, IDs: s.only.IDs,
		Late: s.worker.late(),
	}
}

// claim gets the next mails; there may be none.
func (s *session) claim(ctx context.Context) ([]Claimed, error) {
	claims, err := s.worker.store.Claim(ctx, s.want())
	s.got(claims)
	return claims, err
}

// got takes note of claims.
func (s *session) got(claims []Claimed) {
	s.plenty = len(claims) == s.batch
	for _, c := range claims {
		f := &flight{Claimed: c, session: s, down: make(chan struct{})}
		s.flying[c.Lease.name()] = f
		s.ready = append(s.ready, c)
		s.worker.mu.Lock()
		s.worker.flights[c.Item.ID] = f
		s.worker.mu.Unlock()
	}
}

// tell tells that mails were claimed. It waits for who listens, so nothing may
// be locked meanwhile.
func (s *session) tell(claims []Claimed) {
	for _, c := range claims {
		s.worker.notify(Event{ID: c.Item.ID, State: Sending})
	}
}

// Next implements smtp.Source.
func (s *session) Next(ctx context.Context) (*smtp.Mail, error) {
	f, claims, err := s.next(ctx)
	s.tell(claims)
	if err != nil {
		return nil, err
	}
	it := f.Item
	m := &smtp.Mail{
		ID:   f.Lease.name(),
		From: it.From,
		To:   f.To,
		Size: it.Size,
		UTF8: it.UTF8,
		Open: func() (io.ReadCloser, error) { return s.open(ctx, f) },
	}
	it.wish(m, s.worker.opts.Clock())
	return m, nil
}

// next takes the first mail that is ready. It may have to claim some for that.
func (s *session) next(ctx context.Context) (f *flight, claims []Claimed, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ready) == 0 && s.supplied {
		s.changed.Wait()
	}
	if !s.goesOn() {
		return nil, nil, io.EOF
	}
	if len(s.ready) == 0 {
		claims, err = s.claim(ctx)
		switch {
		case ctx.Err() != nil: // the connection is cut: nothing is wrong with the store
			return nil, claims, ctx.Err()
		case err != nil:
			s.failed = err
			return nil, nil, err
		case len(claims) == 0:
			return nil, nil, io.EOF
		}
	}
	f = s.flying[s.ready[0].Lease.name()]
	s.ready = s.ready[1:]
	s.take(f)
	if len(s.ready) < s.batch/2 && s.plenty && !s.supplied {
		s.supplied = true
		go s.supply()
	}
	return f, claims, nil
}

// supply claims more mails and reads the small ones, while those that were
// claimed before are sent.
func (s *session) supply() {
	s.mu.Lock()
	want := s.want()
	s.mu.Unlock()
	ctx := context.WithoutCancel(s.ctx) // a claim must not get lost
	claims, err := s.worker.store.Claim(ctx, want)
	contents := s.read(ctx, claims)
	s.mu.Lock()
	s.got(claims)
	for _, c := range claims {
		s.flying[c.Lease.name()].content = contents[c.Item.ID]
	}
	if err != nil && s.failed == nil {
		s.failed = err
	}
	s.mu.Unlock()
	s.tell(claims)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.supplied = false
	s.changed.Broadcast()
}

// read reads the contents of small mails. Whoever opens one that can't be read
// so learns why.
func (s *session) read(ctx context.Context, claims []Claimed) map[ID][]byte {
	var small []ID
	room := int64(readAhead)
	for _, c := range claims {
		if size := c.Item.Size; size <= smallMail && size <= room {
			small = append(small, c.Item.ID)
			room -= size
		}
	}
	if len(small) == 0 || s.wire.Err() != nil {
		return nil
	}
	contents, _ := s.worker.store.Contents(ctx, small...)
	return contents
}

// open returns the content of a mail.
func (s *session) open(ctx context.Context, f *flight) (io.ReadCloser, error) {
	if f.content != nil {
		return io.NopCloser(bytes.NewReader(f.content)), nil
	}
	return s.worker.store.Content(ctx, f.Item.ID)
}

// goesOn tells whether more mails are to be taken.
func (s *session) goesOn() bool { return !s.stopping && !s.parked && s.failed == nil }

// take notes that the Sender has to do with f from now on.
func (s *session) take(f *flight) {
	f.taken = true
	f.transcript, s.setup = s.setup, &smtp.Transcript{}
}
