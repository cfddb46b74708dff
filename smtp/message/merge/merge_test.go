package merge_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message/merge"
)

func row(line int, pairs ...string) merge.Row {
	r := merge.Row{Line: line, Values: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		r.Values[pairs[i]] = pairs[i+1]
	}
	return r
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []merge.Row
		err        string
	}{
		{"csv", "to,name\na@b.example,Ann\n\nb@b.example, Bob \n,\n", []merge.Row{row(2, "to", "a@b.example", "name", "Ann"), row(4, "to", "b@b.example", "name", "Bob")}, ""},
		{"as a spreadsheet in Europe has it", "\ufeffto;First name\r\na@b.example;\"Ann; \"\"the\r\nfirst\"\"\"\r\n", []merge.Row{row(2, "to", "a@b.example", "First_name", "Ann; \"the\nfirst\"")}, ""},
		{"tabs", "to\t\"a,b;c,d\"\nx@y.example\t1", []merge.Row{row(2, "to", "x@y.example", "a,b;c,d", "1")}, ""},
		{"one column", "to\nx@y.example\n", []merge.Row{row(2, "to", "x@y.example")}, ""},
		{"json", "{\"to\": [\"a@b.example\", \"c@d.example\"], \"n\": 1.50, \"x\": null}\n\n{\"to\":\"e\",\"yes\":true}", []merge.Row{row(1, "to", "a@b.example, c@d.example", "n", "1.50", "x", ""), row(3, "to", "e", "yes", "true")}, ""},
		{"nothing", "", nil, ""},
		{"too few", "to,name\na@b.example,Ann\nb@b.example\n", nil, "line 3: it has 1 cells, and the first row 2 names"},
		{"no names", "a@b.example,Ann\n", nil, `line 1: the first row must have the names of the columns, and one is "a@b.example"`},
		{"a name missing", "to,,x\n", nil, "line 1: the first row has the names of the columns, and column 2 has none"},
		{"twice", "to, to\n", nil, `line 1: two columns are called "to"`},
		{"quote", "to\n\"a\n", nil, "line 2: extraneous or missing \" in quoted-field"},
		{"latin 1", "to\nJ\xf6rg\n", nil, "line 2: it is not UTF-8; save the file as CSV in UTF-8"},
		{"object within", "{\"a\":{}}", nil, `line 1: "a" is neither text nor number, nor a list of texts`},
		{"no json", "{\"a\":1}\n{\"a\"", nil, "line 2: it is no JSON object: unexpected EOF"},
		{"two on a line", "{} {}", nil, "line 1: there is more than one JSON object on it"},
	} {
		got, err := merge.Read(strings.NewReader(test.text))
		var bad *merge.Error
		if diff := cmp.Diff(test.want, got); diff != "" || err == nil && test.err != "" || err != nil && (!errors.As(err, &bad) || err.Error() != test.err) {
			t.Errorf("%s: %v\n%s", test.name, err, diff)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("to;name\na@b.example;\"A\"\n")
	f.Add("{\"to\":[\"a\"]}\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := merge.Read(strings.NewReader(text))
		if err != nil && !errors.As(err, new(*merge.Error)) {
			t.Errorf("%v", err)
		}
		for i, r := range rows {
			if i > 0 && r.Line <= rows[i-1].Line {
				t.Errorf("line %d after %d", r.Line, rows[i-1].Line)
			}
		}
	})
}
