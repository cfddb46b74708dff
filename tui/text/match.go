package text

import "strings"

// InOrder tells that s has all characters of typed, in their order. Letter case
// is the caller's.
func InOrder(s, typed string) bool {
	for _, want := range typed {
		_, rest, found := strings.Cut(s, string(want))
		if !found {
			return false
		}
		s = rest
	}
	return true
}
