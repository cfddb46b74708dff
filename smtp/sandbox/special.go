package sandbox

import (
	"slices"
	"strings"
)

// special is a local part that asks for trouble.
type special string

const (
	specialNone       special = ""
	specialGreylist   special = "greylist"
	specialSlow       special = "slow"
	specialBeforeDot  special = "drop-before-dot"
	specialAfterDot   special = "drop-after-dot"
	specialLost       special = "lost-after-dot"
	specialRejectData special = "reject-data"
	specialTempfail   special = "tempfail-data"
)

// Special is a local part that makes the server behave oddly.
type Special struct{ Local, Effect string }

// Specials lists the local parts that ask for trouble, in any letter case. What
// follows a "+" in a local part does not count, so that there can be many.
func Specials() []Special { return slices.Clone(specials) }

var specials = []Special{
	{"refused", "550 5.1.1, no such user"},
	{"deferred", "451 4.7.1, try again later"},
	{"greylist", "451 4.7.1 the first time, accepted from then on"},
	{"full", "552 5.2.2, mailbox full"},
	{"toomany", "452 4.5.3, too many recipients"},
	{"wordy", "550 5.1.1 in several lines with a link"},
	{"escape", "550 5.1.1 full of terminal escapes"},
	{"closing", "421 4.3.2, and the connection is closed"},
	{"slow", "answers take a while, and the content is read slowly"},
	{"drop-before-dot", "the connection breaks while the content is sent"},
	{"drop-after-dot", "the mail is taken, and the connection closed unanswered"},
	{"lost-after-dot", "the mail is lost, and the connection closed unanswered"},
	{"tempfail-data", "451 4.3.0 after the content"},
	{"reject-data", "554 5.7.1 after the content"},
}

// specialFor finds what a local part asks for.
func specialFor(local string) special {
	local, _, _ = strings.Cut(strings.ToLower(local), "+")
	for _, s := range specials {
		if s.Local == local {
			return special(local)
		}
	}
	return specialNone
}

type refusal struct {
	code     int
	enhanced string
	text     string // %s stands for the address
}

// refusals are the answers to recipients that are not taken.
var refusals = map[special]refusal{
	"refused":       {550, "5.1.1", "<%s>: Recipient address rejected: User unknown"},
	"deferred":      {451, "4.7.1", "<%s>: Recipient address rejected: Try again later"},
	specialGreylist: {451, "4.7.1", "<%s>: Recipient address rejected: Greylisted, see you soon"},
	"full":          {552, "5.2.2", "<%s>: Mailbox is full"},
	"toomany":       {452, "4.5.3", "Too many recipients"},
	"closing":       {421, "4.3.2", hostname + " Service shutting down, closing the connection"},
	"escape":        {550, "5.1.1", hostileText + " <%s>"},
	"wordy": {550, "5.1.1", "The mailbox that you tried to reach does not exist. Please check the\n" +
		"address of the recipient, <%s>, for typing mistakes or needless\n" +
		"spaces. More about this at\n https://support.example.org/mail/?p=NoSuchUser - sandbox"},
}

// hostileText does to a terminal what a reply never should: sets its title,
// writes to its clipboard, clears it, hides text, and goes back to the start of
// the line to overprint it. It also has C1 controls, raw and in UTF-8, marks that
// turn the direction of writing, and octets that are not UTF-8.
const hostileText = "No\x1b]0;owned\x07 such\x1b]52;c;b3duZWQ=\x07 user" +
	"\x1b[2J\x1b[H\x1b[31;8m here\x9b31m\x9d0;owned\x9c\u009b2J" +
	"\u202etxt.exe\u2066\u200b \xff\xfe\xc0\xaf\x00\b\b\b\x7f\rAll is well"
