// Package merge reads the rows that a template is filled in with, one mail for
// each: CSV (RFC 4180) with the names of the columns in its first row, or JSON
// lines.
package merge

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Row is what one mail is filled in with.
type Row struct {
	Line   int // where it begins, from 1
	Values map[string]string
}

// Error is a line that can't be read.
type Error struct {
	Line   int
	Reason string
}

// Error names the line.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// most is how much is read, in octets.
const most = 64 << 20

// Read reads all rows. What begins with a brace is JSON lines; CSV may be
// separated by commas, semicolons or tabs, whichever its first row has most of. A
// byte order mark at the start is passed over, and so are empty rows. What is
// wrong with the content is an *Error.
func Read(r io.Reader) ([]Row, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(text) > most {
		return nil, &Error{1, fmt.Sprintf("there are more than %d MB", most>>20)}
	}
	for n, line := range bytes.SplitAfter(text, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return nil, &Error{n + 1, "it is not UTF-8; save the file as CSV in UTF-8"}
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return readJSON(text)
	}
	return readCSV(text)
}

func readCSV(text []byte) (rows []Row, err error) {
	in := csv.NewReader(bytes.NewReader(text))
	in.Comma = separator(text)
	var names []string
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad) && errors.Is(err, csv.ErrFieldCount):
			return nil, &Error{bad.StartLine, fmt.Sprintf("it has %d cells, and the first row %d names", len(cells), len(names))}
		case errors.As(err, &bad):
			return nil, &Error{bad.Line, bad.Err.Error()}
		case err != nil:
			return nil, err
		}
		line, _ := in.FieldPos(0)
		switch {
		case names == nil:
			if names, err = header(line, cells); err != nil {
				return nil, err
			}
			continue
		case !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }):
			continue
		}
		row := Row{line, map[string]string{}}
		for i, cell := range cells {
			row.Values[names[i]] = strings.TrimSpace(cell)
		}
		rows = append(rows, row)
	}
}

// header reads the names of the columns.
func header(line int, cells []string) ([]string, error) {
	var names []string
	for _, cell := range cells {
		name := Name(cell)
		switch {
		case name == "":
			return nil, &Error{line, fmt.Sprintf("the first row has the names of the columns, and column %d has none", len(names)+1)}
		case slices.Contains(names, name):
			return nil, &Error{line, fmt.Sprintf("two columns are called %q", name)}
		case strings.Contains(name, "@"):
			return nil, &Error{line, fmt.Sprintf("the first row must have the names of the columns, and one is %q", name)}
		}
		names = append(names, name)
	}
	return names, nil
}

// Name is what a column is called: blanks within its name become _.
func Name(s string) string { return strings.Join(strings.Fields(s), "_") }

// separator is what the first row has most of, outside of quotes.
func separator(text []byte) rune {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	counts := map[rune]int{}
	quoted := false
	for _, r := range string(first) {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted:
			counts[r]++
		}
	}
	best := ','
	for _, r := range ";\t" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

func readJSON(text []byte) (rows []Row, err error) {
	for n, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var object map[string]any
		in := json.NewDecoder(bytes.NewReader(line))
		in.UseNumber()
		if err := in.Decode(&object); err != nil {
			return nil, &Error{n + 1, "it is no JSON object: " + err.Error()}
		}
		if in.More() {
			return nil, &Error{n + 1, "there is more than one JSON object on it"}
		}
		row := Row{n + 1, map[string]string{}}
		for key, v := range object {
			value, ok := valueOf(v)
			if !ok {
				return nil, &Error{n + 1, fmt.Sprintf("%q is neither text nor number, nor a list of texts", key)}
			}
			row.Values[Name(key)] = value
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// valueOf makes a text of a value; a list becomes one as addresses have it.
func valueOf(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	case []any:
		var all []string
		for _, one := range v {
			s, ok := one.(string)
			if !ok {
				return "", false
			}
			all = append(all, s)
		}
		return strings.Join(all, ", "), true
	}
	return "", false
}
