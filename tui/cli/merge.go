package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sendoff/smtp/message"
	"sendoff/smtp/message/merge"
	"sendoff/smtp/message/template"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/post"
)

// mergeFlags are about many mails of one template.
type mergeFlags struct {
	file      string
	only      int
	perMinute int
	given     func(flag string) bool
	again     bool
}

const mergeHelp = `With --merge each row of a CSV file, or each line of a file of JSON objects, makes
a mail of its own: the columns fill in the {{places}} of the template or of the
text; those called to, cc, bcc, reply-to, from, subject and attach say so of that
mail. All rows are checked before the first is stored, and each is stored once: a
second run leaves out what the first has stored in the last 30 days.`

func (f *mergeFlags) register(flags *pflag.FlagSet) {
	f.given = flags.Changed
	flags.StringVar(&f.file, "merge", "", "one mail for each row of `FILE`, CSV or JSON lines; - for standard input")
	flags.IntVar(&f.only, "merge-only", 0, "of these, only the one of row `N`, from 1")
	flags.IntVar(&f.perMinute, "per-minute", 0, "only store them, to go out `N` a minute")
	flags.BoolVar(&f.again, "again", false, "store them though they were before")
}

func (f *mergeFlags) check(all sendFlags) error {
	switch {
	case f.file == "" && (f.given("merge-only") || f.given("per-minute") || f.again):
		return usagef("--merge-only, --per-minute and --again are about --merge")
	case f.given("merge-only") && f.only < 1 || f.given("per-minute") && f.perMinute < 1:
		return usagef("--merge-only and --per-minute take a number from 1 on")
	case f.file == "" && all.origin.template == "" && len(all.origin.values) > 0:
		return usagef("--set is about --template and --merge")
	case f.file != "" && len(piped(slices.Concat(all.attach, all.inline))) > 0:
		return usagef("what comes from standard input can't be attached to many mails")
	}
	return nil
}

// mergeMails makes a mail of each row, and sends or stores them.
func (p *program) mergeMails(ctx context.Context, room *post.Room, base message.Draft, f sendFlags, at time.Time) error {
	rows, err := p.mergeRows(ctx, f.merge)
	if err != nil {
		return notStored(err)
	}
	set, err := settings(room, f.origin.values)
	if err != nil {
		return err
	}
	drafts := make([]message.Draft, len(rows))
	var wrong []string
	for i, row := range rows {
		draft, err := fillRow(base, set, row)
		if err == nil {
			err = enough(draft)
		}
		if err == nil {
			err = room.Sound(ctx, draft)
		}
		if ctx.Err() != nil {
			return notStored(ctx.Err())
		}
		if err != nil {
			if errors.As(err, new(usageError)) || errors.As(err, new(*post.MessageError)) {
				wrong = append(wrong, fmt.Sprintf("line %d: %v", row.Line, err))
			} else {
				wrong = append(wrong, fmt.Sprintf("line %d: %s", row.Line, submit.Explain(err)))
			}
		}
		drafts[i] = draft
	}
	if len(wrong) > 0 {
		return p.badRows(wrong, len(rows))
	}
	if f.dryRun {
		for _, d := range drafts {
			if err := p.printMail(ctx, room, d); err != nil {
				return err
			}
		}
		return nil
	}
	return p.storeAll(ctx, room, drafts, f, at)
}

// mergeRows reads the rows that are meant.
func (p *program) mergeRows(ctx context.Context, f mergeFlags) ([]merge.Row, error) {
	text, err := p.readMail(ctx, f.file)
	if err != nil {
		return nil, err
	}
	rows, err := merge.Read(strings.NewReader(text))
	switch {
	case err != nil:
		return nil, &post.MessageError{Err: fmt.Errorf("%s: %w", f.file, err)}
	case len(rows) == 0:
		return nil, &post.MessageError{Err: fmt.Errorf("%s has no rows", f.file)}
	case f.only > len(rows):
		return nil, usagef("--merge-only %d: there are %d rows", f.only, len(rows))
	case f.only > 0:
		rows = rows[f.only-1 : f.only]
	}
	return rows, nil
}

// fillRow makes the mail of one row. A column that has a field's name is that
// field, unless a place in the field says what it is for.
func fillRow(base message.Draft, set map[string]string, row merge.Row) (message.Draft, error) {
	values := maps.Clone(set)
	maps.Copy(values, row.Values)
	d := base
	for name, field := range map[string]*string{
		"to": &d.To, "cc": &d.Cc, "bcc": &d.Bcc, "reply-to": &d.ReplyTo, "from": &d.From, "subject": &d.Subject,
	} {
		if value := column(row, name); value != "" && len(template.Open(*field)) == 0 {
			*field = strings.Join(strings.Fields(value), " ")
		}
	}
	if path := column(row, "attach"); path != "" {
		d.Attachments = append(slices.Clone(d.Attachments), path)
	}
	d, open := template.Fill(d, values)
	if len(open) > 0 {
		return d, &post.MessageError{Err: fmt.Errorf("there is no column for {{%s}}", strings.Join(open, "}}, {{"))}
	}
	return d, nil
}

// column is the cell of a column, whatever the case of its name.
func column(row merge.Row, name string) string {
	for key, value := range row.Values {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// badRows tells of rows that can't be sent.
func (p *program) badRows(wrong []string, all int) error {
	const most = 20
	for _, line := range wrong[:min(most, len(wrong))] {
		p.complain(line, "")
	}
	if more := len(wrong) - most; more > 0 {
		p.complain(fmt.Sprintf("and %d more", more), "")
	}
	return hinted{
		&post.MessageError{Err: fmt.Errorf("%d of %d rows can't be sent", len(wrong), all)},
		"nothing was stored, of the others neither; correct the file and run it again",
	}
}

// storeAll puts the mails into the outbox, those of them that were not put there
// before, and delivers them if that is wanted.
func (p *program) storeAll(ctx context.Context, room *post.Room, drafts []message.Draft, f sendFlags, at time.Time) error {
	var ids []outbox.ID
	before := 0
	seen := map[string]int{}
	start := at
	if start.IsZero() {
		start = time.Now()
	}
	for i, d := range drafts {
		moment := at
		if n := f.merge.perMinute; n > 0 && i > 0 {
			moment = start.Add(time.Duration(i) * time.Minute / time.Duration(n))
		}
		key := onceKey(d, seen)
		if f.merge.again {
			key = ""
		}
		id, err := room.PostOnce(ctx, d, moment, key)
		switch {
		case errors.Is(err, outbox.ErrAlready):
			before++
			continue
		case err != nil:
			return hinted{
				fmt.Errorf("%d of %d mails are in the outbox: %w", len(ids)+before, len(drafts), notStored(err)),
				"run the same again: it goes on where this stopped",
			}
		}
		ids = append(ids, id)
		if f.queue || !at.IsZero() || f.merge.perMinute > 0 {
			if err := p.stored(ctx, room, id); err != nil {
				return err
			}
		}
	}
	return p.afterStoring(ctx, ids, before, f, at)
}

// afterStoring delivers what is to go now, and sums up.
func (p *program) afterStoring(ctx context.Context, ids []outbox.ID, before int, f sendFlags, at time.Time) error {
	if len(ids) == 0 {
		return hinted{
			&post.MessageError{Err: fmt.Errorf("all %d mails were put into the outbox before", before)},
			"nothing was added; --again sends them once more",
		}
	}
	summary := "one mail is in the outbox"
	if len(ids) > 1 {
		summary = fmt.Sprintf("%d mails are in the outbox", len(ids))
	}
	if before > 0 {
		summary += fmt.Sprintf("; left out, for they were before: %d", before)
	}
	p.tell("sendoff: %s", summary)
	if f.queue || !at.IsZero() || f.merge.perMinute > 0 {
		return nil
	}
	return p.flush(ctx, outbox.Only{IDs: ids})
}

// onceKey tells a mail from others by all that it says. Of several that say the
// same each has its own.
func onceKey(d message.Draft, seen map[string]int) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(d); err != nil {
		return "" // which texts can't lead to
	}
	key := fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
	seen[key]++
	return fmt.Sprintf("%s %d", key, seen[key])
}

// settings are the values that the command line gives, and the date.
func settings(room *post.Room, given []string) (map[string]string, error) {
	values := map[string]string{"date": room.Today()}
	for _, s := range given {
		name, value, found := strings.Cut(s, "=")
		if !found {
			return nil, hinted{usagef("--set %q has no =", s), "write it as NAME=VALUE"}
		}
		values[strings.TrimSpace(name)] = value
	}
	return values, nil
}
