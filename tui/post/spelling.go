package post

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"sendoff/config"
	"sendoff/tui/kit"
	"sendoff/tui/spell"
)

// speller is the spelling checker that runs, and what it runs for.
type speller struct {
	turn     chan struct{} // holds one while nobody uses the rest
	running  *spell.Checker
	language string
}

func newSpeller() speller {
	s := speller{turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

var errNoSpeller = errors.New("no spelling checker is installed")

// Writing tells how the person wants to write.
func (r *Room) Writing() (kit.Writing, error) {
	conf, err := r.config()
	if err != nil {
		return kit.Writing{}, err
	}
	c := conf.Compose
	return kit.Writing{Wrap: c.Wrap, Fill: c.Reflow, Spelling: len(spellers(c)) > 0, EditorHeaders: c.EditorHeaders}, nil
}

// spellers lists the programs to try, as far as they are installed.
func spellers(c config.Compose) []string {
	var all []string
	for _, program := range spell.Programs() {
		wanted := c.Spelling == "" || c.Spelling == config.SpellingAuto || strings.HasPrefix(program, c.Spelling)
		if path, err := exec.LookPath(program); err == nil && wanted {
			all = append(all, path)
		}
	}
	return all
}

// Misspelled tells which of words are wrong in a language, and what else they
// could be.
func (r *Room) Misspelled(ctx context.Context, language string, words []string) (wrong map[string][]string, err error) {
	err = r.askSpeller(ctx, language, func(c *spell.Checker) error {
		wrong, err = c.Wrong(ctx, words)
		return err
	})
	return wrong, err
}

// Spelled has a word taken as right from now on, if it is to be learned, or as
// long as the program runs. In a sandbox nothing is learned.
func (r *Room) Spelled(ctx context.Context, language, word string, learn bool) error {
	return r.askSpeller(ctx, language, func(c *spell.Checker) error {
		if learn && !r.opts.Sandbox {
			return c.Learn(ctx, word)
		}
		return c.Accept(ctx, word)
	})
}

// askSpeller runs f with the checker of a language. One that fails is ended, and
// the next question begins another.
func (r *Room) askSpeller(ctx context.Context, language string, f func(*spell.Checker) error) error {
	s := &r.speller
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.running != nil && s.language != language {
		s.close()
	}
	if s.running == nil {
		c, err := r.startSpeller(ctx, language)
		if err != nil {
			return err
		}
		s.running, s.language = c, language
	}
	err := f(s.running)
	if err != nil {
		s.close()
		if ctx.Err() != nil {
			err = fmt.Errorf("it does not answer: %w", ctx.Err())
		}
	}
	return err
}

// startSpeller runs the first program that knows the language.
func (r *Room) startSpeller(ctx context.Context, language string) (*spell.Checker, error) {
	conf, err := r.config()
	if err != nil {
		return nil, err
	}
	if language == "" {
		language = r.locale()
	}
	all := spellers(conf.Compose)
	if len(all) == 0 {
		return nil, errNoSpeller
	}
	var first error
	for _, program := range all {
		c, err := spell.Start(ctx, program, language)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// locale is the language that the person's system speaks.
func (r *Room) locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := r.opts.Lookup(name); value != "" {
			language, _, _ := strings.Cut(value, ".")
			if language == "C" || language == "POSIX" {
				break
			}
			return language
		}
	}
	return "en_US"
}

// close ends the checker, if one runs.
func (s *speller) close() {
	if s.running != nil {
		s.running.Close()
		s.running = nil
	}
}
