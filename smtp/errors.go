package smtp

import (
	"crypto/tls"
	"errors"
	"os"
	"strings"
)

// Class says what kind of trouble an Error is.
type Class string

// The classes of trouble.
const (
	ClassNetwork   Class = "network"   // no way to the server, or the way broke
	ClassTimeout   Class = "timeout"   // the server did not answer in time
	ClassTLS       Class = "tls"       // encryption is missing, refused or not trustworthy
	ClassAuth      Class = "auth"      // the server refused the login
	ClassTemporary Class = "temporary" // a 4yz reply
	ClassPermanent Class = "permanent" // a 5yz reply
	ClassProtocol  Class = "protocol"  // the server does not speak SMTP as it should
	ClassUnable    Class = "unable"    // the server lacks what this mail or account needs
	ClassLocal     Class = "local"     // our own side: content unreadable, address unusable
	ClassCanceled  Class = "canceled"  // the caller gave up
)

// Scope says what an Error is about, and so what has to wait because of it.
type Scope string

// The scopes of trouble.
const (
	ScopeRecipient Scope = "recipient"
	ScopeMessage   Scope = "message"
	ScopeAccount   Scope = "account"
	ScopeServer    Scope = "server"
	ScopeLocal     Scope = "local"
)

// Retry says whether trying again could deliver a second copy.
type Retry string

// RetrySafe: the server did not take the mail. RetryNo: trying the same again
// is pointless. RetryUnknown: the mail may have been taken (RFC 1047).
const (
	RetrySafe    Retry = "yes"
	RetryNo      Retry = "no"
	RetryUnknown Retry = "unknown"
)

// Error is trouble in a session. Its texts are clean and free of secrets.
type Error struct {
	Stage Stage
	Verb  string // the command that was answered or being sent; empty if none
	Reply Reply  // the server's reply; its Code is 0 when there was none
	Class Class
	Scope Scope
	Retry Retry
	Err   error // the cause below, if there is one
}

// Error tells the trouble in one line of clean text.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.what())
	if e.Reply.Code != 0 {
		b.WriteString(": " + shorten(e.Reply.String(), maxErrorText))
	}
	if e.Err != nil {
		// The errors of crypto/tls begin with the stage as well.
		text := strings.TrimPrefix(clean(e.Err.Error()), string(e.Stage)+": ")
		b.WriteString(": " + shorten(text, maxErrorText))
	}
	return b.String()
}

// what tells what did not go well. The last stage is named for how it should
// end, which would be the wrong word for how it did.
func (e *Error) what() string {
	switch {
	case e.Stage == StageAccepted && e.Reply.Code != 0:
		return "answer to the whole mail"
	case e.Stage == StageAccepted && e.Uncertain():
		return "no answer to the whole mail"
	case e.Stage == StageAccepted:
		return "end of the mail"
	case e.Verb != "":
		return string(e.Stage) + " (" + e.Verb + ")"
	}
	return string(e.Stage)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells that trying again later may help.
func (e *Error) Temporary() bool {
	switch e.Class {
	case ClassNetwork, ClassTimeout, ClassTemporary, ClassProtocol, ClassCanceled:
		return true
	}
	return false
}

// Uncertain tells that the mail may or may not have been taken.
func (e *Error) Uncertain() bool { return e.Retry == RetryUnknown }

// refused makes the Error of a negative or misplaced reply. What is told apart
// here is what has to wait: the recipient, the message, all mail of the
// account, or whatever goes to this server.
func refused(stage Stage, verb string, r Reply) *Error {
	e := &Error{Stage: stage, Verb: verb, Reply: r, Class: ClassPermanent, Scope: ScopeMessage, Retry: RetryNo}
	if r.transient() {
		e.Class, e.Retry = ClassTemporary, RetrySafe
	}
	switch {
	case !r.transient() && !r.permanent(), r.Code == 503:
		// The two sides no longer agree on where they are.
		e.Class, e.Retry = ClassProtocol, RetrySafe
	case r.Code == 530, r.Code == 538:
		e.Class, e.Scope = ClassAuth, ScopeAccount
		return e
	}
	switch stage {
	case StageGreeting:
		e.Scope, e.Retry = ScopeServer, RetrySafe
	case StageHello:
		e.Scope = ScopeServer
		if e.Class == ClassPermanent {
			e.Scope = ScopeAccount
			if r.Code == 500 || r.Code == 502 {
				e.Class = ClassUnable
			}
		}
	case StageTLS:
		e.Class, e.Scope, e.Retry = ClassTLS, ScopeServer, RetrySafe
	case StageAuth:
		e.Scope = ScopeAccount
		if e.Class == ClassPermanent || r.Code == 432 {
			e.Class, e.Retry = ClassAuth, RetryNo
		}
	case StageMail:
		// Limits on how much may be sent, not on this message.
		if r.transient() && (r.Enhanced == "4.5.3" || r.Enhanced == "4.7.28") {
			e.Scope = ScopeServer
		}
	case StageRecipient:
		if e.Class != ClassProtocol {
			e.Scope = ScopeRecipient
		}
	}
	if r.Code == 421 && stage != StageAuth && stage != StageAccepted {
		e.Scope = ScopeServer
	}
	return e
}

// broken makes the Error of a connection that failed. What was being sent is
// added by whom it concerns.
func broken(stage Stage, verb string, err error) *Error {
	e := &Error{Stage: stage, Verb: verb, Class: ClassNetwork, Scope: ScopeServer, Retry: RetrySafe, Err: err}
	var cut *cutError
	var malformed *malformedError
	switch {
	case errors.As(err, &cut):
		e.Class = cut.class
	case errors.As(err, &malformed):
		e.Class = ClassProtocol
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.Class = ClassTimeout
	}
	return e
}

// errInjected is the cause when what comes after STARTTLS is not TLS.
var errInjected = errors.New("the server sent data before the encryption began; someone may be tampering with the connection")

// untrusted makes the Error of a TLS handshake that failed; asked tells that
// the server had agreed to it before.
func untrusted(err error, asked bool) *Error {
	e := broken(StageTLS, "", err)
	var header tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	switch {
	case e.Class != ClassNetwork:
	case errors.As(err, &header) && asked:
		e.Class, e.Retry, e.Err = ClassTLS, RetryNo, errInjected
	case errors.As(err, &header) && header.RecordHeader[0] == '4':
		// Some servers have no time even for TLS when they say so.
		e.Class, e.Err = ClassTemporary, errors.New("the server is busy, and says so without encryption")
	case errors.As(err, &verify), errors.As(err, &header):
		// Neither the wrong certificate nor the wrong port mends itself.
		e.Class, e.Scope, e.Retry = ClassTLS, ScopeAccount, RetryNo
	case strings.Contains(err.Error(), "tls: "):
		// crypto/tls has no type for alerts and most other refusals.
		e.Class = ClassTLS
	}
	return e
}

// local makes the Error of something that is wrong on this side.
func local(stage Stage, err error) *Error {
	return &Error{Stage: stage, Class: ClassLocal, Scope: ScopeLocal, Retry: RetryNo, Err: err}
}

// unable makes the Error of something the server does not offer.
func unable(stage Stage, scope Scope, err error) *Error {
	return &Error{Stage: stage, Class: ClassUnable, Scope: scope, Retry: RetryNo, Err: err}
}
