// Package spell asks a spelling checker about words. It speaks what ispell -a
// does, which hunspell, aspell and enchant answer to: a word goes out on a line
// of its own, and what is to be said of it comes back up to an empty line.
package spell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// The programs that are looked for, the best known first.
const (
	Hunspell = "hunspell"
	Aspell   = "aspell"
	Enchant  = "enchant-2"
)

// Programs lists them in that order.
func Programs() []string { return []string{Hunspell, Aspell, Enchant} }

// arguments make a program listen for words in UTF-8. The language is one that
// it knows, such as en_US; empty for its own choice.
func arguments(program, language string) []string {
	args := []string{"-a"}
	switch program {
	case Hunspell:
		args = append(args, "-i", "utf-8")
	case Aspell:
		args = append(args, "--encoding=utf-8")
		if language != "" {
			args = append(args, "--lang="+language)
		}
		return args
	}
	if language != "" {
		args = append(args, "-d", language)
	}
	return args
}

// Checker is a running program. Its methods are for one goroutine at a time.
type Checker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start runs a program, which is one of Programs or the path of one.
func Start(ctx context.Context, program, language string) (*Checker, error) {
	if strings.HasPrefix(language, "-") {
		return nil, fmt.Errorf("%q is no language", language)
	}
	name := program
	for _, known := range Programs() {
		if strings.HasSuffix(program, known) {
			name = known
		}
	}
	cmd := exec.Command(program, arguments(name, language)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaint complaint
	cmd.Stderr = &complaint
	cmd.WaitDelay = time.Second // what it started itself may hold the pipe
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &Checker{cmd: cmd, in: in, out: bufio.NewReader(out)}
	defer c.limit(ctx)()
	banner, err := c.line()
	if err == nil && name == Enchant { // which looks for the dictionary only now
		_, err = c.Wrong(ctx, []string{"a"})
	}
	if err != nil || !strings.HasPrefix(banner, "@(#)") {
		c.Close()
		return nil, fmt.Errorf("%s: %s", program, complaint.words(language))
	}
	return c, nil
}

// complaint keeps the beginning of what a program says went wrong.
type complaint struct{ said []byte }

func (c *complaint) Write(p []byte) (int, error) {
	c.said = append(c.said, p[:min(len(p), 500-len(c.said))]...)
	return len(p), nil
}

func (c *complaint) words(language string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(string(c.said)), "\n")
	switch {
	case first != "":
		return strings.TrimPrefix(first, "Error: ")
	case language != "":
		return "it has no dictionary for " + language
	}
	return "it does not answer"
}

// limit ends the program if ctx ends before the function it returns is called.
func (c *Checker) limit(ctx context.Context) (stop func()) {
	stopped := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	return func() { stopped() }
}

// Wrong returns those of words that are misspelled, and what else they could
// be. A word is letters, and apostrophes between them. After an error the
// checker is of no more use.
func (c *Checker) Wrong(ctx context.Context, words []string) (map[string][]string, error) {
	defer c.limit(ctx)()
	wrong := map[string][]string{}
	for _, word := range words {
		if err := c.say("^" + plain(word)); err != nil {
			return nil, err
		}
		other, bad, err := c.answer()
		if err != nil {
			return nil, err
		}
		if bad {
			wrong[word] = other
		}
	}
	return wrong, nil
}

// plain writes a word with the apostrophe that dictionaries have.
func plain(word string) string { return strings.ReplaceAll(word, "’", "'") }

// answer reads what is said of one line.
func (c *Checker) answer() (other []string, bad bool, err error) {
	for {
		line, err := c.line()
		if err != nil {
			return nil, false, err
		}
		switch {
		case line == "":
			return other, bad, nil
		case line[0] == '&' || line[0] == '?':
			bad = true
			if _, list, ok := strings.Cut(line, ": "); ok {
				other = append(other, strings.Split(list, ", ")...)
			}
		case line[0] == '#':
			bad = true
		}
	}
}

// Learn puts a word into the person's own dictionary.
func (c *Checker) Learn(ctx context.Context, word string) error {
	defer c.limit(ctx)()
	if err := c.say("*" + plain(word) + "\n#"); err != nil {
		return err
	}
	return c.heard()
}

// Accept takes a word as right as long as the checker runs.
func (c *Checker) Accept(ctx context.Context, word string) error {
	defer c.limit(ctx)()
	if err := c.say("@" + plain(word)); err != nil {
		return err
	}
	return c.heard()
}

// heard waits until what was said before has been done: commands have no answer.
func (c *Checker) heard() error {
	if err := c.say("^a"); err != nil {
		return err
	}
	_, _, err := c.answer()
	return err
}

func (c *Checker) say(s string) error {
	_, err := io.WriteString(c.in, s+"\n")
	return err
}

// longest is what is read of a line; no word has so many suggestions.
const longest = 64 << 10

func (c *Checker) line() (string, error) {
	var line []byte
	for {
		part, more, err := c.out.ReadLine()
		if err != nil {
			return "", fmt.Errorf("the spelling checker ended: %w", err)
		}
		if line = append(line, part...); !more {
			return string(line), nil
		}
		if len(line) > longest {
			return "", errors.New("the spelling checker says what is no answer")
		}
	}
}

// Close ends the program.
func (c *Checker) Close() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait() // it was killed
}
