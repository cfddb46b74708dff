// Package post is the post room behind both faces of the program: the screen
// and the command line hand in what a person wrote, and it sees to the rest.
// It joins accounts, passwords, the outbox and the delivery; none of these
// knows the others.
package post

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/submit"
)

// Options says what world a Room is in. The zero value is the person's own.
type Options struct {
	// Home is where configuration and outbox are; the zero value asks
	// config.FindHome, or is a throw-away folder with Sandbox.
	Home config.Home

	// Lookup reads the environment; nil for the process's own.
	Lookup func(name string) (string, bool)

	// Environment holds the passwords that were found there; nil for none.
	Environment secret.Place

	// Keyring is the desktop's password store; nil to look for it when it is
	// first needed.
	Keyring secret.Place

	// Ask asks the person for the password of an account; nil when nobody
	// is there to answer.
	Ask func(ctx context.Context, account string) (secret.Secret, error)

	// AskPassphrase asks the person for what opens the vault; nil when nobody is
	// there to answer, or Unlock is used.
	AskPassphrase func(ctx context.Context, q secret.Question) (secret.Secret, error)

	// Terminal is where programs that give passwords may ask, as in
	// secret.Command; nil where screens are.
	Terminal func() (*os.File, func(), error)

	// Attended tells that a person is there who starts deliveries on purpose,
	// and may have mended what accounts wait for.
	Attended bool

	// Bell rings the terminal of the person; nil if there is none.
	Bell func()

	// Agent goes into the User-Agent field of mails; empty for no such field.
	Agent string

	// Program is its name and version, for reports.
	Program string

	// Resolver and Web are whom discovery asks; the system's, and
	// discover.Transport, when nil.
	Resolver discover.Resolver
	Web      http.RoundTripper

	// Domains looks up the domains that mail is for, before it goes; nil for
	// no look.
	Domains Domains

	// Clock and Random are the system's when nil.
	Clock  func() time.Time
	Random io.Reader

	// Sandbox delivers to a server in this process. Nothing of the person's
	// own is read or changed; if SENDOFF_HOME names a home, that is used, with
	// an outbox apart from the one there.
	Sandbox bool
}

// Room is a post room. Opening one touches neither disk nor network; what is
// needed is opened when it is.
type Room struct {
	opts    Options
	home    config.Home
	secrets *secret.Sources
	tokens  *oauth.Tokens
	shown   secret.Memory // what logins were last tried with; empty where nothing was to be had

	server   *sandbox.Server // nil outside a sandbox
	temp     string          // a folder to remove on Close; empty for none
	fleeting bool            // home is in it

	speller speller

	people people

	limits limits

	mu     sync.Mutex
	store  outbox.Store   // nil until it is used
	worker *outbox.Worker // nil unless Deliver runs

	inClear []string // folders of show
	open    occupied

	carrier *submit.Sender // of worker
}

// Open opens a post room.
func Open(opts Options) (*Room, error) {
	if opts.Lookup == nil {
		opts.Lookup = os.LookupEnv
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Keyring == nil && !opts.Sandbox {
		opts.Keyring = secret.NewKeyring(opts.Lookup)
	}
	r := &Room{opts: opts, home: opts.Home, speller: newSpeller()}
	folder, _ := opts.Lookup("CREDENTIALS_DIRECTORY") // systemd.exec(5)
	r.secrets = &secret.Sources{
		Keyring:          opts.Keyring,
		Environment:      opts.Environment,
		Ask:              secret.NewAsk(opts.Ask),
		CredentialFolder: folder,
		Terminal:         opts.Terminal,
	}
	if opts.Sandbox {
		if err := r.openSandbox(); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if r.home == (config.Home{}) {
		home, err := config.FindHome(opts.Lookup)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.home = home
	}
	r.tokens = &oauth.Tokens{Store: r.secrets, Folder: r.home.StateDir, Clock: opts.Clock}
	r.secrets.Vault = secret.NewVault(r.home.VaultFile(), r.Agent(), opts.AskPassphrase)
	return r, nil
}

// Ready tells whether configuration and outbox can be used.
func (r *Room) Ready(ctx context.Context) error {
	if _, err := r.config(); err != nil {
		return err
	}
	_, err := r.outbox(ctx)
	return err
}

// Close ends the use of what was opened.
func (r *Room) Close() error {
	errs := []error{r.hide()}
	r.Occupy(0)
	select { // one that is being asked is ended by what asks, or by the end of the program
	case <-r.speller.turn:
		r.speller.close()
		r.speller.turn <- struct{}{}
	default:
	}
	r.mu.Lock()
	if r.store != nil {
		errs = append(errs, r.store.Close())
		r.store = nil
	}
	r.mu.Unlock()
	if r.server != nil {
		errs = append(errs, r.server.Close())
	}
	if r.temp != "" {
		errs = append(errs, os.RemoveAll(r.temp))
	}
	return errors.Join(errs...)
}

// Home is where the room keeps its files.
func (r *Room) Home() config.Home { return r.home }

// Fleeting tells that the outbox, with the mail in it, is thrown away on Close.
func (r *Room) Fleeting() bool { return r.fleeting }

// Config is what the person's file says, as it stands.
func (r *Room) Config() (config.Config, error) { return r.config() }

// config reads the accounts. It reads them each time: the person may edit the
// file, and other programs may add to it.
func (r *Room) config() (config.Config, error) {
	if r.server != nil {
		return r.sandboxConfig()
	}
	return config.Load(r.home.ConfigFile())
}

// outbox opens the store, once.
func (r *Room) outbox(ctx context.Context) (outbox.Store, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store != nil {
		return r.store, nil
	}
	store, err := sqlite.Open(ctx, r.home.OutboxFile(), sqlite.Options{Clock: r.opts.Clock})
	if err != nil {
		return nil, err
	}
	r.store = store
	return store, nil
}
