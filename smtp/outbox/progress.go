package outbox

import (
	"time"

	"sendoff/smtp"
)

// follow notes how far the content is.
func (f *flight) follow(e smtp.Event, now time.Time) {
	switch {
	case e.Stage != smtp.StageContent:
	case e.Kind == smtp.KindBegin:
		f.progress = Progress{Total: e.Total, At: now}
		f.reported = f.progress
	case e.Kind == smtp.KindProgress:
		f.progress.Octets, f.progress.At = e.Bytes, now
	}
}

// report tells the store from time to time how far the mails are that take
// theirs, until the session ends. What can't be told is told the next time.
func (s *session) report() {
	tick := time.NewTicker(s.worker.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case <-s.wire.Done():
			return
		case <-tick.C:
		}
		if reports := s.reports(); len(reports) > 0 {
			_ = s.worker.store.Report(s.wire, reports...)
		}
	}
}

// reports returns what is new of the mails that have been under way for a while:
// those that are done in a moment cost nobody a write.
func (s *session) reports() []Report {
	now := s.worker.opts.Clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var reports []Report
	for _, f := range s.flying {
		took := now.Sub(f.reported.At)
		if f.landing || f.progress.Octets == f.reported.Octets || took < s.worker.opts.Poll/2 {
			continue
		}
		f.progress.Rate = int64(float64(f.progress.Octets-f.reported.Octets) / took.Seconds())
		f.reported = f.progress
		reports = append(reports, Report{Lease: f.Lease, Progress: f.progress})
	}
	return reports
}
