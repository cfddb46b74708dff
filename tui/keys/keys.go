// Package keys says which key does what, one struct a context. Footer, help,
// palette and documentation are all made from it.
//
// Only keys that a plain terminal can send are used, and none that rests on
// telling ctrl+i, ctrl+m, ctrl+[ and ctrl+h from tab, enter, esc and
// backspace. What tmux or screen take by default (ctrl+b, ctrl+a) is never the
// only way to something.
package keys

import (
	"slices"

	"charm.land/bubbles/v2/key"
)

// Map is every binding there is.
type Map struct {
	Global   Global
	Start    Start
	Compose  Compose
	Picker   Picker
	Files    Files
	Sheet    Sheet
	Text     Text
	Search   Search
	Spelling Spelling
	List     List
	Outbox   Outbox
	Session  Session
	Accounts Accounts
	SignIn   SignIn
	Form     Form
	Dialog   Dialog
}

// Global works on every screen.
type Global struct {
	Help, HelpPlain, Tour        key.Binding
	Palette                      key.Binding
	Compose, Outbox, Accounts    key.Binding
	Session, NextScreen, Refresh key.Binding
	TakeBack, TakeBackPlain      key.Binding // while a mail is about to go
	Quit                         key.Binding
}

// Start works where there is no account yet.
type Start struct {
	Add, Sandbox, Write key.Binding
}

// Text works wherever text is typed: the body and every line of a form. The
// keys keep the meaning they have in readline and nano.
type Text struct {
	Left, Right, Up, Down             key.Binding `subject:"Moving"`
	WordLeft, WordRight, Home, End    key.Binding `subject:"Moving"`
	ParagraphUp, ParagraphDown        key.Binding `subject:"Moving"`
	PageUp, PageDown, Top, Bottom     key.Binding `subject:"Moving"`
	Newline, LineBreak, Reflow        key.Binding `subject:"Changing"`
	Find, GoTo, Spell                 key.Binding `subject:"Finding"`
	DeleteBack, DeleteForward         key.Binding `subject:"Changing"`
	DeleteWordBack, DeleteWordForward key.Binding `subject:"Changing"`
	KillStart, KillEnd, Yank          key.Binding `subject:"Changing"`
	Undo, Redo                        key.Binding `subject:"Changing"`
	SelectAll, Cut, Copy              key.Binding `subject:"Selecting"`
	SelectLeft, SelectRight           key.Binding `subject:"Selecting"`
	SelectUp, SelectDown              key.Binding `subject:"Selecting"`
	SelectWordLeft, SelectWordRight   key.Binding `subject:"Selecting"`
	SelectHome, SelectEnd             key.Binding `subject:"Selecting"`
	SelectTop, SelectBottom, Mark     key.Binding `subject:"Selecting"`
}

// Search works while something is looked for in a text.
type Search struct {
	Next, Previous, Swap, All, Close key.Binding
}

// Spelling works while it is shown what else a word could be.
type Spelling struct {
	Take, Up, Down, Next, Learn, Accept, Close key.Binding
}

// Compose works in the composer.
type Compose struct {
	Send, Later, Preview, Browser    key.Binding `subject:"The mail"`
	New, Template, Discard           key.Binding `subject:"The mail"`
	Next, Previous, Cc, Shift        key.Binding `subject:"Its header"`
	Wishes, Seal, Fields             key.Binding `subject:"Its header"`
	Attach, Detach, Editor, Markdown key.Binding `subject:"Its content"`
}

// Picker works where files are chosen that shall go along.
type Picker struct {
	Mark, Hidden, Recent key.Binding
}

// Files works in the row of attachments.
type Files struct {
	Rename, Remove, Open, Inline, Earlier, Later, Undo key.Binding
}

// Sheet works where it is said what a mail lacks.
type Sheet struct {
	Plain, Without key.Binding
}

// List works in every list.
type List struct {
	Up, Down, PageUp, PageDown, Top, Bottom key.Binding
}

// Marking returns the keys of a list in which space marks a row.
func (l List) Marking() List {
	l.PageDown = Without(l.PageDown, "space")
	return l
}

// WhileTyping returns the keys of a list beside a line that is typed into.
func (l List) WhileTyping() List {
	l.Up, l.Down, l.PageUp, l.PageDown = Silent(l.Up), Silent(l.Down), Silent(l.PageUp), Silent(l.PageDown)
	l.Top.SetEnabled(false)
	l.Bottom.SetEnabled(false)
	return l
}

// Silent returns a binding without the keys that type something.
func Silent(b key.Binding) key.Binding {
	var typed []string
	for _, name := range b.Keys() {
		if Press(name).Text != "" {
			typed = append(typed, name)
		}
	}
	return Without(b, typed...)
}

// Without returns a binding that lacks some keys.
func Without(b key.Binding, drop ...string) key.Binding {
	left := slices.DeleteFunc(slices.Clone(b.Keys()), func(name string) bool { return slices.Contains(drop, name) })
	b.SetKeys(left...)
	if len(left) > 0 {
		b.SetHelp(shown(left[0]), b.Help().Desc)
	}
	return b
}

// ThisMail is the subject of what is done to the mail that is selected, or to
// all that are marked.
const ThisMail = "This mail"

// Outbox works on the outbox screen.
type Outbox struct {
	Details, Watch, LookAgain, Retry, SendAgain, Edit key.Binding `subject:"This mail"`
	Cancel, Hold, Release, Schedule, MarkSent, Delete key.Binding `subject:"This mail"`
	Reassign                                          key.Binding `subject:"This mail"`
	TestAccount, Transcript, Source, Export           key.Binding `subject:"This mail"`
	Undo, Search, Sort, NextTab, PreviousTab, New     key.Binding `subject:"The list"`
	Back                                              key.Binding `subject:"The list"`
	Mark, MarkTo, MarkAll, Invert                     key.Binding `subject:"Many mails"`
}

// Session works while a mail is sent and on its receipt.
type Session struct {
	Cancel, LookAgain, SendAgain, MarkSent, Edit, Retry key.Binding
	Transcript, Details, TestAccount, Outbox, New, Back key.Binding
}

// Accounts works on the list of accounts.
type Accounts struct {
	Edit, Test, Add, Unlock, SignIn, Identities, Doctor, Default, Remove, Trust, Keep, Manual, Directory, Back key.Binding
	CopyReport, SaveReport, Addresses                                                                          key.Binding
}

// SignIn works while the person signs in in a browser.
type SignIn struct {
	Use, Copy, Code, Browser, Again, Close key.Binding
}

// Form works in forms.
type Form struct {
	Next, Previous, Choose, ChooseBack, Try, Save, Cancel key.Binding
}

// Dialog works in overlays.
type Dialog struct {
	Press, Yes, No, Other, Next, Previous, Close key.Binding
}

func bind(help, desc string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, desc))
}

// Default returns the bindings as they come.
func Default() *Map {
	return &Map{
		Global: Global{
			Help:          bind("F1", "help", "f1", "alt+?"),
			HelpPlain:     bind("?", "help", "?"),
			Tour:          bind("alt+5", "tour of the screens", "alt+5"),
			Palette:       bind("F2", "commands", "f2", "alt+x"),
			Compose:       bind("alt+1", "compose", "alt+1"),
			Outbox:        bind("alt+2", "outbox", "alt+2"),
			Accounts:      bind("alt+3", "accounts", "alt+3"),
			Session:       bind("alt+4", "last session", "alt+4"),
			NextScreen:    bind("F6", "next screen", "f6"),
			Refresh:       bind("ctrl+l", "draw again", "ctrl+l"),
			TakeBack:      bind("alt+z", "take back what was just sent", "alt+z"),
			TakeBackPlain: bind("z", "take back what was just sent", "z"),
			Quit:          bind("ctrl+q", "quit", "ctrl+q", "ctrl+c"),
		},
		Start: Start{
			Add:     bind("n", "add an account", "n"),
			Sandbox: bind("s", "sandbox", "s"),
			Write:   bind("w", "just write", "w"),
		},
		Text: text(),
		Spelling: Spelling{
			Take:   bind("enter", "take it", "enter"),
			Up:     bind("up", "up", "up", "ctrl+p"),
			Down:   bind("down", "choose", "down", "ctrl+n"),
			Next:   bind("F7", "next word", "f7", "alt+$", "tab"),
			Learn:  bind("l", "learn", "l"),
			Accept: bind("i", "ignore here", "i"),
			Close:  bind("esc", "done", "esc"),
		},
		Search: Search{
			Next:     bind("enter", "next", "enter", "down", "ctrl+n"),
			Previous: bind("up", "one before", "up", "ctrl+p", "shift+enter"),
			Swap:     bind("tab", "replace", "tab", "shift+tab"),
			All:      bind("alt+r", "replace all", "alt+r", "alt+enter"),
			Close:    bind("esc", "done", "esc"),
		},
		Compose: compose(),
		Sheet: Sheet{
			Plain:   bind("u", "send unencrypted", "u"),
			Without: bind("x", "send without them", "x"),
		},
		Picker: Picker{
			Mark:   bind("space", "mark", "space", "ctrl+space", "ctrl+@"),
			Hidden: bind("alt+.", "hidden files", "alt+."),
			Recent: bind("alt+r", "recent folders", "alt+r"),
		},
		Files: Files{
			Rename:  bind("n", "rename", "n"),
			Remove:  bind("d", "remove", "d", "delete", "backspace"),
			Open:    bind("o", "open", "o", "enter"),
			Inline:  bind("i", "show below the text", "i"),
			Earlier: bind("<", "move left", "<", "shift+left"),
			Later:   bind(">", "move right", ">", "shift+right"),
			Undo:    bind("z", "undo", "z"),
		},
		List: List{
			Up:       bind("up", "up", "up", "k", "ctrl+p"),
			Down:     bind("down", "down", "down", "j", "ctrl+n"),
			PageUp:   bind("pgup", "page up", "pgup", "alt+v"),
			PageDown: bind("pgdown", "page down", "pgdown", "ctrl+v", "space"),
			Top:      bind("home", "first", "home", "g"),
			Bottom:   bind("end", "last", "end", "G"),
		},
		Outbox: Outbox{
			Details:     bind("enter", "details", "enter"),
			Watch:       bind("w", "watch", "w"),
			Retry:       bind("r", "try now", "r"),
			SendAgain:   bind("s", "send again", "s"),
			Edit:        bind("e", "edit", "e"),
			Cancel:      bind("c", "cancel", "c"),
			Hold:        bind("h", "hold", "h"),
			Release:     bind("h", "release", "h"),
			MarkSent:    bind("m", "mark as sent", "m"),
			Delete:      bind("d", "delete", "d", "delete"),
			Transcript:  bind("t", "transcript", "t", "ctrl+t"),
			Schedule:    bind("p", "send later", "p"),
			Reassign:    bind("b", "other account", "b"),
			Undo:        bind("z", "undo", "z"),
			Sort:        bind("o", "sort", "o"),
			LookAgain:   bind("l", "look again", "l"),
			Source:      bind("u", "source", "u"),
			Export:      bind("x", "export", "x"),
			TestAccount: bind("r", "test account", "r"),
			Search:      bind("/", "search", "/", "ctrl+f"),
			Mark:        bind("space", "mark", "space"),
			MarkTo:      bind("v", "mark to here", "v"),
			MarkAll:     bind("a", "mark all", "a"),
			Invert:      bind("i", "mark the others", "i"),
			New:         bind("n", "new mail", "n"),
			NextTab:     bind("tab", "next tab", "tab", "right"),
			PreviousTab: bind("shift+tab", "previous tab", "shift+tab", "left"),
			Back:        bind("esc", "back", "esc", "q"),
		},
		Session: Session{
			Cancel:      bind("c", "cancel", "c"),
			LookAgain:   bind("l", "look again", "l"),
			SendAgain:   bind("s", "send again", "s"),
			MarkSent:    bind("m", "mark as sent", "m"),
			Transcript:  bind("ctrl+t", "transcript", "ctrl+t", "t"),
			Details:     bind("d", "connection", "d"),
			Edit:        bind("e", "edit and send again", "e"),
			Retry:       bind("r", "try now", "r"),
			TestAccount: bind("r", "test account", "r"),
			Outbox:      bind("o", "outbox", "o"),
			New:         bind("n", "new mail", "n"),
			Back:        bind("esc", "leave it running", "esc", "q"),
		},
		Accounts: Accounts{
			Edit:   bind("enter", "edit", "enter", "e"),
			Test:   bind("t", "test", "t"),
			Add:    bind("n", "add", "n", "a"),
			Unlock: bind("u", "unlock", "u"),
			SignIn: bind("s", "sign in", "s"),
			Trust:  bind("p", "trust its key", "p"),
			Keep:   bind("y", "save anyway", "y"),

			Identities: bind("i", "identities", "i"),
			Default:    bind("f", "make default", "f"),
			Remove:     bind("x", "remove", "x", "delete"),
			Doctor:     bind("r", "doctor", "r"),
			CopyReport: bind("c", "copy report", "c"),
			SaveReport: bind("w", "save report", "w"),
			Addresses:  bind("v", "show addresses", "v"),

			Manual:    bind("m", "by hand", "m"),
			Directory: bind("d", "ask Mozilla", "d"),

			Back: bind("esc", "back", "esc", "q"),
		},
		SignIn: SignIn{
			Use:     bind("enter", "go on", "enter"),
			Copy:    bind("alt+c", "copy address", "alt+c"),
			Code:    bind("alt+o", "copy code", "alt+o"),
			Browser: bind("alt+r", "browser here", "alt+r"),
			Again:   bind("alt+s", "begin anew", "alt+s"),
			Close:   bind("esc", "stop", "esc"),
		},
		Form: Form{
			Next:       bind("tab", "next", "tab", "down", "enter"),
			Previous:   bind("shift+tab", "previous", "shift+tab", "up"),
			Choose:     bind("space", "choose", "space", "right"),
			ChooseBack: bind("left", "choose", "left"),
			Try:        bind("alt+r", "try it", "alt+r"),
			Save:       bind("ctrl+s", "save", "ctrl+s"),
			Cancel:     bind("esc", "cancel", "esc"),
		},
		Dialog: Dialog{
			Press:    bind("enter", "choose", "enter"),
			Yes:      bind("y", "yes", "y"),
			No:       bind("esc", "no", "esc", "n"),
			Other:    bind("b", "in the background", "b"),
			Next:     bind("tab", "next", "tab", "right", "down"),
			Previous: bind("shift+tab", "previous", "shift+tab", "left", "up"),
			Close:    bind("esc", "close", "esc"),
		},
	}
}

func compose() Compose {
	return Compose{
		Send:     bind("ctrl+s", "send", "ctrl+s"),
		Later:    bind("alt+l", "send later", "alt+l"),
		Attach:   bind("ctrl+o", "attach", "ctrl+o"),
		Editor:   bind("alt+e", "your editor", "alt+e"),
		Shift:    bind("alt+t", "recipient to cc, bcc, to", "alt+t"),
		Cc:       bind("alt+c", "cc/bcc", "alt+c"),
		Markdown: bind("alt+m", "markdown", "alt+m"),
		Seal:     bind("alt+s", "sign, encrypt", "alt+s"),
		Preview:  bind("alt+p", "preview", "alt+p"),
		Browser:  bind("b", "in the browser", "b"),
		Wishes:   bind("alt+o", "reports, priority, hold at server", "alt+o"),
		Fields:   bind("alt+h", "more header fields", "alt+h"),
		Template: bind("alt+i", "begin with a template", "alt+i"),
		Detach:   bind("alt+r", "remove attachment", "alt+r"),
		New:      bind("alt+n", "new mail", "alt+n"),
		Discard:  bind("alt+k", "throw away", "alt+k"),
		Next:     bind("tab", "next field", "tab"),
		Previous: bind("shift+tab", "previous field", "shift+tab"),
	}
}

func text() Text {
	return Text{
		Left:              bind("left", "left", "left", "ctrl+b"),
		Right:             bind("right", "right", "right", "ctrl+f"),
		Up:                bind("up", "up", "up", "ctrl+p"),
		Down:              bind("down", "down", "down", "ctrl+n"),
		WordLeft:          bind("alt+b", "word back", "alt+b", "ctrl+left", "alt+left"),
		WordRight:         bind("alt+f", "word on", "alt+f", "ctrl+right", "alt+right"),
		Home:              bind("home", "start of line", "home", "ctrl+a"),
		End:               bind("end", "end of line", "end", "ctrl+e"),
		ParagraphUp:       bind("alt+{", "paragraph back", "alt+{", "alt+(", "ctrl+up", "alt+up"),
		ParagraphDown:     bind("alt+}", "paragraph on", "alt+}", "alt+)", "ctrl+down", "alt+down"),
		PageUp:            bind("pgup", "page up", "pgup", "alt+v"),
		PageDown:          bind("pgdown", "page down", "pgdown", "ctrl+v"),
		Top:               bind("alt+<", "start of text", "alt+<", "ctrl+home"),
		Bottom:            bind("alt+>", "end of text", "alt+>", "ctrl+end"),
		Newline:           bind("enter", "new line", "enter"),
		LineBreak:         bind("ctrl+j", "new line outside of list and quote", "ctrl+j", "shift+enter", "alt+enter"),
		Reflow:            bind("alt+j", "break the paragraph anew", "alt+j", "alt+q"),
		DeleteBack:        bind("backspace", "delete back", "backspace", "ctrl+h", "shift+backspace"),
		DeleteForward:     bind("delete", "delete", "delete", "ctrl+d"),
		DeleteWordBack:    bind("ctrl+w", "delete word back", "ctrl+w", "alt+backspace", "ctrl+backspace"),
		DeleteWordForward: bind("alt+d", "delete word", "alt+d", "ctrl+delete", "alt+delete"),
		KillStart:         bind("ctrl+u", "cut to start of line", "ctrl+u"),
		KillEnd:           bind("ctrl+k", "cut to end of line", "ctrl+k"),
		Yank:              bind("ctrl+y", "put back what was cut", "ctrl+y"),
		Undo:              bind("ctrl+z", "undo", "ctrl+z", "ctrl+_", "alt+u"),
		Redo:              bind("alt+y", "redo", "alt+y", "ctrl+shift+z"),
		Find:              bind("ctrl+r", "find and replace", "ctrl+r", "f3"),
		Spell:             bind("F7", "check spelling", "f7", "alt+$"),
		GoTo:              bind("alt+g", "go to a line", "alt+g"),
		SelectAll:         bind("alt+a", "select all", "alt+a"),
		Cut:               bind("alt+w", "cut selection", "alt+w", "ctrl+x", "ctrl+shift+x"),
		Copy:              bind("alt+6", "copy selection", "alt+6", "ctrl+shift+c"),
		SelectLeft:        bind("shift+left", "select", "shift+left"),
		SelectRight:       bind("shift+right", "select", "shift+right"),
		SelectUp:          bind("shift+up", "select", "shift+up"),
		SelectDown:        bind("shift+down", "select", "shift+down"),
		SelectWordLeft:    bind("ctrl+shift+left", "select word", "ctrl+shift+left", "alt+shift+left"),
		SelectWordRight:   bind("ctrl+shift+right", "select word", "ctrl+shift+right", "alt+shift+right"),
		SelectHome:        bind("shift+home", "select to start", "shift+home"),
		SelectEnd:         bind("shift+end", "select to end", "shift+end"),
		SelectTop:         bind("ctrl+shift+home", "select to start of text", "ctrl+shift+home"),
		SelectBottom:      bind("ctrl+shift+end", "select to end of text", "ctrl+shift+end"),
		Mark:              bind("ctrl+space", "start selecting", "ctrl+space", "ctrl+@"),
	}
}
