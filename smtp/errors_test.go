package smtp

import (
	"errors"
	"testing"
)

// TestErrorWords reads what a person is told.
func TestErrorWords(t *testing.T) {
	t.Parallel()
	closed := errors.New("the server closed the connection")
	for want, e := range map[string]Error{
		"no answer to the whole mail: the server closed the connection": {
			Stage: StageAccepted, Verb: "BDAT", Retry: RetryUnknown, Err: closed,
		},
		"answer to the whole mail: 354 more: the answer makes no sense": {
			Stage: StageAccepted, Verb: ".", Retry: RetryUnknown, Reply: Reply{Code: 354, Lines: []string{"more"}}, Err: errors.New("the answer makes no sense"),
		},
		"answer to the whole mail: 554 5.7.1 spam": {
			Stage: StageAccepted, Verb: ".", Retry: RetryNo, Reply: Reply{Code: 554, Enhanced: "5.7.1", Lines: []string{"spam"}},
		},
		"end of the mail: the server closed the connection": {
			Stage: StageAccepted, Verb: ".", Retry: RetrySafe, Err: closed,
		},
		"recipient (RCPT): 550 nobody": {
			Stage: StageRecipient, Verb: "RCPT", Retry: RetryNo, Reply: Reply{Code: 550, Lines: []string{"nobody"}},
		},
		"connect: the server closed the connection": {Stage: StageConnect, Retry: RetrySafe, Err: closed},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
