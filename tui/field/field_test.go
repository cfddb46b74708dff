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
		{"scrolled", "someone.with.a.long.name@a.long.domain.example", ".with.a.long.name@a.long.domain.example|", "✓ someone.with.a.long.name@a.long.domai…"},
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
	if got, want := seen(a), ", three@x.example|"; !strings.HasSuffix(got, want) || a.Cursor() != 19 {
		t.Errorf("at the end %q, cursor at %d", got, a.Cursor())
	}
	a.SetWidth(30)
	if a.Cursor() != 29 {
		t.Errorf("grown, the cursor is at %d", a.Cursor())
	}
	a.SetWidth(20)
	a.Update(tea.KeyPressMsg{Code: tea.KeyHome})
	if got, want := seen(a), "|one@x.example, ✓ two"; got[:14] != want[:14] || a.Cursor() != 0 {
		t.Errorf("at the start %q, cursor at %d", got, a.Cursor())
	}
	for x := range 20 {
		a.Click(x)
		if got := a.Cursor(); got < 0 || got >= 20 {
			t.Errorf("click at %d leads to column %d", x, got)
		}
	}
}

func TestAddressesPaste(t *testing.T) {
	t.Parallel()
	a := newAddresses("")
	a.Focus(true)
	a.Update(tea.PasteMsg{Content: "a@x.example,\r\n  Bob <b@x.example>\n\nc@x.example\n"})
	if got, want := a.Text(), "a@x.example, Bob <b@x.example>, c@x.example"; got != want {
		t.Errorf("pasted %q, want %q", got, want)
	}
	if len(a.Entries()) != 3 {
		t.Errorf("%d entries", len(a.Entries()))
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	a := newAddresses("ok@x.example, dave@@x.example")
	a.Focus(true)
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

// FuzzAddresses: whatever is typed and pasted stays as it is, and what is drawn
// stays within the line with the cursor in it.
func FuzzAddresses(f *testing.F) {
	f.Add("bob@x.example, dave@@x, us: a@x.example;, 漢字@x.example", uint8(20), uint8(7))
	f.Add("\"Doe, J\" <j@x.example>\t\u202e\u0301,,;", uint8(5), uint8(3))
	f.Fuzz(func(t *testing.T, s string, width, at uint8) {
		a := newAddresses("")
		a.SetWidth(int(width))
		typeInto(a, func(m tea.Msg) { a.Update(m) }, s)
		for range int(at) {
			a.Update(tea.KeyPressMsg{Code: tea.KeyLeft})
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
