package post

import (
	"strings"
	"testing"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/provider"
	"sendoff/config/secret"
)

// TestProvidersOfTokens: who is said to give tokens for a provider is known.
func TestProvidersOfTokens(t *testing.T) {
	t.Parallel()
	table, err := provider.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, p := range table {
		if p.OAuth == "" {
			if p.Secret == provider.OAuth {
				t.Errorf("%s takes tokens alone, and nobody gives them", p.ID)
			}
			continue
		}
		known++
		if _, err := oauth.EndpointOf(config.Account{Name: p.ID, OAuth: p.OAuth}); err != nil {
			t.Error(err)
		}
	}
	if known < 5 {
		t.Errorf("only %d", known)
	}
}

// TestNobodySignedIn: an account that has a place for its token and none in it
// does not look as if it could be used.
func TestNobodySignedIn(t *testing.T) {
	t.Parallel()
	keyring := &fakeKeyring{}
	r := open(t, Options{Keyring: keyring})
	add(t, r, config.Account{Name: "work", Address: "me@example.org", Host: "h.example", Secret: config.SecretKeyring, OAuth: "google", OAuthClientID: "id"}, "")
	for _, signedIn := range []bool{false, true} {
		if signedIn {
			if err := keyring.Set(t.Context(), "work", secret.New("lasting")); err != nil {
				t.Fatal(err)
			}
		}
		all, _, _, err := r.Accounts(t.Context())
		if err != nil || all[0].Ready != signedIn || strings.Contains(all[0].Secret, "nobody") == signedIn {
			t.Errorf("signed in %v: %+v, %v", signedIn, all, err)
		}
	}
}
