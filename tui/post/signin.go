package post

import (
	"context"
	"os/exec"
	"runtime"
	"slices"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/oauth"
)

// FromIssuer has an account take its tokens from an issuer, a URL, that tells of
// itself where to sign in. The program registers itself there if the account has
// no client id. An issuer that others named, and not the person, is not followed
// into a private network.
func (r *Room) FromIssuer(ctx context.Context, a config.Account, issuer string, named bool) (config.Account, error) {
	web := r.opts.Web
	if web == nil && !named {
		web = discover.Transport()
	}
	i, err := oauth.LookUp(ctx, web, issuer)
	if err != nil {
		return a, err
	}
	return i.Settle(ctx, web, a)
}

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
		err = r.tokens.SignInBrowser(ctx, a, func(p oauth.Prompt) {
			show(p)
			if p.URL != "" {
				r.openBrowser(p.URL)
			}
		}, pasted)
	}
	if err != nil {
		return err
	}
	r.renew(a.Name)
	return r.resume(ctx, a.Name)
}

// openBrowser opens a page on a desktop. Over SSH that would be on the wrong
// one. That it can't be opened is no news: the person was shown the address.
func (r *Room) openBrowser(page string) {
	_, remote := r.opts.Lookup("SSH_CONNECTION")
	display, _ := r.opts.Lookup("DISPLAY")
	wayland, _ := r.opts.Lookup("WAYLAND_DISPLAY")
	if remote || display+wayland == "" && runtime.GOOS != "darwin" || runtime.GOOS == "windows" {
		return
	}
	argv := browser(page)
	cmd := exec.Command(argv[0], argv[1:]...) // it stays when the sign-in is over
	cmd.Env = slices.DeleteFunc(cmd.Environ(), secretive)
	alone(cmd)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
