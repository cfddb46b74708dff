package kit

import (
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/discover"
	"sendoff/config/oauth"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/presend"
)

// The answers and news a screen hears of.
type (
	// Queued tells that a draft went into the outbox, or why it did not.
	Queued struct {
		ID  outbox.ID
		Err error
	}

	// MailChecked tells what may be wrong with a mail that was to be sent. It
	// goes all the same if Send says that it shall.
	MailChecked struct {
		Findings []presend.Finding
		Sure     Send // does it
	}

	// TemplatesLoaded brings the templates of a folder.
	TemplatesLoaded struct {
		Folder    string
		Templates []Template
		Err       error
	}

	// Previewed brings the mail as it would be sent, or why it can't be made.
	Previewed struct {
		Preview
		Err error
	}

	// KeysChecked tells what keys are missing; nil for none.
	KeysChecked struct{ Err error }

	// PageShown tells how opening a page in the browser went.
	PageShown struct{ Err error }

	// DraftSaved tells that the draft is on disk, or why it is not.
	DraftSaved struct {
		ID  outbox.ID
		At  time.Time
		Err error
	}

	// DraftLoaded brings fields into the composer. Zero fields begin a new
	// mail: the composer fills in what every mail of the person begins with.
	DraftLoaded struct {
		ID     outbox.ID // 0 when sending must not replace the item it came from
		Seen   time.Time // see outbox.Ref
		Fields message.Draft
		Err    error
	}

	// Completed is who may be meant by what was typed of a recipient. With
	// Asked it comes from the person's own command.
	Completed struct {
		Typed  string
		People []book.Contact
		Asked  bool
		Err    error
	}

	// LookedUp tells what is known of recipients.
	LookedUp struct{ Known map[string]Known }

	// FolderListed is a folder's content, folders first.
	FolderListed struct {
		Path    string
		Entries []File
		Err     error
	}

	// FolderSearched is what there is below a folder, but for its own entries.
	// The names are paths from it on, with slashes. With Cut there is more.
	FolderSearched struct {
		Path    string
		Hidden  bool
		Entries []File
		Cut     bool
		Err     error
	}

	// RecentListed is the folders that files were attached from, the last first.
	RecentListed struct {
		Folders []File
		Err     error
	}

	// PastedFound is the files of the first way in which all of them are there; a
	// folder stands for an archive of it. None, if there is no such way.
	PastedFound struct {
		Ways  [][]string
		Files []File
	}

	// FilesChecked is one File for each path that was asked for.
	FilesChecked struct {
		Paths []string
		Files []File
	}

	// FileOpened tells how showing a file went.
	FileOpened struct{ Err error }

	// WordsChecked tells which of the words that were asked about are wrong, and
	// what else they could be.
	WordsChecked struct {
		Language string
		Words    []string
		Wrong    map[string][]string
		Err      error
	}

	// WordKnown tells how having a word taken as right went.
	WordKnown struct{ Err error }

	// Edited is the text as the outside editor left it.
	Edited struct {
		Text string
		Err  error
	}

	// ItemsLoaded is a page of the outbox.
	ItemsLoaded struct {
		Query outbox.Query
		More  bool
		Items []outbox.Item
		Err   error
	}

	// Counted tells how many mails there are in each state, and as
	// outbox.NeedsYou: of all, or of those that a search finds.
	Counted struct {
		Search string
		Counts map[outbox.State]int
		Err    error
	}

	// StandsLoaded answers LoadStands.
	StandsLoaded struct {
		Query  outbox.Query
		Others bool
		Stands map[outbox.ID]Stand
		Err    error
	}

	// ItemLoaded is one item with all that was tried.
	ItemLoaded struct {
		Item     outbox.Item
		Attempts []outbox.Attempt
		Err      error
	}

	// SourceLoaded is a part of a mail as it is sent.
	SourceLoaded struct {
		ID     outbox.ID
		From   int64 // where in the mail the part begins
		Octets []byte
		Size   int64 // of the whole mail
		Err    error
	}

	// Exported tells where a mail was written to.
	Exported struct {
		Path string
		Err  error
	}

	// Acted tells how an action went.
	Acted struct {
		ID     outbox.ID
		Action Action
		Err    error
	}

	// ActedAll tells how each of several actions went.
	ActedAll []Acted

	// OutboxChanged says that what a screen shows may be old.
	OutboxChanged struct{}

	// Events is news from this process's own deliveries, oldest first.
	Events []outbox.Event

	// AccountsLoaded is every account and the state of its password.
	AccountsLoaded struct {
		Accounts []AccountInfo
		Default  string
		Rules    []config.Rule
		Writing  Writing
		Stores   []SecretStore
		Err      error
	}

	// DefaultSet tells how it went to make an account the default.
	DefaultSet struct {
		Name string
		Err  error
	}

	// AccountRemoved tells how removing an account went.
	AccountRemoved struct {
		Name string
		Err  error
	}

	// DiscoverStep tells what came of looking in one place for the servers of an
	// address.
	DiscoverStep struct {
		Address string
		Step    discover.Step
	}

	// Discovered is what there is for an address.
	Discovered struct {
		Address string
		Found   discover.Found
		Err     error
	}

	// AccountAdded tells how adding or changing an account went.
	AccountAdded struct {
		Name string
		Err  error
	}

	// SignInPrompt tells what the person has to do in a browser. One without a URL
	// says that what was pasted is not what the browser brought.
	SignInPrompt struct {
		Account string
		oauth.Prompt
	}

	// SignedIn ends a sign-in.
	SignedIn struct {
		Account string
		Err     error
	}

	// ExamineSteps are the next steps of an examination.
	ExamineSteps struct {
		Account string
		Steps   []submit.Step
	}

	// Examined ends an examination, with the report for whoever is asked for help:
	// whole, and with what tells of the person masked.
	Examined struct {
		Account       string
		Whole, Masked string
		Err           error
	}

	// CommandTried tells whether a program printed a password.
	CommandTried struct{ Err error }

	// TestEvents is what happens while an account is tested.
	TestEvents struct {
		Name   string
		Events []smtp.Event
	}

	// Tested ends the test of an account.
	Tested struct {
		Name  string
		Typed bool // the password was typed for it, where an account is tried
		Err   error
	}

	// PasswordWanted asks the person for the password of an account, because
	// a delivery or a test waits for it.
	PasswordWanted struct {
		Account string
		Why     string
		Refused bool // one was tried and not taken
		Vault   bool // it is the passphrase of the vault that is wanted
	}

	// Tick comes once a second while something on a screen counts time.
	Tick struct{ Now time.Time }
)

// Stand is what an item's state is, and what is to happen by itself.
type Stand struct {
	State     outbox.State
	NeedsYou  bool      // see outbox.Item.NeedsYou
	NotBefore time.Time // while it is scheduled
	Account   string
	From      string // envelope sender
}

// StandOf is where an item stands.
func StandOf(it outbox.Item) Stand {
	return Stand{State: it.State, NeedsYou: it.NeedsYou(), NotBefore: it.NotBefore, Account: it.Account, From: it.From}
}

// Template is a mail that is written once and sent often.
type Template struct {
	Name   string
	Fields message.Draft
	Open   []string // the names of its places, each once
	Err    error    // why it can't be used
}

// Preview is a mail as its recipients see it.
type Preview struct {
	Text     string
	Page     string // with its images in it; empty when there is none
	PageText string // what the page says
	Source   string // or the beginning of it
	Comments int    // in the markdown, which are left out
}

// Writing is how the person wants to write.
type Writing struct {
	Wrap     int  // cells of a row on the screen, at most; 0 as usual
	Fill     int  // cells of a line that is broken anew, at most; 0 as usual
	Spelling bool // a spelling checker is there, and wanted

	EditorHeaders bool // the outside editor gets the header as well
}

// Known is what is known of a recipient before anything is sent.
type Known struct {
	Dead  string // why its domain takes no mail; empty if it does, or nobody can tell
	First bool   // it never got a mail from here
}

// File is a file as a person picks it.
type File struct {
	Path   string // whole
	Name   string
	Folder bool
	Size   int64
	Err    error // why it can't be attached

	// Of what was looked at to be attached.
	Type     string    // the media type
	Modified time.Time // when it was changed last
}

// AccountInfo is an account and what is known of its password.
type AccountInfo struct {
	Account config.Account
	Secret  string // "keyring, ready", "asked at each start"
	Ready   bool
	Sealed  bool // it is in the vault, which is locked, or that of its proxy is

	ProxyReady bool // there is no password for its proxy, or it is at hand

	Waits string // why its mail waits, in one line; empty if it does not

	Takes int64 // octets of a mail, as its server said last; 0 if it is not known
}

// Passphrase says what passphrase a place for passwords wants.
type Passphrase int

// The kinds of passphrases.
const (
	NoPassphrase  Passphrase = iota
	NewPassphrase            // one for what is to be made
	OldPassphrase            // the one of what there is
)

// SecretStore is a place a password can be kept in, for the form that adds an
// account.
type SecretStore struct {
	Name   string // as config.Account.Secret has it
	Title  string
	Usable bool
	Why    string // why it can't be used, and what to do

	Passphrase Passphrase // what it wants first

	// Command is a proposal for config.Account.PasswordCommand; nil for none.
	Command []string
}
