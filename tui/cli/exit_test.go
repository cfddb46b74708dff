package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

// TestUnsavedDraft: whoever leaves the program with a draft that is not on disk
// is told why, and where it is.
func TestUnsavedDraft(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("insert: %w", outbox.ErrFull)
	code, title, hint := judge(errors.Join(&kit.UnsavedError{Err: full, Where: kit.Rescued{Path: "/tmp/one.txt"}}))
	if code != exitDisk || !strings.Contains(title, "NOT SAVED") || !strings.Contains(title, "no room left") || !strings.Contains(hint, "--template /tmp/one.txt") {
		t.Errorf("%d, %q, %q", code, title, hint)
	}
	if code, title, hint = judge(&kit.UnsavedError{Err: full}); code != exitDisk || !strings.Contains(title, "NOT SAVED") || !strings.Contains(hint, "make room") {
		t.Errorf("nowhere: %d, %q, %q", code, title, hint)
	}
}
