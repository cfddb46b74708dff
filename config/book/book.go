// Package book reads the address books that a person has anyway: vCards as
// khard and vdirsyncer keep them, those of abook and mutt, and whatever a
// command prints. It finds people in them by what is typed. Nothing is ever
// written.
package book

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sendoff/smtp/address"
)

// Contact is somebody a mail can be for, or a group of them.
type Contact struct {
	Name   string            // of the person or the group; empty if there is none
	Nick   string            // another name that is typed for it
	Boxes  []address.Mailbox // one; of a group its members
	Group  bool
	Source string // where it stands, in a word: "vCard", "mutt"

	// Uses is how many mails went there and Last when the last one did, of
	// those in the history.
	Uses int
	Last time.Time
}

// String returns the contact as a list of addresses has it (RFC 5322 section
// 3.4), for address.Split to read.
func (c Contact) String() string {
	if !c.Group {
		m := c.Boxes[0]
		m.Name = cmp.Or(c.Name, m.Name)
		return m.String()
	}
	list := make([]string, len(c.Boxes))
	for i, m := range c.Boxes {
		list[i] = m.String()
	}
	// A name in a group's place is a phrase, as in front of an address.
	name := strings.TrimSuffix(address.Mailbox{Name: c.Name, Local: "x", Domain: "x"}.String(), " <x@x>")
	return name + ": " + strings.Join(list, ", ") + ";"
}

// Kind is a form of address book.
type Kind string

// The kinds.
const (
	VCard Kind = "vCard" // RFC 2426, RFC 6350; a file, or a folder of them
	Abook Kind = "abook" // abook(5)
	Mutt  Kind = "mutt"  // the alias commands of mutt and neomutt
)

// Place is an address book on the disk.
type Place struct {
	Kind Kind
	Path string
}

const (
	mostOctets   = 10 << 20 // of a file; what is larger is no address book
	mostContacts = 500_000
	depth        = 2 // folders below the one that is named
)

// errLarge is what a file is refused for.
var errLarge = errors.New("has more than 10 MB, which no address book has")

// Usual returns the address books that are where programs usually keep them,
// below a home folder.
func Usual(home string) []Place {
	var found []Place
	for _, p := range []Place{
		{VCard, ".contacts"},
		{VCard, ".local/share/contacts"},
		{VCard, ".local/share/vdirsyncer/contacts"},
		{Abook, ".abook/addressbook"},
		{Mutt, ".mutt/aliases"},
		{Mutt, ".mutt_aliases"},
		{Mutt, ".config/mutt/aliases"},
		{Mutt, ".config/neomutt/aliases"},
	} {
		p.Path = filepath.Join(home, filepath.FromSlash(p.Path))
		if _, err := os.Stat(p.Path); err == nil {
			found = append(found, p)
		}
	}
	return found
}

// Read returns the contacts of an address book. What can't be read in it is
// left out; the error is about a whole file, next to the contacts of others.
func Read(p Place) ([]Contact, error) {
	var all []Contact
	var errs []error
	for _, path := range p.files() {
		some, err := readFile(p.Kind, path)
		if err != nil {
			errs = append(errs, fmt.Errorf("address book %s: %w", path, err))
		}
		all = append(all, some...)
		if len(all) > mostContacts {
			break
		}
	}
	if p.Kind == VCard {
		all = gather(all)
	}
	return all, errors.Join(errs...)
}

// Changed tells when the address book was changed last; zero if it isn't there.
func Changed(p Place) (last time.Time) {
	for _, path := range append(p.files(), p.Path) {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// files are the files of an address book: itself, or those of cards in a
// folder and its folders, which may be links.
func (p Place) files() []string {
	if info, err := os.Stat(p.Path); err != nil || !info.IsDir() || p.Kind != VCard {
		return []string{p.Path}
	}
	var files []string
	var seen []fs.FileInfo
	var walk func(folder string, deeper int)
	walk = func(folder string, deeper int) {
		info, err := os.Stat(folder)
		if err != nil || slices.ContainsFunc(seen, func(other fs.FileInfo) bool { return os.SameFile(info, other) }) {
			return // links can lead to where it was already
		}
		seen = append(seen, info)
		entries, _ := os.ReadDir(folder) // what can't be read has no cards
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			switch {
			case strings.HasPrefix(e.Name(), "."):
			case isFolder(path, e):
				if deeper > 0 {
					walk(path, deeper-1)
				}
			case strings.EqualFold(filepath.Ext(path), ".vcf"):
				files = append(files, path)
			}
		}
	}
	walk(p.Path, depth)
	return files
}

// isFolder tells that an entry of a folder is one, or a link to one.
func isFolder(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func readFile(kind Kind, path string) ([]Contact, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unnamed(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("is not an ordinary file")
	case info.Size() > mostOctets:
		return nil, errLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unnamed(err)
	}
	defer f.Close()
	octets, err := io.ReadAll(io.LimitReader(f, mostOctets))
	if err != nil {
		return nil, unnamed(err)
	}
	return Parse(kind, string(octets)), nil
}

// unnamed returns an error without the path that the caller names.
func unnamed(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// Parse reads the text of an address book.
func Parse(kind Kind, text string) []Contact {
	text = strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "\ufffd")
	switch kind {
	case VCard:
		return parseVCards(text)
	case Abook:
		return parseAbook(text)
	default:
		return parseMutt(text)
	}
}

// person is a contact with one address; ok is false if it is none that can be
// written to.
func person(name, nick, addr string, source string) (c Contact, ok bool) {
	m, err := address.Parse(addr)
	if err != nil {
		return Contact{}, false
	}
	name = cmp.Or(oneLine(name), m.Name)
	m.Name = ""
	return Contact{Name: name, Nick: oneLine(nick), Boxes: []address.Mailbox{m}, Source: source}, true
}

// oneLine is what a name is made, since it goes into a line of a header.
func oneLine(s string) string { return strings.Join(strings.FieldsFunc(s, breaks), " ") }

func breaks(r rune) bool {
	return r <= ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
