// Package tui is the program on the screen: the one tea.Model, its frame, and
// all the I/O its screens ask for.
package tui

import (
	"context"
	"os"
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/discover"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
)

// Service is what the screens need of the domain. Every method may block and
// obeys its context.
type Service interface {
	// Items lists a page of the outbox.
	Items(ctx context.Context, q outbox.Query) ([]outbox.Item, error)

	// Counts tells how many items there are in each state, and as
	// outbox.NeedsYou: of all, or of those that a search finds.
	Counts(ctx context.Context, search string) (map[outbox.State]int, error)

	// Stands tells which items a query selects, whatever its limit, and where
	// each stands.
	Stands(ctx context.Context, q outbox.Query) (map[outbox.ID]kit.Stand, error)

	Item(ctx context.Context, id outbox.ID) (outbox.Item, []outbox.Attempt, error)
	// Excerpt returns the octets of a mail as it is sent, from one on and n at
	// most, and how many there are in all.
	Excerpt(ctx context.Context, id outbox.ID, from int64, n int) (octets []byte, size int64, err error)

	// Export writes a mail into a file that must not exist yet, and returns
	// the file's whole path.
	Export(ctx context.Context, id outbox.ID, path string) (string, error)

	Act(ctx context.Context, id outbox.ID, action kit.Action) error
	Schedule(ctx context.Context, id outbox.ID, at time.Time) error
	// Reassign has the account of that name send an item, whoever it is from.
	Reassign(ctx context.Context, id outbox.ID, account string) error

	// Version changes whenever any process changed the outbox.
	Version(ctx context.Context) (int64, error)

	// SaveDraft keeps fields in place of a draft or as a new one, and returns what
	// to name it by from now on. If somebody else wrote, sent or deleted the draft
	// since it was seen, that is another.
	SaveDraft(ctx context.Context, ref outbox.Ref, fields message.Draft) (outbox.Ref, error)

	// Rescue writes a draft that can't be saved into a file in a folder; an empty
	// one is for the service to choose.
	Rescue(ctx context.Context, d message.Draft, folder string) (kit.Rescued, error)

	// Draft returns the fields of an item. ref names it, or nothing if the item
	// is no draft, so that what is made of it must be a new mail.
	Draft(ctx context.Context, id outbox.ID) (fields message.Draft, ref outbox.Ref, err error)

	// Occupy notes that a draft is open in this window, in place of the one
	// before; 0 is none. It tells whether another window has it open as well.
	Occupy(id outbox.ID) (elsewhere bool)

	// LatestDraft is the draft to offer when the program starts; 0 for none.
	LatestDraft(ctx context.Context) (outbox.ID, error)

	// Queue builds the mail durably into the outbox in place of the draft, to go
	// out at a moment, or as soon as the person can't want it back any more if
	// that is zero. It lets the delivery running in this process know.
	// outbox.ErrChanged means that somebody else did something to the draft.
	Queue(ctx context.Context, draft outbox.Ref, fields message.Draft, at time.Time) (outbox.ID, error)

	// Asking returns a context in which programs may ask the person in the
	// terminal. Without it Draft and Queue fail of what would have to be asked,
	// so that seal.AsksPerson knows.
	Asking(ctx context.Context) context.Context

	// Accounts lists the accounts, the default's name, and where passwords
	// can be kept on this machine.
	Accounts(ctx context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error)
	// Rules choose an account for a mail that names none.
	Rules() ([]config.Rule, error)
	AddAccount(ctx context.Context, account config.Account, password secret.Secret) error

	// Remove forgets an account and its password.
	Remove(ctx context.Context, name string) error
	// UpdateAccount changes the account of that name, and its password unless
	// that is empty.
	UpdateAccount(ctx context.Context, account config.Account, password secret.Secret) error
	// KeepProxyPassword stores the password of an account's proxy where the account
	// says.
	KeepProxyPassword(ctx context.Context, account config.Account, password secret.Secret) error
	// SetDefault makes an account the one to use when none is named.
	SetDefault(ctx context.Context, name string) error
	TestAccount(ctx context.Context, name string, trace func(smtp.Event)) error

	// Try is TestAccount with an account that is not stored, its password and
	// that of its proxy; those that are empty are got as the account says.
	Try(ctx context.Context, account config.Account, password, proxy secret.Secret, trace func(smtp.Event)) error

	// FromIssuer has an account take its tokens from an issuer, a URL, that says
	// the rest itself; named tells that the person wrote it.
	FromIssuer(ctx context.Context, account config.Account, issuer string, named bool) (config.Account, error)

	// SignIn gets an account that logs in by OAuth the token that lasts. show
	// tells what to do in a browser; pasted brings addresses at which that ended.
	SignIn(ctx context.Context, account string, browser bool, show func(oauth.Prompt), pasted <-chan string) error

	// TryCommand tells whether a program prints a password, which it may ask the
	// person for in a terminal.
	TryCommand(ctx context.Context, argv []string, terminal *os.File) error

	// Report goes the way to an account's server, tells of each step, and returns
	// what can be shown to others: whole, and with what tells of the person masked.
	Report(ctx context.Context, account string, hear func(submit.Step), addresses ...string) (whole, masked string, err error)

	// SaveText writes a text into a file that must not exist yet, and returns the
	// file's whole path.
	SaveText(ctx context.Context, path, text string) (string, error)

	// GivePassword answers a kit.PasswordWanted for as long as the program runs.
	GivePassword(ctx context.Context, account string, password secret.Secret) error

	// TrustKey makes a key the only one that is trusted at an account's server.
	TrustKey(ctx context.Context, account, key string) error

	// InVault opens the vault with a passphrase that is not empty, or makes it,
	// for what do stores there. One that was made does not outlive an error.
	InVault(ctx context.Context, passphrase secret.Secret, do func() error) error

	// Discover looks for the servers of an address, in a public directory only
	// with consent. report may be nil.
	Discover(ctx context.Context, address string, consent bool, report func(discover.Step)) (discover.Found, error)

	// RunPasswordCommand has the program that gives the password of an account
	// ask the person in a terminal, which is its own meanwhile, and does what
	// GivePassword does.
	RunPasswordCommand(ctx context.Context, account string, terminal *os.File) error

	// Templates reads those in TemplateFolder.
	Templates(ctx context.Context) ([]kit.Template, error)
	TemplateFolder() string

	// Preview makes a mail as its recipients will see it, and ShowPage opens a
	// page in the person's browser.
	Preview(ctx context.Context, fields message.Draft) (kit.Preview, error)
	ShowPage(ctx context.Context, page string) error

	// OpenFile shows a file with what the desktop has for it. It returns when ctx
	// ends, if not before, and what it started goes on.
	OpenFile(ctx context.Context, path string) error

	// Check tells what the author of a mail may have overlooked.
	Check(ctx context.Context, fields message.Draft) []presend.Finding

	// CheckKeys tells why a mail can't be signed or encrypted, as far as it is
	// written.
	CheckKeys(ctx context.Context, fields message.Draft) error

	// Writing tells how the person wants to write.
	Writing() (kit.Writing, error)

	// Misspelled tells which of words are wrong in a language, which is the
	// system's if it is empty, and what else they could be. Spelled has a word
	// taken as right.
	Misspelled(ctx context.Context, language string, words []string) (wrong map[string][]string, err error)
	Spelled(ctx context.Context, language, word string, learn bool) error

	// People returns who is likely meant by what is typed of a recipient, and
	// AskBook whom the person's own command finds, which may take its time.
	People(ctx context.Context, typed string) ([]book.Contact, error)
	AskBook(ctx context.Context, typed string) ([]book.Contact, error)

	// LookUp tells of addresses what is known of them before anything is sent.
	LookUp(ctx context.Context, addresses []string) map[string]kit.Known

	// ListFolder and CheckFiles look at the person's files.
	ListFolder(ctx context.Context, path string) ([]kit.File, error)

	// FindPasted returns the files of the first way in which all of them are
	// there.
	FindPasted(ctx context.Context, ways [][]string) []kit.File

	// SearchFolder returns what is in the folders below a folder, near ones
	// first, and tells whether it left some out.
	SearchFolder(ctx context.Context, path string, hidden bool) (files []kit.File, cut bool, err error)

	// RecentFolders are those that files were attached from, the last first;
	// UsedFolder adds one.
	RecentFolders(ctx context.Context) ([]kit.File, error)
	UsedFolder(ctx context.Context, path string) error
	CheckFiles(ctx context.Context, paths []string) []kit.File

	// Deliver sends what is due until ctx ends. Its news goes to hear, from
	// one goroutine at a time; hear must not block for long.
	Deliver(ctx context.Context, hear func(outbox.Event)) error
}
