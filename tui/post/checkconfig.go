package post

import (
	"context"

	"sendoff/config"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp/submit"
)

// CheckAccount says what this machine lacks for an account to be used, without
// asking anybody.
func (r *Room) CheckAccount(ctx context.Context, a config.Account) []error {
	var all []error
	if err := usable(a); err != nil {
		all = append(all, err)
	}
	if err := submit.CheckFiles(a); err != nil && a.CAFile == "" {
		all = append(all, err)
	}
	if a.OAuth != "" {
		if _, err := oauth.EndpointOf(a); err != nil {
			all = append(all, err)
		}
	}
	// A keyring or a vault that is locked, and a variable that is set elsewhere,
	// are no fault of the configuration's.
	proxy, _ := a.ProxyLogin()
	for _, login := range []config.Account{a, proxy} {
		if login.Secret == config.SecretCommand || login.Secret == config.SecretFile && login.TakesPassword() {
			if state := r.secrets.State(ctx, login); !state.Usable() {
				all = append(all, &secret.Error{Account: login.Name, Err: secret.Unavailable(state.Text), Hint: state.Hint})
			}
		}
	}
	return all
}
