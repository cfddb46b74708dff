package submit

import (
	"strings"

	"sendoff/smtp"
)

// refusal is a reply that is known to mean something more than its code says.
// Empty fields fit every reply.
type refusal struct {
	stage    smtp.Stage
	code     int
	enhanced string
	words    string // in the reply's text, lower case
	problem  Problem
}

// again is the hint for what the outbox retries. It speaks of mail in general,
// since a test of an account has none.
const again = "mail is kept and tried again by itself"

// notAgain, correctIt and notLost are what else hints say of what is kept.
const (
	notAgain  = "mail is kept, but not tried again by itself"
	correctIt = "correct its settings"
	notLost   = "nothing was lost: what was not sent is kept"
)

var (
	noPasswords = Problem{
		Title: "the provider takes no password for sending any more",
		Hint: "it wants OAuth: give the account oauth and oauth-client-id, then sendoff account login signs in; " +
			"or ask your administrator for a mailbox with SMTP AUTH",
	}
	switchedOff = Problem{
		Title: "sending by SMTP is switched off for this mailbox",
		Hint:  "your administrator can switch it on: https://aka.ms/smtp_auth_disabled",
	}
	appPassword = Problem{
		Title: "the provider wants an app password instead of your own",
		Hint: "make one in the security settings of your account there " +
			"(Google: https://myaccount.google.com/apppasswords) and store it for this account",
	}
	wantsTLS = Problem{
		Title: "the server wants encryption before it goes on",
		Hint:  `set tls = "starttls" for this account, or "implicit" with port 465`,
	}
	wantsLogin = Problem{
		Title: "the server wants a login before it takes mail",
		Hint:  `set auth = "auto" and the user of this account`,
	}
	tooManyLogins = Problem{
		Title: "the server has seen too many logins and wants a pause",
		Hint:  "wait a quarter of an hour; a right password is refused too until then",
	}
	wrongPassword = Problem{
		Title: "the server refused the login",
		Hint:  "check user name and password; with two-step login on, many providers want an app password",
	}
	noLoginsNow = Problem{
		Title: "the server can't check logins now",
		Hint:  again,
	}
	wrongSender = Problem{
		Title: "the server does not let this account send from that address",
		Hint:  "send from the account's own address, or register the other one with the provider",
	}
	noRelay = Problem{
		Title: "the server takes no mail to other places from you",
		Hint:  `use your own provider's submission server and log in there: auth = "auto"`,
	}
	tooBig = Problem{
		Title: "the mail is too big for the server",
		Hint:  "send less or smaller attachments, or a link to them",
	}
	limitReached = Problem{
		Title: "the limit for sending is reached",
		Hint:  "wait as long as the server says, often a day, then send again",
	}
	tooFast = Problem{
		Title: "the server wants mail to come more slowly",
		Hint:  again,
	}
	greylisted = Problem{
		Title: "the server puts off mail from senders it does not know yet",
		Hint:  again + ", usually within minutes",
	}
	mailboxFull = Problem{
		Title: "the recipient's mailbox is full",
		Hint:  "tell the recipient another way, and send again later",
	}
	noMailbox = Problem{
		Title: "there is no such mailbox",
		Hint:  "check the spelling of the address",
	}
	tooManyRecipients = Problem{
		Title: "the mail has too many recipients for the server at once",
		Hint:  "send it to fewer at a time",
	}
	spam = Problem{
		Title: "the server takes the mail for spam",
		Hint:  "change its wording, links or attachments, or ask the provider why",
	}
	blocked = Problem{
		Title: "the server takes nothing from your network",
		Hint:  "your address may be on a block list; use your provider's submission server with a login, or another network",
	}
)

// refusals are looked through from the top; the first that fits counts. The
// providers' texts were gathered from their public documents.
var refusals = []refusal{
	{code: 530, words: "starttls", problem: wantsTLS},
	{code: 538, problem: wantsTLS},
	{stage: smtp.StageMail, code: 530, problem: wantsLogin},
	{stage: smtp.StageRecipient, code: 530, problem: wantsLogin},
	{code: 530, words: "authentication required", problem: wantsLogin},

	{enhanced: "5.7.30", problem: noPasswords},
	{words: "basic authentication is disabled", problem: noPasswords},
	{words: "smtpclientauthentication is disabled", problem: switchedOff},
	{words: "application-specific password", problem: appPassword},
	{words: "app password", problem: appPassword},
	{stage: smtp.StageAuth, code: 534, enhanced: "5.7.9", problem: appPassword},
	{stage: smtp.StageAuth, code: 534, enhanced: "5.7.14", problem: Problem{
		Title: "the provider wants you to log in with a browser first",
		Hint:  "log in on the provider's web site, then try again; or use an app password",
	}},
	{stage: smtp.StageAuth, words: "too many", problem: tooManyLogins},
	{stage: smtp.StageAuth, code: 432, problem: Problem{
		Title: "the provider wants you to set a new password first",
		Hint:  "do so on the provider's web site, then store it for this account",
	}},
	{stage: smtp.StageAuth, code: 454, problem: noLoginsNow},
	{stage: smtp.StageAuth, enhanced: "5.7.139", problem: Problem{
		Title: "the provider's security rules refused the login",
		Hint:  "ask your administrator whether this mailbox may use SMTP AUTH with a password",
	}},
	{stage: smtp.StageAuth, enhanced: "5.7.3", problem: Problem{
		Title: "the server refused the login",
		Hint:  "check user name and password; at Microsoft, SMTP AUTH must also be on for the mailbox: https://aka.ms/smtp_auth_disabled",
	}},
	{stage: smtp.StageAuth, code: 535, problem: wrongPassword},
	{stage: smtp.StageAuth, code: 534, problem: Problem{
		Title: "the server wants a stronger way to log in",
		Hint:  `set auth = "auto", and see what the provider's help says about mail programs`,
	}},

	{code: 452, enhanced: "4.5.3", problem: tooManyRecipients},
	{enhanced: "5.5.3", problem: tooManyRecipients},
	{enhanced: "5.4.5", problem: limitReached},
	{words: "sending limit", problem: limitReached},
	{words: "sending quota", problem: limitReached},
	{words: "quota exceeded for sending", problem: limitReached},
	{enhanced: "4.7.28", problem: tooFast},
	{words: "rate limit", problem: tooFast},
	{words: "too many messages", problem: tooFast},
	{words: "greylist", problem: greylisted},
	{words: "graylist", problem: greylisted},

	{stage: smtp.StageRecipient, enhanced: "4.2.2", problem: Problem{Title: mailboxFull.Title, Hint: again}},
	{stage: smtp.StageRecipient, enhanced: "5.2.2", problem: mailboxFull},
	{stage: smtp.StageRecipient, code: 552, problem: mailboxFull},
	{enhanced: "5.3.4", problem: tooBig},
	{enhanced: "5.2.3", problem: tooBig},
	{code: 552, problem: tooBig},

	{words: "relay", problem: noRelay},
	{enhanced: "5.7.60", problem: wrongSender},
	{words: "sendasdenied", problem: wrongSender},
	{words: "not owned by user", problem: wrongSender},
	{stage: smtp.StageMail, code: 550, problem: wrongSender},
	{stage: smtp.StageMail, code: 553, problem: wrongSender},
	{stage: smtp.StageMail, words: "sender address", problem: wrongSender},

	{stage: smtp.StageRecipient, enhanced: "5.1.1", problem: noMailbox},
	{stage: smtp.StageRecipient, enhanced: "5.1.2", problem: Problem{
		Title: "the recipient's domain takes no mail",
		Hint:  "check the part of the address after the @",
	}},
	{stage: smtp.StageRecipient, enhanced: "5.1.10", problem: noMailbox},
	{stage: smtp.StageRecipient, enhanced: "5.2.1", problem: Problem{
		Title: "the recipient's mailbox is closed",
		Hint:  "ask for another address",
	}},
	{stage: smtp.StageRecipient, words: "user unknown", problem: noMailbox},
	{stage: smtp.StageRecipient, words: "unknown user", problem: noMailbox},
	{stage: smtp.StageRecipient, words: "no such user", problem: noMailbox},
	{stage: smtp.StageRecipient, words: "no such recipient", problem: noMailbox},
	{stage: smtp.StageRecipient, words: "does not exist", problem: noMailbox},

	{words: "spam", problem: spam},
	{words: "blacklist", problem: blocked},
	{words: "blocklist", problem: blocked},
	{words: "block list", problem: blocked},
	{stage: smtp.StageGreeting, code: 554, problem: blocked},

	{enhanced: "4.3.1", problem: Problem{Title: "the server has no room now", Hint: again}},
	{code: 421, problem: Problem{Title: "the server has no time now", Hint: again}},
	{stage: smtp.StageTLS, problem: Problem{
		Title: "the server can't encrypt the connection now",
		Hint:  `nothing was sent; try again, or set tls = "implicit" with port 465`,
	}},
	{stage: smtp.StageHello, problem: Problem{
		Title: "the server does not accept this machine",
		Hint:  "ask the provider whether this is the server for sending mail",
	}},
}

func (r refusal) fits(e *smtp.Error, words string) bool {
	return (r.stage == "" || r.stage == e.Stage) &&
		(r.code == 0 || r.code == e.Reply.Code) &&
		(r.enhanced == "" || r.enhanced == e.Reply.Enhanced) &&
		strings.Contains(words, r.words)
}

// explainReply explains what a server said.
func explainReply(e *smtp.Error) Problem {
	words := strings.ToLower(e.Reply.Text())
	for _, r := range refusals {
		if r.fits(e, words) {
			return r.problem
		}
	}
	switch {
	case e.Class == smtp.ClassAuth:
		return wrongPassword
	case e.Class == smtp.ClassProtocol:
		return nonsense
	case e.Class == smtp.ClassTemporary:
		return Problem{Title: "the server " + putOff(e.Stage) + " for now", Hint: again}
	}
	return Problem{
		Title: "the server refused " + object(e.Stage),
		Hint:  notAgain + "; see what the server said",
	}
}

func putOff(s smtp.Stage) string {
	if s == smtp.StageGreeting {
		return "takes no connections"
	}
	return "put off " + object(s)
}

// object is what a server refuses at a stage.
func object(s smtp.Stage) string {
	switch s {
	case smtp.StageGreeting:
		return "the connection"
	case smtp.StageAuth:
		return "the login"
	case smtp.StageMail:
		return "the sender"
	case smtp.StageRecipient:
		return "the recipient"
	}
	return "the mail"
}
