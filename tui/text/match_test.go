package text

import "testing"

func TestInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s, typed string
		want     bool
	}{
		{"minutes.pdf", "mpdf", true},
		{"minutes.pdf", "mm", false}, // each character once
		{"minutes.pdf", "", true},
		{"übermäßig", "üß", true},
		{"ab", "ba", false},
		{"\xff", "\xff", false}, // no character, and no reason to fall over
	} {
		if got := InOrder(c.s, c.typed); got != c.want {
			t.Errorf("InOrder(%q, %q) = %v", c.s, c.typed, got)
		}
	}
}
