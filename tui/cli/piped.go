package cli

import (
	"context"
	"os"
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

// files attaches what the flags name to a draft, pictures that are to be shown
// behind the rest.
func (f sendFlags) files(draft *message.Draft) error {
	draft.Attached = map[string]message.Attached{}
	for _, path := range f.attach {
		file, name := renamed(path)
		draft.Attachments = append(draft.Attachments, file)
		if name != "" {
			draft.Attached[file] = message.Attached{Name: name}
		}
	}
	for _, path := range f.inline {
		if !message.Picture(path) {
			return hinted{usagef("--inline %s: that is no picture", path), "--attach takes any file"}
		}
		draft.Attachments = append(draft.Attachments, path)
		draft.Attached[path] = message.Attached{Inline: true}
	}
	return nil
}

// renamed takes FILE=NAME apart, unless a file has that very name. What comes
// from standard input stays as it is.
func renamed(path string) (file, name string) {
	at := strings.LastIndexByte(path, '=')
	if at <= 0 || at == len(path)-1 || strings.HasPrefix(path, fromPipe) || strings.ContainsAny(path[at:], `/\`) {
		return path, ""
	}
	if _, err := os.Lstat(path); err == nil {
		return path, ""
	}
	return path[:at], path[at+1:]
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
			if as, ok := draft.Attached[a]; ok {
				draft.Attached[got.path] = as
			}
		case <-ctx.Done(): // a pipe may never end
			return ctx.Err()
		}
	}
	return nil
}
