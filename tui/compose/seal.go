package compose

import (
	"strings"

	"sendoff/smtp/message"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// sealChoice is what the person decided for this mail.
type sealChoice struct {
	sign, encrypt message.Choice
	crypto        string // how; empty as the sender's identity says
}

type sealing struct {
	sealChoice
	asked string // for what keys were looked for last
	lack  error  // what keeps the mail from being sealed; nil for nothing
}

// seals tells what will be done.
func (s *Screen) seals() (sign, encrypt bool) {
	usual := s.from.identity().Seal
	return s.seal.sign.Or(usual.Sign), s.seal.encrypt.Or(usual.Encrypt)
}

// sealed says it in short; empty for nothing.
func (s *Screen) sealed() string {
	sign, encrypt := s.seals()
	switch {
	case sign && encrypt:
		return "signed, encrypted"
	case sign:
		return "signed"
	case encrypt:
		return "encrypted"
	}
	return ""
}

// cycleSeal goes on: nothing, sign, encrypt, both.
func (s *Screen) cycleSeal() {
	choice := map[bool]message.Choice{true: message.Yes, false: message.No}
	sign, encrypt := s.seals()
	s.seal.sign, s.seal.encrypt = choice[!sign], choice[encrypt != sign]
	how := "gpg"
	if crypto := s.seal.crypto; crypto == "smime" || crypto == "" && s.from.identity().Seal.Crypto == "smime" {
		how = "gpgsm"
	}
	words := "It is neither signed nor encrypted."
	switch s.sealed() {
	case "signed":
		words = "It will be signed by " + how + "."
	case "encrypted":
		words = "It will be encrypted by " + how + ", its subject too; so is the draft."
	case "signed, encrypted":
		words = "It will be signed and encrypted by " + how + ", its subject too; so is the draft."
	}
	s.status = kit.Status{Text: words}
}

// askKeys asks whether there are the keys for a mail that is to be sealed, when
// that may have changed. Who is still being typed does not count.
func (s *Screen) askKeys() kit.Intent {
	sealed := s.sealed()
	if sealed == "" {
		s.seal.asked, s.seal.lack = "", nil
		return nil
	}
	asked := []string{sealed, s.seal.crypto, s.from.name, s.from.typed}
	for _, p := range []place{inTo, inCc, inBcc} {
		for _, e := range s.lists[p].Entries() {
			if e.Err != nil || s.lists[p].Typed(e) {
				continue
			}
			for _, m := range e.Mailboxes {
				asked = append(asked, string(p)+" "+m.Addr())
			}
		}
	}
	if now := strings.Join(asked, "\n"); now != s.seal.asked && len(s.from.accounts) > 0 {
		s.seal.asked = now
		return kit.CheckKeys{Fields: s.Draft()}
	}
	return nil
}

// unsealable says what keeps the mail from being sealed, and what helps; empty
// for nothing.
func (s *Screen) unsealable() string {
	if s.seal.lack == nil {
		return ""
	}
	return submit.Explain(s.seal.lack).String() + s.orPlain()
}

func (s *Screen) orPlain() string { return "; or " + s.keys.Seal.Help().Key + " until it is neither" }
