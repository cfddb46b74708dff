package cli

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/address"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/post"
)

// questions has a person set up an account line by line.
type questions struct {
	p    *program
	room *post.Room
	ask  func(question string) (string, error)
}

// errNoAccount tells that the person wants no account after all.
var errNoAccount = errors.New("none was added")

// errUnsaved tells that an account does not work, and that the person wants no
// such one.
var errUnsaved = errors.New("nothing is saved")

// account asks for all that an account needs, and stores it once its login works
// or the person says so. hear gets what happens in the login.
func (q questions) account(ctx context.Context, hear func(smtp.Event)) error {
	var passphrase secret.Secret // of a vault that is to be made
	a, err := q.address()
	if err != nil {
		return err
	}
	if a, err = q.server(ctx, a); err != nil {
		return err
	}
	if a.TakesPassword() && a.OAuth == "" {
		user, err := q.ask("Name to log in with (enter for " + cmp.Or(a.User, a.Address) + ")")
		if err != nil {
			return err
		}
		a.User = cmp.Or(user, a.User, a.Address)
		if a, passphrase, err = q.place(ctx, a); err != nil {
			return err
		}
	}
	a = a.Complete()
	if err := a.Check(); err != nil {
		return err
	}
	var password secret.Secret
	if a.OAuth == "" && (keeps(a) || a.Secret == config.SecretAsk) {
		if password, err = q.p.hidden(ctx, "Password of "+a.Name); err != nil {
			return err
		}
	}
	if a.OAuth == "" {
		if a, err = q.tried(ctx, a, password, hear); err != nil {
			return err
		}
	}
	err = q.room.InVault(ctx, passphrase, func() error { return q.room.AddAccount(ctx, a, password) })
	if err != nil {
		return err
	}
	if err := q.say("Account %s is added.", a.Name); err != nil {
		return err
	}
	if a.OAuth != "" {
		return q.say("Sign in with: sendoff account login %s", a.Name)
	}
	return nil
}

// tried logs in with an account before it is stored, and returns it with the key
// that the person came to trust.
func (q questions) tried(
	ctx context.Context, a config.Account, password secret.Secret, hear func(smtp.Event),
) (config.Account, error) {
	err := q.room.Try(ctx, a, password, secret.Secret{}, hear)
	if shown, ok := submit.UntrustedIn(err); ok {
		pin, asked := q.trust(a, shown)
		if asked != nil {
			return a, asked
		}
		if pin != "" {
			a.Pins, a.CAFile = []string{pin}, ""
			err = q.room.Try(ctx, a, password, secret.Secret{}, hear)
		}
	}
	switch {
	case err == nil:
		return a, q.say("%s works.", a.Name)
	case ctx.Err() != nil:
		return a, ctx.Err()
	case errors.As(err, new(*kit.UnfitError)):
		return a, err
	}
	if err := q.say("%s does not work, and nothing is saved yet: %s", a.Name, submit.Explain(err)); err != nil {
		return a, err
	}
	answer, err := q.ask("Save it anyway (yes, or enter for no)")
	if answer = strings.ToLower(answer); err == nil && answer != "y" && answer != "yes" {
		err = errUnsaved
	}
	return a, err
}

func (q questions) say(format string, args ...any) error { return q.p.line(format, args...) }

// address asks whose mail it is, and what the account is called.
func (q questions) address() (a config.Account, err error) {
	for {
		if a.Address, err = q.ask("Your mail address (enter to add none)"); err != nil {
			return a, err
		}
		if a.Address == "" {
			return a, errNoAccount
		}
		box, bad := address.Parse(a.Address)
		if bad == nil {
			a.Address, a.FullName = box.Addr(), box.Name
			break
		}
		if err := q.say("%s.", bad); err != nil {
			return a, err
		}
	}
	if a.FullName == "" {
		if a.FullName, err = q.ask("Your name as recipients see it (enter for none)"); err != nil {
			return a, err
		}
	}
	taken := func(name string) bool {
		_, err := q.room.Account(name)
		return err == nil
	}
	question, usual := "A word to call the account by (enter for work)", "work"
	if taken(usual) {
		question, usual = "A word to call the account by", ""
	}
	for {
		name, err := q.ask(question)
		if err != nil {
			return a, err
		}
		a.Name = cmp.Or(name, usual)
		switch {
		case a.Name == "":
		case !taken(a.Name):
			return a, nil
		default:
			err = q.say("There is an account %s already.", a.Name)
		}
		if err != nil {
			return a, err
		}
	}
}

// yes asks until the answer is yes or no.
func (q questions) yes(question string) (bool, error) {
	for {
		answer, err := q.ask(question + "? yes or no")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

// server completes an account with a server that was found, or that the person
// names.
func (q questions) server(ctx context.Context, a config.Account) (config.Account, error) {
	if err := q.say("Looking for the server of %s.", a.Address); err != nil {
		return a, err
	}
	found, err := q.room.Discover(ctx, a.Address, false, nil)
	if err != nil {
		return a, err
	}
	if domain, err := discover.Domain(a.Address); err == nil && unsettled(found) {
		yes, err := q.yes("Ask Mozilla's public directory about " + domain + ", which then learns it and where you are, not your address")
		if err != nil {
			return a, err
		}
		if yes {
			if found, err = q.room.Discover(ctx, a.Address, true, nil); err != nil {
				return a, err
			}
		}
	}
	if found.WithoutSMTP != "" {
		return a, unusable(a.Address, found)
	}
	for _, s := range found.Servers {
		words := s.Account.Host + " port " + strconv.Itoa(s.Account.Port) + ", " + s.Account.TLS + ", from " + s.Source.Words()
		if advice := s.Advice(); advice != "" {
			words += ". " + advice
		}
		if err := q.say("Found: %s.", strings.TrimSuffix(words, ".")); err != nil {
			return a, err
		}
		yes, err := q.yes("Use it")
		if err != nil {
			return a, err
		}
		if yes {
			a.Host, a.Port, a.TLS, a.User = s.Account.Host, s.Account.Port, s.Account.TLS, s.Account.User
			return q.p.withTokens(ctx, a, s)
		}
	}
	return q.named(a)
}

// named asks for the server.
func (q questions) named(a config.Account) (config.Account, error) {
	server, err := q.ask("Server for outgoing mail, HOST or HOST:PORT (enter to add none)")
	if err != nil {
		return a, err
	}
	if server == "" {
		return a, errNoAccount
	}
	a.Host = server
	if host, port, err := net.SplitHostPort(server); err == nil {
		a.Host = host
		if a.Port, err = strconv.Atoi(port); err != nil {
			return a, usagef("%q is not a port", port)
		}
	}
	usual := config.TLSImplicit
	if a.Port == 587 || a.Port == 25 {
		usual = config.TLSStart
	}
	tls, err := q.ask("Encryption, implicit or starttls (enter for " + usual + ")")
	a.TLS = cmp.Or(strings.ToLower(tls), usual)
	return a, err
}

// place asks where the password is kept, among the places that can be used. It
// returns the passphrase of a vault that is to be made.
func (q questions) place(ctx context.Context, a config.Account) (config.Account, secret.Secret, error) {
	var none secret.Secret
	_, _, all, err := q.room.Accounts(ctx)
	if err != nil {
		return a, none, err
	}
	var stores []kit.SecretStore
	for _, s := range all {
		switch {
		case s.Name != config.SecretKeyring && s.Name != config.SecretVault && s.Name != config.SecretAsk:
		case !s.Usable:
			err = q.say("Not %s: %s.", s.Title, strings.TrimSuffix(s.Why, "."))
		default:
			stores = append(stores, s)
			err = q.say("%d %s", len(stores), s.Title)
		}
		if err != nil {
			return a, none, err
		}
	}
	for {
		answer, err := q.ask("Where the password is kept (1 to " + strconv.Itoa(len(stores)) + ")")
		if err != nil {
			return a, none, err
		}
		n, err := strconv.Atoi(answer)
		if err != nil || n < 1 || n > len(stores) {
			continue
		}
		a.Secret = stores[n-1].Name
		passphrase, err := q.open(ctx, stores[n-1].Passphrase)
		return a, passphrase, err
	}
}

// open opens the vault, or returns the passphrase that one is to be made with. It
// asks until that is right.
func (q questions) open(ctx context.Context, how kit.Passphrase) (secret.Secret, error) {
	var none secret.Secret
	for {
		wrong := "That does not open it."
		switch how {
		case kit.NoPassphrase:
			return none, nil
		case kit.OldPassphrase:
			typed, err := q.p.hidden(ctx, "Passphrase of the vault")
			if err != nil {
				return none, err
			}
			if err := q.room.Unlock(ctx, typed); !errors.Is(err, secret.ErrVaultLocked) {
				return none, err
			}
		case kit.NewPassphrase:
			first, err := q.p.hidden(ctx, "Passphrase for the vault")
			if err != nil {
				return none, err
			}
			again, err := q.p.hidden(ctx, "The same again")
			if err != nil || first == again {
				return first, err
			}
			wrong = "Those were two different passphrases."
		}
		if err := q.say("%s", wrong); err != nil {
			return none, err
		}
	}
}

// trust shows a certificate that nobody knows, and asks whether its key is to be
// trusted. It returns that key; empty for no.
func (q questions) trust(a config.Account, shown submit.Untrusted) (pin string, err error) {
	for _, line := range shown.Lines() {
		if err := q.say("%s", line); err != nil {
			return "", err
		}
	}
	yes, err := q.yes("Trust this key for " + a.Host + ", and no other")
	if err != nil || !yes {
		return "", err
	}
	return shown.Pin, nil
}

// hidden asks for what is not shown.
func (p *program) hidden(ctx context.Context, question string) (secret.Secret, error) {
	return p.askHidden(ctx, question, &secret.Error{Err: errors.New("there is no terminal to ask for it")})
}
