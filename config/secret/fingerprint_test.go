package secret

import (
	"strings"
	"testing"
)

func TestFingerprint(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "sesame", "sesame2"} {
		print := New(s).Fingerprint()
		if s != "" && (strings.Contains(print, s) || print == New(s).Fingerprint()) {
			t.Errorf("the fingerprint of %q is %q", s, print)
		}
		for _, other := range []string{"", "sesame", "sesame2", "none", print} {
			if got := New(other).Is(print); got != (other == s) {
				t.Errorf("%q is %q: %t", other, s, got)
			}
		}
	}
	if New("").Is("") || New("x").Is("") || New("x").Is("zz:zz") {
		t.Error("something is what was never written")
	}
}
