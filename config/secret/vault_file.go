package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// The file of a vault is a line with its version and two files of age
// (https://age-encryption.org/v1) in their text form. The first holds a key,
// encrypted with the passphrase; the second the passwords as JSON, encrypted
// to that key. So what is in the vault can change, as tokens do each hour,
// without anybody typing the passphrase, and the other way round.
const (
	vaultMark    = "sendoff vault "
	vaultVersion = 1
	vaultLimit   = 1 << 20

	// workFactor is scrypt's: opening takes a third of a second and 128 MiB.
	// More than maxWorkFactor is an attack on the memory of this machine.
	workFactor    = 17
	maxWorkFactor = 20
)

var (
	errDamaged    = errors.New("the vault is damaged")
	errPassphrase = errors.New("the passphrase does not open the vault")
	errLocked     = errors.New("the vault is locked")
)

// vaultFile is the two parts of the file, still sealed.
type vaultFile struct {
	key     []byte
	content []byte
}

// contents are the passwords by account.
type contents map[string]string

func parseVault(text []byte) (vaultFile, error) {
	mark, rest, _ := bytes.Cut(text, []byte("\n"))
	number, ok := strings.CutPrefix(strings.TrimSpace(string(mark)), vaultMark)
	version, err := strconv.Atoi(number)
	switch {
	case !ok || err != nil || len(text) > vaultLimit:
		return vaultFile{}, fmt.Errorf("%w: it does not begin as one", errDamaged)
	case version > vaultVersion:
		return vaultFile{}, errors.New("the vault was written by a newer version of sendoff")
	}
	key, content, ok := bytes.Cut(rest, []byte(armor.Footer+"\n"))
	if !ok || !bytes.HasSuffix(content, []byte(armor.Footer+"\n")) {
		return vaultFile{}, fmt.Errorf("%w: its end is missing", errDamaged)
	}
	return vaultFile{append(bytes.Clone(key), armor.Footer+"\n"...), content}, nil
}

func (f vaultFile) text() []byte {
	return fmt.Appendf(nil, "%s%d\n%s%s", vaultMark, vaultVersion, f.key, f.content)
}

// contents opens the second part. Its error is over errLocked if key is none
// for it.
func (f vaultFile) contents(ctx context.Context, key opener) (contents, error) {
	plain, err := key.open(ctx, f.content)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	all := contents{}
	if err := json.Unmarshal(plain, &all); err != nil {
		return nil, fmt.Errorf("%w: its contents are of another form", errDamaged)
	}
	return all, nil
}

// fill seals new contents, and opens them again to be sure.
func (f *vaultFile) fill(ctx context.Context, key opener, all contents) error {
	plain, err := json.Marshal(all)
	if err != nil {
		return err
	}
	defer clear(plain)
	if f.content, err = key.seal(ctx, plain); err != nil {
		return err
	}
	again, err := key.open(ctx, f.content)
	if err == nil && !bytes.Equal(again, plain) || len(f.content) > vaultLimit/2 {
		err = errors.New("the vault takes no more")
	}
	return err
}

// localKey opens a vault in this process.
type localKey struct{ *age.X25519Identity }

// newKey makes a key, and the form of it that the passphrase opens.
func newKey(passphrase Secret, work int) (localKey, []byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return localKey{}, nil, err
	}
	key := localKey{id}
	wrapped, err := key.wrap(passphrase, work)
	return key, wrapped, err
}

// parseKey reads what Vault.Key gave.
func parseKey(text Secret) (localKey, error) {
	id, err := age.ParseX25519Identity(strings.TrimSpace(text.Reveal()))
	if err != nil {
		return localKey{}, errors.New("this is no key of a vault") // the error would show it
	}
	return localKey{id}, nil
}

func (k localKey) wrap(passphrase Secret, work int) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(work)
	return encrypt([]byte(k.String()), to)
}

// unwrap opens the first part of a vault. Its error is over errPassphrase or
// errDamaged.
func unwrap(wrapped []byte, passphrase Secret) (localKey, error) {
	if passphrase.Empty() {
		return localKey{}, errPassphrase
	}
	with, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return localKey{}, err
	}
	with.SetMaxWorkFactor(maxWorkFactor)
	text, err := decrypt(wrapped, with)
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		return localKey{}, errPassphrase
	case err != nil:
		return localKey{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	key, err := parseKey(New(string(text)))
	if err != nil {
		return localKey{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return key, nil
}

func (k localKey) open(_ context.Context, sealed []byte) ([]byte, error) {
	plain, err := decrypt(sealed, k.X25519Identity)
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		// It may be for the key of a vault that was there before.
		return nil, errLocked
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return plain, nil
}

func (k localKey) seal(_ context.Context, plain []byte) ([]byte, error) {
	return encrypt(plain, k.Recipient())
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	text := armor.NewWriter(&b)
	w, err := age.Encrypt(text, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = errors.Join(w.Close(), text.Close())
	return b.Bytes(), err
}

func decrypt(sealed []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), with)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, vaultLimit))
}
