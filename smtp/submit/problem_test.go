package submit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
)

// TestExplainReplies goes through what servers say, as it was seen in their
// documents and logs.
func TestExplainReplies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stage smtp.Stage
		reply string // code, enhanced code if any, text
		title string
	}{
		{smtp.StageAuth, "535 5.7.8 Username and Password not accepted.", "the server refused the login"},
		{smtp.StageAuth, "535 Incorrect authentication data", "the server refused the login"},
		{smtp.StageAuth, "535 5.7.3 Authentication unsuccessful", "the server refused the login"},
		{smtp.StageAuth, "500 5.7.0 no", "the server refused the login"},
		{smtp.StageAuth, "534 5.7.9 Please log in with your web browser and then try again", "the provider wants an app password instead of your own"},
		{smtp.StageAuth, "534 5.7.14 Please log in via your web browser and then try again.", "the provider wants you to log in with a browser first"},
		{smtp.StageAuth, "535 5.7.0 (#AUTH005) Too many bad auth attempts.", "the server has seen too many logins and wants a pause"},
		{smtp.StageAuth, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "sending by SMTP is switched off for this mailbox"},
		{smtp.StageAuth, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.", "sending by SMTP is switched off for this mailbox"},
		{smtp.StageAuth, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "the provider takes no password for sending any more"},
		{smtp.StageAuth, "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", "the provider's security rules refused the login"},
		{smtp.StageAuth, "550 5.7.30 Basic authentication is not supported for Client Submission.", "the provider takes no password for sending any more"},
		{smtp.StageAuth, "454 4.7.0 Too many login attempts, please try again later.", "the server has seen too many logins and wants a pause"},
		{smtp.StageAuth, "454 4.7.0 Temporary authentication failure", "the server can't check logins now"},
		{smtp.StageAuth, "432 4.7.12 A password transition is needed", "the provider wants you to set a new password first"},
		{smtp.StageAuth, "538 5.7.11 Encryption required for requested authentication mechanism", "the server wants encryption before it goes on"},
		{smtp.StageMail, "530 5.7.0 Must issue a STARTTLS command first", "the server wants encryption before it goes on"},
		{smtp.StageMail, "530 5.7.0 Authentication Required", "the server wants a login before it takes mail"},
		{smtp.StageMail, "530 5.7.1 Client was not authenticated", "the server wants a login before it takes mail"},
		{smtp.StageMail, "552 5.3.4 Message size exceeds fixed limit", "the mail is too big for the server"},
		{smtp.StageMail, "552 message too large", "the mail is too big for the server"},
		{smtp.StageContent, "552 5.2.3 Your message exceeded Google's message size limits", "the mail is too big for the server"},
		{smtp.StageMail, "553 5.7.1 <a@b.example>: Sender address rejected: not owned by user c@d.example", "the server does not let this account send from that address"},
		{smtp.StageMail, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "the server does not let this account send from that address"},
		{smtp.StageContent, "554 5.2.252 SendAsDenied; a@b.example not allowed to send as c@d.example", "the server does not let this account send from that address"},
		{smtp.StageMail, "550 5.4.5 Daily user sending limit exceeded.", "the limit for sending is reached"},
		{smtp.StageMail, "421 4.7.28 Our system has detected an unusual rate of mail", "the server wants mail to come more slowly"},
		{smtp.StageMail, "452 4.3.1 Insufficient system storage", "the server has no room now"},
		{smtp.StageRecipient, "550 5.1.1 <x@y.example>: Recipient address rejected: User unknown in local recipient table", "there is no such mailbox"},
		{smtp.StageRecipient, "550 No such user here", "there is no such mailbox"},
		{smtp.StageRecipient, "550 5.1.2 Bad destination system address", "the recipient's domain takes no mail"},
		{smtp.StageRecipient, "550 5.2.1 The email account that you tried to reach is disabled", "the recipient's mailbox is closed"},
		{smtp.StageRecipient, "552 5.2.2 Mailbox full", "the recipient's mailbox is full"},
		{smtp.StageRecipient, "452 4.2.2 Mailbox full", "the recipient's mailbox is full"},
		{smtp.StageRecipient, "554 5.7.1 <x@y.example>: Relay access denied", "the server takes no mail to other places from you"},
		{smtp.StageRecipient, "550 5.7.1 Unable to relay", "the server takes no mail to other places from you"},
		{smtp.StageRecipient, "452 4.5.3 Error: too many recipients", "the mail has too many recipients for the server at once"},
		{smtp.StageRecipient, "451 4.7.1 Greylisting in action, please come back later", "the server puts off mail from senders it does not know yet"},
		{smtp.StageRecipient, "450 4.2.0 <x@y.example>: Recipient address rejected: Greylisted", "the server puts off mail from senders it does not know yet"},
		{smtp.StageRecipient, "451 4.3.0 try later", "the server put off the recipient for now"},
		{smtp.StageRecipient, "550 5.7.0 no", "the server refused the recipient"},
		{smtp.StageContent, "550 5.7.1 Message rejected as spam by Content Filtering.", "the server takes the mail for spam"},
		{smtp.StageContent, "554 5.7.1 no", "the server refused the mail"},
		{smtp.StageContent, "451 4.3.0 later", "the server put off the mail for now"},
		{smtp.StageGreeting, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using a block list", "the server takes nothing from your network"},
		{smtp.StageGreeting, "450 4.3.2 later", "the server takes no connections for now"},
		{smtp.StageHello, "550 5.7.1 no", "the server does not accept this machine"},
	}
	for _, test := range tests {
		t.Run(test.reply, func(t *testing.T) {
			t.Parallel()
			e := errorOf(test.stage, test.reply)
			p := submit.Explain(fmt.Errorf("deliver: %w", e))
			if p.Title != test.title {
				t.Errorf("got %q, want %q", p.Title, test.title)
			}
			if p.Detail != "the server said: "+test.reply || p.Hint == "" {
				t.Errorf("got %+v", p)
			}
		})
	}
}

// errorOf makes the engine's error of a refusal.
func errorOf(stage smtp.Stage, reply string) *smtp.Error {
	e := &smtp.Error{Stage: stage, Class: smtp.ClassPermanent, Scope: smtp.ScopeMessage, Retry: smtp.RetryNo}
	code, text, _ := strings.Cut(reply, " ")
	if _, err := fmt.Sscan(code, &e.Reply.Code); err != nil {
		panic(err)
	}
	if first, rest, _ := strings.Cut(text, " "); strings.Count(first, ".") == 2 {
		e.Reply.Enhanced, text = first, rest
	}
	e.Reply.Lines = []string{text}
	switch {
	case e.Reply.Code < 500:
		e.Class, e.Retry = smtp.ClassTemporary, smtp.RetrySafe
	case stage == smtp.StageAuth:
		e.Class = smtp.ClassAuth
	}
	return e
}

func TestExplain(t *testing.T) {
	t.Parallel()
	session := func(e smtp.Error) error { return &e }
	tests := []struct {
		err  error
		want submit.Problem
	}{
		{nil, submit.Problem{}},
		{
			session(smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassNetwork, Retry: smtp.RetryUnknown, Err: syscall.ECONNRESET}),
			submit.Problem{
				Title:  "it is not known whether the server took the mail",
				Detail: "the connection ended after the whole mail was handed over and before the answer",
				Hint:   "it is kept and not sent again by itself; find out from a recipient, then mark it as sent or send it again",
			},
		},
		{
			session(smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassNetwork, Retry: smtp.RetrySafe, Err: syscall.ECONNRESET}),
			submit.Problem{Title: "the connection to the server broke", Detail: "connection reset by peer", Hint: "mail is kept and tried again by itself"},
		},
		{
			session(smtp.Error{Stage: smtp.StageMail, Class: smtp.ClassUnable, Scope: smtp.ScopeMessage, Err: errors.New("the message has 9 octets, the server takes at most 5")}),
			submit.Problem{
				Title:  "the server can't take this mail",
				Detail: "the message has 9 octets, the server takes at most 5",
				Hint:   "it is kept; change it, or send it through another account",
			},
		},
		{
			session(smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassTimeout, Err: os.ErrDeadlineExceeded}),
			submit.Problem{Title: "the server stopped answering", Detail: "i/o timeout", Hint: "mail is kept and tried again by itself"},
		},
		{
			session(smtp.Error{Stage: smtp.StageMail, Class: smtp.ClassCanceled, Err: context.Canceled}),
			submit.Problem{Title: "stopped", Hint: "nothing was lost: what was not sent is kept"},
		},
		{
			session(smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassLocal, Scope: smtp.ScopeLocal, Err: &fs.PathError{Op: "open", Path: "/x/a\x1b.pdf", Err: fs.ErrNotExist}}),
			submit.Problem{Title: "/x/a .pdf is not there", Hint: "check the path"},
		},
		{
			session(smtp.Error{Stage: smtp.StageContent, Class: smtp.ClassLocal, Retry: smtp.RetrySafe, Err: fmt.Errorf("committing: %w", outbox.ErrLeaseLost)}),
			submit.Problem{Title: "another program took the mail over", Hint: "this one stopped before the end of the mail, so it does not arrive twice"},
		},
		{
			&config.Error{Path: "c.toml", Line: 3, Column: 5, Text: "unknown key \"hots\"", Hint: "did you mean \"host\"?"},
			submit.Problem{Title: "c.toml:3:5: unknown key \"hots\"", Hint: "did you mean \"host\"?"},
		},
		{
			&secret.Error{Account: "work", Err: fmt.Errorf("%w: keyring, locked", secret.ErrLocked), Hint: "unlock it"},
			submit.Problem{Title: "the password of account work is out of reach", Detail: "the password store is locked: keyring, locked", Hint: "unlock it"},
		},
		{
			&message.FieldError{Field: "Subject", Text: "a\r\nb", Reason: "has a line break in it"},
			submit.Problem{Title: "the mail can't be sent as it is", Detail: (&message.FieldError{Field: "Subject", Text: "a\r\nb", Reason: "has a line break in it"}).Error(), Hint: "correct it and try again"},
		},
		{
			&address.Error{Text: "a@@b", Reason: "has two @ signs"},
			submit.Problem{Title: "this is not a mail address", Detail: "a@@b has two @ signs", Hint: "correct it and try again"},
		},
		{
			outbox.ErrBusy,
			submit.Problem{Title: "another program is sending this mail now", Hint: "wait until it is done"},
		},
		{
			fmt.Errorf("open /x/outbox.db: %w", outbox.ErrCorrupt),
			submit.Problem{
				Title:  "the outbox can't be read: it is damaged, or not an outbox",
				Detail: "open /x/outbox.db",
				Hint:   "nothing was changed; \"sendoff outbox salvage\" puts what can be read into a new one, and keeps the old",
			},
		},
		{
			fmt.Errorf("attach: %w", &fs.PathError{Op: "open", Path: "a.pdf", Err: fs.ErrPermission}),
			submit.Problem{Title: "a.pdf may not be used by you", Hint: "check the owner and the rights of the file"},
		},
		{
			fmt.Errorf("write: %w", &fs.PathError{Op: "write", Path: "a.pdf", Err: syscall.EISDIR}),
			submit.Problem{Title: "a.pdf can't be used", Detail: "is a directory"},
		},
		{context.Canceled, submit.Problem{Title: "stopped", Hint: "nothing was lost"}},
		{errors.New("odd\n\x1b[2J thing"), submit.Problem{Title: "odd [2J thing"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.err), func(t *testing.T) {
			t.Parallel()
			if got := submit.Explain(test.err); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// TestExplainTrial: of a login with an account that is not saved it is not said
// that mail is kept.
func TestExplainTrial(t *testing.T) {
	t.Parallel()
	auth := func(code int, words string) error {
		return &smtp.Error{Stage: smtp.StageAuth, Class: smtp.ClassTemporary, Reply: smtp.Reply{Code: code, Lines: []string{words}}}
	}
	refused := fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	for hint, err := range map[string]error{
		"try again in a while":     auth(454, "4.7.0 Temporary authentication failure"),
		"see what the server said": &smtp.Error{Stage: smtp.StageGreeting, Class: smtp.ClassPermanent, Reply: smtp.Reply{Code: 521, Lines: []string{"no"}}},
		"check port and tls":       &smtp.Error{Stage: smtp.StageConnect, Class: smtp.ClassNetwork, Err: refused},
		"correct its settings":     &smtp.Error{Class: smtp.ClassLocal, Scope: smtp.ScopeAccount, Err: errors.New("x")},
		"":                         &smtp.Error{Class: smtp.ClassCanceled, Err: context.Canceled},
	} {
		said, trial := submit.Explain(err), submit.Explain(&submit.TrialError{Err: err})
		if trial.Hint != hint || trial.Title != said.Title || said.Hint == trial.Hint {
			t.Errorf("%q, %q, want %q", said.Hint, trial, hint)
		}
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]submit.Problem{
		"a": {Title: "a"}, "a: b": {Title: "a", Detail: "b"}, "a; c": {Title: "a", Hint: "c"}, "a: b; c": {Title: "a", Detail: "b", Hint: "c"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
