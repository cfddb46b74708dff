package config

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"sendoff/config/private"
)

// Append adds an account at the end of the file at path, and makes it the
// default if asDefault. Comments and order of what is there stay. The file and
// its folder are made if they are missing. Relative paths are taken from the
// working directory, as on a command line.
func Append(ctx context.Context, path string, a Account, asDefault bool) error {
	a, err := a.settled()
	if err != nil {
		return err
	}
	return edit(ctx, path, func(d *document, c Config) ([]byte, Config, error) {
		if f := clash(c.Accounts, a); f != nil {
			return nil, c, &Error{Path: path, Text: f.text, Hint: f.hint}
		}
		c.Accounts = append(c.Accounts, a)
		text := d.appended(a)
		if asDefault || len(c.Accounts) == 1 {
			c.Default = a.Name
		}
		if asDefault {
			text = d.withDefault(text, a.Name)
		}
		return text, c, nil
	})
}

// settled returns a as it can be written: sound, complete and with whole paths.
func (a Account) settled() (Account, error) {
	a.Auth = strings.ToLower(a.Auth)
	if err := a.Check(); err != nil {
		return a, err
	}
	// The caller's list stays as it is; an empty one reads back as nil.
	for _, list := range []*[]string{&a.PasswordCommand, &a.Pins, &a.Bcc, &a.Recipients, &a.CatchAll, &a.OAuthScopes} {
		*list = append([]string(nil), *list...)
	}
	for _, p := range a.paths() {
		whole, err := filepath.Abs(*p.of)
		if err != nil {
			return a, err
		}
		*p.of = whole
	}
	if kind, path := a.copyFolder(); kind != "" {
		whole, err := fromHere(path)
		if err != nil {
			return a, err
		}
		a.SentCopy = kind + whole
	}
	return a.Complete(), nil
}

// SetDefault makes the account called name the one to use when none is named.
func SetDefault(ctx context.Context, path, name string) error {
	return edit(ctx, path, func(d *document, c Config) ([]byte, Config, error) {
		a, err := c.Account(name)
		if err != nil {
			return nil, c, err
		}
		c.Default = a.Name
		return d.withDefault(d.text, a.Name), c, nil
	})
}

// change makes a new text of a document, and says what it should then hold.
type change func(d *document, before Config) (text []byte, after Config, err error)

// edit changes the file at path while no other program of ours does. The new
// text is read again before it replaces the old one, so that an edit can't
// break or lose what a person wrote.
func edit(ctx context.Context, path string, change change) error {
	unlock, err := private.Lock(ctx, path, "the configuration")
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer unlock()
	text, err := read(path)
	if err != nil {
		return err
	}
	d, err := parse(path, text)
	if err != nil {
		return err
	}
	if len(d.text) > 0 && !bytes.HasSuffix(d.text, []byte("\n")) {
		d.text = append(d.text, d.newline()...)
	}
	before, err := d.config()
	if err != nil {
		return err
	}
	text, want, err := change(d, before)
	if err != nil {
		return err
	}
	got, err := Parse(path, text)
	if err != nil || !reflect.DeepEqual(got, want) {
		return &Error{
			Path: path, Err: err,
			Text: "the file is written in a way that the program can't change safely",
			Hint: "change it with an editor",
		}
	}
	if err := private.Write(path, text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// fromHere makes a path whole that a person typed behind something else, where no
// shell knows what ~ is.
func fromHere(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, rest)
	}
	return filepath.Abs(path)
}

// appended returns the document with a at its end.
func (d *document) appended(a Account) []byte {
	var b strings.Builder
	b.Write(d.text)
	if len(d.text) > 0 {
		b.WriteString(d.newline())
	}
	b.WriteString("[[account]]" + d.newline())
	usual := Account{Address: a.Address}.Complete()
	for _, f := range accountFields {
		value := valueOf(f.of(&a))
		if f.always || value != "" && value != valueOf(f.of(&usual)) {
			b.WriteString(f.key + " = " + value + d.newline())
		}
	}
	for _, i := range a.Identities {
		b.WriteString(d.identity(i))
	}
	return []byte(b.String())
}

// withDefault returns text, which begins like the document, with name as the
// default.
func (d *document) withDefault(text []byte, name string) []byte {
	if e, ok := d.top.find("default"); ok {
		return splice(text, e.value, e.end, tomlString(name))
	}
	at := d.afterPreface()
	line := "default = " + tomlString(name) + d.newline()
	if rest := text[at:]; len(rest) > 0 && !bytes.HasPrefix(rest, []byte(d.newline())) {
		line += d.newline()
	}
	return splice(text, at, at, line)
}

// afterPreface is the end of the comment at the top of the file, which is
// about the file and not about the first account if an empty line follows it.
func (d *document) afterPreface() int {
	at := 0
	for line := range bytes.Lines(d.text) {
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			return at + len(line)
		case line[0] != '#':
			return 0
		}
		at += len(line)
	}
	return at
}

// newline is how lines end in the document.
func (d *document) newline() string {
	if i := bytes.IndexByte(d.text, '\n'); i > 0 && d.text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func splice(text []byte, start, end int, with string) []byte {
	return []byte(string(text[:start]) + with + string(text[end:]))
}

// valueOf writes the value of a field as TOML; one that is empty as nothing.
func valueOf(p any) string {
	switch p := p.(type) {
	case *string:
		if *p != "" {
			return tomlString(*p)
		}
	case *Plain:
		if *p != "" {
			return tomlString(p.Reveal())
		}
	case *[]string:
		quoted := make([]string, len(*p))
		for i, s := range *p {
			quoted[i] = tomlString(s)
		}
		if len(quoted) > 0 {
			return "[" + strings.Join(quoted, ", ") + "]"
		}
	case *int:
		if *p != 0 {
			return strconv.Itoa(*p)
		}
	case *bool:
		if *p {
			return "true"
		}
	}
	return ""
}

// tomlString writes a basic string of TOML 1.0.
func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
