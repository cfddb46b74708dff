package accounts

import (
	"strings"

	"sendoff/tui/keys"
)

// Obstacle says what keeps an action of the key map from being done now; it is
// empty if nothing does.
func (s *Screen) Obstacle(a keys.Action) string {
	_, name, _ := strings.Cut(a.Name, ".")
	switch {
	case s.form != nil:
		return "the form of an account is open"
	case (name == "copy-report" || name == "save-report" || name == "addresses") && s.doctor == nil:
		return "only after an account was examined"
	case s.doctor != nil:
		return "an account is being examined"
	case s.senders != nil:
		return "the identities of an account are open"
	case s.signIn != nil:
		return "an account is being signed in"
	case name == "manual", name == "directory":
		return "only while the servers of a new account are looked for"
	case s.wizard != nil:
		return "the servers of a new account are looked for"
	case name == "keep":
		return "only after a failed test of an account that is not saved yet"
	case name == "trust":
		return "only after a test that ended at an unknown certificate"
	case s.test != nil && name == "sign-in":
		return "only where the account logs in by OAuth"
	case s.test != nil:
		return "only in the list of accounts"
	case len(s.accounts) == 0:
		return "there is no account yet"
	case name == "default":
		return "this account is the default"
	case name == "sign-in":
		return "this account does not log in by OAuth"
	case name == "unlock":
		return "the password of this account is at hand"
	}
	return ""
}
