package sasl

import "strings"

// oauthBearer is the mechanism OAUTHBEARER (RFC 7628).
type oauthBearer struct {
	login   Login
	refused bool
}

func (*oauthBearer) Name() string { return "OAUTHBEARER" }

func (m *oauthBearer) Start() ([]byte, error) {
	user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(m.login.User)
	return []byte("n,a=" + user + ",\x01auth=Bearer " + m.login.Token + "\x01\x01"), nil
}

// Next hears why the server refuses. It wants an answer before it says so in a
// reply (RFC 7628 section 3.2.3).
func (m *oauthBearer) Next([]byte) ([]byte, error) {
	if m.refused {
		return nil, errChallenge
	}
	m.refused = true
	return []byte("\x01"), nil
}

func (m *oauthBearer) Finish() error { return unlessRefused(m.refused) }

// xoauth2 is the mechanism XOAUTH2, which Google made before OAUTHBEARER.
type xoauth2 struct {
	login   Login
	refused bool
}

func (*xoauth2) Name() string { return "XOAUTH2" }

func (m *xoauth2) Start() ([]byte, error) {
	return []byte("user=" + m.login.User + "\x01auth=Bearer " + m.login.Token + "\x01\x01"), nil
}

// Next hears why the server refuses, and answers with nothing.
func (m *xoauth2) Next([]byte) ([]byte, error) {
	if m.refused {
		return nil, errChallenge
	}
	m.refused = true
	return []byte{}, nil
}

func (m *xoauth2) Finish() error { return unlessRefused(m.refused) }

func unlessRefused(refused bool) error {
	if refused {
		return errIncomplete
	}
	return nil
}
