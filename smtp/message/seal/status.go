package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// run runs the program of t, and puts its trouble into an *Error.
func (t Tools) run(ctx context.Context, args []string, in io.Reader, out io.Writer) (status, error) {
	argv := []string{t.Kind.Program(), "--batch", "--no-tty", "--status-fd", "2"}
	if t.Kind == PGP {
		argv = append(argv, "--utf8-strings")
	}
	if !t.Ask {
		argv = append(argv, "--pinentry-mode", "error")
	}
	text, err := t.Run(ctx, append(argv, args...), in, out)
	said := statusOf(string(text))
	switch {
	case err == nil:
		return said, nil
	case ctx.Err() != nil:
		return said, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return said, &Error{Program: t.Kind.Program(), Reason: NoProgram}
	}
	reason := said.reason()
	_, refused := said.refused("INV_SGNR")
	switch {
	case reason == MustAsk && t.Ask:
		reason = CantAsk
	case reason == Failed && t.Kind == SMIME && !t.Ask && !refused:
		reason = MustAsk // gpgsm tells of it to people alone, who may as well be asked
	}
	return said, &Error{Program: t.Kind.Program(), Reason: reason, Detail: said.last, Err: err}
}

// status is what a program said of its work in lines for programs
// (doc/DETAILS of GnuPG).
type status struct {
	lines [][]string
	last  string // the last line for people
}

func statusOf(said string) status {
	var s status
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\r\n")
		if rest, ok := strings.CutPrefix(line, "[GNUPG:] "); ok {
			if words := strings.Fields(rest); len(words) > 0 {
				s.lines = append(s.lines, words)
			}
		} else if strings.TrimSpace(line) != "" {
			s.last = line
		}
	}
	return s
}

// find returns the words of a line with a keyword; nil if there is none.
func (s status) find(keyword string) []string {
	for _, words := range s.lines {
		if words[0] == keyword {
			return words[1:]
		}
	}
	return nil
}

// refused returns the code of a line that refuses a key.
func (s status) refused(keyword string) (code int, found bool) {
	words := s.find(keyword)
	if len(words) == 0 {
		return 0, false
	}
	code, err := strconv.Atoi(words[0])
	return code, err == nil
}

// Codes of libgpg-error that people can do something about. What comes from the
// pinentry has its number in front.
const (
	codeMask   = 0xffff
	sourceBits = 24
	pinentry   = 5
	system     = 1 << 15 // errors of the operating system

	general        = 1 // says nothing
	badPassphrase  = 11
	noSecretKey    = 17
	timeout        = 62
	noAgent        = 77
	agentTrouble   = 78
	noPinentry     = 85
	badPIN         = 87
	wrongCard      = 91
	canceled       = 99
	cardRemoved    = 110
	cardNotPresent = 112
	noCardDaemon   = 119
	pinBlocked     = 130
	fullyCanceled  = 198
	connectFailed  = 259
	noDevice       = system | 80
)

// reason says why the program failed, by the code it gave.
func (s status) reason() Reason {
	code, found := uint64(0), false
	for _, words := range s.lines {
		if words[0] != "FAILURE" && words[0] != "ERROR" || len(words) < 3 {
			continue
		}
		if n, err := strconv.ParseUint(words[2], 10, 32); err == nil && n&codeMask > general {
			code, found = n, true
			break
		}
	}
	if !found {
		if n, refused := s.refused("INV_SGNR"); refused && n == 9 {
			return NoSecret
		}
		if s.find("NO_SECKEY") != nil {
			return NoSecret
		}
		return Failed
	}
	switch code & codeMask {
	case badPassphrase, badPIN:
		return BadPassphrase
	case noSecretKey:
		return NoSecret
	case noAgent, connectFailed, agentTrouble:
		return NoAgent
	case noPinentry:
		return MustAsk
	case canceled, fullyCanceled, timeout:
		return Canceled
	case cardNotPresent, cardRemoved, wrongCard, noCardDaemon, noDevice:
		return NoCard
	case pinBlocked:
		return CardBlocked
	}
	if code>>sourceBits == pinentry {
		return CantAsk
	}
	return Failed
}

// severe tells that a listing failed for other reasons than that there is nothing
// to be listed.
func (s status) severe(err error) bool {
	var e *Error
	return !errors.As(err, &e) || e.Reason == NoProgram || e.Reason == NoAgent
}

// need makes an error of a program that claims to have done its work and did not.
func (s status) need(program, keyword string) error {
	if s.find(keyword) == nil {
		return &Error{Program: program, Reason: Failed, Detail: fmt.Sprintf("it did not say %s", keyword)}
	}
	return nil
}
