package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/tui/kit"
)

// handed is a text on its way to the person's own editor.
type handed struct {
	path, text string
	err        error
}

// handOut writes the text where the editor finds it, for nobody else to read.
func (m *App) handOut(text string) tea.Cmd {
	return func() tea.Msg {
		f, err := os.CreateTemp(m.temp, "sendoff-*.txt") // CreateTemp makes it 0600
		if err != nil {
			return handed{err: fmt.Errorf("write the text for the editor: %w", err)}
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(fmt.Errorf("write the text for the editor: %w", err), os.Remove(f.Name()))
		}
		return handed{path: f.Name(), text: text, err: err}
	}
}

// closedEditor tells that the editor has ended.
type closedEditor struct {
	handed
	exit error
}

// editor starts the person's own editor, which gets the terminal until it
// ends.
func (m *App) editor(h handed) tea.Cmd {
	return tea.ExecProcess(EditorCommand(m.environ, h.path), func(err error) tea.Msg { return closedEditor{h, err} })
}

// EditorCommand opens a file in the editor that the environment names.
func EditorCommand(env []string, path string) *exec.Cmd {
	name := lookup(env, "VISUAL")
	if name == "" {
		name = lookup(env, "EDITOR")
	}
	switch {
	case runtime.GOOS == "windows" && name == "":
		return exec.Command("notepad", path)
	case runtime.GOOS == "windows":
		words := append(strings.Fields(name), path)
		return exec.Command(words[0], words[1:]...)
	case name == "":
		name = "vi"
		if _, err := exec.LookPath("nano"); err == nil {
			name = "nano"
		}
	}
	// As git does: the variable may hold arguments, the path is one of them.
	return exec.Command("sh", "-c", name+` "$@"`, "sh", path)
}

// What an editor leaves when something happened to the file rather than to the
// text.
var (
	errEmptied = errors.New("the editor left an empty file, so the mail stays as it was")
	errNoFile  = errors.New("the editor left no file, so the mail stays as it was")
)

// handBack reads what the editor left. The file goes only once its text is
// with the program; if the editor failed, what it wrote counts all the same.
func (m *App) handBack(c closedEditor) tea.Cmd {
	return m.each(kit.Compose, quick, func(context.Context) tea.Msg {
		b, err := os.ReadFile(c.path)
		back := kit.Edited{Text: string(b)}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return kit.Edited{Text: c.text, Err: errNoFile}
		case err != nil:
			return kit.Edited{Text: c.text, Err: fmt.Errorf("read what the editor wrote: %w", err)}
		case c.exit != nil && (back.Text == c.text || len(b) == 0):
			back = kit.Edited{Text: c.text, Err: fmt.Errorf("the editor failed: %w", c.exit)}
		case len(b) == 0 && c.text != "":
			back = kit.Edited{Text: c.text, Err: errEmptied}
		case c.exit != nil:
			back.Err = fmt.Errorf("the editor failed, but what it wrote is here: %w", c.exit)
		}
		back.Err = errors.Join(back.Err, os.Remove(c.path))
		return back
	})
}

// runPasswordCommand gives the terminal to the program that has the password of
// an account.
func (m *App) runPasswordCommand(account string) tea.Cmd {
	run := inTerminal(func(tty *os.File) error {
		ctx, cancel := context.WithTimeout(m.ctx, slow)
		defer cancel()
		return m.service.RunPasswordCommand(ctx, account, tty)
	})
	return tea.Exec(run, func(err error) tea.Msg { return passwordGiven{account, err} })
}

// inTerminal is something that has the terminal to itself; a tea.ExecCommand.
type inTerminal func(tty *os.File) error

// Run runs it.
func (run inTerminal) Run() error {
	path := "/dev/tty"
	if runtime.GOOS == "windows" {
		path = "CONIN$"
	}
	tty, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	return run(tty)
}

// SetStdin does nothing: the terminal is opened anew.
func (inTerminal) SetStdin(io.Reader) {}

// SetStdout does nothing.
func (inTerminal) SetStdout(io.Writer) {}

// SetStderr does nothing.
func (inTerminal) SetStderr(io.Writer) {}
