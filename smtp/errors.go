package smtp

import (
	"fmt"
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

// Error is trouble in a session.
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
	b.WriteString(string(e.Stage))
	if e.Verb != "" {
		fmt.Fprintf(&b, " (%s)", e.Verb)
	}
	if e.Reply.Code != 0 {
		fmt.Fprintf(&b, ": %s", e.Reply)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %s", clean(e.Err.Error()))
	}
	return b.String()
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
