package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

func (p *program) sendmailCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sendmail [-t] [-i] [-f ADDRESS] [-F NAME] [RECIPIENT...]",
		Short: "Take a message from another program, as sendmail does",
		Long: `sendmail reads a message from standard input and puts it into the outbox. It is
what other programs call to send mail; through a link named sendmail, mailq or
newaliases this program is called the same way.

  -t         send to those in To, Cc and Bcc; Bcc goes out of the header
  -i, -oi    a line that is a single dot does not end the message
  -f, -r A   the envelope sender; <> for none
  -F NAME    the sender's name, where the message has no From
  -N WHEN    reports: never, or success,failure,delay     -R full|hdrs  of what
  -V ID      what the reports that -N or -R ask for carry
  -odi       or --wait: deliver now and wait; exit codes as of send
  -odq       or --queue: only keep; flush or an open sendoff delivers
  -odb       keep, and deliver in the background: what happens without any
  -v         --wait, and show the session
  -bm        take a message (usual)   -bs  speak SMTP on standard input
  -bp        list what waits, as mailq     -q   deliver what is due, as flush
  -bi        check the aliases, as newaliases
  -bv        only say who would get mail   -G -n -U -B TYPE -O ... -oX ignored

Once the message is kept the exit code is 0, unless it was to be waited for. A
user of this machine, such as root, gets what the file aliases in the folder of
the configuration says, or else /etc/aliases: "root: me@example.org". "sendoff
outbox" shows and steers what is kept; "sendoff send" makes a mail itself.`,
		DisableFlagParsing: true,
		ValidArgsFunction:  p.offerSendmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendmail(cmd, args)
		},
	}
}

// sendmailCall is what sendmail was called to do.
type sendmailCall struct {
	mode   byte // of -b: m, s, p, i, v; or q for -q
	queue  bool
	wait   bool
	show   bool
	help   bool
	handed post.Handed
}

// parseSendmail reads arguments in the way of sendmail, where options are a
// letter and its value may follow at once, and the program's own long flags.
// own is told those and what follows them, and says how many it took.
func parseSendmail(args []string, own func(args []string) (int, error)) (sendmailCall, error) {
	c := sendmailCall{mode: 'm', handed: post.Handed{Dots: true}}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			c.handed.Recipients = append(c.handed.Recipients, args[i+1:]...)
			return c, nil
		case arg == "--wait":
			c.wait = true
		case arg == "--queue":
			c.queue = true
		case arg == "--help" || arg == "-h":
			c.help = true
		case strings.HasPrefix(arg, "--"):
			n, err := own(args[i:])
			if err != nil {
				return c, err
			}
			i += n - 1
		case len(arg) < 2 || arg[0] != '-':
			c.handed.Recipients = append(c.handed.Recipients, arg)
		default:
			value, next := arg[2:], false
			if takesValue(arg[1]) && value == "" {
				if i+1 == len(args) {
					return c, usagef("sendmail: -%c needs a value", arg[1])
				}
				value, next = args[i+1], true
			}
			if err := c.option(arg[1], value); err != nil {
				return c, err
			}
			if next {
				i++
			}
		}
	}
	return c, nil
}

// takesValue tells of the options whose value may be an argument of its own.
func takesValue(option byte) bool { return strings.IndexByte("fFrNRVBCOopXhAL", option) >= 0 }

// option takes one option of sendmail. What others pass and has no meaning
// here is let through.
func (c *sendmailCall) option(name byte, value string) error {
	switch name {
	case 't':
		c.handed.Header = true
		return c.cluster(value)
	case 'i':
		c.handed.Dots = false
		return c.cluster(value)
	case 'v':
		c.wait, c.show = true, true
		return c.cluster(value)
	case 'f', 'r':
		if c.handed.Sender = strings.TrimSpace(value); c.handed.Sender == "" {
			c.handed.Sender = "<>"
		}
	case 'F':
		c.handed.Name = value
	case 'N':
		c.handed.Wishes.Notify = strings.ToLower(value)
	case 'R':
		if c.handed.Wishes.Return = strings.ToLower(value); c.handed.Wishes.Return == "hdrs" {
			c.handed.Wishes.Return = "headers"
		}
	case 'V':
		c.handed.Wishes.EnvelopeID = value
	case 'q':
		c.mode = 'q'
	case 'b':
		if value == "" || !strings.Contains("mspiv", value) {
			return hinted{usagef("sendmail: -b%s is not something this program does", value), "sendoff sendmail --help lists the options"}
		}
		c.mode = value[0]
	case 'o':
		switch value {
		case "i":
			c.handed.Dots = false
		case "di":
			c.wait = true
		case "dq", "dd":
			c.queue = true
		}
	case 'G', 'n', 'U', 'm', 's', 'B', 'C', 'O', 'p', 'X', 'h', 'A', 'L', 'E', 'e', 'x':
	default:
		return hinted{usagef("sendmail: there is no option -%c", name), "sendoff sendmail --help lists them"}
	}
	return nil
}

// cluster takes what stands behind an option without a value: -ti is -t -i.
func (c *sendmailCall) cluster(rest string) error {
	if rest == "" {
		return nil
	}
	return c.option(rest[0], rest[1:])
}

// ownFlag takes one of the program's own flags off the front of args.
func ownFlag(cmd *cobra.Command) func(args []string) (int, error) {
	return func(args []string) (int, error) {
		name, value, given := strings.Cut(args[0][2:], "=")
		flag := cmd.Root().PersistentFlags().Lookup(name)
		if flag == nil {
			known := []string{"wait", "queue", "help"}
			cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
			err := usagef("sendmail: there is no option --%s", name)
			if near, ok := config.Nearest(name, known); ok {
				return 0, slip{err, "", []string{"--" + name}, []string{"--" + near}}
			}
			return 0, hinted{err, "sendoff sendmail --help lists them"}
		}
		taken := 1
		switch {
		case given:
		case flag.NoOptDefVal != "":
			value = flag.NoOptDefVal
		case len(args) < 2:
			return 0, usagef("sendmail: --%s needs a value", name)
		default:
			value, taken = args[1], 2
		}
		if err := flag.Value.Set(value); err != nil {
			return 0, usagef("sendmail: --%s: %w", name, err)
		}
		return taken, nil
	}
}

func (p *program) sendmail(cmd *cobra.Command, args []string) error {
	c, err := parseSendmail(args, ownFlag(cmd))
	switch {
	case err != nil:
		return err
	case c.help:
		return cmd.Help()
	}
	c.handed.Account = p.account
	ctx := cmd.Context()
	switch c.mode {
	case 'p':
		return p.list(ctx, outbox.Query{States: waiting}, nil)
	case 'q':
		return p.flush(ctx, outbox.Only{Account: p.account})
	case 'i':
		return p.newaliases()
	}
	room, err := p.room()
	if err != nil {
		return err
	}
	switch c.mode {
	case 's':
		return p.speakSMTP(ctx, room, c)
	case 'v':
		return p.whoGets(room, c.handed)
	}
	if len(c.handed.Recipients) == 0 && !c.handed.Header {
		return hinted{usagef("sendmail: no recipient"), "name them, or give -t to take those in the message"}
	}
	c.handed.Content = p.Stdin
	id, err := room.Relay(ctx, c.handed)
	if err != nil {
		return notStored(err)
	}
	return p.relayed(ctx, room, c, id)
}

// waiting are the states of mail that is yet to go.
var waiting = []outbox.State{outbox.Held, outbox.Scheduled, outbox.Queued, outbox.Sending, outbox.Deferred, outbox.Uncertain}

// relayed sees to the delivery of a message that is in the outbox. Programs
// that call sendmail take silence and 0 for a message that is in good hands,
// and it is.
func (p *program) relayed(ctx context.Context, room *post.Room, c sendmailCall, id outbox.ID) error {
	switch {
	case c.wait, p.sandbox && !c.queue:
		if !c.show && !p.json {
			p.quiet, p.mute = true, true
		}
		return p.deliver(ctx, room, id)
	case p.json:
		if err := p.stored(ctx, room, id); err != nil {
			return err
		}
	}
	if c.queue {
		return nil
	}
	if err := p.detach("flush", "--quiet"); err != nil {
		p.complain("the mail is kept, but its delivery could not be started: "+err.Error(), `"sendoff flush" delivers it`)
	}
	return nil
}

// newaliases checks the aliases; nothing needs to be built from them.
func (p *program) newaliases() error {
	room, err := p.room()
	if err != nil {
		return err
	}
	path, n, err := room.CheckAliases()
	switch {
	case err != nil:
		return err
	case path == "":
		return hinted{
			&post.FileError{Path: room.AliasFiles()[0], Err: errors.New("there is no file of aliases")},
			`write one name a line, as in "root: me@example.org"`,
		}
	}
	if n == 1 {
		return p.line("%s: one alias", path)
	}
	return p.line("%s: %d aliases", path, n)
}

// whoGets says who would get a message, and sends none.
func (p *program) whoGets(room *post.Room, h post.Handed) error {
	for _, list := range h.Recipients {
		boxes, err := room.WhoGets(list)
		if err != nil {
			return err
		}
		for _, box := range boxes {
			if err := p.line("%s: %s", list, box.Addr()); err != nil {
				return err
			}
		}
	}
	return nil
}
