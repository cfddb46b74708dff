package post

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
)

// Deliver sends what is due until ctx ends. Its news goes to hear, from one
// goroutine at a time; hear must not block for long.
func (r *Room) Deliver(ctx context.Context, hear func(outbox.Event)) error {
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	if err := r.unpark(ctx, store, nil); err != nil {
		return err
	}
	sender := r.sender()
	sender.Idle = idle
	defer sender.Close()
	hear, tell := r.proclaim(ctx, store, hear)
	defer tell()
	arrived := make(chan struct{}, 1)
	w := r.newWorker(store, sender, func(e outbox.Event) {
		if e.State == outbox.Sent || e.State == outbox.Partial || e.State == outbox.Deferred {
			select {
			case arrived <- struct{}{}:
			default: // it looks anyway
			}
		}
		hear(e)
	})
	w.Kick() // what waits for the network need not wait longer
	r.setWorker(w, sender)
	defer r.setWorker(nil, nil)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go r.watch(ctx, store, arrived)
	return w.Run(ctx)
}

// watch looks every minute whether what accounts wait for was mended from
// outside, and what else there is to do; that also when somebody got a mail.
func (r *Room) watch(ctx context.Context, store outbox.Store, arrived <-chan struct{}) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for minute := 1; ; minute++ {
		_ = r.upkeep(ctx, store) // or in a minute
		select {
		case <-ctx.Done():
			return
		case <-arrived:
			minute--
			continue
		case <-tick.C:
		}
		r.release(ctx, store, minute%askPrograms == 0)
	}
}

// askPrograms is how many minutes pass before a program is asked whether it has
// another password by now: it may turn to the person.
const askPrograms = 15

// release lets those accounts go on of which what they wait for was mended.
func (r *Room) release(ctx context.Context, store outbox.Store, run bool) {
	parked, err := store.Parked(ctx)
	if err != nil {
		return // the worker meets that too, and tells
	}
	for _, p := range parked {
		if p.Until.IsZero() && r.mended(ctx, p, run) {
			_ = r.resume(ctx, p.Account) // or in a minute
		}
	}
}

// Flush sends what is due of the mail that is meant, and returns.
func (r *Room) Flush(ctx context.Context, hear func(outbox.Event), only outbox.Only) (outbox.Summary, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return outbox.Summary{}, err
	}
	hear, tell := r.proclaim(ctx, store, hear)
	defer tell()
	return r.flush(ctx, store, hear, only)
}

// Send is Flush for one mail, but that hooks are left for TellHooks.
func (r *Room) Send(ctx context.Context, id outbox.ID, hear func(outbox.Event)) (outbox.Summary, error) {
	store, err := r.outbox(ctx)
	if err != nil {
		return outbox.Summary{}, err
	}
	if r.Hooks() {
		store.KeepNotices()
	}
	return r.flush(ctx, store, hear, outbox.Only{IDs: []outbox.ID{id}})
}

func (r *Room) flush(ctx context.Context, store outbox.Store, hear func(outbox.Event), only outbox.Only) (outbox.Summary, error) {
	var accounts []string
	if only.Account != "" {
		// A name is as the configuration has it; mail may be of an account
		// that is there no more.
		if conf, err := r.config(); err == nil {
			if a, err := conf.Account(only.Account); err == nil {
				only.Account = a.Name
			}
		}
		accounts = append(accounts, only.Account)
	}
	for _, id := range only.IDs {
		item, err := store.Item(ctx, id)
		if err != nil {
			return outbox.Summary{}, err
		}
		accounts = append(accounts, item.Account)
	}
	if err := r.unpark(ctx, store, accounts); err != nil {
		return outbox.Summary{}, err
	}
	summary, err := r.newWorker(store, r.sender(), hear).Flush(ctx, only)
	if ctx.Err() == nil {
		err = errors.Join(err, r.upkeep(ctx, store))
	}
	return summary, err
}

// unpark lets accounts go on that wait for a person, all if none are named,
// where that may help. Each gets one try; if that fails too it waits again. A
// password that was refused is not sent again and again from a timetable:
// providers lock accounts for less.
func (r *Room) unpark(ctx context.Context, store outbox.Store, accounts []string) error {
	parked, err := store.Parked(ctx)
	if err != nil {
		return err
	}
	for _, p := range parked {
		switch {
		case accounts != nil && !slices.Contains(accounts, p.Account):
		case !p.Until.IsZero(): // for a server, and a worker knows how long
		case r.opts.Attended, r.mended(ctx, p, true):
			if err := store.Unpark(ctx, p.Account); err != nil {
				return err
			}
		}
	}
	return nil
}

// mended tells whether what an account waits for may be mended, as far as that
// can be known without a try: something was changed, or there is another
// password now. A program that gives the password is only asked if run is set:
// it may turn to the person. One that gives tokens does not.
func (r *Room) mended(ctx context.Context, p outbox.Parking, run bool) bool {
	if r.changedSince(p.Account, p.Since) {
		return true
	}
	conf, err := r.config()
	if err != nil || p.Refused == "" {
		return false
	}
	a, err := conf.Account(p.Account)
	if err != nil || a.Secret == config.SecretCommand && !run && !a.TakesToken() || !r.secrets.State(ctx, a).Ready {
		return false
	}
	password, err := r.secrets.Get(ctx, a)
	return err == nil && !password.Is(p.Refused)
}

// changedSince tells whether something that an account is used with was
// changed after a moment, as far as a file tells.
func (r *Room) changedSince(account string, moment time.Time) bool {
	if r.server != nil {
		return true // another server, and another password, each time
	}
	files := []string{r.home.ConfigFile()}
	if conf, err := r.config(); err == nil {
		if a, err := conf.Account(account); err == nil {
			files = append(files, a.CredentialFile, a.CAFile, a.ClientCert, a.ClientKey)
		}
	}
	return slices.ContainsFunc(files, func(path string) bool {
		// A name alone is one of a service manager's, written at each start.
		info, err := os.Stat(path)
		return err == nil && filepath.IsAbs(path) && info.ModTime().After(moment)
	})
}

// idle is how long a session waits for the next mail: whoever wrote one often
// writes another, and servers wait for minutes.
const idle = 30 * time.Second

func (r *Room) newWorker(store outbox.Store, sender outbox.Sender, hear func(outbox.Event)) *outbox.Worker {
	conf, _ := r.config() // what is wrong with it is told of each account
	return outbox.NewWorker(outbox.Options{
		Late:    conf.Outbox.AskWhenLate,
		Owner:   owner(),
		Store:   store,
		Sender:  learner{sender, r},
		Ready:   r.ready,
		Network: network,
		Refused: r.refused,
		Notify:  hear,
		Explain: explain,
		Clock:   r.opts.Clock,
	})
}

// explain words the trouble of a try for its record, where what to do about it
// has no place.
func explain(err error) string {
	p := submit.Explain(err)
	p.Hint = ""
	return p.String()
}

// owner names a worker of this process among all there are, in words for a
// person in front of what makes it the only one of its name.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return fmt.Sprintf("process %d on %s #%s", os.Getpid(), host, rand.Text())
}

// refused tells the password that a login was tried with from others.
func (r *Room) refused(account string) string {
	password, _ := r.shown.Get(context.Background(), account) // none is told apart too
	return password.Fingerprint()
}

// ready tells that a password, or the vault's passphrase, is to be typed first.
// Where it can be asked for on the way, or is to be found, the try itself
// tells.
func (r *Room) ready(ctx context.Context, account string) error {
	conf, err := r.config()
	if err != nil {
		return nil
	}
	a, err := conf.Account(account)
	if err != nil {
		return nil
	}
	proxy, _ := a.ProxyLogin()
	for _, login := range []config.Account{a, proxy} {
		switch {
		case login.Secret == config.SecretVault && r.opts.AskPassphrase == nil && r.secrets.Vault.Locked(ctx):
			return secret.VaultLocked(login.Name)
		case login.Secret == config.SecretAsk && r.opts.Ask == nil && !r.secrets.State(ctx, login).Ready:
			return &secret.Error{Account: login.Name, Err: secret.ErrNotFound, Hint: "it is asked for at each start"}
		}
	}
	return nil
}

func (r *Room) sender() *submit.Sender {
	return &submit.Sender{
		Account: func(name string) (config.Account, error) {
			conf, err := r.config()
			if err != nil {
				return config.Account{}, err
			}
			return conf.Account(name)
		},
		Password: func(ctx context.Context, a config.Account) (secret.Secret, error) {
			password, err := r.secrets.Get(ctx, a)
			_ = r.shown.Set(ctx, a.Name, password) // into memory, which takes it
			return password, err
		},
		Token: func(ctx context.Context, a config.Account, fresh bool) (secret.Secret, error) {
			token, err := r.tokens.Token(ctx, a, fresh)
			// Tokens come and go; what lasts is from the person.
			lasting, _ := r.secrets.Get(ctx, a)
			_ = r.shown.Set(ctx, a.Name, lasting)
			return token, err
		},
	}
}

func (r *Room) setWorker(w *outbox.Worker, s *submit.Sender) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.worker, r.carrier = w, s
}

// renew has the next mail of an account log in anew.
func (r *Room) renew(account string) {
	r.mu.Lock()
	s := r.carrier
	r.mu.Unlock()
	if s != nil {
		s.Drop(account)
	}
}

// working returns the worker that delivers now; nil if there is none.
func (r *Room) working() *outbox.Worker {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.worker
}

// wake makes the delivery of this process look at the outbox at once.
func (r *Room) wake() {
	if w := r.working(); w != nil {
		w.Kick()
	}
}
