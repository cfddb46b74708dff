package tuitest

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// breaks are texts and where a reader sees characters end, written as the
// GraphemeBreakTest of the Unicode Character Database is: ÷ divides, × does not.
const breaks = `
÷ 0061 ÷ 0062 ÷
÷ 0065 × 0301 ÷ 0078 ÷
÷ 0020 × 0308 ÷ 0020 ÷
÷ 0061 × 0308 × 0323 × 034F ÷ 0062 ÷
÷ 0646 × 200D ÷ 0020 ÷
÷ 0061 × 200C × 200D ÷ 0062 ÷
÷ 0600 × 0061 ÷
÷ 0061 × 0903 ÷ 0062 ÷
÷ 0E01 × 0E33 ÷ 0E01 ÷
÷ 1100 × 1100 ÷
÷ 1112 × 1161 × 11AB ÷ 1100 × 1173 × 11AF ÷
÷ AC00 × 11A8 ÷ 1100 ÷
÷ AC01 × 11A8 ÷ 1100 ÷
÷ AC00 ÷ 1100 ÷
÷ 11A8 ÷ 1161 ÷
÷ 1F1E9 × 1F1EA ÷
÷ 1F1E6 × 1F1E7 ÷ 1F1E8 ÷ 0062 ÷
÷ 0061 ÷ 1F1E6 × 1F1E7 ÷ 1F1E8 × 1F1E9 ÷ 0062 ÷
÷ 0061 ÷ 1F1E6 × 200D ÷ 1F1E7 × 1F1E8 ÷ 0062 ÷
÷ 1F44D × 1F3FD ÷ 1F44D ÷
÷ 1F476 × 1F3FF × 0308 × 200D × 1F476 × 1F3FF ÷
÷ 0061 × 1F3FF ÷ 1F476 × 200D × 1F6D1 ÷
÷ 0061 × 200D ÷ 1F6D1 ÷
÷ 1F468 × 200D × 1F469 × 200D × 1F467 × 200D × 1F466 ÷ 1F468 ÷
÷ 1F3F3 × FE0F × 200D × 1F308 ÷
÷ 1F3F4 × E0067 × E0062 × E0073 × E0063 × E0074 × E007F ÷ 0061 ÷
÷ 0031 × FE0F × 20E3 ÷ 0032 ÷
÷ 2764 × FE0F ÷ 2764 ÷
÷ 0915 × 094D × 0937 × 093F ÷ 0915 ÷
÷ 0928 × 093F ÷ 0938 × 094D × 0924 × 0947 ÷
÷ 0BA8 × 0BBF ÷ 0BA8 ÷
÷ 6F22 ÷ 5B57 ÷
÷ 6F22 × FE00 ÷ 5B57 ÷
`

// elsewhere is where Debian keeps the whole test, of its own version.
const elsewhere = "/usr/share/unicode/auxiliary/GraphemeBreakTest.txt"

// moved are the cases of that file which later versions of Unicode, and the
// library in use, divide otherwise.
var moved = []string{"÷ 2701 × 200D × 2701 ÷"}

// Graphemes returns texts, each as the characters that a reader sees: some of
// every kind, and all of the Unicode Character Database where it is installed.
func Graphemes(t *testing.T) (all [][]string) {
	t.Helper()
	whole, err := os.ReadFile(elsewhere)
	if err != nil && os.Getenv("SENDOFF_TEST_REAL") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Logf("without the whole test of the Unicode Character Database: %v", err)
	}
	for line := range strings.Lines(breaks + string(whole)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" || slices.Contains(moved, line) {
			continue
		}
		var text []string
		character := ""
		for _, word := range strings.Fields(line)[1:] {
			switch word {
			case "÷":
				text = append(text, character)
				character = ""
			case "×":
			default:
				code, err := strconv.ParseInt(word, 16, 32)
				if err != nil {
					t.Fatal(err)
				}
				character += string(rune(code))
			}
		}
		all = append(all, text)
	}
	return all
}
