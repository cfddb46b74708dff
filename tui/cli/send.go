package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp/message"
	"sendoff/smtp/message/template"
	"sendoff/smtp/outbox"
	"sendoff/tui/post"
	"sendoff/tui/presend"
	"sendoff/tui/when"
)

// sendFlags is the mail as the command line describes it.
type sendFlags struct {
	from, replyTo, subject string
	to, cc, bcc            []string
	body, bodyFile         string
	attach, inline         []string
	headers                []string
	queue, markdown        bool
	dryRun, edit           bool
	at                     string
	wishes                 wishFlags
	seal                   sealFlags
	origin                 origin
	merge                  mergeFlags
}

func (p *program) sendCommand() *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:   "send --to ADDRESS [flags]",
		Short: "Send a mail and wait for what becomes of it",
		Long: `send puts a mail into the outbox, delivers it, and tells what became of each
recipient. The text is --body, or the content of --body-file, or standard input.

Pictures stand within a text in markdown, where ![what it shows](FILE) says. With
--inline they are shown below the text, plain or not, by most readers' programs.

` + wishesHelp + `

` + sealHelp + `

` + mergeHelp + `

With --at the mail stays in the outbox until its time: an open sendoff, or the
first flush after that, delivers it.

A mail that can't be delivered now stays in the outbox; "sendoff flush" tries
again, and "sendoff outbox" shows and steers it. A message that is made already,
as other programs hand it to sendmail, is for "sendoff sendmail".

Exit codes: 0 every recipient accepted (or stored, with --queue), 69 some or all
refused, 75 kept to be tried again, 76 not known whether it was taken, 77 login
refused or no signature to be had, 78 configuration, 64 usage, 65 bad address,
66 unreadable file, 74 disk.`,
		Example: `  echo hello | sendoff send --to bob@example.org --subject Hi
  sendoff send --to bob@example.org --subject Minutes --body-file minutes.txt --attach minutes.pdf
  sendoff send --to bob@example.org --subject Contract --attach c.pdf --notify success,failure
  pg_dump shop | sendoff send --to bob@example.org --subject Dump --body "here it is" --attach -=shop.sql
  sendoff send --to bob@example.org --subject Boat --markdown --body 'See ![the boat](boat.jpg)!'
  sendoff send --to bob@example.org --subject Boat --body "See below." --inline boat.jpg
  sendoff send --queue --to bob@example.org --subject Later --body "no hurry"
  sendoff send --template order --merge people.csv --dry-run --merge-only 1`,
		Args: onlyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.send(cmd.Context(), f, cmd.Flags().Changed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "sender, instead of the account's own address")
	flags.StringArrayVar(&f.to, "to", nil, "`ADDRESS` of a recipient; may hold several and be repeated")
	flags.StringArrayVar(&f.cc, "cc", nil, "`ADDRESS` of who gets a copy")
	flags.StringArrayVar(&f.bcc, "bcc", nil, "`ADDRESS` of who gets a copy that nobody sees")
	flags.StringVar(&f.replyTo, "reply-to", "", "`ADDRESS` that answers should go to")
	flags.StringVar(&f.subject, "subject", "", "subject")
	flags.StringVar(&f.body, "body", "", "text of the mail")
	flags.StringVar(&f.bodyFile, "body-file", "", "`FILE` with the text; - for standard input")
	flags.BoolVar(&f.markdown, "markdown", false, "the text is markdown, sent as text and as HTML with its images; =false where the sender's is")
	flags.StringArrayVar(&f.attach, "attach", nil, "`FILE` to attach; FILE=NAME under another name, FOLDER/ an archive of it, -=NAME standard input; may be repeated")
	flags.StringArrayVar(&f.inline, "inline", nil, "picture in a `FILE` to show below the text, or -=NAME; may be repeated")
	flags.StringArrayVar(&f.headers, "header", nil, "one more field of the header, `'Name: value'`")
	keepSecret(flags, ":", "header")
	flags.BoolVar(&f.queue, "queue", false, "only store the mail; flush, or an open sendoff, delivers it")
	flags.StringVar(&f.at, "at", "", "only store the mail, to go out at this `TIME`: 'tomorrow 9:00', 'fri 17:30', 'in 2h'")
	f.wishes.register(flags)
	f.seal.register(flags)
	flags.BoolVar(&f.edit, "edit", false, "open the mail in your editor ($VISUAL, $EDITOR) before it goes")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the mail as it would go out, and neither keep nor send it")
	f.origin.flags(flags)
	f.merge.register(flags)
	return cmd
}

func (p *program) send(ctx context.Context, f sendFlags, given func(flag string) bool) error {
	draft, err := p.draft(ctx, f, given)
	if err != nil {
		return notStored(err)
	}
	var at time.Time
	if given("at") {
		if at, err = parseTime("at", f.at); err != nil {
			return err
		}
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	if f.origin.any() {
		begun, open, err := p.begin(ctx, room, f.origin)
		if err != nil {
			return notStored(err)
		}
		draft = over(begun, draft, f.origin, draft.Body != "")
		if err := filled(open); err != nil && !f.edit && f.merge.file == "" {
			return err
		}
	}
	if f.edit {
		if draft, err = p.editMail(ctx, draft); err != nil {
			return notStored(err)
		}
		if err := filled(template.Open(draft.Subject + "\n" + draft.Body)); err != nil && f.origin.template != "" && f.merge.file == "" {
			return err
		}
	}
	if f.merge.file != "" {
		return p.mergeMails(ctx, room, draft, f, at)
	}
	if err := enough(draft); err != nil {
		return err
	}
	if err := p.keepPiped(ctx, room, &draft); err != nil {
		return notStored(err)
	}
	p.warn(room.Check(ctx, draft))
	if f.dryRun {
		return p.printMail(ctx, room, draft)
	}
	id, err := room.Post(ctx, draft, at)
	if err != nil {
		return notStored(err)
	}
	if f.queue || given("at") {
		return p.stored(ctx, room, id)
	}
	return p.deliver(ctx, room, id)
}

// warn tells what may be wrong with a mail that goes all the same. Whom it is to
// for the first time, a script knows.
func (p *program) warn(found []presend.Finding) {
	for _, f := range found {
		switch {
		case f.Kind == presend.Unknown, f.Kind == presend.Keys: // which is an error soon
		case p.json:
			_ = p.object(struct {
				Event string       `json:"event"`
				Kind  presend.Kind `json:"kind"`
				Text  string       `json:"text"`
			}{"note", f.Kind, f.Text})
		default:
			p.tell("sendoff: note: %s", f.Text)
		}
	}
}

// errNotStored is what a signal leads to before a mail is in the outbox.
var errNotStored = errors.New("interrupted before the mail was stored")

// notStored says of an interruption that it came too early to keep anything.
func notStored(err error) error {
	if errors.Is(err, context.Canceled) {
		return hinted{errNotStored, "nothing was sent and nothing is in the outbox; send it again"}
	}
	return err
}

// draft reads the mail off the command line.
func (p *program) draft(ctx context.Context, f sendFlags, given func(flag string) bool) (message.Draft, error) {
	draft := message.Draft{
		Account: p.account,
		From:    f.from,
		To:      strings.Join(f.to, ", "),
		Cc:      strings.Join(f.cc, ", "),
		Bcc:     strings.Join(f.bcc, ", "),
		ReplyTo: f.replyTo,
		Subject: f.subject,
		Body:    f.body,
	}
	if err := f.files(&draft); err != nil {
		return message.Draft{}, err
	}
	if err := f.origin.check(); err != nil {
		return message.Draft{}, err
	}
	begun := f.origin.any()
	if err := f.merge.check(f); err != nil {
		return message.Draft{}, err
	}
	if !begun && !f.edit && f.merge.file == "" && draft.To+draft.Cc+draft.Bcc == "" {
		return message.Draft{}, errNobody
	}
	headers, err := parseHeaders(f.headers)
	if err != nil {
		return message.Draft{}, err
	}
	if draft.Wishes, err = f.wishes.read(); err != nil {
		return message.Draft{}, err
	}
	if err := f.seal.into(&draft, given); err != nil {
		return message.Draft{}, err
	}
	switch {
	case f.markdown:
		draft.Format = message.Markdown
	case given("markdown"):
		draft.Format = message.Plain
	}
	bodyGiven := given("body")
	if bodyGiven && f.bodyFile != "" {
		return message.Draft{}, usagef("--body and --body-file can't both give the text")
	}
	// A reply says something; what else a mail can begin with may be all of it.
	reads := !bodyGiven && (f.bodyFile != "" || !begun || f.origin.reply != "")
	if f.edit && f.bodyFile == "" && isTerminal(p.Stdin) {
		reads = false // it is written in the editor
	}
	if err := readsOnce(reads && (f.bodyFile == "" || f.bodyFile == "-"), f.origin.file() == "-" || f.merge.file == "-", draft.Attachments); err != nil {
		return message.Draft{}, err
	}
	if reads {
		if draft.Body, err = p.readBody(ctx, f.bodyFile); err != nil {
			return message.Draft{}, err
		}
	}
	draft.Headers = headers
	return draft, nil
}

var errNobody = usagef("no recipient: name one with --to, --cc or --bcc")

// enough tells that there is a mail to send.
func enough(d message.Draft) error {
	switch {
	case d.To+d.Cc+d.Bcc == "":
		return errNobody
	case strings.TrimSpace(d.Subject) == "" && strings.TrimSpace(d.Body) == "":
		return hinted{
			usagef("the mail has neither a subject nor a text"),
			"give --subject, or the text with --body, --body-file or on standard input",
		}
	}
	return nil
}

// parseHeaders reads fields that are given as 'Name: value'; whether they may
// stand in a header is the message's business.
func parseHeaders(fields []string) ([]message.Header, error) {
	var headers []message.Header
	for _, field := range fields {
		if !strings.Contains(field, ":") {
			return nil, hinted{usagef("a field that --header names has no colon"), "write it as 'Name: value'"}
		}
		headers = append(headers, message.ReadHeader(field))
	}
	return headers, nil
}

// readBody reads the text from a file, or from standard input when path is
// empty or a dash.
func (p *program) readBody(ctx context.Context, path string) (string, error) {
	if path == "" && isTerminal(p.Stdin) {
		return "", hinted{
			usagef("no text: standard input is the terminal"),
			`give it with --body or --body-file, pipe it in, or start "sendoff" to write it on the screen`,
		}
	}
	in := p.Stdin
	if path != "" && path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", &post.FileError{Path: path, Err: err}
		}
		defer file.Close()
		in = file
	} else {
		path = "standard input"
	}
	text, err := readAll(ctx, in)
	if err != nil && ctx.Err() == nil {
		return "", &post.FileError{Path: path, Err: err}
	}
	return text, err
}

// readAll reads r to its end, or until ctx ends: a pipe may never end.
func readAll(ctx context.Context, r io.Reader) (string, error) {
	type read struct {
		text string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		var b strings.Builder
		_, err := io.Copy(&b, r)
		done <- read{b.String(), err}
	}()
	select {
	case got := <-done:
		return got.text, got.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// stored tells of a mail that only went into the outbox.
func (p *program) stored(ctx context.Context, room *post.Room, id outbox.ID) error {
	item, attempts, err := room.Item(ctx, id)
	if err != nil {
		return err
	}
	if room.Fleeting() {
		p.tell("sendoff: note: the sandbox's outbox goes with this command; set SENDOFF_HOME to keep it")
	}
	if p.json {
		err = p.object(resultOf(item, attempts))
	} else if item.State == outbox.Scheduled {
		err = p.line("scheduled %s for %s: %s", item.ID, when.Full(item.NotBefore.Local()), item.Subject)
	} else {
		err = p.line("%s %s: %s", item.State, item.ID, item.Subject)
	}
	return p.untold(fmt.Sprintf("mail %s was stored", id), err)
}
