package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	// maxWindow is how many mails may be past their commit without an answer
	// where the caller leaves that open, and as many have to wait for that:
	// with fewer, a broken link leaves at most one uncertain. To wait for the
	// answer to each costs a second or so then; to find out what became of
	// several uncertain mails costs a person far more.
	maxWindow = 16

	// smallMail is the most octets for which content leaves without waiting
	// for what the server says of the envelope, and maxFlight the most that
	// leaves so at a time.
	smallMail = 64 << 10
	maxFlight = 512 << 10
)

// Deliver submits the mails of src until it has no more, the session is Spent
// or breaks, or ctx ends. The outcome of every mail goes to src.Done; the error is an
// *Error when the session can't be used any longer.
func (s *Session) Deliver(ctx context.Context, src Source) error {
	if s.err != nil {
		return s.err
	}
	release := s.wire.bind(ctx)
	d := &delivery{s: s, ctx: ctx, src: src}
	d.run()
	d.leave()
	if !release() {
		d.cancel() // whatever came of the mails, the connection is gone
	}
	d.report()
	switch {
	case s.err != nil:
		return s.err
	case d.end == nil, errors.Is(d.end, io.EOF):
		return nil
	}
	return fmt.Errorf("next mail: %w", d.end)
}

// delivery is one run over a Source. It keeps the server busy: while one mail
// waits for its verdict, the next is on its way as far as it can be taken
// back. So N mails cost N waits with CHUNKING and N+1 with DATA; several in
// one flight with CHUNKING cost one wait together.
type delivery struct {
	s     *Session
	ctx   context.Context
	src   Source
	due   []*transaction // Done is due for these, in the order of Next
	ahead []*transaction // those of them that were not begun
	ready []*transaction // room for those that nothing but their end is missing of
	full  bool           // maxWindow mails waited at once: what is left of them leaves together too
	end   error          // why Next is not to be called again
}

func (d *delivery) run() {
	var ready []*transaction // nothing but their end is missing
	for {
		if len(ready) == 0 {
			ready = d.prepare()
		}
		// Asked for now, so that Next can't keep the end of a mail waiting.
		d.fetch(d.window())
		if len(ready) == 0 || !d.commit(ready) {
			return
		}
		for _, t := range ready {
			d.s.finish(t)
		}
		next := d.stage()
		d.s.settle(0)
		d.s.overhear(ready)
		for _, t := range ready {
			d.conclude(t)
		}
		ready = nil
		if next != nil {
			ready = d.proceed(next)
		}
	}
}

// prepare brings the next mails to where only their commit and their end are
// missing: several if nothing of them has to be sent before that, or one. There
// are none when the source has no more or the session is broken.
func (d *delivery) prepare() []*transaction {
	for !d.over() {
		group := d.group()
		if len(group) == 0 {
			continue
		}
		if d.s.oneFlight(group[0]) {
			return group
		}
		d.s.start(group[0])
		d.s.settle(0)
		if ready := d.proceed(group[0]); ready != nil {
			return ready
		}
	}
	return nil
}

// over tells that no mail can or need be begun.
func (d *delivery) over() bool {
	if d.ctx.Err() != nil {
		d.cancel()
	}
	if d.s.err != nil {
		return true
	}
	d.fetch(1)
	return len(d.ahead) == 0 || d.s.Spent()
}

// cancel breaks the session because the caller gave up.
func (d *delivery) cancel() {
	if d.s.err == nil {
		d.s.fail(broken(StageMail, "", &cutError{ClassCanceled, context.Cause(d.ctx)}))
	}
}

// window is how many mails may leave at once.
func (d *delivery) window() int {
	switch {
	case !d.s.caps.Pipelining || !d.s.caps.Chunking:
		return 1
	case d.s.opts.Window == 0:
		return maxWindow
	}
	return d.s.opts.Window
}

// fetch asks for mails until n are ahead.
func (d *delivery) fetch(n int) {
	for n = d.s.left(n); len(d.ahead) < n && d.end == nil && d.s.err == nil; {
		mail, err := d.src.Next(d.ctx)
		if err != nil {
			d.end = err
			return
		}
		t := begin(mail)
		d.due = append(d.due, t)
		d.ahead = append(d.ahead, t)
		d.full = d.full || len(d.ahead) >= maxWindow
	}
}

// many tells that what waits had better leave together.
func (d *delivery) many() bool {
	return d.window() > 1 && len(d.ahead) > 1 && (d.full || d.s.opts.Window != 0)
}

// group takes the mails that leave together from those ahead. It may come out
// empty if none of them can be sent.
func (d *delivery) group() []*transaction {
	d.fetch(d.window())
	limit := 1
	if d.many() {
		limit = d.s.left(d.window())
	}
	group := d.ready[:0]
	var size int64
	for len(group) < limit && len(d.ahead) > 0 {
		t := d.ahead[0]
		size += t.mail.Size
		if len(group) > 0 && (!d.s.oneFlight(t) || size > maxFlight) {
			break
		}
		if d.load() == nil {
			continue
		}
		group = append(group, t)
		if !d.s.oneFlight(t) {
			break
		}
	}
	d.ready = group
	return group
}

// load takes the first mail of those ahead and makes its content available. It
// returns nil if that mail can't be sent.
func (d *delivery) load() *transaction {
	t := d.ahead[0]
	d.ahead = d.ahead[1:]
	if t.err = d.s.load(t); t.err != nil {
		d.conclude(t)
		return nil
	}
	d.s.begun++
	return t
}

// stage puts the beginning of the next mail behind what is about to leave.
func (d *delivery) stage() *transaction {
	if !d.s.caps.Pipelining {
		return nil
	}
	for len(d.ahead) > 0 && d.s.err == nil && !d.s.Spent() {
		if d.many() && d.s.oneFlight(d.ahead[0]) {
			return nil // several leave at once, after this
		}
		if t := d.load(); t != nil {
			d.s.start(t)
			return t
		}
	}
	return nil
}

// proceed hands over what can be of a mail whose beginning was answered.
func (d *delivery) proceed(t *transaction) []*transaction {
	if d.s.proceed(t) {
		d.ready = append(d.ready[:0], t)
		return d.ready
	}
	d.conclude(t)
	return nil
}

// commit has the source note that the mails are about to be past recall.
func (d *delivery) commit(ready []*transaction) bool {
	leaving := d.leaving(ready)
	if len(leaving) == 0 {
		return true
	}
	group := make([]*Mail, len(leaving))
	for i, t := range leaving {
		group[i] = t.leaving()
	}
	err := d.src.Commit(d.ctx, group...)
	if err == nil {
		for _, t := range leaving {
			t.committed = true
		}
		return true
	}
	if d.ctx.Err() != nil {
		d.cancel()
		return false
	}
	failed := local(StageContent, fmt.Errorf("committing: %w", err))
	failed.Retry = RetrySafe
	for _, t := range ready {
		t.stop(failed)
	}
	d.s.fail(failed)
	return false
}

// leaving returns those of ready that are not committed. Where mails leave one
// after the other though many small ones wait, it adds those: what a commit
// costs the source is paid once for all of them then.
func (d *delivery) leaving(ready []*transaction) []*transaction {
	var leaving []*transaction
	var size int64
	for _, t := range ready {
		size += t.mail.Size
		if !t.committed {
			leaving = append(leaving, t)
		}
	}
	if len(leaving) == 0 || d.s.opts.Window != 0 || d.window() > 1 {
		return leaving
	}
	if d.fetch(maxWindow); !d.full {
		return leaving
	}
	for _, t := range d.ahead {
		size += t.mail.Size
		if len(leaving) == maxWindow || !t.small() || size > maxFlight {
			break
		}
		t.fit(d.s.caps)
		leaving = append(leaving, t)
	}
	return leaving
}

// conclude ends the transaction of t, and t itself unless another transaction
// is needed for recipients that had no room in this one.
func (d *delivery) conclude(t *transaction) {
	d.s.conclude(t)
	taken := t.taken
	if t.again() {
		if taken {
			d.src.Part(t.mail, slices.Clone(t.result.Recipients))
		}
		d.ahead = append([]*transaction{t}, d.ahead...)
		return
	}
	t.done = true
	d.report()
}

// leave gives up what a spent session has no room for: the rest of a mail that
// takes more than one transaction.
func (d *delivery) leave() {
	if d.s.err != nil {
		return
	}
	for _, t := range d.ahead {
		if !t.delivered() {
			t.err = noTurn(Reply{})
		}
		t.done = true
	}
	d.ahead = nil
}

// report tells the outcomes that are known, in order. Once the session is
// broken, all are.
func (d *delivery) report() {
	for len(d.due) > 0 {
		t := d.due[0]
		if !t.done && d.s.err == nil {
			return
		}
		if !t.done {
			d.s.conclude(t)
		}
		d.due = d.due[1:]
		d.src.Done(t.mail, d.s.result(t))
	}
}
