package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
)

func (p *program) outboxWatch() *cobra.Command {
	var form string
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Follow what becomes of mails, whoever sends them",
		Long: `watch prints a line for each mail that is not done with, and for each account
whose mail waits; then one for each change, whichever program of this machine made
it, until it is interrupted or nobody reads on. It looks about twice a second: of
what changes quicker than that, the end is told, and once a second how far a mail
is that takes longer. It delivers nothing itself.

--format takes the template of "sendoff outbox list", for mails only; Event is
state, progress or deleted there, and Time when that was.`,
		Example: `  sendoff outbox watch
  sendoff outbox watch --json | jq -r 'select(.state == "failed") | .subject'
  sendoff outbox watch --format '{{.Time.Local.Format "15:04:05"}} {{.State}} {{.Subject}}'`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			form, err := parseForm(form)
			if err != nil {
				return err
			}
			room, err := p.room()
			if err != nil {
				return err
			}
			w := watcher{program: p, room: room, form: form, mails: map[outbox.ID]standing{}, waits: map[string]outbox.Parking{}}
			err = w.follow(cmd.Context())
			if cmd.Context().Err() != nil {
				return nil // a signal is how it ends
			}
			return err
		},
	}
	cmd.Flags().StringVar(&form, "format", "", "print this `TEMPLATE` for each change of a mail")
	return cmd
}

// watcher tells how the outbox differs from what it saw last.
type watcher struct {
	*program
	room  watched
	form  *template.Template // nil for none
	mails map[outbox.ID]standing
	waits map[string]outbox.Parking // by account
	last  time.Time                 // of the changes that were seen
	begun bool                      // the outbox was seen before
}

// watched is the outbox that is watched.
type watched interface {
	lister
	Counts(ctx context.Context, search string) (map[outbox.State]int, error)
	Version(ctx context.Context) (int64, error)
	Waits(ctx context.Context) ([]outbox.Parking, error)
}

// standing is what of a mail is told when it changes.
type standing struct {
	state              outbox.State
	attempts           int
	problem            string
	notBefore, nextTry int64 // Unix seconds
	octets             int64 // gone out
	concerns           bool  // it is one of those to be told of
}

// changeJSON is a change of a mail, for scripts and templates.
type changeJSON struct {
	Event string    `json:"event"` // "state", "progress" or "deleted"
	Time  time.Time `json:"time"`
	itemJSON
}

// waitJSON is an account whose mail waits, or goes on if there is no problem.
type waitJSON struct {
	Event   string    `json:"event"` // "account"
	Time    time.Time `json:"time"`
	Account string    `json:"account"`
	Problem string    `json:"problem,omitempty"`
	Until   time.Time `json:"until,omitzero"`
}

// follow tells what happens until ctx ends, or nobody reads on.
func (w *watcher) follow(ctx context.Context) error {
	const between = 500 * time.Millisecond
	timer := time.NewTimer(0)
	defer timer.Stop()
	var seen int64
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		if unread(w.Stdout) {
			return nil
		}
		rest, began := between, time.Now()
		version, err := w.room.Version(ctx)
		if err != nil {
			return err
		}
		if !w.begun || version != seen {
			if err := w.look(ctx); err != nil {
				return err
			}
			// There may be much to read, and a great outbox is read as a whole when
			// mail of it was deleted.
			rest = max(rest, 4*time.Since(began))
		}
		seen, w.begun = version, true
		timer.Reset(rest)
	}
}

// look tells what is new.
func (w *watcher) look(ctx context.Context) error {
	waits, err := w.room.Waits(ctx)
	if err != nil {
		return err
	}
	waits = slices.DeleteFunc(waits, func(p outbox.Parking) bool { return !p.Waiting || !w.concerns(p.Account) })
	// An account that waits changes what is said of all its mail; and after the
	// clock was set back the last change is not the latest.
	all := !w.begun || !w.same(waits) || time.Now().Before(w.last)
	if !all {
		if all, err = w.lookAtChanged(ctx); err != nil {
			return err
		}
	}
	if all {
		if err := w.lookAtAll(ctx); err != nil {
			return err
		}
	}
	return w.lookAtAccounts(waits)
}

// lookAtChanged reads the mails that changed lately and those that are being
// sent. It tells whether there must be others that are new, or gone.
func (w *watcher) lookAtChanged(ctx context.Context) (others bool, err error) {
	const (
		page = 50
		late = 15 * time.Second // a change may be written down, for others write
	)
	since := w.last.Add(-late)
	var news []outbox.Item
	for q := (outbox.Query{Sort: outbox.ByChange, Limit: page}); ; {
		items, err := w.room.Items(ctx, q)
		if err != nil {
			return false, err
		}
		for _, it := range items {
			if w.differs(it) {
				news = append(news, it)
			}
		}
		if len(items) < page || items[page-1].Updated.Before(since) {
			break
		}
		q.Before = items[page-1].ID
	}
	err = eachItem(ctx, w.room, outbox.Query{States: []outbox.State{outbox.Sending}}, func(it outbox.Item) error {
		if w.differs(it) {
			news = append(news, it)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	counts, err := w.room.Counts(ctx, "")
	if err != nil {
		return false, err
	}
	n := 0
	for state, of := range counts {
		if state != outbox.NeedsYou {
			n += of
		}
	}
	return n != len(w.mails), w.tell(news)
}

// lookAtAll reads the whole outbox.
func (w *watcher) lookAtAll(ctx context.Context) error {
	there := make(map[outbox.ID]bool, len(w.mails))
	var news []outbox.Item
	err := eachItem(ctx, w.room, outbox.Query{}, func(it outbox.Item) error {
		there[it.ID] = true
		if w.differs(it) {
			news = append(news, it)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.tell(news); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(w.mails)) {
		if there[id] {
			continue
		}
		told := w.mails[id].concerns
		delete(w.mails, id)
		if told {
			if err := w.mail("deleted", time.Now(), outbox.Item{ID: id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// differs notes how a mail stands, and tells whether that is news.
func (w *watcher) differs(it outbox.Item) bool {
	if it.Updated.After(w.last) {
		w.last = it.Updated
	}
	now := standing{it.State, it.Attempts, it.Problem, it.NotBefore.Unix(), it.NextTry.Unix(), it.Progress.Octets, w.concerns(it.Account)}
	before, known := w.mails[it.ID]
	w.mails[it.ID] = now
	return (!known || before != now) && now.concerns && (w.begun || !done(it))
}

// tell tells what became of mails, the latest of which is the first.
func (w *watcher) tell(news []outbox.Item) error {
	for _, it := range slices.Backward(news) {
		event, at := "state", it.Updated
		if p := it.Progress; p.Total > 0 {
			event, at = "progress", p.At
		}
		if err := w.mail(event, at, it); err != nil {
			return err
		}
	}
	return nil
}

// done tells that nothing more becomes of a mail by itself, nor by a person who
// is asked.
func done(it outbox.Item) bool {
	return it.State == outbox.Sent || it.State == outbox.Cancelled || it.State == outbox.Draft
}

// same tells that accounts wait as they were seen to.
func (w *watcher) same(parked []outbox.Parking) bool {
	return len(parked) == len(w.waits) && !slices.ContainsFunc(parked, func(now outbox.Parking) bool {
		before, known := w.waits[now.Account]
		return !known || before.Reason != now.Reason || !before.Until.Equal(now.Until)
	})
}

func (w *watcher) lookAtAccounts(parked []outbox.Parking) error {
	there := map[string]bool{}
	for _, now := range parked {
		there[now.Account] = true
		before, known := w.waits[now.Account]
		if known && before.Reason == now.Reason && before.Until.Equal(now.Until) {
			continue
		}
		w.waits[now.Account] = now
		if err := w.wait(now); err != nil {
			return err
		}
	}
	for _, account := range slices.Sorted(maps.Keys(w.waits)) {
		if !there[account] {
			delete(w.waits, account)
			if err := w.wait(outbox.Parking{Account: account, Since: time.Now()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// mail tells what became of a mail, and when.
func (w *watcher) mail(event string, at time.Time, it outbox.Item) error {
	change := changeJSON{event, at, itemOf(it)}
	switch {
	case w.form != nil:
		var b strings.Builder
		if err := w.form.Execute(&b, change); err != nil {
			return usageError{err}
		}
		return w.line("%s", b.String())
	case w.json && event == "deleted":
		return w.object(struct {
			Event string    `json:"event"`
			Time  time.Time `json:"time"`
			ID    outbox.ID `json:"id"`
		}{event, at, it.ID})
	case w.json:
		return w.object(change)
	case event == "deleted":
		return w.line("%s  %-9s  %s", clock(at), event, it.ID)
	}
	line := []string{it.ID.String(), addresses(it), it.Subject}
	if it.State == outbox.Scheduled || !it.NextTry.IsZero() || it.Progress.Total > 0 {
		line = append(line, moment(it))
	}
	if it.Problem != "" {
		line = append(line, it.Problem)
	}
	return w.line("%s  %-9s  %s", clock(at), it.State, strings.Join(line, "  "))
}

// wait tells that the mail of an account waits, or goes on.
func (w *watcher) wait(p outbox.Parking) error {
	switch {
	case w.form != nil:
		return nil
	case w.json:
		return w.object(waitJSON{"account", p.Since, p.Account, p.Reason, p.Until})
	case p.Reason == "":
		return w.line("%s  mail of %s goes on", clock(p.Since), p.Account)
	case p.Until.IsZero():
		return w.line("%s  mail of %s waits: %s", clock(p.Since), p.Account, p.Reason)
	}
	return w.line("%s  mail of %s waits until %s: %s", clock(p.Since), p.Account, clock(p.Until), p.Reason)
}

// clock is a moment as the lines of what happens begin with.
func clock(t time.Time) string { return t.Local().Format(time.DateTime) }
