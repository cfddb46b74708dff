package kit

import (
	"regexp"
	"strings"
)

// acting finds a command that words name and that works on an outbox or on
// accounts.
var acting = regexp.MustCompile(`\bsendoff (account|config|daemon|discover|doctor|flush|lock|outbox|send|sendmail|unlock)\b`)

// InSandbox has the commands that words name work on the sandbox, as the program
// that says them does: as they stand they would on what is the person's own.
func InSandbox(words string) string {
	if strings.Contains(words, "--sandbox") {
		return words
	}
	return acting.ReplaceAllString(words, "sendoff --sandbox $1")
}
