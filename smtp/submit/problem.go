package submit

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"strings"
	"unicode"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
)

// Problem is an error in words for a person. Its texts are clean, begin in
// lower case and have no full stop, so that they fit after a colon.
type Problem struct {
	Title  string // what happened
	Detail string // what the server or the system said of it; may be empty
	Hint   string // what was kept and what to do; may be empty
}

// String returns the problem in one line.
func (p Problem) String() string {
	s := p.Title
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// TrialError is why a login did not work with an account that is not saved yet.
// Its words speak of no mail, since there is none.
type TrialError struct{ Err error }

func (e *TrialError) Error() string { return e.Err.Error() }
func (e *TrialError) Unwrap() error { return e.Err }

// withoutMail leaves out what becomes of mail.
func (p Problem) withoutMail() Problem {
	p.Hint = strings.TrimPrefix(strings.TrimSuffix(p.Hint, "; "+again), notAgain+"; ")
	switch p.Hint {
	case again:
		p.Hint = "try again in a while"
	case correctIt + "; its mail waits":
		p.Hint = correctIt
	case notLost:
		p.Hint = ""
	}
	return p
}

// Explain says what an error of a delivery, an account, the outbox or a
// message means. A nil error is no Problem.
func Explain(err error) Problem {
	if err == nil {
		return Problem{}
	}
	var trial *TrialError
	if errors.As(err, &trial) {
		return Explain(trial.Err).withoutMail()
	}
	for _, explain := range []func(error) (Problem, bool){
		explainSecret, explainConfig, explainSession, explainMessage, explainSeal, explainOutbox, explainFile,
	} {
		if p, ok := explain(err); ok {
			return p
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Problem{Title: "stopped", Hint: "nothing was lost"}
	case errors.Is(err, context.DeadlineExceeded):
		return Problem{Title: "it took too long and was given up", Hint: "try again"}
	}
	return Problem{Title: clean(err.Error())}
}

func explainSecret(err error) (Problem, bool) {
	var e *secret.Error
	if !errors.As(err, &e) {
		return Problem{}, false
	}
	who := "account " + e.Account
	if _, proxy := config.PasswordOf(e.Account); proxy {
		who = config.PasswordOwner(e.Account)
	}
	title := "the password of " + who + " is out of reach"
	switch {
	case errors.Is(err, secret.ErrSignIn):
		title = "account " + e.Account + " has no token that is taken"
	case e.Account == "":
		title = "the passwords are out of reach"
	case errors.Is(err, secret.ErrNotFound):
		title = "there is no password for " + who
	}
	return Problem{Title: title, Detail: clean(e.Err.Error()), Hint: e.Hint}, true
}

func explainConfig(err error) (Problem, bool) {
	var e *config.Error
	if !errors.As(err, &e) {
		return Problem{}, false
	}
	place := *e
	place.Hint = ""
	return Problem{Title: clean(place.Error()), Hint: e.Hint}, true
}

func explainMessage(err error) (Problem, bool) {
	var field *message.FieldError
	var addr *address.Error
	switch {
	case errors.As(err, &field):
		return Problem{Title: "the mail can't be sent as it is", Detail: clean(field.Error()), Hint: "correct it and try again"}, true
	case errors.As(err, &addr):
		return Problem{Title: "this is not a mail address", Detail: clean(addr.Error()), Hint: "correct it and try again"}, true
	}
	return Problem{}, false
}

func explainSeal(err error) (Problem, bool) {
	var keys *seal.KeysError
	var program *seal.Error
	switch {
	case errors.As(err, &keys):
		return Problem{Title: "the mail can't be signed or encrypted", Detail: clean(keys.Error()), Hint: keys.Hint()}, true
	case errors.As(err, &program):
		hint := program.Hint()
		if !program.Reading {
			hint = "nothing was sent; " + hint
		}
		return Problem{Title: program.Program + " " + string(program.Reason), Detail: clean(program.Detail), Hint: hint}, true
	}
	return Problem{}, false
}

// outboxProblems are what the outbox can answer.
var outboxProblems = []struct {
	err     error
	problem Problem
}{
	{outbox.ErrChanged, Problem{
		Title: "this draft was changed, sent or thrown away in another window",
		Hint:  "nothing was sent from here; look into the outbox before you send what you see, which is kept as a draft of its own",
	}},
	{outbox.ErrNotFound, Problem{Title: "there is no such mail in the outbox"}},
	{outbox.ErrTransition, Problem{Title: "that can't be done with the mail as it stands", Hint: "look at its state in the outbox"}},
	{outbox.ErrAlready, Problem{Title: "the mail was put into the outbox before", Hint: "nothing was added"}},
	{outbox.ErrBusy, Problem{Title: "another program is sending this mail now", Hint: "wait until it is done"}},
	{outbox.ErrLeaseLost, Problem{
		Title: "another program took the mail over",
		Hint:  "this one stopped before the end of the mail, so it does not arrive twice",
	}},
	{outbox.ErrCorrupt, Problem{
		Title: "the outbox can't be read: it is damaged, or not an outbox",
		Hint:  "nothing was changed; \"sendoff outbox salvage\" puts what can be read into a new one, and keeps the old",
	}},
	{outbox.ErrNoDraft, Problem{Title: "this mail was not written in the composer and can't be edited there"}},
	{outbox.ErrFull, Problem{
		Title: "there is no room left on the disk for the outbox",
		Hint:  "make room, then try again; what was in the outbox is safe",
	}},
	{outbox.ErrReadOnly, Problem{
		Title: "the outbox can't be written where it is",
		Hint:  "let its folder be written, or name another with SENDOFF_HOME; nothing was changed",
	}},
	{outbox.ErrVersion, Problem{
		Title: "the outbox was written by a newer version of sendoff",
		Hint:  "use that version; nothing was changed",
	}},
}

func explainOutbox(err error) (Problem, bool) {
	for _, known := range outboxProblems {
		if errors.Is(err, known.err) {
			p := known.problem
			// The title says in better words what the error ends with.
			text, _, _ := strings.Cut(clean(err.Error()), clean(known.err.Error()))
			p.Detail = strings.TrimRight(text, ": ")
			return p, true
		}
	}
	return Problem{}, false
}

func explainFile(err error) (Problem, bool) {
	var e *fs.PathError
	if !errors.As(err, &e) {
		return Problem{}, false
	}
	p := Problem{Title: clean(e.Path) + " can't be used", Detail: clean(e.Err.Error())}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p = Problem{Title: clean(e.Path) + " is not there", Hint: "check the path"}
	case errors.Is(err, fs.ErrPermission):
		p = Problem{Title: clean(e.Path) + " may not be used by you", Hint: "check the owner and the rights of the file"}
	}
	return p, true
}

// explainSession explains an error of the protocol engine.
func explainSession(err error) (Problem, bool) {
	var e *smtp.Error
	if !errors.As(err, &e) {
		return Problem{}, false
	}
	var p Problem
	switch {
	case e.Uncertain():
		return uncertain, true
	case e.Class == smtp.ClassCanceled:
		return Problem{Title: "stopped", Hint: notLost}, true
	case e.Reply.Code != 0:
		p = explainReply(e)
		p.Detail = "the server said: " + clean(e.Reply.String())
	default:
		if p, ok := explainFile(e.Err); ok && e.Class == smtp.ClassLocal {
			return p, true
		}
		if p, ok := explainOutbox(e.Err); ok && e.Class == smtp.ClassLocal {
			p.Detail = "" // it names our own step, which says nothing to a person
			return p, true
		}
		p = explainCause(e)
		p.Detail = detail(e)
	}
	return p, true
}

// detail is what our own side knows of an error.
func detail(e *smtp.Error) string {
	if e.Err == nil {
		return ""
	}
	text := clean(e.Err.Error())
	var refused *tls.CertificateVerificationError
	if errors.As(e, &refused) && len(refused.UnverifiedCertificates) > 0 {
		text += "; the certificate has " + describe(refused.UnverifiedCertificates[0])
	}
	return text
}

var uncertain = Problem{
	Title:  "it is not known whether the server took the mail",
	Detail: "the connection ended after the whole mail was handed over and before the answer",
	Hint:   "it is kept and not sent again by itself; find out from a recipient, then mark it as sent or send it again",
}

// clean makes one harmless line of a text that may come from elsewhere.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > 400 {
		s = string(r[:400]) + "..."
	}
	return strings.Join(strings.Fields(s), " ")
}
