package lines

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// talk reads lines and writes them.
type talk struct {
	out    io.Writer
	failed error // nothing can be written any more

	echo    bool
	sandbox bool // nothing is real

	want  chan struct{} // asks for a line
	lines chan typed
}

// typed is what came of reading a line.
type typed struct {
	line string
	err  error
}

// newTalk reads from in, a line when one is asked for and not before: others may
// read from the same terminal in between.
func newTalk(in io.Reader, out io.Writer, echo, sandbox bool) *talk {
	t := &talk{out: out, echo: echo, sandbox: sandbox, want: make(chan struct{}, 1), lines: make(chan typed, 1)}
	go func() {
		r := bufio.NewReader(in)
		for range t.want {
			line, err := r.ReadString('\n')
			if line != "" {
				err = nil // the end, if this is it, comes next
			}
			t.lines <- typed{line, err}
		}
	}()
	return t
}

// end reads no further line.
func (t *talk) end() { close(t.want) }

func (t *talk) write(s string) {
	if t.failed == nil {
		_, t.failed = io.WriteString(t.out, s)
	}
}

// say writes one line. Text of others may be among the arguments: nothing in it
// reaches a terminal but what can be read.
func (t *talk) say(format string, args ...any) {
	t.write(text.Clean(fmt.Sprintf(t.here(format), args...)) + "\n")
}

// here has the commands that words name work where the talk does.
func (t *talk) here(words string) string {
	if t.sandbox {
		return kit.InSandbox(words)
	}
	return words
}

// trouble says what went wrong, and what to do about it.
func (t *talk) trouble(what string, err error) {
	t.say("%s: %s.", what, strings.TrimSuffix(t.here(submit.Explain(err).String()), "."))
}

// recite writes text as long as it is; say would cut it.
func (t *talk) recite(s string) {
	const most = 1000 // code points of a line
	for runes := []rune(s); ; runes = runes[most:] {
		if len(runes) <= most {
			t.say("%s", string(runes))
			return
		}
		t.say("%s", string(runes[:most]))
	}
}

// readable is what was typed without what keys and terminals put among it.
func readable(line string) string {
	line = strings.ToValidUTF8(strings.TrimRight(line, "\r\n"), "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			return -1
		}
		return r
	}, ansi.Strip(line))
}

// next reads a line. Meanwhile it saves what was written as soon as nothing more
// comes, or has come for long enough.
func (d *desk) next() (string, error) {
	if d.failed != nil {
		return "", d.failed // nobody hears what is asked
	}
	if d.ctx.Err() != nil {
		return "", d.ctx.Err()
	}
	d.want <- struct{}{}
	var rest <-chan time.Time
	if d.dirty() {
		if d.opts.Clock().Sub(d.changed) >= saveLimit {
			d.save()
		} else {
			timer := time.NewTimer(saveRest)
			defer timer.Stop()
			rest = timer.C
		}
	}
	for {
		select {
		case got := <-d.lines:
			line := readable(got.line)
			if d.echo && got.err == nil {
				d.write(text.Clean(line) + "\n")
			} else if got.err != nil {
				d.write("\n")
			}
			return line, got.err
		case <-rest:
			d.save()
		case <-d.ctx.Done():
			d.write("\n")
			return "", d.ctx.Err()
		}
	}
}

// ask has the person answer in a line, and does what commands among the answers
// say; then it asks again.
func (d *desk) ask(question, help string) (string, error) {
	for {
		d.tell()
		d.write(text.Clean(question) + ": ")
		line, err := d.next()
		if err != nil {
			return "", err
		}
		switch line = strings.TrimSpace(line); {
		case line == "?":
			d.help(help)
		case isCommand(line):
			if err := d.command(line); err != nil {
				return "", err
			}
		default:
			return line, nil
		}
	}
}

// yes asks a question until the answer is yes or no.
func (d *desk) yes(question string) (bool, error) {
	for {
		answer, err := d.ask(question+"? yes or no", "Say yes or no.")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		d.say("That is neither yes nor no.")
	}
}

// choose has the person pick one of several by its number; -1 for none.
func (d *desk) choose(question string, choices []string) (int, error) {
	for i, c := range choices {
		d.say("%d %s", i+1, c)
	}
	for {
		answer, err := d.ask(question+" (1 to "+strconv.Itoa(len(choices))+", or nothing for none)", "Say a number of those above, or press enter for none.")
		if err != nil || answer == "" {
			return -1, err
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
			return n - 1, nil
		}
		d.say("%s is not among them.", answer)
	}
}
