package kit

import (
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

// Intent is something a screen wants done. The program does it and, where
// there is an answer, sends it to the screen that asked.
type Intent interface{ intent() }

// The things a screen may want.
type (
	// Show goes to another screen.
	Show struct{ Screen Name }

	// Back leaves the screen.
	Back struct{}

	// Quit ends the program, after a question if something would be left.
	Quit struct{}

	// Send queues the draft and shows its session. Answer: Queued, if it fails,
	// or MailChecked, if there is something to be said first.
	Send struct {
		Draft  outbox.ID // 0 when it was never saved
		Fields message.Draft
		At     time.Time // zero: now
		Sure   bool      // whatever MailChecked said
	}

	// NewDraft empties the composer, after the present draft is kept.
	NewDraft struct{}

	// OpenDraft loads an item's fields into the composer, with Rest only those
	// recipients who have not got the mail. With TakeBack the item itself
	// becomes the draft, if it can. Answer: DraftLoaded.
	OpenDraft struct {
		ID             outbox.ID
		Rest, TakeBack bool
	}

	// DropDraft deletes the draft and empties the composer.
	DropDraft struct{ ID outbox.ID }

	// Complete looks for who may be meant by what is typed of a recipient.
	// Answers: Completed, and another one when the person's own command knows
	// somebody.
	Complete struct{ Typed string }

	// LookUp asks what is known of recipients. Answer: LookedUp.
	LookUp struct{ Addresses []string }

	// ListFolder reads a folder. Answer: FolderListed.
	ListFolder struct{ Path string }

	// SearchFolder reads what is in the folders of a folder, those that begin
	// with a dot only if Hidden. Answer: FolderSearched.
	SearchFolder struct {
		Path   string
		Hidden bool
	}

	// ListRecent asks for the folders that files were attached from last.
	// Answer: RecentListed.
	ListRecent struct{}

	// UsedFolder remembers the folder that a file was attached from.
	UsedFolder struct{ Path string }

	// FindPasted asks which files a pasted text names, that can be read as paths
	// in several ways. Answer: PastedFound.
	FindPasted struct{ Ways [][]string }

	// CheckFiles looks at files to be attached. Answer: FilesChecked.
	CheckFiles struct{ Paths []string }

	// LoadTemplates reads the person's templates. Answer: TemplatesLoaded.
	LoadTemplates struct{}

	// OpenFile shows a file with what the desktop has for it. Answer: FileOpened.
	OpenFile struct{ Path string }

	// CheckKeys asks whether a mail can be signed and encrypted as it is to be,
	// for the recipients that can be read. Answer: KeysChecked.
	CheckKeys struct{ Fields message.Draft }

	// MakePreview makes the mail without keeping it. Answer: Previewed.
	MakePreview struct{ Fields message.Draft }

	// ShowPage opens a page in the person's browser.
	ShowPage struct{ Page string }

	// CheckWords asks a spelling checker, in the language that an identity names.
	// Answer: WordsChecked.
	CheckWords struct {
		Language string
		Words    []string
	}

	// KnowWord has the spelling checker take a word as right: from now on, or as
	// long as the program runs. Answer: WordKnown.
	KnowWord struct {
		Language, Word string
		Learn          bool
	}

	// EditOutside opens a text in the person's own editor. Answer: Edited.
	EditOutside struct{ Text string }

	// LoadItems reads a page of the outbox; More tells that it goes with what
	// the screen has. Answer: ItemsLoaded; and Counted, which may take longer,
	// unless the page is only more of the same.
	LoadItems struct {
		Query outbox.Query
		More  bool
	}

	// LoadStands reads which mails a query selects, its Limit apart, and where each
	// stands; with Others it asks for those that are not marked. Answer:
	// StandsLoaded.
	LoadStands struct {
		Query  outbox.Query
		Others bool
	}

	// LoadItem reads one item with its attempts. Answer: ItemLoaded.
	LoadItem struct{ ID outbox.ID }

	// LoadSource reads a mail as it is sent, from an octet on, N octets at
	// most. Answer: SourceLoaded.
	LoadSource struct {
		ID   outbox.ID
		From int64
		N    int
	}

	// Export writes a mail into a file that does not exist yet. Answer:
	// Exported.
	Export struct {
		ID   outbox.ID
		Path string
	}

	// Act does something to an item. Answer: Acted.
	Act struct {
		ID     outbox.ID
		Action Action
		At     time.Time // of Delay: until when it waits

		Account string // of Reassign: the one that is to send it
	}

	// ActAll does something to each of several items. Answer: ActedAll.
	ActAll struct{ Acts []Act }

	// Watch shows the live session of an item.
	Watch struct{ ID outbox.ID }

	// LoadAccounts reads the accounts. Answer: AccountsLoaded.
	LoadAccounts struct{}

	// AddAccount stores an account and its password, in a vault that Passphrase
	// opens if there is one, after an Issuer said where its tokens come from.
	// Answer: AccountAdded.
	AddAccount struct {
		Account    config.Account
		Password   secret.Secret
		Passphrase secret.Secret
		Issuer     Issuer
		Proxy      secret.Secret // the password of its proxy
	}

	// TryAccount logs in and out again with an account and passwords that are not
	// stored. Answers: TestEvents, then Tested. StopTest ends it.
	TryAccount AddAccount
	StopTest   struct{}

	// DropForm closes the form of an account, or of an identity, and saves nothing.
	DropForm struct{}

	// SetDefault makes an account the one to use when none is named. Answer:
	// DefaultSet.
	SetDefault struct{ Name string }

	// RemoveAccount forgets an account and its password. Answer: AccountRemoved.
	RemoveAccount struct{ Name string }

	// UpdateAccount changes the account of that name, and with one that is not
	// empty its password. Answer: AccountAdded.
	UpdateAccount struct {
		Account    config.Account
		Password   secret.Secret
		Passphrase secret.Secret
		Issuer     Issuer
		Proxy      secret.Secret
	}

	// SignIn signs in an account that logs in by OAuth: with a code that is typed
	// in a browser anywhere, or, with Browser or where there is no such way, in one
	// that comes back to this machine. Answers: SignInPrompt, then SignedIn.
	SignIn struct {
		Account string
		Browser bool
	}

	// PasteAddress gives a sign-in the address at which the browser ended, and
	// StopSignIn ends it.
	PasteAddress struct{ Text string }
	StopSignIn   struct{}

	// TryCommand runs a program that prints a password, in the terminal. Answer:
	// CommandTried.
	TryCommand struct{ Argv []string }

	// Examine goes the way to an account's server, step by step. Answers:
	// ExamineSteps, then Examined. StopExamine ends it.
	Examine     struct{ Account string }
	StopExamine struct{}

	// SaveText writes a text into a file that does not exist yet, for nobody else
	// to read. Answer: Exported.
	SaveText struct{ Path, Text string }

	// GivePassword answers PasswordWanted.
	GivePassword struct {
		Account  string
		Password secret.Secret
	}

	// TrustKey makes a key the only one that is trusted at an account's server.
	// Answer: AccountAdded, and the account is tested.
	TrustKey struct{ Account, Key string }

	// Discover looks for the servers of an address; with ThirdParty, in a public
	// directory too. Answers: a DiscoverStep for each place, then Discovered.
	// StopDiscover ends it.
	Discover struct {
		Address    string
		ThirdParty bool
	}
	StopDiscover struct{}

	// RunPasswordCommand gives the terminal to the program that has the password
	// of an account, so that it can ask the person for its own passphrase.
	RunPasswordCommand struct{ Account string }

	// WantPassword asks the person for the password of an account, or for the
	// passphrase of the vault it is in.
	WantPassword struct {
		Account string
		Vault   bool
	}

	// Copy puts text on the person's clipboard, through the terminal.
	Copy struct{ Text string }

	// Confirm asks before something that can't be undone, and then does it.
	Confirm struct {
		Title string // the question
		Text  string // what will happen
		Yes   string // the verb of the answer: "delete"
		Then  Intent

		// Another answer than yes and no, and its verb; empty for none.
		Other     string
		OtherThen Intent
	}

	// Choose has the person take one of several things.
	Choose struct {
		Title   string
		Yes     string // the verb of taking one
		Options []Option
	}
	// Ask has the person type a line.
	Ask struct {
		Title string
		Text  string // what it is for
		Value string // what the line has at first
		Yes   string // the verb of enter: "save"

		// Hint says what the line means as it stands, and whether that will do.
		Hint func(line string) (words string, ok bool)
		Then func(line string) Intent
	}

	// Say shows a passing word in the status line.
	Say struct{ Status Status }

	// Press does what a key does where the person is.
	Press struct{ Key string }

	// Do wants several things, in order.
	Do []Intent

	// TestAccount logs in and out again. Answers: TestEvents, then Tested.
	TestAccount struct{ Name string }
)

// Issuer is who gives the tokens of an account and says the rest itself; the zero
// value for nobody.
type Issuer struct {
	URL   string
	Named bool // by the person, and not by a server
}

// Option is one of several things.
type Option struct {
	Name, Beside string
	Text         string // what taking it means
	Then         Intent
}

// Action is what can be done to an item of the outbox.
type Action string

// The actions.
const (
	Retry     Action = "retry"
	SendAgain Action = "send again" // what may have arrived already
	Hold      Action = "hold"
	Release   Action = "release"
	Cancel    Action = "cancel"
	Delete    Action = "delete"
	MarkSent  Action = "mark as sent"
	TakeBack  Action = "take back" // into the editor; what is left is a draft
	Delay     Action = "schedule"  // keep it until a moment
	Reassign  Action = "reassign"  // have another account send it
)

func (Show) intent()          {}
func (Back) intent()          {}
func (Quit) intent()          {}
func (Send) intent()          {}
func (NewDraft) intent()      {}
func (OpenDraft) intent()     {}
func (DropDraft) intent()     {}
func (Complete) intent()      {}
func (LookUp) intent()        {}
func (ListFolder) intent()    {}
func (SearchFolder) intent()  {}
func (ListRecent) intent()    {}
func (UsedFolder) intent()    {}
func (LoadTemplates) intent() {}
func (OpenFile) intent()      {}
func (CheckKeys) intent()     {}
func (MakePreview) intent()   {}
func (ShowPage) intent()      {}
func (CheckFiles) intent()    {}
func (FindPasted) intent()    {}
func (EditOutside) intent()   {}
func (CheckWords) intent()    {}
func (KnowWord) intent()      {}
func (LoadItems) intent()     {}
func (LoadStands) intent()    {}
func (LoadItem) intent()      {}
func (Act) intent()           {}
func (ActAll) intent()        {}
func (Watch) intent()         {}
func (LoadAccounts) intent()  {}
func (AddAccount) intent()    {}
func (TryAccount) intent()    {}
func (StopTest) intent()      {}
func (DropForm) intent()      {}
func (SetDefault) intent()    {}
func (RemoveAccount) intent() {}
func (UpdateAccount) intent() {}
func (TestAccount) intent()   {}
func (GivePassword) intent()  {}
func (SignIn) intent()        {}
func (PasteAddress) intent()  {}
func (StopSignIn) intent()    {}
func (TryCommand) intent()    {}
func (Examine) intent()       {}
func (StopExamine) intent()   {}
func (SaveText) intent()      {}

func (Discover) intent()           {}
func (StopDiscover) intent()       {}
func (TrustKey) intent()           {}
func (RunPasswordCommand) intent() {}
func (WantPassword) intent()       {}
func (Copy) intent()               {}
func (Confirm) intent()            {}
func (Choose) intent()             {}
func (Ask) intent()                {}
func (LoadSource) intent()         {}
func (Export) intent()             {}
func (Say) intent()                {}
func (Do) intent()                 {}
func (Press) intent()              {}
