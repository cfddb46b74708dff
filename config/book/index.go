package book

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Index finds contacts by what is typed. It does not change, so any number may
// ask it at a time.
type Index struct {
	all  []Contact
	keys []string // the words of each, see keyOf
}

// NewIndex makes an index. Of several contacts with one address the first is
// kept, with the history of all and the first name among them.
func NewIndex(contacts []Contact) *Index {
	x := &Index{}
	at := map[string]int{} // by address
	for _, c := range contacts {
		id := identity(c)
		if i, known := at[id]; known {
			kept := &x.all[i]
			kept.Name, kept.Nick = cmp.Or(kept.Name, c.Name), cmp.Or(kept.Nick, c.Nick)
			if c.Uses > 0 {
				kept.Uses, kept.Last = kept.Uses+c.Uses, later(kept.Last, c.Last)
			}
			continue
		}
		at[id] = len(x.all)
		x.all = append(x.all, c)
	}
	x.keys = make([]string, len(x.all))
	for i, c := range x.all {
		x.keys[i] = keyOf(c)
	}
	return x
}

func identity(c Contact) string {
	if c.Group {
		return "group:" + strings.ToLower(c.Name)
	}
	return strings.ToLower(c.Boxes[0].Addr())
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Find returns those of whom every word that is typed begins a word of the
// name, the local part or the domain, whatever its accents. Who is written to
// often and lately comes first; then who is called so; at most so many.
func (x *Index) Find(typed string, now time.Time, most int) []Contact {
	words := strings.Fields(Fold(typed))
	if len(words) == 0 {
		return nil
	}
	for i, w := range words {
		words[i] = marked(w)
	}
	type hit struct {
		at    int
		score float64
	}
	var best []hit
	better := func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at))
	}
next:
	for i, key := range x.keys {
		for _, w := range words {
			if !strings.Contains(key, w) {
				continue next
			}
		}
		h := hit{i, x.all[i].weight(now)}
		if strings.HasPrefix(key, words[0]) {
			h.score += 0.01
		}
		if len(best) == most && better(h, best[most-1]) > 0 {
			continue
		}
		n, _ := slices.BinarySearchFunc(best, h, better)
		if best = slices.Insert(best, n, h); len(best) > most {
			best = best[:most]
		}
	}
	found := make([]Contact, len(best))
	for i, h := range best {
		found[i] = x.all[h.at]
	}
	return found
}

// weight is how likely it is that somebody is meant: by how often they were
// written to, which counts half as much after a month.
func (c Contact) weight(now time.Time) float64 {
	if c.Uses == 0 {
		return 0
	}
	const month = 30 * 24 * time.Hour
	age := max(0, float64(now.Sub(c.Last))/float64(month))
	return float64(c.Uses) / (1 + age)
}

// keyOf is what a contact is found by: its names and addresses, marked.
func keyOf(c Contact) string {
	var b strings.Builder
	add := func(s string) { b.WriteString(marked(Fold(s)) + " ") }
	if c.Name != "" {
		add(c.Name)
	}
	if c.Nick != "" {
		add(c.Nick)
	}
	for i, m := range c.Boxes {
		if i == 8 {
			break // of a large group, some will do
		}
		if c.Group && m.Name != "" {
			add(m.Name)
		}
		add(m.Local + "@" + m.Domain)
	}
	return b.String()
}

// marked puts a line feed in front of each word of s. So what begins a word of
// one text is found in the other as it stands.
func marked(s string) string {
	var b strings.Builder
	inWord := false
	for _, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if letter && !inWord {
			b.WriteByte('\n')
		}
		inWord = letter
		b.WriteRune(r)
	}
	return b.String()
}

// Fold returns s as it is compared: in lower case, without accents.
func Fold(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < 0x80
	}
	if plain {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if spelled, ok := spelling[r]; ok {
			b.WriteString(spelled)
		} else if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// spelling is how letters are typed that no accent is taken from.
var spelling = map[rune]string{
	'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h",
}
