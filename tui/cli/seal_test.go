//go:build unix

package cli

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sendoff/smtp/message/seal/sealtest"
)

// TestSealScripts runs what needs keys: alice and bob have some, pat's has a
// passphrase, and the key of strange is not trusted.
func TestSealScripts(t *testing.T) {
	t.Parallel()
	h, others := sealtest.New(t), sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	h.Make("bob@example.org", "", "never")
	h.Make("pat@example.org", "a passphrase", "never")
	others.Make("strange@example.org", "", "never")
	h.Must(others.Must("", "gpg", "--export"), "gpg", "--batch", "--import")
	h.Trust(h.Certify("alice@example.org", ""))
	h.Trust(h.Certify("bob@example.org", ""))
	h.Pinentry(sealtest.Cancels())
	runScripts(t, "testdata/seal", func(env *testscript.Env) { env.Setenv("GNUPGHOME", h.Dir) })
}
