package post

import (
	"context"
	"errors"
	"os"
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/template"
	"sendoff/tui/kit"
)

// Rescue writes a draft that could not be saved into a file of its own, all that was
// decided above its text: a mail can begin with it as with a template. One that is
// to be encrypted is, if that is possible at all; else its text is worth more than
// that nobody may read it, and what is returned says so. An empty folder is the
// first of those for such files, in memory and of the person, that takes it.
func (r *Room) Rescue(ctx context.Context, d message.Draft, folder string) (kit.Rescued, error) {
	text := template.Whole(d)
	tools, to, bare := r.private(ctx, d)
	if tools != nil {
		var locked strings.Builder
		if bare = tools.Encrypt(ctx, &locked, strings.NewReader(text), to); bare == nil {
			path, err := r.rescueFile(folder, "sendoff-rescued-*.asc", locked.String())
			return kit.Rescued{Path: path, Program: tools.Kind.Program()}, err
		}
	}
	path, err := r.rescueFile(folder, "sendoff-rescued-*.txt", text)
	return kit.Rescued{Path: path, Bare: bare}, err
}

// rescueFile writes a file that nobody else reads into the first folder that
// takes it.
func (r *Room) rescueFile(folder, name, content string) (path string, err error) {
	folders := []string{folder}
	if folder == "" {
		folders = []string{os.TempDir()}
		for _, name := range []string{"XDG_RUNTIME_DIR", "HOME"} {
			if other, ok := r.opts.Lookup(name); ok && other != "" {
				folders = append(folders, other)
			}
		}
	}
	var failed error
	for _, folder := range folders {
		if path, err = writeNew(folder, name, content); err == nil {
			return path, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", failed
}

// writeNew writes content into a new file; half a file is removed.
func writeNew(folder, name, content string) (path string, err error) {
	f, err := os.CreateTemp(folder, name) // CreateTemp makes it 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// Unseal is the text of a file that Rescue, or a person, encrypted; any other text
// is as it was. how is empty for that.
func (r *Room) Unseal(ctx context.Context, text string) (plain, how string, err error) {
	kind, ok := seal.Armored(text)
	if !ok {
		return text, "", nil
	}
	var opened strings.Builder
	err = r.tools(ctx, string(kind)).Decrypt(ctx, &opened, strings.NewReader(text))
	return opened.String(), string(kind), err
}
