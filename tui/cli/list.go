package cli

import (
	"context"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
)

// listFlags says what of the outbox to list, and how.
type listFlags struct {
	states             []string
	search, sort, form string
	limit              int
}

// newest is the order of a list that nobody says otherwise of.
const newest = "newest"

func (p *program) outboxList() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List mails, newest first",
		Long: `list prints a line for each mail, or what --format makes of it: a template of
Go's text/template over the fields ID, State, Account, MessageID, From, Subject,
Recipients (each with Address, State, Code, Enhanced, Text), Bytes, Created,
Updated, NotBefore, NextTry, Progress (with Bytes, Total, Rate), Attempts, Reply
and Problem.`,
		Example: `  sendoff outbox list --state failed,partial --json
  sendoff outbox list --search 'minutes bob' --format '{{.ID}} {{.Subject}}'`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.list(cmd.Context(), p) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.search, "search", "", "only mails that have all these `WORDS`, or words that begin so")
	return cmd
}

func (p *program) outboxSearch() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find mails by subject, people, text, file names or Message-ID",
		Long: `search lists the mails that have all the words, or words that begin so. Case and
accents make no difference. It prints what "sendoff outbox list" does.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return exactly(max(1, len(args)), "the words to look for")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.search = strings.Join(args, " ")
			return f.list(cmd.Context(), p)
		},
	}
	f.register(cmd)
	return cmd
}

func (f *listFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.states, "state", nil, "only mails in this `STATE`, or 'needs you'; may be repeated")
	someOf(flags, "state", append(stateNames(), string(outbox.NeedsYou))...)
	flags.StringVar(&f.sort, "sort", newest, "`ORDER`: newest, oldest, change, subject or size")
	among(flags, "sort", newest, string(outbox.ByOldest), string(outbox.ByChange), string(outbox.BySubject), string(outbox.BySize))
	flags.StringVar(&f.form, "format", "", "print this `TEMPLATE` for each mail")
	flags.IntVar(&f.limit, "limit", 0, "at most `N` mails; 0 for all")
}

// query reads the flags.
func (f listFlags) query() outbox.Query {
	q := outbox.Query{Search: f.search, Limit: f.limit}
	for _, s := range f.states {
		q.States = append(q.States, outbox.State(s))
	}
	if f.sort != newest {
		q.Sort = outbox.Sort(f.sort)
	}
	return q
}

// list prints the mails that the flags select.
func (f listFlags) list(ctx context.Context, p *program) error {
	form, err := parseForm(f.form)
	if err != nil {
		return err
	}
	return p.list(ctx, f.query(), form)
}

// parseForm reads the template that a flag gives; nil for none.
func parseForm(form string) (*template.Template, error) {
	if form == "" {
		return nil, nil
	}
	parsed, err := template.New("--format").Parse(form)
	if err != nil {
		return nil, usageError{err}
	}
	return parsed, nil
}

// list prints the mails that q selects, as form says unless that is nil.
func (p *program) list(ctx context.Context, q outbox.Query, form *template.Template) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	var rows [][]string
	found := false
	err = eachItem(ctx, room, q, func(it outbox.Item) error {
		found = found || p.concerns(it.Account)
		switch {
		case !p.concerns(it.Account):
			return nil
		case p.json:
			return p.object(itemOf(it))
		case form != nil:
			var b strings.Builder
			if err := form.Execute(&b, itemOf(it)); err != nil {
				return usageError{err}
			}
			return p.line("%s", b.String())
		}
		rows = append(rows, []string{it.ID.String(), string(it.State), moment(it), it.Account, addresses(it), it.Subject})
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case found:
	case len(q.States) > 0 || q.Search != "" || p.account != "":
		p.remark("no mail in the outbox is like that")
	default:
		p.remark("the outbox is empty")
	}
	return p.tableWithin(p.columns(), rows)
}

// underway tells how far a mail is that is being sent, as far as the outbox has
// that; what was so a while ago tells nothing of how fast it goes.
func underway(it outbox.Item) string {
	p := it.Progress
	if time.Since(p.At) > 5*time.Second {
		p.Rate = 0
	}
	return amount(p.Octets, p.Total, p.Rate)
}

// moment tells the time that matters most about an item, or how far it is.
func moment(it outbox.Item) string {
	at, prefix := it.Updated, ""
	switch {
	case it.Progress.Total > 0:
		return underway(it)
	case !it.NextTry.IsZero():
		at, prefix = it.NextTry, "next "
	case it.State == outbox.Scheduled:
		at, prefix = it.NotBefore, "at "
	}
	return prefix + at.Local().Format("2006-01-02 15:04")
}
