package cli

import (
	"testing"

	"sendoff/tui/kit"
)

// TestHintsInTheSandbox: a command that a hint names works on the sandbox, each
// that there is; the sandbox itself and what only reads of the program do not
// need that, and no hint names the part of the program that runs hooks.
func TestHintsInTheSandbox(t *testing.T) {
	t.Parallel()
	apart := map[string]bool{"sandbox": true, "man": true, "version": true, "help": true, "completion": true, "agent": true, "hooks": true}
	for _, c := range (&program{}).root().Commands() {
		words := "when that is mended: sendoff " + c.Name() + " 3; sendoff runs then"
		want := "when that is mended: sendoff --sandbox " + c.Name() + " 3; sendoff runs then"
		if apart[c.Name()] || !c.Runnable() && !c.HasSubCommands() { // the others are pages to read
			want = words
		}
		if got := kit.InSandbox(words); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
	const whole = "did you mean: sendoff outbox list --sandbox"
	if got := kit.InSandbox(whole); got != whole {
		t.Errorf("it says %q", got)
	}
}
