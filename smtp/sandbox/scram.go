package sandbox

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// iterations are what RFC 7677 asks for at least.
const iterations = 4096

// scramKeys are what a server knows of a password (RFC 5802 section 3).
type scramKeys struct {
	hash           func() hash.Hash
	salt           []byte
	stored, server []byte
}

func newScramKeys(h func() hash.Hash, password string) (*scramKeys, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	salted, err := pbkdf2.Key(h, password, salt, iterations, h().Size())
	if err != nil {
		return nil, fmt.Errorf("scram: %w", err)
	}
	k := &scramKeys{hash: h, salt: salt}
	stored := h()
	stored.Write(k.mac(salted, "Client Key"))
	k.stored = stored.Sum(nil)
	k.server = k.mac(salted, "Server Key")
	return k, nil
}

func (k *scramKeys) mac(key []byte, message string) []byte {
	mac := hmac.New(k.hash, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// proves tells whether proof is the client key under the client's signature.
func (k *scramKeys) proves(proof []byte, message string) bool {
	signature := k.mac(k.stored, message)
	if len(proof) != len(signature) {
		return false
	}
	key := make([]byte, len(proof))
	for i := range key {
		key[i] = proof[i] ^ signature[i]
	}
	h := k.hash()
	h.Write(key)
	return hmac.Equal(h.Sum(nil), k.stored)
}

// clientFirst is the first message of a client (RFC 5802 section 7).
type clientFirst struct {
	header string // the GS2 header, which the next message repeats
	bare   string
	flag   string // "n", "y" or "p=..."
	user   string
	nonce  string
}

func parseClientFirst(message string) (*clientFirst, error) {
	parts := strings.Split(message, ",")
	if len(parts) != 4 {
		// No extension is understood, and a mandatory one must not be passed over.
		return nil, errExchange
	}
	name, ok := strings.CutPrefix(parts[2], "n=")
	nonce, also := strings.CutPrefix(parts[3], "r=")
	if !ok || !also || name == "" || nonce == "" {
		return nil, errExchange
	}
	first := &clientFirst{
		header: parts[0] + "," + parts[1] + ",",
		bare:   parts[2] + "," + parts[3],
		flag:   parts[0],
		user:   unescapeName(name),
		nonce:  nonce,
	}
	if parts[1] != "" && parts[1] != "a="+name {
		return nil, errRefused
	}
	return first, nil
}

// authSCRAM is RFC 5802 and RFC 7677, with the channel binding of RFC 9266 if
// plus.
func authSCRAM(h func() hash.Hash, plus bool) func(*exchange) (string, error) {
	return func(e *exchange) (string, error) {
		message, err := e.ask("")
		if err != nil {
			return "", err
		}
		first, err := parseClientFirst(message)
		if err != nil {
			return "", err
		}
		bound, err := e.bound(first, plus)
		if err != nil {
			return "", err
		}
		keys, err := newScramKeys(h, e.s.opts.Password)
		if err != nil {
			return "", err
		}
		nonce := first.nonce + rand.Text()
		serverFirst := fmt.Sprintf("r=%s,s=%s,i=%d", nonce, base64.StdEncoding.EncodeToString(keys.salt), iterations)
		final, err := e.ask(serverFirst)
		if err != nil {
			return "", err
		}
		without, encoded, ok := strings.Cut(final, ",p=")
		proof, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !ok || err != nil {
			return "", errExchange
		}
		want := "c=" + base64.StdEncoding.EncodeToString(bound) + ",r=" + nonce
		signed := first.bare + "," + serverFirst + "," + without
		if without != want || first.user != e.s.opts.User || !keys.proves(proof, signed) {
			return "", errRefused
		}
		signature := keys.mac(keys.server, signed)
		answer, err := e.ask("v=" + base64.StdEncoding.EncodeToString(signature))
		if err == nil && answer != "" {
			err = errExchange
		}
		return first.user, err
	}
}

// bound is what the client's last message must say of the channel.
func (e *exchange) bound(first *clientFirst, plus bool) ([]byte, error) {
	switch {
	case plus && first.flag == "p=tls-exporter":
		binding, err := e.s.binding()
		return append([]byte(first.header), binding...), err
	case plus:
		return nil, errExchange
	case first.flag == "y" && slices.Contains(e.s.logins, e.mechanism+"-PLUS"):
		// The client was kept from seeing the stronger mechanism.
		return nil, errRefused
	case first.flag == "y" || first.flag == "n":
		return []byte(first.header), nil
	}
	return nil, errExchange
}

// binding is the channel binding tls-exporter (RFC 9266 section 2).
func (s *session) binding() ([]byte, error) {
	state := s.link.state()
	if state == nil {
		return nil, errors.New("no tls to bind to")
	}
	return state.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
}
