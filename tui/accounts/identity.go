package accounts

import (
	"slices"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
	"sendoff/tui/editor"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// The rows of an identity.
const (
	whoAddress = iota
	whoName
	whoReplyTo
	whoBcc
	whoRecipients
	whoCatchAll // of the account's own identity alone
	whoFormat
	whoSeal
	whoCrypto
	whoKey
	whoLanguage
	whoSignature
)

// seals are what becomes of mail of an identity, as sealOf counts.
var seals = []string{"neither signed nor encrypted", "signed", "encrypted", "signed and encrypted"}

func sealOf(s config.Seal) (n int) {
	if s.Sign {
		n++
	}
	if s.Encrypt {
		n += 2
	}
	return n
}

var cryptos = []string{"", "smime"}

// identity is the sheet of one whom mail can be from.
type identity struct {
	sheet
	n      int    // 0 for the account's own, else 1 and its place among the others
	before string // its address; empty for a new one
	base   config.Identity
}

// newIdentity shows identity n of an account, or an empty one if there are not so
// many.
func newIdentity(env kit.Env, a config.Account, n int) *identity {
	f := &identity{sheet: newSheet(env, nil), n: n}
	all := append([]config.Identity{a.Own()}, a.Identities...)
	if n < len(all) {
		f.base, f.before = all[n], all[n].Address
	}
	f.rows = []row{
		whoAddress:    f.line("Address", "The address that mail comes from."),
		whoName:       f.line("Name", "As others see it beside the address; empty for the account's."),
		whoReplyTo:    f.line("Answers to", "Mostly empty: answers then go to the address itself."),
		whoBcc:        f.line("Copies to", "Who gets a copy of each mail, unseen by the others; several apart by commas."),
		whoRecipients: f.line("For", "Mail to these is from here, such as *@example.org; several apart by commas."),
		whoCatchAll:   f.line("Any of", "Domains of which any address can be the sender; several apart by commas."),
		whoFormat:     {label: "Written as", hint: "Markdown goes out as text and as a page.", words: []string{"text", "markdown"}},
		whoSeal:       {label: "Mail is", hint: "As it begins; each mail can say otherwise.", words: seals},
		whoCrypto:     {label: "By", hint: "OpenPGP needs gpg, S/MIME needs gpgsm.", words: []string{"OpenPGP", "S/MIME"}},
		whoKey:        f.line("Key", "By its fingerprint; empty for one of the address."),
		whoLanguage:   f.line("Language", "Of the dictionary that spelling is checked with, such as en_GB."),
		whoSignature:  {label: "Signature", hint: "At the end of each mail. " + env.Keys.Form.Next.Help().Key + " goes on, " + env.Keys.Form.Save.Help().Key + " saves.", line: editor.New(env.Keys, env.Styles, env.Cells), tall: 4},
	}
	i := f.base
	for row, value := range map[int]string{
		whoAddress: i.Address, whoName: i.FullName, whoReplyTo: i.ReplyTo, whoBcc: strings.Join(i.Bcc, ", "),
		whoRecipients: strings.Join(i.Recipients, ", "), whoCatchAll: strings.Join(a.CatchAll, ", "),
		whoKey: i.Seal.Key, whoLanguage: i.Language, whoSignature: i.Signature,
	} {
		f.set(row, value)
	}
	f.rows[whoSignature].line.SetPosition(0, 0)
	f.rows[whoCatchAll].gone = n > 0
	if n == 0 {
		f.rows[whoAddress].fixed = text.Clean(i.Address) + "  (changed with the account)"
		f.at = whoName
	}
	if i.Markdown {
		f.rows[whoFormat].at = 1
	}
	f.rows[whoSeal].at = sealOf(i.Seal)
	f.rows[whoCrypto].at = max(0, slices.Index(cryptos, i.Seal.Crypto))
	return f
}

func (f *identity) title() string {
	if f.before == "" {
		return "Another address for mail to be from"
	}
	return "Mail from " + text.Clean(f.before)
}

// save puts the identity into its account, or moves to what is wrong.
func (f *identity) save(a config.Account) (config.Account, bool) {
	i := f.base
	if f.n > 0 {
		if _, err := address.Parse(f.value(whoAddress)); err != nil {
			f.wrong(whoAddress, text.Clean(err.Error()))
			return a, false
		}
		i.Address = f.value(whoAddress)
	}
	i.FullName, i.ReplyTo, i.Language = f.value(whoName), f.value(whoReplyTo), f.value(whoLanguage)
	i.Bcc, i.Recipients = parts(f.value(whoBcc)), parts(f.value(whoRecipients))
	i.Signature = strings.TrimRight(f.rows[whoSignature].line.Text(), " \n")
	i.Markdown = f.rows[whoFormat].at == 1
	sealed := f.rows[whoSeal].at
	i.Seal.Sign, i.Seal.Encrypt, i.Seal.Key = sealed&1 != 0, sealed&2 != 0, f.value(whoKey)
	if c := cryptos[f.rows[whoCrypto].at]; c != "" || i.Seal.Crypto == "smime" {
		i.Seal.Crypto = c
	}
	switch a.Identities = slices.Clone(a.Identities); {
	case f.n == 0:
		a.CatchAll = parts(f.value(whoCatchAll))
		a = a.WithOwn(i)
	case f.n > len(a.Identities):
		a.Identities = append(a.Identities, i)
	default:
		a.Identities[f.n-1] = i
	}
	if err := a.Check(); err != nil {
		f.trouble = text.Clean(err.Error())
		return a, false
	}
	return a, true
}

// parts takes a list apart at its commas.
func parts(list string) (all []string) {
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
