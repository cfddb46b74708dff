package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
)

// cramMD5 is the mechanism CRAM-MD5 (RFC 2195), for servers that have nothing
// newer.
type cramMD5 struct {
	login    Login
	answered bool
}

func (*cramMD5) Name() string { return "CRAM-MD5" }

func (*cramMD5) Start() ([]byte, error) { return nil, nil }

func (m *cramMD5) Next(challenge []byte) ([]byte, error) {
	if m.answered {
		return nil, errChallenge
	}
	m.answered = true
	mac := hmac.New(md5.New, []byte(m.login.Password))
	mac.Write(challenge)
	return []byte(m.login.User + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

func (m *cramMD5) Finish() error {
	if !m.answered {
		return errIncomplete
	}
	return nil
}
