package outbox

import (
	"time"

	"sendoff/smtp"
)

// trace implements the Sender's hearing: it keeps the dialogue and passes the
// events on. What happens before the first mail is told of that mail.
func (s *session) trace(e smtp.Event) {
	s.mu.Lock()
	f := s.flying[e.Mail]
	switch {
	case f != nil && f.taken:
		f.transcript.Add(e)
		f.follow(e, s.worker.opts.Clock())
	default:
		s.setup.Add(e)
		f = s.first()
	}
	s.mu.Unlock()
	if f != nil && s.worker.opts.Notify != nil {
		heard := e // for who keeps it
		s.worker.notify(Event{ID: f.Item.ID, Session: &heard})
	}
}

// first returns the flight that was claimed first; nil if there is none.
func (s *session) first() *flight {
	var first *flight
	for _, f := range s.flying {
		if first == nil || f.Item.ID < first.Item.ID {
			first = f
		}
	}
	return first
}

// attempt returns the record of what r tells of f, with trouble as explain
// words it. It is empty when f was never tried: it was not taken, or nothing
// was said for it.
func (f *flight) attempt(r smtp.Result, now time.Time, explain func(error) string) Attempt {
	if !f.taken {
		return Attempt{}
	}
	transcript := f.transcript.String()
	if transcript == "" && r.Err != nil && r.Err.Class == smtp.ClassCanceled && !begun(r.Err.Stage) {
		return Attempt{}
	}
	a := Attempt{
		Started:  f.Started,
		Elapsed:  now.Sub(f.Started),
		Stage:    smtp.StageAccepted,
		Code:     r.Reply.Code,
		Enhanced: r.Reply.Enhanced,
		Text:     r.Reply.Text(),
		Bytes:    r.Bytes,
		Waits:    r.Waits,

		Transcript: transcript,
	}
	if r.Err != nil {
		a.Stage = r.Err.Stage
		if a.Code == 0 {
			a.Code, a.Enhanced = r.Err.Reply.Code, r.Err.Reply.Enhanced
			a.Text = r.Err.Error()
			if a.Code == 0 && explain != nil {
				a.Text = explain(r.Err)
			}
		}
		if f.withdrawn {
			a.Text = errWithdrawn.Error()
		}
	}
	if a.Stage == "" {
		a.Stage = smtp.StageConnect
	}
	return a
}

// abandoned is the result of a flight whose Sender returned err without
// telling what became of it. cut means that it was made to return.
func (f *flight) abandoned(err error, cut bool) smtp.Result {
	r := smtp.Result{Err: failure(err)}
	status := smtp.Untried
	switch {
	case f.committing:
		status = smtp.Uncertain
		r.Err = &smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassNetwork, Scope: smtp.ScopeMessage, Retry: smtp.RetryUnknown, Err: err}
	case cut:
		r.Err = &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassCanceled, Scope: smtp.ScopeLocal, Retry: smtp.RetrySafe, Err: err}
	}
	for _, address := range f.To {
		r.Recipients = append(r.Recipients, smtp.Outcome{Address: address, Status: status})
	}
	r.Reply = r.Err.Reply
	return r
}
