package post

import (
	"testing"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/provider"
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
