package seal

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sendoff/smtp/address"
)

// Key is a key as the listing of its program tells of it.
type Key struct {
	Fingerprint string

	validity byte // of the address it was looked for by, as in gpg's DETAILS
	created  time.Time
	expires  time.Time // zero for never
	can      string    // capital letters for what it can do now, as in DETAILS
	state    string    // why it can't be used, as words behind "has"; empty if it can
	names    []name
}

// name is a user ID.
type name struct {
	address  string
	validity byte
}

func (k Key) signs() bool    { return strings.Contains(k.can, "S") }
func (k Key) encrypts() bool { return strings.Contains(k.can, "E") }

// ring is the keys there are for an address, the best first.
type ring struct {
	kind    Kind
	address string
	own     bool // the sender's, of which the secret part is here
	keys    []Key
}

// choose returns the best key that will do, or what is lacking.
func (r ring) choose(will func(Key) bool) (Key, *Lack) {
	var found Key
	for _, key := range r.keys {
		if key.state == "" && will(key) {
			return key, nil
		}
		if found.Fingerprint == "" || found.state == "" {
			found = key
		}
	}
	return Key{}, r.lack(found, found.state)
}

// own returns the sender's keys.
func (t Tools) own(ctx context.Context, from address.Mailbox, named string) (ring, error) {
	r := ring{kind: t.Kind, address: from.Addr(), own: true}
	if named != "" {
		r.address = named
		keys, err := t.list(ctx, "--list-secret-keys", strings.TrimSuffix(named, "!"))
		slices.SortStableFunc(keys, rank)
		r.keys = keys
		return r, err
	}
	keys, err := t.list(ctx, "--list-secret-keys", patterns(from)...)
	r.keys = matching(keys, from)
	return r, err
}

// rings returns what there is for each of several people.
func (t Tools) rings(ctx context.Context, people []address.Mailbox) ([]ring, error) {
	var all []string
	for _, m := range people {
		all = append(all, patterns(m)...)
	}
	keys, err := t.list(ctx, "--list-keys", all...)
	if err != nil {
		return nil, err
	}
	rings := make([]ring, len(people))
	for i, m := range people {
		rings[i] = ring{kind: t.Kind, address: m.Addr(), keys: matching(keys, m)}
	}
	return rings, nil
}

// forms are the ways an address can be written in a key: with its domain in
// letters, and as it is on the wire.
func forms(m address.Mailbox) []string {
	all := []string{m.Addr()}
	if wire, err := m.Wire(); err == nil && wire != all[0] {
		all = append(all, wire)
	}
	return slices.DeleteFunc(all, func(s string) bool { return strings.ContainsAny(s, "\x00\r\n<>") })
}

// patterns ask a program for keys of exactly that address.
func patterns(m address.Mailbox) (all []string) {
	for _, form := range forms(m) {
		all = append(all, "<"+form+">")
	}
	return all
}

// matching returns the keys that have an address among their names, each as
// valid as that name is, the best first.
func matching(keys []Key, m address.Mailbox) (found []Key) {
	for _, key := range keys {
		for _, n := range key.names {
			if !slices.ContainsFunc(forms(m), func(form string) bool { return strings.EqualFold(form, n.address) }) {
				continue
			}
			key.validity = n.validity
			if n.validity == 'r' && key.state == "" {
				key.state = "a key that is no longer for this address"
			}
			found = append(found, key)
			break
		}
	}
	slices.SortStableFunc(found, rank)
	return found
}

// list asks for keys. What is not found is not there, and no error.
func (t Tools) list(ctx context.Context, command string, patterns ...string) ([]Key, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	var out strings.Builder
	args := append([]string{"--with-colons", "--fixed-list-mode", command, "--"}, patterns...)
	if t.Kind == SMIME {
		args = slices.Delete(args, 1, 2)
	}
	said, err := t.run(ctx, args, nil, &out)
	keys := t.parse(out.String())
	if err != nil && (len(keys) > 0 || !said.severe(err)) {
		err = nil
	}
	return keys, err
}

// parse reads the listing with colons (doc/DETAILS of GnuPG).
func (t Tools) parse(listing string) (keys []Key) {
	inSub := false
	for line := range strings.Lines(listing) {
		f := append(strings.Split(strings.TrimRight(line, "\r\n"), ":"), make([]string, 12)...)
		last := len(keys) - 1
		switch f[0] {
		case "pub", "sec", "crt", "crs":
			inSub = false
			keys = append(keys, t.keyOf(f))
		case "sub", "ssb":
			inSub = true
		case "fpr":
			if last >= 0 && !inSub && keys[last].Fingerprint == "" {
				keys[last].Fingerprint = f[9]
			}
		case "uid":
			if last >= 0 {
				keys[last].names = append(keys[last].names, name{addressIn(unescape(f[9])), (f[1] + "-")[0]})
			}
		}
	}
	return slices.DeleteFunc(keys, func(k Key) bool { return !isHex(k.Fingerprint) })
}

func (t Tools) keyOf(f []string) Key {
	k := Key{validity: (f[1] + "-")[0], created: moment(f[5]), expires: moment(f[6]), can: f[11]}
	switch {
	case k.validity == 'r':
		k.state = "only a key that was revoked"
	case k.validity == 'e', !k.expires.IsZero() && !k.expires.After(t.Now()):
		k.state = "only a key that expired"
		if !k.expires.IsZero() {
			k.state += " on " + k.expires.Format(time.DateOnly)
		}
	case strings.Contains(k.can, "D"):
		k.state = "only a key that you disabled"
	}
	return k
}

// moment reads seconds since 1970, or the short form of ISO 8601.
func moment(s string) time.Time {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		return time.Unix(n, 0).UTC()
	}
	at, _ := time.Parse("20060102T150405", s) // zero for what is no time
	return at
}

// unescape undoes the \x3a of a listing.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\x`) && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// addressIn returns the address of a user ID; empty if it has none.
func addressIn(id string) string {
	if open := strings.LastIndexByte(id, '<'); open >= 0 {
		inner, _, _ := strings.Cut(id[open+1:], ">")
		return inner
	}
	if strings.Contains(id, "@") && !strings.ContainsAny(id, " =") {
		return id
	}
	return ""
}

func isHex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789ABCDEFabcdef") == ""
}

// probe has the program encrypt nothing to a key, and returns why it won't; empty
// if it does.
func (t Tools) probe(ctx context.Context, key Key) (reason string, err error) {
	said, err := t.run(ctx, []string{"--encrypt", "--recipient", key.Fingerprint}, strings.NewReader(""), io.Discard)
	if err == nil {
		return "", nil
	}
	if code, found := said.refused("INV_RECP"); found {
		return refusal(code), nil
	}
	return "", err
}

// refusal says why a key is not taken, by the codes of INV_RECP in DETAILS.
func refusal(code int) string {
	switch code {
	case 3:
		return "only a key that can't be used for this"
	case 4:
		return "only a key that was revoked"
	case 5:
		return "only a key that expired"
	case 6, 7:
		return "only a key of which it can't be told whether it was revoked"
	case 10, 12:
		return untrusted
	case 13:
		return "only a key that you disabled"
	}
	return untrusted
}

const untrusted = "only a key that is not trusted"
