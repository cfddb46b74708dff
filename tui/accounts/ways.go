package accounts

import (
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/provider"
	"sendoff/tui/text"
)

// way is how an account signs in.
type way int

// The ways.
const (
	byPassword way = iota
	byOAuth
	byToken       // that another program gets
	byCertificate // of the client's own
	noLogin
)

// wayWords are the ways as a form has them.
var wayWords = []string{"a password", "OAuth, in a browser", "a token from a program", "a certificate of yours", "not at all"}

// wayOf is how an account signs in.
func wayOf(a config.Account) way {
	switch {
	case a.OAuth != "":
		return byOAuth
	case a.TakesToken():
		return byToken
	case a.Auth == config.AuthExternal:
		return byCertificate
	case a.Auth == config.AuthNone:
		return noLogin
	}
	return byPassword
}

// offer is a way to sign in at a server, before anything is typed for it.
type offer struct {
	way   way
	words string
	about string // what to know of it, and what to have at hand
	help  string // the page to read of it; empty if there is none
}

// offers are the ways to sign in at a server, those first that it wants.
func offers(s discover.Server) []offer {
	p := s.Provider
	name := text.Clean(p.Name)
	if name == "" {
		name = "the provider"
	}
	var all []offer
	if !s.NoPassword {
		all = append(all, passwordOf(s))
	}
	switch {
	case s.Issuer != "":
		all = append(all, offer{way: byOAuth, words: "OAuth: you sign in in a browser", about: "sendoff makes itself known to " + text.Clean(s.Issuer) + ", and you allow it there to send mail."})
	case p.OAuth != "":
		all = append(all, offer{byOAuth, "OAuth: you sign in in a browser", "You need a client id: " + name + " lets in only programs that it knows, and sendoff has no id of its own there. Register a program on its web site, as one for the desktop; its id is asked for next.", text.Clean(p.Help)})
	case p.ID == "" && !s.NoPassword:
		all = append(all, offer{way: byOAuth, words: "OAuth: you sign in in a browser", about: "For a server whose tokens come from an issuer that you know: its address is asked for next."})
	}
	if p.OAuth != "" || s.NoPassword || s.Issuer != "" {
		all = append(all, offer{way: byToken, words: "a token that a program prints", about: "For those who have such a program, as pizauth, oama or ortie: it is asked for next, and run for each login."})
	}
	if p.ID == "" {
		all = append(all,
			offer{way: byCertificate, words: "a certificate of yours", about: "For a server that knows you by a certificate: the file it is in is asked for next."},
			offer{way: noLogin, words: "not at all", about: "For a server that takes mail of this machine without a login."})
	}
	if s.NoPassword && slices.ContainsFunc(all, func(o offer) bool { return o.way == byOAuth }) {
		all[0].about = "It takes no password. " + all[0].about
	}
	return all
}

// passwordOf says what password a server wants.
func passwordOf(s discover.Server) offer {
	words := map[provider.Secret]string{
		provider.AppPassword: "an app password, made for this program",
		provider.AppWith2FA:  "the password, or an app password with two-step login",
		provider.Separate:    "a password for mail programs",
	}[s.Provider.Secret]
	if words == "" {
		words = "the password of your account"
	}
	about, help := parted(s.Provider)
	if about == "" {
		about = "It is asked for next, with the place where it will be kept."
	}
	return offer{byPassword, words, about, help}
}

// parted is the advice of a provider, and apart from it the page to read of that.
func parted(p provider.Provider) (advice, help string) {
	advice, led := strings.CutSuffix(p.Advice(), " See "+p.Help)
	if led {
		help = text.Clean(p.Help)
	}
	return text.Clean(advice), help
}
