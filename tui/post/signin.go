package post

import (
	"context"

	"sendoff/config"
	"sendoff/config/oauth"
)

// SignIn gets an account that logs in by OAuth the token that lasts: with a
// code to type in a browser anywhere, or, if browser is set or the provider
// knows no such way, with a browser that comes back here. show tells the person
// what to do; pasted brings the addresses they paste. Mail that waited goes on.
func (r *Room) SignIn(ctx context.Context, name string, browser bool, show func(oauth.Prompt), pasted <-chan string) error {
	a, err := r.Account(name)
	if err != nil {
		return err
	}
	if a.OAuth == "" {
		return &config.Error{
			Text: "account " + a.Name + " does not log in by OAuth",
			Hint: "sendoff account edit " + a.Name + " --oauth PROVIDER --oauth-client-id ID makes it do so",
		}
	}
	e, err := oauth.EndpointOf(a)
	if err != nil {
		return err
	}
	if e.Device != "" && !browser {
		err = r.tokens.SignInDevice(ctx, a, show)
	} else {
		err = r.tokens.SignInBrowser(ctx, a, show, pasted)
	}
	if err != nil {
		return err
	}
	return r.resume(ctx, a.Name)
}
