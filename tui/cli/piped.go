package cli

import (
	"context"
	"strings"

	"sendoff/smtp/message"
	"sendoff/tui/post"
)

// fromPipe begins an attachment that is standard input, before its name.
const fromPipe = "-="

// piped are those of attachments that come from standard input.
func piped(attachments []string) (names []string) {
	for _, a := range attachments {
		if name, ok := strings.CutPrefix(a, fromPipe); ok || a == "-" {
			names = append(names, name)
		}
	}
	return names
}

// readsOnce tells whether only one of those that want standard input gets it:
// the text, a mail to begin with, attachments.
func readsOnce(text, mail bool, attachments []string) error {
	readers := len(piped(attachments))
	for _, reads := range []bool{text, mail} {
		if reads {
			readers++
		}
	}
	if readers <= 1 {
		return nil
	}
	return hinted{
		usagef("standard input can't be read twice"), "give the text with --body or --body-file, and one other thing from a pipe",
	}
}

// keepPiped stores what is attached from standard input, and attaches that.
func (p *program) keepPiped(ctx context.Context, room *post.Room, draft *message.Draft) error {
	for i, a := range draft.Attachments {
		name, ok := strings.CutPrefix(a, fromPipe)
		switch {
		case a == "-" || ok && strings.TrimSpace(name) == "":
			return hinted{usagef("what comes from standard input needs a name"), `attach it as "-=NAME"`}
		case !ok:
			continue
		}
		type kept struct {
			path string
			err  error
		}
		done := make(chan kept, 1)
		go func() {
			path, err := room.Keep(name, p.Stdin)
			done <- kept{path, err}
		}()
		select {
		case got := <-done:
			if got.err != nil {
				return got.err
			}
			draft.Attachments[i] = got.path
		case <-ctx.Done(): // a pipe may never end
			return ctx.Err()
		}
	}
	return nil
}
