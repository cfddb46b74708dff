package message_test

import (
	"mime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sendoff/smtp/message"
)

func TestFlowed(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("word ", 30))
	tests := map[string]struct {
		text string
		want []string // lines as they are sent; nil when the text is not flowed
	}{
		"short":           {"one\n two\n> three\n", nil},
		"a patch":         {long + "\n \n+x\n", nil},
		"indented":        {"  " + long, nil},
		"one word":        {strings.Repeat("x", 200), nil},
		"long":            {long, []string{strings.Repeat("word ", 14), strings.Repeat("word ", 14), "word word"}},
		"stuffed":         {long + "\n code\nFrom me", []string{strings.Repeat("word ", 14), strings.Repeat("word ", 14), "word word", "  code", " From me"}},
		"quote":           {"> > " + long + "\n>\n> x\n-- \nme", []string{">> " + strings.Repeat("word ", 14), ">> " + strings.Repeat("word ", 14), ">> word word", ">", "> x", "-- ", "me"}},
		"quoted mark":     {long + "\n> -- \n> me", []string{strings.Repeat("word ", 14), strings.Repeat("word ", 14), "word word", "> -- ", "> me"}},
		"mark at a break": {"-- " + strings.Repeat("x", 80) + " y", []string{"-- " + strings.Repeat("x", 80) + " ", "y"}},
		"From at a break": {strings.Repeat("x", 70) + " From me to", []string{strings.Repeat("x", 70) + " ", " From me to"}},
		"> at a break":    {strings.Repeat("x", 70) + " > y zzzzzzz", []string{strings.Repeat("x", 70) + " ", " > y zzzzzzz"}},
	}
	for name, tt := range tests {
		m := sample()
		m.Text = tt.text
		raw := build(t, m)
		checkForm(t, raw)
		header, got, _ := read(t, raw)
		_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if (params["format"] == "flowed") != (tt.want != nil) {
			t.Errorf("%s: format is %q", name, params["format"])
			continue
		}
		if tt.want == nil {
			continue
		}
		if diff := cmp.Diff(tt.want, strings.Split(strings.TrimSuffix(got, "\r\n"), "\r\n")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		if back := message.Unflow(got, false); back != strings.TrimSuffix(tt.text, "\n") {
			t.Errorf("%s: is read as %q", name, back)
		}
	}
}

func TestUnflow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		delsp      bool
	}{
		{"a \nb\nc", "a b\nc", false},
		{"日本 \n語", "日本語", true},
		{"> a \n>> b \nc", "> a \n> > b \nc", false}, // depth changes end a paragraph
		{">>x\n> y", "> > x\n> y", false},
		{"a\n-- \nb", "a\n-- \nb", false},
		{"", "", false},
		{" \n", "", false},
	}
	for _, tt := range tests {
		if got := message.Unflow(tt.text, tt.delsp); strings.ReplaceAll(got, " \n", "\n") != strings.ReplaceAll(tt.want, " \n", "\n") {
			t.Errorf("Unflow(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// What is flowed is read as it was written, quotes in their usual form.
func TestFlowedComesBack(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[a-zé茶>.-]{1,9}|From|--`)
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			lead := rapid.SampledFrom([]string{"", "", "> ", "> > ", " "}).Draw(t, "lead")
			line := lead + strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "words"), rapid.SampledFrom([]string{" ", "  "}).Draw(t, "gap"))
			lines = append(lines, line)
		}
		m := sample()
		m.Text = strings.Join(lines, "\n")
		raw := build(t, m)
		checkForm(t, raw)
		header, got, _ := read(t, raw)
		if !strings.Contains(header.Get("Content-Type"), "flowed") {
			return
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
			if utf8.RuneCountInString(line) > 78 && strings.Contains(strings.TrimLeft(line, "> "), " ") && !strings.HasPrefix(strings.TrimLeft(line, ">"), "  ") &&
				strings.Index(strings.TrimRight(line, " "), " ") > 0 && longestWord(line) < 60 {
				t.Fatalf("line of %d: %q", utf8.RuneCountInString(line), line)
			}
		}
		if back := message.Unflow(got, false); back != usualQuotes(m.Text) {
			t.Fatalf("%q\nis read as\n%q", usualQuotes(m.Text), back)
		}
	})
}

func longestWord(line string) int {
	longest := 0
	for _, w := range strings.Fields(line) {
		longest = max(longest, len(w))
	}
	return longest
}

// usualQuotes writes the marks of quotes as "> " each.
func usualQuotes(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		depth := 0
		for strings.HasPrefix(line, ">") {
			line = strings.TrimPrefix(line[1:], " ")
			depth++
		}
		lines[i] = strings.Repeat("> ", depth) + line
		if line == "" {
			lines[i] = strings.TrimSuffix(lines[i], " ")
		}
	}
	return strings.TrimSuffix(strings.Join(lines, "\n"), "\n")
}
