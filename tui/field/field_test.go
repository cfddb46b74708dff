package field

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

func newAddresses(s string) *Addresses {
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	a := NewAddresses(keys.Default().Text, &styles, &cells)
	a.SetWidth(40)
	a.SetText(s)
	return a
}

func typeInto(u interface{ Focus(bool) }, update func(tea.Msg), s string) {
	u.Focus(true)
	for _, r := range s {
		update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// seen returns what is drawn, with a bar at the cursor.
func seen(a *Addresses) string {
	row := ansi.Strip(a.View())
	if !a.focused {
		return row
	}
	at := len(a.cells.Cut(row, a.Cursor()))
	return row[:at] + "|" + row[at:]
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typed, focused, left string }{
		{"empty", "", "|", ""},
		{"being typed", "bob@exam", "bob@exam|", "✓ bob@exam"},
		{"still broken", "bob@", "bob@|", "✗ bob@"},
		{"left by a comma", "bob@example.org,", "✓ bob@example.org,|", "✓ bob@example.org"},
		{"broken one", "dave@@x.example, b", "✗ dave@@x.example, b|", "✗ dave@@x.example  ✗ b"},
		{"comma in quotes", `"Doe, J" <j@x.example>, `, `✓ "Doe, J" <j@x.example>, |`, `✓ "Doe, J" <j@x.example>`},
		{"group", "us: a@x.example, b@x.example;", "us: a@x.example, b@x.example;|", "✓ us: a@x.example, b@x.example;"},
		{"scrolled", "someone.with.a.long.name@a.long.domain.example", "…with.a.long.name@a.long.domain.example|", "✓ someone.with.a.long.name@a.long.domai…"},
		{"more than fit", "a@x.example,b@x.example,c@x.example,d@x.example,", "", "✓ a@x.example  ✓ b@x.example  +2"},
		{"hidden", "a\u200b@x.example, ", "✗ a\ufffd@x.example, |", "✗ a\ufffd@x.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAddresses("")
			typeInto(a, func(m tea.Msg) { a.Update(m) }, tt.typed)
			if got := seen(a); tt.focused != "" && got != tt.focused {
				t.Errorf("typing shows %q, want %q", got, tt.focused)
			}
			if a.Text() != tt.typed {
				t.Errorf("text is %q", a.Text())
			}
			a.Focus(false)
			if got := seen(a); got != tt.left {
				t.Errorf("left, it shows %q, want %q", got, tt.left)
			}
		})
	}
}

func TestAddressesScroll(t *testing.T) {
	t.Parallel()
	a := newAddresses("one@x.example, two@x.example, three@x.example")
	a.SetWidth(20)
	a.Focus(true)
	if got, want := seen(a), "✓ three@x.example|"; !strings.HasSuffix(got, want) || a.Cursor() != 19 {
		t.Errorf("at the end %q, cursor at %d", got, a.Cursor())
	}
	a.SetWidth(30)
	if a.Cursor() != 29 {
		t.Errorf("grown, the cursor is at %d", a.Cursor())
	}
	a.SetWidth(20)
	a.Update(tea.KeyPressMsg{Code: tea.KeyHome})
	if got, want := seen(a), "|✓ one@x.example, ✓ …"; got != want || a.Cursor() != 0 {
		t.Errorf("at the start %q, cursor at %d", got, a.Cursor())
	}
	for x := range 20 {
		a.Click(x)
		if got := a.Cursor(); got < 0 || got >= 20 {
			t.Errorf("click at %d leads to column %d", x, got)
		}
	}
}

// TestChips: the cursor goes over a recipient as over one piece, which is
// removed, opened and written beside as one.
func TestChips(t *testing.T) {
	t.Parallel()
	const list = "a@x.example, Bob <b@x.example>, dave@@x, c@x.example"
	for _, tt := range []struct{ name, typed, keys, want, shown string }{
		{"over them", "", "left left", list, "✓ a@x.example, ✓ Bob <b@x.example>, |✗ dave@@x, ✓ c@x.example"},
		{"and back", "", "left left left right", list, "✓ a@x.example, ✓ Bob <b@x.example>, |✗ dave@@x, ✓ c@x.example"},
		{"by words", "", "alt+b alt+b alt+b alt+b alt+b", list, "|✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, ✓ c@x.example"},
		{"at the end", "", "right", list, "✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, ✓ c@x.example|"},
		{"the last removed", "", "backspace", "a@x.example, Bob <b@x.example>, dave@@x, ", ""},
		{"one removed", "", "left left left delete", "a@x.example, dave@@x, c@x.example", "✓ a@x.example, |✗ dave@@x, ✓ c@x.example"},
		{"one removed, back", "", "left left left backspace", "a@x.example, dave@@x, c@x.example", ""},
		{"undone", "", "left left left delete ctrl+z", list, "✓ a@x.example, |✓ Bob <b@x.example>, ✗ dave@@x, ✓ c@x.example"},
		{"all removed", "", "backspace backspace backspace ctrl+w backspace", "", "|"},
		{"opened", "", "left left enter backspace backspace backspace . e", "a@x.example, Bob <b@x.example>, dave.e, c@x.example", "✓ a@x.example, ✓ Bob <b@x.example>, dave.e|, ✓ c@x.example"},
		{"opened and closed", "", "left left enter left enter", list, "✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, |✓ c@x.example"},
		{"the last opened", "", "left enter backspace enter", "a@x.example, Bob <b@x.example>, dave@@x, c@x.exampl, ", ""},
		{"opened and left", "", "left left enter right", list, "✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, |✓ c@x.example"},
		{"written before", "", "home e", "e, " + list, "e|, ✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, ✓ c@x.example"},
		{"written behind", "", "e @ x", list + ", e@x", "✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, ✓ c@x.example, e@x|"},
		{"a comma behind", "", ", e", list + ",e", ""},
		{"selected", "", "shift+left shift+left backspace", "a@x.example, Bob <b@x.example>, ", ""},
		{"selected on", "", "home shift+right delete", "Bob <b@x.example>, dave@@x, c@x.example", ""},
		{"typed and gone through", ", new@x", "left left backspace", list + ", ne@x", ""},
		{"typed and left", ", n", "left left", list + ", n", "✓ a@x.example, ✓ Bob <b@x.example>, ✗ dave@@x, |✓ c@x.example, ✗ n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAddresses(list)
			a.SetWidth(100)
			typeInto(a, func(m tea.Msg) { a.Update(m) }, tt.typed)
			for name := range strings.FieldsSeq(tt.keys) {
				a.Update(keys.Press(name))
			}
			if got := a.Text(); got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
			if got := seen(a); tt.shown != "" && got != tt.shown {
				t.Errorf("it shows %q, want %q", got, tt.shown)
			}
		})
	}
}

// TestChipsNarrow: of a chip that has no room its beginning shows, and where the
// line is cut an ellipsis; a click chooses it, another opens it.
func TestChipsNarrow(t *testing.T) {
	t.Parallel()
	a := newAddresses("Alexandra Longname <alexandra@long.example>, bob@x.example")
	a.SetWidth(29)
	a.Focus(true)
	for _, step := range []struct{ key, want string }{
		{"", "…g.example>, ✓ bob@x.example|"}, {"left", "…g.example>, |✓ bob@x.example"}, {"left", "|✓ Alexandra Longname <alexan…"}, {"enter", "…e <alexandra@long.example>|,…"},
	} {
		if step.key != "" {
			a.Update(keys.Press(step.key))
		}
		if got := seen(a); got != step.want {
			t.Errorf("%s: it shows %q, want %q", step.key, got, step.want)
		}
		if a.cells.Width(a.View()) > 29 {
			t.Errorf("%s: too wide: %q", step.key, a.View())
		}
	}
	a.SetText("ann@x.example, bob@x.example")
	a.Click(5)
	if e, ok := a.Chosen(); !ok || e.Start != 0 {
		t.Errorf("a click chooses %+v, %v", e, ok)
	}
	a.Click(5)
	if _, ok := a.Chosen(); ok || a.Position() != 3 {
		t.Errorf("a second one leads to %d", a.Position())
	}
}

// TestAddressesPaste pastes lists in the forms in which others hand them out.
func TestAddressesPaste(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, pasted, want string }{
		{"lines", "a@x.example,\r\n  Bob <b@x.example>\n\nc@x.example\n", "a@x.example, Bob <b@x.example>, c@x.example"},
		{"semicolons", "Doe J <j@x.example>; b@x.example;", "Doe J <j@x.example>; b@x.example;"},
		{"surnames first", "Müller, Jörg (Ext.) <j@x.example>; Roe, B. <b@x.example>;", `"Müller, Jörg (Ext.)" <j@x.example>; "Roe, B." <b@x.example>;`},
		{"surnames first, in lines", "a@x.example\nDoe, J <j@x.example>\nRoe, B <b@x.example>", `a@x.example, "Doe, J" <j@x.example>, "Roe, B" <b@x.example>`},
		{"surnames first, commas between", "Doe, J <j@x.example>, Roe, B <b@x.example>", `"Doe, J" <j@x.example>, "Roe, B" <b@x.example>`},
		{"a name behind an address", "a@x.example, Doe, J <j@x.example>", "a@x.example, Doe, J <j@x.example>"},
		{"surnames in quotes", `"Doe; A, J" <j@x.example>; b@x.example`, `"Doe; A, J" <j@x.example>; b@x.example`},
		{"a remark with a comma", "Bob (here, now) <bob@x.example>", "Bob (here, now) <bob@x.example>"},
		{"a group with surnames", "us: Doe, J <j@x.example>;", "us: Doe, J <j@x.example>;"},
		{"a line with tabs", "a@x.example\tb@x.example\tc@x.example", "a@x.example, b@x.example, c@x.example"},
		{"a spreadsheet", "Name\tMail\nBob Ross\tbob@x.example\nDoe, Jane\tjane@x.example\n", `Name Mail, Bob Ross <bob@x.example>, "Doe, Jane" <jane@x.example>`},
		{"names in two columns", "1\tBob\tRoss\tbob@x.example", "1 Bob Ross <bob@x.example>"},
		{"the address first", "bob@x.example\tBob\n\"ann@x.example\"\t", `Bob <bob@x.example>, "ann@x.example"`},
		{"quoted cells", "\"Bob Ross\"\tbob@x.example", "Bob Ross <bob@x.example>"},
		{"named twice", "Bob\tRobert <bob@x.example>", "Robert <bob@x.example>"},
		{"a link", "mailto:a@x.example?subject=Hi&cc=b@x.example", "a@x.example"},
		{"a link of two", "MAILTO:a%2Bb@x.example,c@x.example", "a+b@x.example,c@x.example"},
		{"links in lines", "mailto:a@x.example\nmailto:b@x.example?body=x%20y\n", "a@x.example, b@x.example"},
		{"links in columns", "Bob Ross\tmailto:bob@x.example\nAnn\tmailto:ann@x.example", "Bob Ross <bob@x.example>, Ann <ann@x.example>"},
		{"a link in brackets", "Bob <mailto:bob@x.example>, Ann <ANN@x.example>", "Bob <bob@x.example>, Ann <ANN@x.example>"},
		{"a link that can't be decoded", "mailto:a%zz@x.example", "a%zz@x.example"},
		{"a group", "us: a@x.example, b@x.example;", "us: a@x.example, b@x.example;"},
		{"letters that grow", "\u0130 mailto:a@x.example", "\u0130 a@x.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAddresses("")
			a.Focus(true)
			a.Update(tea.PasteMsg{Content: tt.pasted})
			if got := a.Text(); got != tt.want {
				t.Errorf("pasted %q, want %q", got, tt.want)
			}
			a.SetText("z@x.example")
			a.Update(tea.PasteMsg{Content: tt.pasted})
			if got := a.Text(); got != "z@x.example, "+tt.want {
				t.Errorf("behind another it is %q", got)
			}
		})
	}
}

// TestComeBack: what the person left keeps its mark when they come back, and what
// they write then goes on with half of an address, but not with a broken one.
func TestComeBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ left, shown, then string }{
		{"a@x.example, dave@@x", "✓ a@x.example, ✗ dave@@x|", "a@x.example, dave@@x, qui"},
		{"b..b@x.example", "✗ b..b@x.example|", "b..b@x.example, qui"},
		{"Bob <b@@x>", "✗ Bob <b@@x>|", "Bob <b@@x>, qui"},
		{"a@x.example", "✓ a@x.example|", "a@x.example, qui"},
		{"bo", "✗ bo|", "boqui"},
		{"bob@", "✗ bob@|", "bob@qui"},
		{"Bob <bob@", "✗ Bob <bob@|", "Bob <bob@qui"},
		{"us: a@x.example", "✗ us: a@x.example|", "us: a@x.examplequi"},
	} {
		a := newAddresses("")
		typeInto(a, func(m tea.Msg) { a.Update(m) }, tt.left)
		a.Focus(false)
		a.Focus(true)
		if got := seen(a); got != tt.shown {
			t.Errorf("%s: it shows %q, want %q", tt.left, got, tt.shown)
		}
		typeInto(a, func(m tea.Msg) { a.Update(m) }, "qui")
		if got := a.Text(); got != tt.then {
			t.Errorf("%s: it is %q, want %q", tt.left, got, tt.then)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	a := newAddresses("")
	typeInto(a, func(m tea.Msg) { a.Update(m) }, "ok@x.example, dave@@x.example")
	if _, found := a.Problem(false); found {
		t.Error("what is being typed is called a problem")
	}
	e, found := a.Problem(true)
	if !found || !strings.Contains(e.Err.Error(), "dave@@x.example") {
		t.Errorf("problem %v, %v", e.Err, found)
	}
	a.Focus(false)
	if _, found := a.Problem(false); !found {
		t.Error("a broken address that was left is no problem")
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	styles, cells := theme.New(theme.None(), theme.Unicode()), text.CodePoints
	l := NewLine(keys.Default().Text, &styles, &cells)
	l.SetWidth(8)
	typeInto(l, func(m tea.Msg) { l.Update(m) }, "0123456789")
	if got := l.View(); got != "3456789" || l.Cursor() != 7 {
		t.Errorf("typing shows %q, cursor at %d", got, l.Cursor())
	}
	l.Click(0)
	if _, col := l.Position(); col != 3 {
		t.Errorf("click leads to %d", col)
	}
	l.Focus(false)
	if got := l.View(); got != "0123456…" {
		t.Errorf("left, it shows %q", got)
	}
}

// FuzzAddresses: whatever is typed, and done to it, what is drawn stays within
// the line with the cursor in it.
func FuzzAddresses(f *testing.F) {
	f.Add("bob@x.example, dave@@x, us: a@x.example;, 漢字@x.example", uint8(20), uint8(7))
	f.Add("\"Doe, J\" <j@x.example>\t\u202e\u0301,,;", uint8(5), uint8(3))
	f.Fuzz(func(t *testing.T, s string, width, at uint8) {
		a := newAddresses("")
		a.SetWidth(int(width))
		typeInto(a, func(m tea.Msg) { a.Update(m) }, s)
		names := strings.Fields("left right left enter left backspace x , delete ctrl+z shift+left shift+right home end alt+b ctrl+y alt+y")
		for i := range int(at) {
			a.Update(keys.Press(names[(i*int(at)+i/3)%len(names)]))
			if p := a.Position(); p < 0 || p > len(a.Text()) {
				t.Fatalf("%q: at %d of %q", s, p, a.Text())
			}
		}
		for _, focused := range []bool{true, false} {
			a.Focus(focused)
			if got := a.cells.Width(a.View()); got > a.width {
				t.Fatalf("%q: %d cells of %d, focused: %v", s, got, a.width, focused)
			}
			if x := a.Cursor(); focused && (x < 0 || x >= a.width) {
				t.Fatalf("%q: cursor at %d of %d", s, x, a.width)
			}
		}
	})
}

// BenchmarkLongList is a key behind a thousand recipients, and its frame.
func BenchmarkLongList(b *testing.B) {
	a := newAddresses("")
	a.Focus(true)
	a.Update(tea.PasteMsg{Content: strings.Repeat("Some Body <somebody@example.org>, ", 1000)})
	for b.Loop() {
		for _, key := range []tea.KeyPressMsg{{Code: 'x', Text: "x"}, {Code: tea.KeyBackspace}} {
			a.Update(key)
			a.View()
			a.Cursor()
		}
	}
}
