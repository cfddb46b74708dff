package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/theme"
)

// ErrSandbox is what Run returns when the person, who has no account yet,
// wants to look around in the sandbox.
var ErrSandbox = errors.New("the sandbox is wanted")

// How long the end of the program may take.
const (
	finalSave = 5 * time.Second
	finalStop = 8 * time.Second // the delivery's own grace is shorter
)

// Options says what to run with. Service and Environ are needed.
type Options struct {
	Service Service

	// Draft is what to begin with, from a mailto URL or a file; nil to go on
	// with Open, or if that wants no item with the latest draft.
	Draft *message.Draft
	Open  kit.OpenDraft

	Account string // what new mail goes through instead of the default; empty for that

	Environ  []string // as os.Environ has it
	Settings string   // folder of the accounts, if that is not Home
	Home     string   // where things are kept, to be told to a newcomer
	Temp     string   // folder for the outside editor's file, and one rescued; empty for the system's
	Sandbox  bool     // nothing is real, which the top line says
	Theme    config.Theme
	Keys     *keys.Map // nil for those that come with the program
	Notice   string    // a passing word to begin with

	// Fleeting tells that the outbox, drafts included, is thrown away when
	// Run has returned, so that quitting asks first.
	Fleeting bool

	// AfterQuit is what the person wants of mail that waits when Run returns, as
	// config.Outbox.AfterQuit. HandOver has another program deliver it; nil where
	// none can. Run calls it last, if it is wanted, and tells how many mails wait.
	AfterQuit string
	HandOver  func(waiting int) error

	Clock  func() time.Time // nil for the system's
	Input  io.Reader        // nil for the terminal
	Output io.Writer        // nil for the terminal
}

// Run shows the program until the person quits or ctx ends, and delivers mail
// meanwhile. Whatever way it ends, the draft is saved and the delivery has
// stopped, unless that took too long, which the error tells. What then waits is
// handed over, if that is wanted.
func Run(ctx context.Context, opts Options) error {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	pump := newPump()
	app := newApp(ctx, opts, pump)

	delivering := make(chan error, 1)
	go func() { delivering <- deliver(ctx, opts.Service, pump) }()

	settings := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithEnvironment(opts.Environ), tea.WithFPS(120),
		tea.WithoutSignalHandler(), // signals end ctx
	}
	if opts.Input != nil {
		settings = append(settings, tea.WithInput(opts.Input))
	}
	if opts.Output != nil {
		settings = append(settings, tea.WithOutput(opts.Output))
	}
	program := tea.NewProgram(app, settings...)
	app.pace = newPace(program)
	_, err := program.Run()
	if ctx.Err() != nil {
		err = nil // a signal is an orderly end
	}
	stop()

	last, cancel := context.WithTimeout(context.Background(), finalSave)
	defer cancel()
	saved := app.saveLast(last)
	select {
	case <-delivering:
	case <-time.After(finalStop):
		err = errors.Join(err, errors.New("the delivery did not stop in time; its mail is safe in the outbox"))
	}
	if saved != nil {
		err = errors.Join(err, app.rescue(saved))
	}
	if n := app.handedOver(); n > 0 {
		err = errors.Join(err, opts.HandOver(n))
	}
	if err == nil && app.sandbox {
		return ErrSandbox
	}
	return err
}

// deliver runs the delivery and turns a panic in it into news: it must not
// leave the terminal raw, and the person goes on writing.
func deliver(ctx context.Context, s Service, p *pump) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the delivery broke: %v", r)
		}
		p.end(err)
	}()
	return s.Deliver(ctx, p.hear)
}

// glyphs returns what the terminal can show, by what the environment says of
// it: consoles, and languages that are set to something other than UTF-8, get
// ASCII.
func glyphs(env []string) theme.Glyphs {
	switch term := lookup(env, "TERM"); {
	case term == "linux", term == "dumb", strings.HasPrefix(term, "vt"):
		return theme.ASCII()
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(lookup(env, name)); v != "" {
			if strings.Contains(v, "utf-8") || strings.Contains(v, "utf8") {
				break
			}
			return theme.ASCII()
		}
	}
	return theme.Unicode()
}

// lookup returns a variable's last value in an environment; empty if unset.
func lookup(env []string, name string) string {
	value := ""
	for _, kv := range env {
		if k, v, ok := strings.Cut(kv, "="); ok && k == name {
			value = v
		}
	}
	return value
}
