package post

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendoff/smtp/message"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	add(t, r, work, "")
	folder := t.TempDir()
	image, large := filepath.Join(folder, "cat.png"), filepath.Join(folder, "large.bin")
	for path, content := range map[string]string{image: "\x89PNG\r\n\x1a\n", large: strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := message.Draft{To: "bob@b.example", Subject: "Cat", Body: "# A cat\n\n![cat](" + filepath.ToSlash(image) + ")", Format: message.Markdown, Attachments: []string{large}}
	p, err := r.Preview(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if p.Text != "A cat\n=====\n\n[image: cat]\n" || p.PageText != "A cat\n\n[image: cat]" {
		t.Errorf("text %q, page %q", p.Text, p.PageText)
	}
	if !strings.Contains(p.Page, `src="data:image/png;base64,iVBORw0KGgo="`) {
		t.Errorf("the page lacks its image:\n%s", p.Page)
	}
	if !strings.Contains(p.Source, "\nSubject: Cat\n") || !strings.HasSuffix(p.Source, "[...]\n") || len(p.Source) > mostSource+100 {
		t.Errorf("source of %d octets:\n%.500s", len(p.Source), p.Source)
	}
	d.Format = message.Plain
	if p, err = r.Preview(t.Context(), d); err != nil || p.Page != "" || p.Text != d.Body {
		t.Errorf("plain: %+v, %v", p, err)
	}
	d.To = "bob@"
	if _, err = r.Preview(t.Context(), d); err == nil {
		t.Error("a broken address can be looked at")
	}
}
