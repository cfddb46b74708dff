package smtp

import (
	"time"

	"sendoff/smtp/sasl"
)

// Stage names a step of a session, in the order in which steps happen.
type Stage string

// The stages of a submission session.
const (
	StageResolve   Stage = "resolve"
	StageConnect   Stage = "connect"
	StageGreeting  Stage = "greeting"
	StageTLS       Stage = "tls"
	StageHello     Stage = "hello"
	StageAuth      Stage = "auth"
	StageMail      Stage = "mail"
	StageRecipient Stage = "recipient"
	StageContent   Stage = "content"
	StageAccepted  Stage = "accepted"
	StageRejected  Stage = "rejected"
	StageQuit      Stage = "quit"
)

// Kind says what an Event tells of its stage.
type Kind string

// A stage begins once and ends once; content reports progress in between, at
// most 20 times a second and once at its end. A stage recipient is told for
// each of them. The wait for the answer to the content begins as StageAccepted
// and ends as StageAccepted or StageRejected; with an Err of RetryUnknown
// neither is known. A mail refused before that has just the end of
// StageRejected. A line is one line of the dialogue, with secrets replaced.
//
// A wait is told whenever the session has nothing to do but wait for the answer
// to a command, which Text names; a greeting has none. Within content a stall
// is told once nothing got through for a while, and the next progress says that
// it is over; a link that is slow but steady just makes progress.
const (
	KindBegin    Kind = "begin"
	KindProgress Kind = "progress"
	KindStall    Kind = "stall"
	KindWait     Kind = "wait"
	KindEnd      Kind = "end"
	KindLine     Kind = "line"
)

// Event is one thing that happened in a session. An Event never holds a
// secret, and every text in it that came from the server is already clean of
// control characters.
type Event struct {
	Time  time.Time
	Kind  Kind
	Stage Stage

	// Mail is the ID of the mail the event belongs to; empty while the session
	// is being set up.
	Mail string

	// Elapsed is how long the stage took, on KindEnd, or for how long nothing
	// got through, on KindStall.
	Elapsed time.Duration

	// Deadline is when the running step will be given up; set on KindBegin,
	// KindProgress, KindStall and KindWait.
	Deadline time.Time

	// Text is what a person would be told: the addresses resolved, the reply
	// of the server, the dialogue line (KindLine).
	Text string

	// FromServer tells, for KindLine, who spoke.
	FromServer bool

	// Recipient is the address concerned, for StageRecipient.
	Recipient string

	// Reply is the server's answer, where the stage had one.
	Reply Reply

	// TLS is set at the end of StageTLS.
	TLS *TLSInfo

	// Capabilities is set at the end of StageHello.
	Capabilities *Capabilities

	// Used are the extensions that a mail goes by, by their EHLO keywords; set
	// at the beginning of StageMail.
	Used []string

	// Mechanism is the SASL mechanism in use, for StageAuth, and Choice what
	// others there were. At the beginning Text says why it is this one.
	Mechanism string
	Choice    *sasl.Choice

	// Bytes and Total are octets of content, for StageContent.
	Bytes, Total int64

	// Err is why the stage failed; nil when it did not.
	Err *Error
}
