package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/post"
	"sendoff/tui/text"
)

// The exit codes, from sysexits.h.
const (
	exitUsage     = 64 // the command line can't be understood
	exitData      = 65 // a bad address or message
	exitNoInput   = 66 // a file can't be read
	exitNoUser    = 67 // a user of this machine has no address
	exitRefused   = 69 // refused for good, in whole or in part
	exitDisk      = 74 // the outbox, or the output, can't be written or read; or a signal came before the mail was in it
	exitDeferred  = 75 // kept, and will be tried again; or stopped by a signal
	exitUncertain = 76 // it is not known whether the mail was taken
	exitAuth      = 77 // the server refused the login, or a key could not be used
	exitConfig    = 78 // the configuration, or what it points to, is wrong
)

// usageError is a command line that can't be understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hinted is an error with the way out of it.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// outcome is the exit code of a command that did its work and has told, in
// words of its own, what came of it.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// report says what is wrong, if anything is, and returns the exit code.
func (p *program) report(err error) int {
	if err == nil {
		return 0
	}
	var told outcome
	if errors.As(err, &told) {
		return int(told)
	}
	var out outputError
	if errors.As(err, &out) && out.left() {
		return 0
	}
	code, title, hint := judge(p.correct(err))
	p.complain(title, hint)
	if p.json {
		// Whoever reads stdout alone must not mistake silence for success.
		_ = p.object(struct {
			Event string `json:"event"`
			Exit  int    `json:"exit"`
			Error string `json:"error"`
			Hint  string `json:"hint,omitempty"`
		}{"error", code, title, p.here(hint)})
	}
	return code
}

// complain puts trouble and the way out of it on stderr, --quiet or not.
func (p *program) complain(title, hint string) {
	fmt.Fprintln(p.Stderr, "sendoff: error: "+text.Clean(title))
	if hint != "" {
		fmt.Fprintln(p.Stderr, "sendoff: hint: "+text.Clean(p.here(hint)))
	}
}

// here has the commands that words name work where this one does.
func (p *program) here(words string) string {
	if p.sandbox {
		return kit.InSandbox(words)
	}
	return words
}

// judge maps an error to its exit code and its words, for every verb alike.
func judge(err error) (code int, title, hint string) {
	code, title = codeOf(err), err.Error()
	var own hinted
	switch {
	case errors.As(err, &own):
		return code, title, own.hint
	case errors.As(err, new(unanswered)):
		return code, "stopped at the question", "nothing was changed"
	case code == exitUsage && errors.As(err, new(usageError)), code == exitNoInput:
		return code, title, ""
	case code == exitNoUser:
		return code, title, `name their address in the file aliases, in the folder of the configuration: "root: me@example.org"`
	}
	problem := submit.Explain(err)
	if title = problem.Title; problem.Detail != "" {
		title += ": " + problem.Detail
	}
	var unsaved *kit.UnsavedError
	if errors.As(err, &unsaved) {
		title = "THE DRAFT IS NOT SAVED: " + title
		if unsaved.Where.Path != "" {
			return code, title, unsaved.Where.String()
		}
	}
	return code, title, problem.Hint
}

// parked is what makes the mail of an account wait until a person does
// something.
type parked struct {
	outbox.Parking
	cause error // nil if another process met it, and the reason is all there is
}

func (p parked) Error() string { return p.Reason }
func (p parked) Unwrap() error { return p.cause }

// judgeWait is judge for what makes the mail of an account wait. No mail was
// refused by that.
func judgeWait(err error) (code int, title, hint string) {
	code, title, hint = judge(err)
	var p parked
	switch {
	case !errors.As(err, &p):
		if code == exitDisk || code == exitRefused {
			code = exitDeferred
		}
		return code, title, hint
	case p.cause == nil && p.Refused != "":
		code = exitAuth
	case p.cause == nil, code == exitRefused:
		code = exitConfig
	}
	if hint != "" {
		hint += "; "
	}
	if errors.Is(err, config.ErrNoAccount) {
		return code, title, fmt.Sprintf("%sto give its mail to another: sendoff outbox reassign queued scheduled deferred held --account %s --through ACCOUNT", hint, quoted(p.Account))
	}
	return code, title, hint + "when that is mended, its mail goes on with: sendoff account test " + p.Account
}

// worse returns the exit code that says more about what needs a person.
func worse(a, b int) int {
	order := []int{0, exitDeferred, exitRefused, exitUncertain, exitAuth, exitConfig}
	if slices.Index(order, a) < slices.Index(order, b) {
		return b
	}
	return a
}

// codeOf finds the exit code for err. What nothing else claims came from the
// disk: the outbox hands on what the system told it.
func codeOf(err error) int {
	var (
		usage    usageError
		file     *post.FileError
		bad      *post.MessageError
		conf     *config.Error
		password *secret.Error
		session  *smtp.Error
		program  *seal.Error
	)
	switch {
	case errors.As(err, new(unanswered)):
		return exitDeferred
	case errors.As(err, &usage), errors.Is(err, outbox.ErrNotFound), errors.Is(err, outbox.ErrTransition):
		return exitUsage
	case errors.Is(err, secret.ErrSignIn):
		return exitAuth
	case errors.As(err, &file):
		return exitNoInput
	case errors.As(err, new(*post.NoUserError)):
		return exitNoUser
	case errors.As(err, &bad), errors.As(err, new(*seal.KeysError)):
		return exitData
	case errors.As(err, &program) && program.Reason != seal.NoProgram:
		return exitAuth
	case errors.As(err, &program):
		return exitConfig
	case errors.As(err, &conf), errors.As(err, &password):
		return exitConfig
	case errors.As(err, &session):
		return sessionCode(session)
	case errors.Is(err, errNotStored):
		return exitDisk
	case errors.Is(err, outbox.ErrBusy), errors.Is(err, context.Canceled):
		return exitDeferred
	}
	return exitDisk
}

func sessionCode(err *smtp.Error) int {
	switch err.Class {
	case smtp.ClassAuth:
		return exitAuth
	case smtp.ClassCanceled:
		return exitDeferred
	case smtp.ClassTLS:
		return exitConfig
	case smtp.ClassPermanent:
		return exitRefused
	case smtp.ClassUnable:
		if err.Scope == smtp.ScopeAccount {
			return exitConfig // no mail was refused
		}
		return exitRefused
	case smtp.ClassLocal:
		if err.Scope == smtp.ScopeAccount {
			return exitConfig
		}
		return exitData
	}
	if err.Uncertain() {
		return exitUncertain
	}
	return exitDeferred
}
