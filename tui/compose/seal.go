package compose

import (
	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// sealing is what the person decided for this mail.
type sealing struct {
	sign, encrypt message.Choice
	crypto        string // how; empty as the sender's identity says
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
