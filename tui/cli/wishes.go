package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// wishFlags is what the command line asks for a mail beyond its content.
type wishFlags struct {
	message.Wishes
	holdUntil, deliverBy string
}

// wishesHelp is the part of a command's help that tells of them.
const wishesHelp = `What some servers do for a mail is asked for with --notify and --return (the
server has to offer DSN), --hold-until (FUTURERELEASE), --deliver-by (DELIVERBY),
--priority (MT-PRIORITY) and --require-tls (REQUIRETLS); "sendoff doctor" tells
what yours offers. A server that lacks it is not given the mail: the mail stays in
the outbox as failed, and the error names what is missing.`

func (f *wishFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.Notify, "notify", "", "`WHEN` to report what became of it: success, failure, delay, with commas between; or never")
	flags.StringVar(&f.Return, "return", "", "`HOW-MUCH` of the mail a report brings back: full or headers")
	someOf(flags, "notify", "never", "success", "failure", "delay")
	among(flags, "return", "full", "headers")
	flags.StringVar(&f.holdUntil, "hold-until", "", "`TIME` until which the server keeps it: 'fri 17:30', 'in 2h'; it can't be taken back then")
	flags.StringVar(&f.deliverBy, "deliver-by", "", "`TIME` by which it is to be delivered, or else to come back")
	flags.IntVar(&f.Priority, "priority", 0, "`N` from -9 to 9: its turn among other mail on the way")
	flags.BoolVar(&f.RequireTLS, "require-tls", false, "have it come back rather than go on unencrypted anywhere")
	flags.BoolVar(&f.Receipt, "read-receipt", false, "ask the readers' programs to tell the sender when it is read; many ask them first, or don't")
	flags.StringVar(&f.Importance, "importance", "", "`high` or low: a mark for its readers, which asks nothing of the server")
	among(flags, "importance", "high", "low")
}

// read returns what is asked for.
func (f *wishFlags) read() (message.Wishes, error) {
	w := f.Wishes
	w.Notify = strings.ToLower(strings.Join(strings.Fields(w.Notify), ""))
	for _, moment := range []struct {
		flag, typed string
		at          *time.Time
	}{{"hold-until", f.holdUntil, &w.HoldUntil}, {"deliver-by", f.deliverBy, &w.DeliverBy}} {
		if moment.typed == "" {
			continue
		}
		t, err := parseTime(moment.flag, moment.typed)
		if err != nil {
			return w, err
		}
		*moment.at = t.UTC().Round(0)
	}
	if err := w.Check(); err != nil {
		return w, usageError{err}
	}
	return w, nil
}

// wayOut says what to do with a mail that the server can't take as it is.
func wayOut(id outbox.ID, unable *smtp.Error) string {
	flags := map[string]string{
		"DSN": "--notify and --return", "FUTURERELEASE": "--hold-until", "DELIVERBY": "--deliver-by",
		"MT-PRIORITY": "--priority", "REQUIRETLS": "--require-tls",
	}
	var missing *smtp.MissingError
	if errors.As(unable, &missing) && flags[missing.Extension] != "" {
		return fmt.Sprintf("mail %s is kept, and nothing of it was sent; send it anew without %s, or through another account with --account",
			id, flags[missing.Extension])
	}
	return submit.Explain(unable).Hint
}

// granted says what the server made of what was asked of it: nothing is left
// out in silence, so a server that took the mail took that on too.
func granted(it outbox.Item) string {
	asked := it.Wishes
	asked.Importance, asked.Receipt = "", false
	switch {
	case asked == (message.Wishes{}):
		return ""
	case accepted(it):
		return "agreed"
	case it.State == outbox.Failed && it.Reply == "":
		return "refused"
	case it.State == outbox.Failed:
		return "" // it had no occasion to say: it refused the mail itself
	}
	return "not asked yet"
}

// accepted tells that a server took the mail for somebody.
func accepted(it outbox.Item) bool {
	for _, r := range it.Recipients {
		if r.State == outbox.RecipientAccepted && !byHand(r) {
			return true
		}
	}
	return false
}

// wishRows are the rows that tell what was asked for a mail.
func wishRows(w message.Wishes, granted string) [][]string {
	var rows [][]string
	for _, wish := range kit.Wishes(w, time.Local) {
		rows = append(rows, []string{"asked for", wish})
	}
	if granted != "" {
		rows = append(rows, []string{"the server", granted})
	}
	return rows
}
