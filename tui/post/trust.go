package post

import (
	"context"
	"slices"

	"sendoff/config"
	"sendoff/smtp/submit"
)

// Untrusted connects to the server of an account, up to its certificate, and
// returns that if it is not trusted. Nobody logs in. The error is another reason
// why there is no encrypted connection.
func (r *Room) Untrusted(ctx context.Context, name string) (submit.Untrusted, bool, error) {
	a, err := r.Account(name)
	if err != nil {
		return submit.Untrusted{}, false, err
	}
	if a.TLS == config.TLSNone {
		return submit.Untrusted{}, false, &config.Error{Text: "account " + a.Name + " uses no TLS, and so no certificate"}
	}
	a.Auth, a.User, a.Secret, a.Password, a.PasswordCommand, a.CredentialFile = config.AuthNone, "", "", "", nil, ""
	a.OAuth, a.OAuthClientID, a.OAuthClientSecret = "", "", ""
	a.OAuthAuthURL, a.OAuthDeviceURL, a.OAuthTokenURL, a.OAuthScopes = "", "", "", nil
	_, err = r.sender().Test(ctx, a, nil)
	if u, ok := submit.UntrustedIn(err); ok {
		return u, true, nil
	}
	return submit.Untrusted{}, false, err
}

// TrustKey makes a key the only one that is trusted at the host and port of an
// account, in the place of those before and of any authority.
func (r *Room) TrustKey(ctx context.Context, name, pin string) error {
	if r.server != nil {
		return errSandboxed
	}
	a, err := r.Account(name)
	if err != nil || slices.Equal(a.Pins, []string{pin}) {
		return err
	}
	a.Pins, a.CAFile = []string{pin}, ""
	if err := config.Update(ctx, r.home.ConfigFile(), a.Name, a); err != nil {
		return err
	}
	return r.resume(ctx, a.Name)
}
