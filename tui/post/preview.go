package post

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/message/eml"
	"sendoff/tui/kit"
)

// mostSource is how much of a mail's source a preview shows, in octets.
const mostSource = 256 << 10

// Preview makes a mail as its recipients will see it. Nothing of it is kept.
func (r *Room) Preview(_ context.Context, d message.Draft) (kit.Preview, error) {
	_, m, err := r.compose(&d)
	if err != nil {
		return kit.Preview{}, err
	}
	source := &limited{left: mostSource}
	b := builder{m: m}
	if err := b.write(source); err != nil && !errors.Is(err, errEnough) {
		return kit.Preview{}, b.blame(err)
	}
	p := kit.Preview{Text: m.Text, Comments: comments(d), Source: strings.ReplaceAll(source.String(), "\r\n", "\n")}
	if source.left == 0 {
		p.Source += "\n[...]\n"
	}
	if m.HTML == "" {
		return p, nil
	}
	p.PageText = eml.PageText(m.HTML)
	p.Page, err = standalone(m)
	return p, err
}

var errEnough = errors.New("that is enough")

// limited takes as much as it is to show, and then stops whoever writes.
type limited struct {
	bytes.Buffer
	left int
}

// Write keeps p as far as there is room for it.
func (l *limited) Write(p []byte) (int, error) {
	n, err := l.Buffer.Write(p[:min(len(p), l.left)])
	if l.left -= n; err == nil && l.left == 0 {
		err = errEnough
	}
	return n, err
}

// standalone returns the page of m with its images in it, as a browser wants
// it.
func standalone(m *message.Message) (string, error) {
	page := m.HTML
	for _, image := range m.Inline {
		f, err := image.Open()
		if err != nil {
			return "", err
		}
		data, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		kind := message.TypeOf(image.Name, data)
		page = strings.ReplaceAll(page, "cid:"+image.ContentID, "data:"+kind+";base64,"+base64.StdEncoding.EncodeToString(data))
	}
	return page, nil
}

// ShowPage opens a page in the person's browser, from a file that is removed on
// Close.
func (r *Room) ShowPage(ctx context.Context, page string) error {
	path, err := r.show("preview.html", strings.NewReader(page))
	if err != nil {
		return err
	}
	argv := browser(path)
	if _, err := exec.LookPath(argv[0]); err != nil {
		return fmt.Errorf("no browser can be started here; the page is in %s", path)
	}
	return r.launch(ctx, argv)
}

// OpenFile opens an attachment, or the folder that is one, with what the desktop
// has for it.
func (r *Room) OpenFile(ctx context.Context, path string) error {
	path = r.expand(path)
	if f := look(path); f.Err != nil {
		return &FileError{path, f.Err}
	}
	if isKept(path) {
		content, err := read(path)
		if err != nil {
			return &FileError{path, err}
		}
		defer content.Close()
		if path, err = r.show(filepath.Base(path), content); err != nil {
			return err
		}
	}
	argv := opener(filepath.Clean(path))
	if _, err := exec.LookPath(argv[0]); err != nil {
		return fmt.Errorf("nothing that shows files can be started here; it is %s", path)
	}
	return r.launch(ctx, argv)
}

// launch starts a program that shows something. It returns when the program has
// ended, or when ctx has and the program goes on. It gets no terminal, on which
// it would draw over the screen, and no password of ours.
func (r *Room) launch(ctx context.Context, argv []string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = slices.DeleteFunc(cmd.Environ(), secretive)
	alone(cmd)
	cmd.Cancel = nil // it is for the person to end it
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(argv[0]), err)
		}
	case <-ctx.Done():
	}
	return nil
}

// browser is the command that opens a page.
func browser(path string) []string {
	if name, _, _ := strings.Cut(os.Getenv("BROWSER"), ":"); name != "" && !strings.ContainsAny(name, " %") && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		return []string{name, path}
	}
	return opener(path)
}

// opener is the command that opens a file with what the desktop has for it.
func opener(path string) []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"open", path}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", filepath.ToSlash(path)}
	}
	return []string{"xdg-open", path}
}
