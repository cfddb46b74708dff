package widget

import (
	"strconv"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"sendoff/tui/keys"
	"sendoff/tui/text"
	"sendoff/tui/theme"
)

func pen(g theme.Glyphs) Pen {
	s, m := theme.New(theme.None(), g), text.Clusters
	return Pen{&s, &m}
}

func TestBar(t *testing.T) {
	t.Parallel()
	uni, ascii := pen(theme.Unicode()), pen(theme.ASCII())
	for _, c := range []struct {
		pen  Pen
		done float64
		want string
	}{
		{uni, 0, "░░░░"}, {uni, 1, "████"}, {uni, 0.5, "██░░"}, {uni, 0.625, "██▌░"}, {uni, 7, "████"}, {uni, -1, "░░░░"},
		{ascii, 0.625, "##.."}, {ascii, 1, "####"},
	} {
		if got := ansi.Strip(c.pen.Bar(4, c.done)); got != c.want {
			t.Errorf("Bar(%v) = %q, want %q", c.done, got, c.want)
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pen    Pen
		values []int64
		want   string
	}{
		{pen(theme.Unicode()), []int64{0, 50, 100, 99, 12}, "▁▅██▁"}, {pen(theme.ASCII()), []int64{0, 50, 100, -3}, "_+#_"},
		{pen(theme.Unicode()), []int64{0, 0}, "▁▁"}, {pen(theme.Unicode()), nil, ""},
	} {
		if got := ansi.Strip(c.pen.Spark(c.values)); got != c.want {
			t.Errorf("Spark(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}

// TestKeys: a binding is shown whole or not at all, and help never goes.
func TestKeys(t *testing.T) {
	t.Parallel()
	m, p := keys.Default(), pen(theme.Unicode())
	bindings := []key.Binding{m.Compose.Send, m.Compose.Attach, m.Compose.Editor, m.Compose.Cc, m.Global.Palette}
	for _, c := range []struct {
		width int
		want  string
	}{
		{80, " ctrl+s send  ctrl+o attach  alt+e your editor  alt+c cc/bcc  F1 help"},
		{40, " ctrl+s send  ctrl+o attach  F1 help"},
		{12, " F1 help"},
	} {
		got := ansi.Strip(p.Keys(c.width, bindings, []key.Binding{m.Global.Help}))
		if got != c.want {
			t.Errorf("Keys(%d) = %q, want %q", c.width, got, c.want)
		}
		if w := p.Width(got); w > c.width {
			t.Errorf("Keys(%d) is %d wide", c.width, w)
		}
	}
	out := []key.Binding{m.Outbox.Retry, m.Outbox.Hold, m.Outbox.Cancel, m.Outbox.Back}
	for width, want := range map[int]string{80: " r try now  h hold  c cancel  esc back  F1 help", 30: " r try now  esc back  F1 help", 26: " h hold  esc back  F1 help", 12: " F1 help"} {
		if got := ansi.Strip(p.Keys(width, out, []key.Binding{m.Global.Help})); got != want {
			t.Errorf("Keys(%d) = %q, want %q", width, got, want)
		}
	}
	line := ansi.Strip(p.Keys(80, bindings, []key.Binding{m.Global.Help}))
	for _, want := range []key.Binding{m.Compose.Send, m.Compose.Attach, m.Compose.Cc, m.Global.Help} {
		words := want.Help().Key + " " + want.Help().Desc
		at := strings.Index(line, words)
		for _, x := range []int{at, at + len(words) - 1} {
			if got, ok := p.KeyAt(80, bindings, []key.Binding{m.Global.Help}, x); !ok || got.Help() != want.Help() {
				t.Errorf("column %d is %v, %v, want %s", x, got.Help(), ok, words)
			}
		}
		if got, ok := p.KeyAt(80, bindings, []key.Binding{m.Global.Help}, at-1); ok {
			t.Errorf("column %d, between two, is %v", at-1, got.Help())
		}
	}
	m.Compose.Send.SetEnabled(false)
	if got := ansi.Strip(p.Keys(80, []key.Binding{m.Compose.Send}, nil)); strings.Contains(got, "send") {
		t.Errorf("a disabled key is offered: %q", got)
	}
}

func TestTabs(t *testing.T) {
	t.Parallel()
	p := pen(theme.Unicode())
	tabs := []Tab{{"Needs you", 1, true}, {"Waiting", 2, false}, {"Sent", 214, false}, {"All", 0, false}}
	for _, c := range []struct {
		width, here int
		want        string
	}{
		{80, 0, " Needs you 1  Waiting 2  Sent 214  All "},
		{25, 0, " Needs you 1  Waiting 2 "},
		{25, 3, " Needs you 1  All "},
		{30, 2, " Needs you 1  Sent 214  All "},
	} {
		got := ansi.Strip(p.Tabs(c.width, tabs, c.here))
		if got != c.want {
			t.Errorf("Tabs(%d, %d) = %q, want %q", c.width, c.here, got, c.want)
		}
	}
	line := ansi.Strip(p.Tabs(80, tabs, 0))
	for i, tab := range tabs {
		if got := p.TabAt(80, tabs, 0, strings.Index(line, tab.Title)); got != i {
			t.Errorf("a click on %s hits %d", tab.Title, got)
		}
	}
	if got := p.TabAt(80, tabs, 0, 79); got != -1 {
		t.Errorf("a click beside the tabs hits %d", got)
	}
}

func TestListWindow(t *testing.T) {
	t.Parallel()
	l := NewList(keys.Default().List)
	l.SetHeight(3)
	l.SetLength(10)
	rows := func() []string {
		return l.Rows(func(i int, selected bool) string {
			if selected {
				return ">" + strconv.Itoa(i)
			}
			return strconv.Itoa(i)
		})
	}
	press := func(code rune) { l.Update(tea.KeyPressMsg{Code: code}) }
	want := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, rows()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	want("at first", ">0", "1", "2")
	press(tea.KeyDown)
	press(tea.KeyDown)
	press(tea.KeyDown)
	want("three down", "1", "2", ">3")
	press(tea.KeyEnd)
	want("at the end", "7", "8", ">9")
	press(tea.KeyDown)
	want("beyond the end", "7", "8", ">9")
	l.SetLength(2)
	want("after it shrank", "0", ">1", "")
	l.Update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: 0})
	want("after a click", ">0", "1", "")
	if l.Update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: 2}) {
		t.Error("a click below the rows was taken")
	}
	l.SetLength(0)
	if l.Cursor() != -1 {
		t.Error("an empty list has a cursor")
	}
}

// TestListCost: drawing asks for the rows that show and no others.
func TestListCost(t *testing.T) {
	t.Parallel()
	l := NewList(keys.Default().List)
	l.SetHeight(40)
	l.SetLength(1_000_000)
	l.Select(500_000)
	asked := 0
	l.Rows(func(int, bool) string { asked++; return "" })
	if asked != 40 {
		t.Errorf("%d rows were drawn for a window of 40", asked)
	}
}

func TestPagerStaysAtEnd(t *testing.T) {
	t.Parallel()
	p := NewPager(keys.Default().List)
	p.SetHeight(2)
	p.SetLines([]string{"a", "b", "c"})
	if got := p.Rows(); got[0] != "a" {
		t.Errorf("starts at %q", got[0])
	}
	p.ToEnd()
	p.SetLines([]string{"a", "b", "c", "d"})
	if got := p.Rows(); got[1] != "d" {
		t.Errorf("the end does not go on showing: %q", got)
	}
	p.Update(tea.KeyPressMsg{Code: tea.KeyHome})
	p.SetLines([]string{"a", "b", "c", "d", "e"})
	if got := p.Rows(); got[0] != "a" {
		t.Errorf("reading above the end is disturbed: %q", got)
	}
}

func TestPickCoversTheRow(t *testing.T) {
	t.Parallel()
	p := pen(theme.Unicode())
	got := p.Pick(p.Bad.Render("x")+" y", 6)
	if ansi.Strip(got) != "x y   " || strings.Count(got, "\x1b[7m") != 1 {
		t.Errorf("Pick = %q", got)
	}
}

// TestBare: where the terminal shows neither color nor weight, a sign marks
// the selected row and the tab one is on, and nothing moves by it.
func TestBare(t *testing.T) {
	t.Parallel()
	s, m := theme.New(theme.Bare(), theme.ASCII()), text.Clusters
	p := Pen{&s, &m}
	if got := p.Pick(" row", 6); got != ">row  " {
		t.Errorf("the selected row is %q", got)
	}
	if got := p.Tabs(80, []Tab{{Title: "Compose"}, {Title: "Outbox", Count: 3}}, 1); got != " Compose >Outbox 3 " {
		t.Errorf("the tabs are %q", got)
	}
}
