package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"sendoff/config/secret"
	"sendoff/tui/text"
)

// terminal returns the terminal the person sits at, even when the standard
// streams lead elsewhere. The error says that there is none.
func (p *program) terminal() (in *os.File, out io.Writer, closer func(), err error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err == nil {
		return tty, tty, func() { _ = tty.Close() }, nil
	}
	if isTerminal(p.Stdin) {
		return p.Stdin, p.Stderr, func() {}, nil
	}
	return nil, nil, nil, err
}

// askPassword asks for the password of an account without showing it.
func (p *program) askPassword(ctx context.Context, account string) (secret.Secret, error) {
	tty, out, closer, err := p.terminal()
	if err != nil {
		return secret.Secret{}, &secret.Error{
			Account: account,
			Err:     fmt.Errorf("%w, and there is no terminal to ask for it", secret.ErrNotFound),
			Hint:    `run it in a terminal, or give the account secret = "keyring" or "env"`,
		}
	}
	defer closer()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return secret.Secret{}, err
	}
	for range 3 {
		fmt.Fprintf(out, "password of %s: ", text.Clean(account))
		password, err := readHidden(ctx, tty, before)
		fmt.Fprintln(out)
		if err != nil || !password.Empty() {
			return password, err
		}
		fmt.Fprintln(out, "an empty password is none")
	}
	return secret.Secret{}, &secret.Error{
		Account: account,
		Err:     fmt.Errorf("%w, and none was given", secret.ErrNotFound),
	}
}

// readHidden reads a line that is not shown. The terminal was in the state
// before.
func readHidden(ctx context.Context, tty *os.File, before *term.State) (secret.Secret, error) {
	type answer struct {
		password []byte
		err      error
	}
	done := make(chan answer, 1)
	go func() {
		password, err := term.ReadPassword(int(tty.Fd()))
		done <- answer{password, err}
	}()
	select {
	case got := <-done:
		return secret.New(string(got.password)), got.err
	case <-ctx.Done():
		// The read goes on until the process ends; the echo must not stay off.
		_ = term.Restore(int(tty.Fd()), before)
		return secret.Secret{}, ctx.Err()
	}
}

// readPassword reads the first line of standard input.
func (p *program) readPassword() (secret.Secret, error) {
	const longest = 64 << 10
	line, err := bufio.NewReader(io.LimitReader(p.Stdin, longest)).ReadString('\n')
	if err != nil && err != io.EOF {
		return secret.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return secret.Secret{}, usagef("standard input holds no password")
	}
	return secret.New(line), nil
}
