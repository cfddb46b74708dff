package book

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	commandRest = 5 * time.Second // for what outlives the command
	commandSays = 1 << 20         // octets that are read
)

// Ask runs a command as aerc's address-book-cmd: each %s in its arguments is
// what was typed, and each line it prints an address, a tab and a name, or else
// a mailbox as in a header. Lines without an address, such as captions, are
// passed over, and so is a failure that comes with none. No shell is run. The
// command is killed when ctx ends. start may change the command before it starts, nil for nothing.
func Ask(ctx context.Context, argv []string, typed string, start func(*exec.Cmd)) ([]Contact, error) {
	args := make([]string, len(argv)-1)
	for i, a := range argv[1:] {
		args[i] = strings.ReplaceAll(a, "%s", strings.ReplaceAll(typed, "\x00", ""))
	}
	cmd := exec.CommandContext(ctx, argv[0], args...)
	var said bytes.Buffer
	cmd.Stdout = &limited{w: &said, left: commandSays}
	cmd.WaitDelay = commandRest
	if start != nil {
		start(cmd)
	}
	err := cmd.Run()
	found := parseLines(strings.ToValidUTF8(said.String(), "\ufffd"), filepath.Base(argv[0]))
	var ended *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return found, fmt.Errorf("%s did not end in time", filepath.Base(argv[0]))
	case err == nil, errors.As(err, &ended), errors.Is(err, exec.ErrWaitDelay):
		return found, nil
	}
	return nil, fmt.Errorf("%s: %w", filepath.Base(argv[0]), err)
}

func parseLines(text, source string) []Contact {
	var all []Contact
	for line := range strings.Lines(text) {
		addr, rest, tab := strings.Cut(strings.TrimSpace(line), "\t")
		name, _, _ := strings.Cut(rest, "\t")
		if !tab {
			name = ""
		}
		if c, ok := person(name, "", addr, source); ok {
			all = append(all, c)
		}
	}
	return all
}

// limited passes on so many octets and drops the rest.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
