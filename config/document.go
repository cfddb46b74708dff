package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxSize bounds a configuration file, in octets; nobody has that many accounts.
const maxSize = 1 << 20

// document is a configuration file with the place of everything in it: what
// errors point at and edits change.
type document struct {
	path string
	text []byte

	top      section
	accounts []*section // one for each [[account]]
	tables   []*section // the others, in their order
	current  *section   // what the next key belongs to
}

// section is the keys below one header; the top of the file has none.
type section struct {
	header  int // where it begins, in octets
	entries []entry
	table   table      // what it is; the zero value for the top and accounts
	below   []*section // the identities of an account
}

// entry is one "key = value". Its offsets count octets from the start of the
// text.
type entry struct {
	key        string
	start, end int // from the key's first octet to after the value's last
	value      int // the value's first octet
	kind       unstable.Kind
	text       string // the value without quotes and escapes
	list       []string
	texts      bool // the value is a list of texts, list
}

// parse reads the text of the file called path, which must be valid TOML
// made of what a configuration can hold.
func parse(path string, text []byte) (*document, error) {
	// Editors on Windows like to put a byte order mark before UTF-8.
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := &document{path: path, text: text}
	d.current = &d.top
	if len(text) > maxSize {
		return nil, &Error{Path: path, Text: "the file is larger than 1 MiB"}
	}
	if at, ok := invalidUTF8(text); ok {
		return nil, d.errorAt(at, "the file is not UTF-8 text", "")
	}
	// The parser below knows the syntax alone; rules such as "no key twice"
	// are the decoder's.
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		return nil, d.syntaxError(err)
	}
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		if err := d.add(&p, p.Expression()); err != nil {
			return nil, err
		}
	}
	if err := p.Error(); err != nil {
		return nil, &Error{Path: path, Text: err.Error()}
	}
	return d, nil
}

// add takes one line of the document in.
func (d *document) add(p *unstable.Parser, n *unstable.Node) error {
	var names []string
	at := 0
	for it := n.Key(); it.Next(); {
		if len(names) == 0 {
			at = int(it.Node().Raw.Offset)
		}
		names = append(names, string(it.Node().Data))
	}
	name := strings.Join(names, ".")
	switch n.Kind {
	case unstable.ArrayTable, unstable.Table:
		return d.begin(name, at, n.Kind == unstable.ArrayTable)
	}
	if len(names) > 1 && d.current.table.name != keysTable.name {
		return d.errorAt(at, "unknown key "+quote(name), "")
	}
	e := entry{
		key:   name,
		start: at,
		end:   int(n.Raw.Offset + n.Raw.Length),
		kind:  n.Value().Kind,
		text:  string(n.Value().Data),
	}
	e.list, e.texts = textsOf(n.Value())
	afterKey := at + int(n.Value().Next().Raw.Length)
	equals := afterKey + bytes.IndexByte(d.text[afterKey:], '=') + 1
	e.value = equals + len(d.text[equals:]) - len(bytes.TrimLeft(d.text[equals:], " \t"))
	d.current.entries = append(d.current.entries, e)
	return nil
}

// begin starts the section called name, whose name stands at an offset, in one
// pair of brackets or two.
func (d *document) begin(name string, at int, twice bool) error {
	s := &section{header: d.lineStart(at)}
	d.current = s
	switch n := len(d.accounts); {
	case name == "account" && twice:
		d.accounts = append(d.accounts, s)
		return nil
	case name == identityTable && twice && n == 0:
		return d.errorAt(at, "the identity belongs to no account", "move it below a line that says [[account]]")
	case name == identityTable && twice:
		d.accounts[n-1].below = append(d.accounts[n-1].below, s)
		return nil
	}
	for _, t := range tables {
		if t.name == name && t.many == twice {
			s.table = t
			d.tables = append(d.tables, s)
			return nil
		}
	}
	return d.errorAt(at, "unknown table "+quote(name), suggestTable(name))
}

// textsOf returns the elements of a list of texts.
func textsOf(n *unstable.Node) ([]string, bool) {
	var list []string
	for it := n.Children(); it.Next(); {
		if it.Node().Kind != unstable.String {
			return nil, false
		}
		list = append(list, string(it.Node().Data))
	}
	return list, n.Kind == unstable.Array
}

func (s *section) find(key string) (entry, bool) {
	for _, e := range s.entries {
		if e.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// place is where to look for what is wrong with key: at its value, or at the
// head of the section that lacks it.
func (s *section) place(key string) int {
	if e, ok := s.find(key); ok {
		return e.value
	}
	return s.header
}

func (d *document) errorAt(offset int, text, hint string) *Error {
	line, column := locate(d.text, offset)
	return &Error{Path: d.path, Line: line, Column: column, Text: text, Hint: hint}
}

// syntaxError puts the decoder's complaint into our form.
func (d *document) syntaxError(err error) *Error {
	var de *toml.DecodeError
	if !errors.As(err, &de) {
		return &Error{Path: d.path, Text: err.Error()}
	}
	line, octet := de.Position()
	column := octet
	if lines := bytes.SplitAfterN(d.text, []byte{'\n'}, line+1); line >= 1 && line <= len(lines) {
		l := lines[line-1]
		column = utf8.RuneCount(l[:min(octet-1, len(l))]) + 1
	}
	return &Error{
		Path: d.path, Line: line, Column: column,
		Text: strings.TrimPrefix(de.Error(), "toml: "),
	}
}

func invalidUTF8(text []byte) (offset int, invalid bool) {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i, true
		}
		i += n
	}
	return 0, false
}
