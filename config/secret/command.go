package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	commandLimit = time.Minute     // a person may have to touch a key
	pipeLimit    = 2 * time.Second // for what outlives the command, such as an agent
	lineLimit    = 64 << 10        // octets of a password
	stderrLimit  = 4 << 10
)

// Command gets passwords from a program that prints them, such as a password
// manager: the first line of its output counts.
//
// The program runs without a shell. Without a terminal of the person's it has
// nothing on standard input, so that it can neither draw over a screen nor wait
// for keys that never reach it; a password manager that wants to ask for a
// passphrase then needs a window for that, or an agent that knows it already.
type Command struct {
	Argv []string // program and arguments

	// Terminal returns the terminal that the program may ask the person in, and
	// what to call afterwards; its error tells that there is none. nil for never.
	Terminal func() (*os.File, func(), error)
}

// Get runs the command, in the terminal if there is one.
func (c Command) Get(ctx context.Context, account string) (Secret, error) {
	if c.Terminal == nil {
		return c.run(ctx, account, nil)
	}
	tty, closer, err := c.Terminal()
	if err != nil {
		return c.run(ctx, account, nil)
	}
	defer closer()
	return c.run(ctx, account, tty)
}

func (c Command) run(ctx context.Context, account string, tty *os.File) (Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	out := &head{limit: lineLimit + 1}
	said := &head{limit: stderrLimit}
	cmd := exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	cmd.Stdout, cmd.Stderr = out, said
	cmd.WaitDelay = pipeLimit
	if tty != nil {
		attach(cmd, tty)
	} else {
		detach(cmd)
	}
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Secret{}, c.failed(account, fmt.Errorf("it did not end within %v", commandLimit), said)
	case ctx.Err() != nil:
		return Secret{}, ctx.Err()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return Secret{}, c.failed(account, err, said)
	}
	s, err := firstLine(out.kept)
	if err != nil {
		return Secret{}, c.failed(account, err, said)
	}
	return s, nil
}

// Set fails: the password is the other program's to keep.
func (c Command) Set(_ context.Context, account string, _ Secret) error {
	return &Error{
		Account: account,
		Err:     unavailable("it comes from the program " + c.name() + " and is kept there"),
		Hint:    "change it there",
	}
}

// Delete does nothing, since Set keeps nothing.
func (c Command) Delete(context.Context, string) error { return nil }

// State tells whether the program is there; it is not run.
func (c Command) State(context.Context, string) State {
	if _, err := exec.LookPath(c.Argv[0]); err != nil {
		return State{Text: "command, " + c.name() + " is not there", Hint: "install it, or correct password-command"}
	}
	return State{Text: "command, " + c.name(), Ready: true}
}

// name shows the program, but not its arguments: they may tell of a person's
// other secrets.
func (c Command) name() string { return clean(filepath.Base(c.Argv[0])) }

func (c Command) failed(account string, err error, said *head) *Error {
	text := fmt.Sprintf("%s: %v", c.name(), err)
	if last := lastLine(said.kept); last != "" {
		text += ": " + last
	}
	return &Error{
		Account: account,
		Err:     unavailable(clean(text)),
		Hint:    "run the command in a terminal to see what it wants, for instance to unlock it, then try again",
	}
}

// head keeps the beginning of what is written to it, and takes the rest too,
// so that the writer goes on to its end.
type head struct {
	kept  []byte
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.limit-len(h.kept))]...)
	return len(p), nil
}

// firstLine is the password in what a program printed or a file holds.
func firstLine(text []byte) (Secret, error) {
	line, _, whole := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case !whole && len(line) > lineLimit:
		return Secret{}, errors.New("its first line is too long for a password")
	case len(line) == 0:
		return Secret{}, errors.New("its first line is empty")
	case bytes.IndexByte(line, 0) >= 0:
		return Secret{}, errors.New("its first line is not a text")
	}
	return New(string(line)), nil
}

// lastLine is where programs say what stopped them.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
