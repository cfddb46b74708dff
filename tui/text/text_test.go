package text

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

const family = "👨\u200d👩\u200d👧\u200d👦"

func TestWidth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in        string
		points, cluster int
	}{
		{"empty", "", 0, 0},
		{"ascii", "abc", 3, 3},
		{"combining", "e\u0301a", 2, 2},
		{"wide", "漢字", 4, 4},
		{"family", family, 8, 2},
		{"skin tone", "👍🏽", 4, 2},
		{"flag", "🇩🇪", 2, 2},
		{"devanagari", "नि", 2, 1},
		{"hangul", "한국", 4, 4},
		{"styled", "\x1b[1;31mab\x1b[m", 2, 2},
		{"hyperlink", "\x1b]8;;http://x.example\x1b\\ab\x1b]8;;\x1b\\", 2, 2},
	}
	for _, tt := range tests {
		if got := CodePoints.Width(tt.in); got != tt.points {
			t.Errorf("%s: code points: %d cells, want %d", tt.name, got, tt.points)
		}
		if got := Clusters.Width(tt.in); got != tt.cluster {
			t.Errorf("%s: clusters: %d cells, want %d", tt.name, got, tt.cluster)
		}
	}
}

func TestReported(t *testing.T) {
	t.Parallel()
	if _, ok := Reported(tea.ModeReportMsg{Mode: ansi.ModeFocusEvent, Value: ansi.ModeSet}); ok {
		t.Error("another mode was taken for mode 2027")
	}
	if m, ok := Reported(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset}); !ok || m != Clusters {
		t.Error("a terminal that knows mode 2027 must count clusters")
	}
	if m, ok := Reported(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeNotRecognized}); !ok || m != CodePoints {
		t.Error("a terminal that does not know mode 2027 must count code points")
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		width int
		want  string
	}{
		{"hello", 5, "hello"},
		{"hello", 4, "hel…"},
		{"hello", 1, "…"},
		{"hello", 0, ""},
		{"hello", -1, ""},
		{"漢字", 3, "漢…"},
		{"漢字", 2, "…"},
		{family + "x", 9, family + "x"},
		{family + "xy", 9, family + "…"},
		{family, 2, "…"}, // 8 cells where code points are counted
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"\x1b[1mhello\x1b[m", 3, "\x1b[1mhe…\x1b[m"},
	}
	for _, tt := range tests {
		if got := CodePoints.Truncate(tt.in, tt.width); got != tt.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in          string
		width       int
		right, left string
	}{
		{"a", 3, "a  ", "  a"}, {"漢", 3, "漢 ", " 漢"}, {"abcd", 3, "ab…", "ab…"}, {"漢字", 4, "漢字", "漢字"}, {"a", 0, "", ""},
	} {
		if got := CodePoints.PadRight(tt.in, tt.width); got != tt.right {
			t.Errorf("PadRight(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.right)
		}
		if got := CodePoints.PadLeft(tt.in, tt.width); got != tt.left {
			t.Errorf("PadLeft(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.left)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		width    int
		want     []string
	}{
		{"empty", "", 10, []string{""}},
		{"fits", "hello you", 9, []string{"hello you"}},
		{"word", "hello you", 8, []string{"hello", "you"}},
		{"spaces hang", "hello     you", 6, []string{"hello", "you"}},
		{"long word", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"word then long word", "ab cdefghij", 4, []string{"ab", "cdef", "ghij"}},
		{"two lines", "ab\n\ncd", 4, []string{"ab", "", "cd"}},
		{"tab", "a\tb c", 10, []string{"a\tb", "c"}},
		{"ideographs", "漢字漢字", 4, []string{"漢字", "漢字"}},
		{"no full stop first", "漢字。漢", 4, []string{"漢", "字。", "漢"}},
		{"wide emoji after a space", " abc👍", 4, []string{"", "abc", "👍"}},
		{"too narrow", "ab", 0, []string{"ab"}},
		{"cluster wider than the row", "a" + family + "b", 4, []string{"a", family, "b"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, CodePoints.Wrap(tt.in, tt.width)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "250 2.0.0 OK", "250 2.0.0 OK"},
		{"color", "\x1b[31mred\x1b[m", "␛[31mred␛[m"},
		{"clipboard", "a\x1b]52;c;aGk=\x07b", "a␛]52;c;aGk=␇b"},
		{"carriage return", "good\rbad", "good bad"},
		{"lines", "one\r\ntwo\nthree\n", "one two three"},
		{"tab", "a\tb", "a b"},
		{"delete", "a\x7fb", "a␡b"},
		{"c1", "a\u009b31mb", "a\ufffd31mb"},
		{"raw c1", "a\x9b31mb", "a\ufffd31mb"},
		{"bidi override", "photo\u202egpj.exe", "photo\ufffdgpj.exe"},
		{"bidi isolate", "a\u2066b\u2069", "a\ufffdb\ufffd"},
		{"zero width space", "pay\u200bpal.com", "pay\ufffdpal.com"},
		{"joiner between letters", "pay\u200dpal", "pay\ufffdpal"},
		{"joiner in a family", family, family},
		{"non-joiner in Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"flag of Scotland", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"},
		{"tags that hide", "a\U000e0041", "a\ufffd"},
		{"byte order mark", "\ufeffa", "\ufffda"},
		{"filler", "a\u3164b", "a\ufffdb"},
		{"line separator", "a\u2028b", "a\ufffdb"},
		{"mark without a base", "\u0301a", "◌\u0301a"},
		{"pile of marks", "e" + strings.Repeat("\u0301", 50), "e" + strings.Repeat("\u0301", 11)},
		{"accent", "Zoë", "Zoë"},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
	if got := Clean(strings.Repeat("x", 1<<20)); len(got) > maxLine+len("…") || !strings.HasSuffix(got, "…") {
		t.Errorf("a long line comes out with %d octets", len(got))
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\tb\r\n", "\x1b]0;x\x07", "\u202e\u200b\ufeff", "\xff\xc2", family, "e\u0301\u0301", "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if Clean(got) != got {
			t.Errorf("cleaning %q again changes it: %q", got, Clean(got))
		}
	})
}

func FuzzBreaks(f *testing.F) {
	f.Add("hello you 漢字 "+family, 5)
	f.Add("a\tb   c", 3)
	f.Fuzz(func(t *testing.T, s string, width int) {
		s = strings.ReplaceAll(s, "\n", " ")
		for _, m := range []Method{CodePoints, Clusters} {
			prev := 0
			for _, at := range append(m.Breaks(nil, s, 0, width, nil), len(s)) {
				if at < prev || at == prev && at != len(s) {
					t.Fatalf("row of %q begins at %d behind %d", s, at, prev)
				}
				row := strings.TrimRight(s[prev:at], " \t")
				col, n := 0, 0
				for row != "" {
					c, cells := m.Next(row)
					col += Advance(c, cells, col)
					row = row[len(c):]
					n++
				}
				if col > max(width, 2) && n > 1 && !strings.Contains(s[prev:at], "\t") {
					t.Fatalf("row %q has %d cells of %d", s[prev:at], col, width)
				}
				prev = at
			}
		}
	})
}

func TestFormatSize(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 214000: "214 kB",
		999499: "999 kB", 999500: "1.0 MB", 1400000: "1.4 MB", 35000000: "35 MB", 5e9: "5.0 GB", 7e12: "7 TB",
	} {
		if got := FormatSize(in); got != want {
			t.Errorf("FormatSize(%d) = %q, want %q", in, got, want)
		}
	}
}

func TestFormatTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*3600)
	now := time.Date(2026, 11, 18, 14, 0, 0, 0, zone) // a Wednesday
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, zone)
	}
	tests := []struct {
		in   time.Time
		want string
	}{
		{time.Time{}, ""},
		{at(11, 18, 14, 35), "14:35"},
		{at(11, 18, 12, 35).UTC(), "12:35"},
		{now, "14:00"},
		{now.Add(-2*time.Minute - time.Second), "13:57"},
		{now.Add(-time.Hour), "13:00"},
		{at(11, 17, 23, 59), "Tue 23:59"},
		{at(11, 23, 9, 0), "Mon 09:00"},
		{at(11, 25, 9, 0), "25 Nov 09:00"},
		{at(1, 2, 9, 0), "2 Jan 09:00"},
		{now.AddDate(1, 0, 0), "2027-11-18"},
	}
	for _, tt := range tests {
		if got := FormatTime(tt.in, now); got != tt.want {
			t.Errorf("FormatTime(%v) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestFormatElapsed(t *testing.T) {
	t.Parallel()
	for in, want := range map[time.Duration]string{
		0: "0 ms", 12 * time.Millisecond: "12 ms", 1200 * time.Millisecond: "1.2 s", 34 * time.Second: "34 s",
		59900 * time.Millisecond: "0:59 min", 125 * time.Second: "2:05 min", 3723 * time.Second: "1:02:03 min",
	} {
		if got := FormatElapsed(in); got != want {
			t.Errorf("FormatElapsed(%v) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[time.Duration]string{
		40 * time.Second: "40 s", 89 * time.Second: "1 min", 12*time.Minute + 50*time.Second: "13 min",
		59*time.Minute + 50*time.Second: "1 h", 2*time.Hour + 5*time.Minute: "2 h 5 min",
		23*time.Hour + 59*time.Minute + 59*time.Second: "1 day", 30 * time.Hour: "1 day 6 h",
		71*time.Hour - time.Second: "2 days 23 h", 72*time.Hour - time.Second: "3 days",
		10*24*time.Hour + 5*time.Hour: "10 days", 10*24*time.Hour + 20*time.Hour: "11 days",
	} {
		if got := FormatSpan(in); got != want {
			t.Errorf("FormatSpan(%v) = %q, want %q", in, got, want)
		}
	}
	if got := FormatStopwatch(2 * time.Second); got != "0:02" {
		t.Errorf("FormatStopwatch: %q", got)
	}
}
