package post

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sendoff/config"
	"sendoff/smtp/address"
)

// expand reads a list of recipients, with those that stand for users of this
// machine.
func (n *hull) expand(list string) ([]address.Mailbox, error) {
	boxes, err := address.ParseList(qualify(list))
	if err != nil {
		return nil, &MessageError{err}
	}
	var all []address.Mailbox
	for _, box := range boxes {
		if !isLocal(box.Domain) {
			all = append(all, box)
			continue
		}
		targets, err := n.aliases.Expand(box.Local)
		if err != nil {
			return nil, &NoUserError{err}
		}
		all = append(all, targets...)
	}
	return all, nil
}

// qualify gives users of this machine, who are named without a domain, the
// domain of it.
func qualify(list string) string {
	var b strings.Builder
	last := 0
	for _, e := range address.Split(list) {
		if e.Err == nil {
			continue
		}
		piece := list[e.Start:e.End]
		if local := localName(piece); local != piece {
			b.WriteString(list[last:e.Start] + local)
			last = e.End
		}
	}
	return b.String() + list[last:]
}

// localName qualifies one piece: root, Name <root>, or root (Name).
func localName(piece string) string {
	name, comment, _ := strings.Cut(piece, "(")
	if comment != "" {
		comment = " (" + comment
	}
	name = strings.TrimSpace(name)
	if open := strings.LastIndexByte(name, '<'); open >= 0 && strings.HasSuffix(name, ">") {
		if local := name[open+1 : len(name)-1]; isUser(local) {
			return name[:open] + "<" + local + "@localhost>" + comment
		}
		return piece
	}
	if isUser(name) {
		return name + "@localhost" + comment
	}
	return piece
}

func isUser(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || strings.ContainsRune(`@<>()[]:;,"\`, c) })
}

// isLocal tells of the domains that mean this machine.
func isLocal(domain string) bool {
	if domain == "localhost" || domain == "localhost.localdomain" {
		return true
	}
	host, err := os.Hostname()
	return err == nil && !strings.Contains(host, ".") && strings.EqualFold(host, domain)
}

// AliasFiles are where users of this machine are given addresses, the first
// that is there counts.
func (r *Room) AliasFiles() []string {
	return []string{filepath.Join(r.home.ConfigDir, "aliases"), "/etc/aliases"}
}

// aliases reads the first of AliasFiles.
func (r *Room) aliases() (address.Aliases, error) {
	for _, path := range r.AliasFiles() {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, &FileError{path, err}
		}
		all, err := address.ParseAliases(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, &config.Error{Text: path + ": " + err.Error(), Hint: "write one name a line, as in root: me@example.org"}
		}
		return all, nil
	}
	return address.Aliases{}, nil
}

// CheckAliases reads the aliases and expands each. It returns the file they
// came from, empty if there is none, and how many there are.
func (r *Room) CheckAliases() (path string, n int, err error) {
	all, err := r.aliases()
	if err != nil {
		return "", 0, err
	}
	for _, p := range r.AliasFiles() {
		if _, err := os.Stat(p); err == nil {
			path = p
			break
		}
	}
	for name := range all {
		if _, err := all.Expand(name); err != nil {
			return path, len(all), &NoUserError{err}
		}
	}
	return path, len(all), nil
}

// WhoGets returns whom a list of recipients stands for.
func (r *Room) WhoGets(list string) ([]address.Mailbox, error) {
	aliases, err := r.aliases()
	if err != nil {
		return nil, err
	}
	return (&hull{aliases: aliases}).expand(list)
}
