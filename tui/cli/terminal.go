package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"sendoff/config"
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

// commandTerminal is where programs that give passwords may ask.
func (p *program) commandTerminal() (*os.File, func(), error) {
	in, _, closer, err := p.terminal()
	return in, closer, err
}

// askPassword asks for the password of an account without showing it.
func (p *program) askPassword(ctx context.Context, account string) (secret.Secret, error) {
	return p.askHidden(ctx, "password of "+text.Clean(config.PasswordOwner(account)), &secret.Error{
		Account: account,
		Err:     fmt.Errorf("%w, and there is no terminal to ask for it", secret.ErrNotFound),
		Hint:    `run it in a terminal, or give the account secret = "keyring" or "env"`,
	})
}

// askPassphrase asks for what opens the vault, or twice for what is to.
func (p *program) askPassphrase(ctx context.Context, q secret.Question) (secret.Secret, error) {
	nobody := secret.VaultLocked("")
	if q.Wrong {
		p.tell("that did not open it")
	}
	if !q.New {
		return p.askHidden(ctx, "passphrase of the vault", nobody)
	}
	for range 3 {
		first, err := p.askHidden(ctx, "passphrase for the vault", nobody)
		if err != nil {
			return first, err
		}
		again, err := p.askHidden(ctx, "the same again", nobody)
		if err != nil || first == again {
			return first, err
		}
		p.tell("those were two different ones")
	}
	return secret.Secret{}, nobody
}

// askHidden asks for one line without showing it. nobody is the error when
// there is no terminal.
func (p *program) askHidden(ctx context.Context, what string, nobody *secret.Error) (answer secret.Secret, err error) {
	tty, out, closer, err := p.terminal()
	if err != nil {
		return secret.Secret{}, nobody
	}
	defer func() {
		if !errors.As(err, new(unanswered)) { // else it is still being read
			closer()
		}
	}()
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return secret.Secret{}, err
	}
	// Before the question, or a quick answer shows.
	if err := silence(fd); err != nil {
		return secret.Secret{}, err
	}
	defer term.Restore(fd, before)
	for range 3 {
		fmt.Fprintf(out, "%s: ", what)
		password, err := readHidden(ctx, fd)
		fmt.Fprintln(out)
		if err != nil || !password.Empty() {
			return password, err
		}
		fmt.Fprintln(out, "an empty password is none")
	}
	return secret.Secret{}, &secret.Error{
		Account: nobody.Account,
		Err:     fmt.Errorf("%w, and none was given", secret.ErrNotFound),
	}
}

// unanswered tells that the person ended the program at a question, which is asked
// before anything is changed.
type unanswered struct{ error }

func (e unanswered) Unwrap() error { return e.error }

// readHidden reads a line that is not shown.
func readHidden(ctx context.Context, fd int) (secret.Secret, error) {
	password, err := answered(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		return string(line), err
	})
	return secret.New(password), err
}

// answered is what read reads. When ctx ends first, the read goes on until the
// process does.
func answered(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		line string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		line, err := read()
		done <- answer{line, err}
	}()
	select {
	case got := <-done:
		return got.line, got.err
	case <-ctx.Done():
		return "", unanswered{ctx.Err()}
	}
}

// passwords reads those of an account and of its proxy from standard input, a line
// for each that is wanted, or asks for them.
func (p *program) passwords(ctx context.Context, a config.Account, own, proxy, stdin bool) (password, ofProxy secret.Secret, err error) {
	get := func(name string) (secret.Secret, error) {
		question := "password of " + text.Clean(config.PasswordOwner(name))
		if !isTerminal(p.Stdin) {
			question += " (with --password-stdin it is read from standard input)"
		}
		return p.askHidden(ctx, question, &secret.Error{
			Account: name,
			Err:     fmt.Errorf("%w, and there is no terminal to ask for it", secret.ErrNotFound),
			Hint:    "run it in a terminal, or give the password on standard input with --password-stdin",
		})
	}
	if stdin {
		lines := p.lines()
		get = func(string) (secret.Secret, error) { return firstLine(lines) }
	}
	if own {
		password, err = get(a.Name)
	}
	if err == nil && proxy {
		login, _ := a.ProxyLogin()
		ofProxy, err = get(login.Name)
	}
	return password, ofProxy, err
}

// readPassword reads the first line of standard input.
func (p *program) readPassword() (secret.Secret, error) { return firstLine(p.lines()) }

// lines reads standard input by lines that a secret fits in.
func (p *program) lines() *bufio.Reader { return bufio.NewReaderSize(p.Stdin, 64<<10) }

// firstLine reads the next line of r, which holds a secret.
func firstLine(r *bufio.Reader) (secret.Secret, error) {
	line, err := r.ReadSlice('\n')
	if err != nil && err != io.EOF {
		return secret.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	text := strings.TrimRight(string(line), "\r\n")
	if text == "" {
		return secret.Secret{}, usagef("standard input holds no password")
	}
	return secret.New(text), nil
}
