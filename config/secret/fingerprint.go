package secret

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
)

// rounds makes each guess at a secret behind a fingerprint take some hundredths
// of a second.
const rounds = 200_000

// nothing is the fingerprint of no secret at all.
const nothing = "none"

// Fingerprint returns what tells later whether a secret is still s, and nothing
// else about it: a salted hash that is slow to compute.
func (s Secret) Fingerprint() string {
	if s.Empty() {
		return nothing
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	return fmt.Sprintf("%x:%x", salt, s.hash(salt))
}

// Is tells whether s is the secret of a Fingerprint.
func (s Secret) Is(fingerprint string) bool {
	coded, want, _ := strings.Cut(fingerprint, ":")
	salt, err := hex.DecodeString(coded)
	if s.Empty() || fingerprint == nothing || err != nil {
		return s.Empty() && fingerprint == nothing
	}
	return subtle.ConstantTimeCompare(fmt.Appendf(nil, "%x", s.hash(salt)), []byte(want)) == 1
}

func (s Secret) hash(salt []byte) []byte {
	// It fails for a length or a salt that no FIPS 140 allows, not for these.
	sum, _ := pbkdf2.Key(sha256.New, s.text, salt, rounds, sha256.Size)
	return sum
}
