package cli

import (
	"time"

	"github.com/spf13/cobra"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
)

// jsonTopic is a page of help without a command.
func (p *program) jsonTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "json",
		Short: "What is printed with --json",
		Long: `With --json every command prints one JSON object a line on standard output and
nothing else; a field that would be empty may be left out. No object holds a
secret. Times are of RFC 3339, spans are in seconds, sizes in octets.

send and flush print what happens as it happens. "event" says what an object is:

  session   something on the connection: its "time", "stage" and "kind"
  state     the mail "id" came into another "state"
  account   the mail of "account" waits because of "problem", or goes on if
            there is none
  result    the last of a mail: id, message_id, state, account, recipients
            (address, state, code, enhanced, text), reply, bytes, round_trips,
            seconds
  mail      of send --dry-run: its "source", and how many "bytes" that has
  error     the command failed: exit, error, hint

The stages are resolve, connect, greeting, tls, hello, auth, mail, recipient,
content, accepted or rejected, and quit. "id" is the mail's; what comes before the
first mail of a session bears that one's. The kinds are:

  begin     the stage begins; auth tells the "mechanism", why that one in
            "text", what the server "offered", and in "passed_over" why not the
            others
  wait      nothing is left to do but wait for the answer to the command in
            "text", at most until "deadline"
  progress  of content: "bytes" of "total" are gone
  stall     of content: nothing got through for "seconds"; given up at
            "deadline"
  line      a line of the dialogue, "from" the client or the server
  end       the stage is over after "seconds", with the answer's "code",
            "enhanced" and "text", and "error" if it went wrong; tls tells the
            version in "tls", the "cipher", the "names", "issuer" and
            "valid_until" of the certificate, hello what is "offered"

outbox watch prints the events state, with all that outbox list tells of the mail;
progress, the same once a second of one that takes its time; deleted, with the "id"
of one that is there no more; and account, with "until" if it waits for that moment
only. Each bears its "time".

outbox list and show tell of a mail its id, state, account, message_id, from,
subject, recipients, bytes, when it was created and updated, not_before and
next_try, how many attempts there were, reply, problem, wishes, what the server
granted of those, and by_hand if a person said that it arrived. progress tells of
one that is being sent, whichever program does it, how many bytes of the total are
gone, the rate in octets a second, and the time of that. A recipient in doubt may
have an earlier copy, which was sent again without anybody knowing. show tells in
account_waits why the account of a mail that waits can't send.

The beginning of the stage mail tells in "used" the extensions that the mail goes by.

"round_trips" counts the waits for the server that a mail made. Mails that go out
in one group share theirs: each counts for the mail whose answer was awaited, so
another of the group may have 0. The waits to set a session up count for its first
mail; the sum over all its mails is what the session took.`,
	}
}

// eventJSON is one piece of news as scripts see it; jsonTopic tells of it.
type eventJSON struct {
	Event     string       `json:"event"` // "state", "account" or "session"
	ID        string       `json:"id,omitempty"`
	State     outbox.State `json:"state,omitempty"`
	Account   string       `json:"account,omitempty"`
	Problem   string       `json:"problem,omitempty"`
	Time      time.Time    `json:"time,omitzero"`
	Stage     smtp.Stage   `json:"stage,omitempty"`
	Kind      smtp.Kind    `json:"kind,omitempty"`
	Deadline  time.Time    `json:"deadline,omitzero"`
	From      string       `json:"from,omitempty"` // who spoke a line: "server" or "client"
	Text      string       `json:"text,omitempty"`
	Recipient string       `json:"recipient,omitempty"`
	Code      int          `json:"code,omitempty"`
	Enhanced  string       `json:"enhanced,omitempty"`
	Bytes     int64        `json:"bytes,omitempty"`
	Total     int64        `json:"total,omitempty"`
	Seconds   float64      `json:"seconds,omitempty"`
	Error     string       `json:"error,omitempty"`
	detailJSON
}

// detailJSON is what some stages of a session have to tell.
type detailJSON struct {
	Mechanism  string            `json:"mechanism,omitempty"`
	Offered    []string          `json:"offered,omitempty"`     // lines of the answer to EHLO, or mechanisms
	PassedOver map[string]string `json:"passed_over,omitempty"` // why not, by mechanism
	Used       []string          `json:"used,omitempty"`        // extensions that a mail goes by
	TLS        string            `json:"tls,omitempty"`
	Cipher     string            `json:"cipher,omitempty"`
	Names      []string          `json:"names,omitempty"` // that the certificate is for
	Issuer     string            `json:"issuer,omitempty"`
	ValidUntil time.Time         `json:"valid_until,omitzero"`
}

// encode prints news as an object. That stdout can't be written shows when
// the result is, and is no reason to end a delivery.
func (g *progress) encode(e outbox.Event) {
	v := eventJSON{Event: "state", State: e.State, Account: e.Account}
	if e.ID != 0 {
		v.ID = e.ID.String()
	}
	if e.Account != "" {
		v.Event = "account"
	}
	if e.Problem != nil {
		v.Problem = e.Problem.Error()
	}
	if e.Session != nil {
		v.session(*e.Session)
	}
	_ = g.object(v)
}

func (v *eventJSON) session(e smtp.Event) {
	v.Event, v.Time, v.Stage, v.Kind = "session", e.Time, e.Stage, e.Kind
	v.Text, v.Recipient = e.Text, e.Recipient
	v.Code, v.Enhanced, v.Deadline = e.Reply.Code, e.Reply.Enhanced, e.Deadline
	v.Bytes, v.Total, v.Seconds = e.Bytes, e.Total, e.Elapsed.Seconds()
	if e.Kind == smtp.KindLine {
		v.From = "client"
		if e.FromServer {
			v.From = "server"
		}
	}
	v.detailJSON = detailsOf(e)
	if e.Err != nil {
		v.Error = e.Err.Error()
	}
}

func detailsOf(e smtp.Event) (v detailJSON) {
	v.Mechanism, v.Used = e.Mechanism, e.Used
	if e.Capabilities != nil {
		v.Offered = e.Capabilities.Extensions
	}
	if e.Choice != nil {
		v.Offered, v.PassedOver = e.Choice.Offered, map[string]string{}
		for _, p := range e.Choice.Passed {
			v.PassedOver[p.Mechanism] = p.Why
		}
	}
	if t := e.TLS; t != nil {
		v.TLS, v.Cipher, v.Names, v.Issuer, v.ValidUntil = t.Version, t.Cipher, t.Names(), t.Issuer(), t.Certificate.NotAfter
	}
	return v
}
