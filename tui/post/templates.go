package post

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sendoff/config/private"
	"sendoff/smtp/message/template"
	"sendoff/tui/kit"
)

const (
	mostTemplates = 1000
	mostTemplate  = 1 << 20 // octets
)

var errLong = errors.New("is longer than a template may be")

// TemplateFolder is where the templates are that go by a name alone.
func (r *Room) TemplateFolder() string { return filepath.Join(r.home.ConfigDir, "templates") }

// Templates reads those in TemplateFolder, by their names. Without the folder
// there are none. What a template that can't be used has for an error stands
// with it.
func (r *Room) Templates(ctx context.Context) ([]kit.Template, error) {
	folder := r.TemplateFolder()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &FileError{folder, err}
	}
	var all []kit.Template
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		if ctx.Err() != nil || len(all) == mostTemplates {
			return all, ctx.Err()
		}
		all = append(all, readTemplate(folder, name))
	}
	return all, nil
}

func readTemplate(folder, name string) kit.Template {
	t := kit.Template{Name: name}
	text, err := private.Read(filepath.Join(folder, name), mostTemplate)
	if err == nil && len(text) > mostTemplate {
		err = errLong
	}
	if err == nil {
		t.Fields, err = template.Parse(string(text))
	}
	t.Err = err
	_, t.Open = template.Fill(t.Fields, nil)
	return t
}
