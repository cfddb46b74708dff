package compose

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// pasted is a text that may be paths of files: terminals paste those when files
// are dropped on them.
type pasted struct {
	ways    [][]string // to read it
	at      place      // where it went
	written snapshot   // when it was there
	files   []kit.File // the files that it names; none while that is not known
}

// wonderPasted asks whether a text that was pasted at the focus names files.
func (s *Screen) wonderPasted(content string) kit.Intent {
	s.pasted = nil
	ways := pathsIn(content)
	if len(ways) == 0 {
		return nil
	}
	s.pasted = &pasted{ways: ways, at: s.focus, written: s.written()}
	return kit.FindPasted{Ways: ways}
}

// pastedFound takes the answer. In the row of attachments the files are attached
// at once; elsewhere a key does it as long as nothing else was done.
func (s *Screen) pastedFound(msg kit.PastedFound) kit.Intent {
	if p, ok := s.over.(*picker); ok {
		return p.dropped(msg)
	}
	p := s.pasted
	switch {
	case p == nil || !slices.EqualFunc(p.ways, msg.Ways, slices.Equal):
		return nil
	case p.at == inFiles && len(msg.Files) == 0:
		s.pasted = nil
		s.status = kit.Status{Text: "What was pasted is no file that can be read here.", Trouble: true}
		return nil
	case p.at == inFiles:
		s.pasted = nil
		return s.attachPasted(msg.Files)
	case len(msg.Files) == 0 || s.focus != p.at || s.written() != p.written:
		s.pasted = nil
		return nil
	}
	p.files = msg.Files
	what, them := "That is a file; ", `"`+text.Clean(msg.Files[0].Name)+`"`
	switch n := len(msg.Files); {
	case n > 1:
		what, them = fmt.Sprintf("Those are %d files; ", n), "them"
	case msg.Files[0].Folder:
		what = "That is a folder; "
	}
	s.status = kit.Status{Text: what + s.keys.Attach.Help().Key + " attaches " + them + " instead."}
	return nil
}

// pressPasted takes a key that comes next after a paste that names files: one
// attaches them, and takes their paths out of the text.
func (s *Screen) pressPasted(msg tea.KeyPressMsg) (want kit.Intent, used bool) {
	p := s.pasted
	s.pasted = nil
	if p == nil || len(p.files) == 0 || s.focus != p.at || s.written() != p.written || !key.Matches(msg, s.keys.Attach) {
		return nil, false
	}
	s.pressIn(keys.Press(s.env.Keys.Text.Undo.Keys()[0]))
	want = s.attachPasted(p.files)
	s.files.past[len(s.files.past)-1].pasted = p.at
	said := `"` + text.Clean(p.files[0].Name) + `" is attached; `
	if n := len(p.files); n > 1 {
		said = fmt.Sprintf("%d files are attached; ", n)
	}
	s.status = kit.Status{Text: said + s.env.Keys.Text.Undo.Help().Key + " puts the text back."}
	return want, true
}

func (s *Screen) attachPasted(files []kit.File) kit.Intent {
	s.attach(files...)
	want := kit.Do{kit.UsedFolder{Path: filepath.Dir(filepath.Clean(files[0].Path))}}
	if look := s.look(); look != nil { // a folder was not looked into yet
		want = append(want, look)
	}
	return want
}

const (
	mostPasted  = 16 << 10 // octets of a text that may be paths
	mostDropped = 100      // files
)

// pathsIn returns the ways in which a pasted text can be read as paths, the
// likelier first: each line one, as it is or as a URI; or words as a shell
// reads them. Only what shows that it is a path counts, no mere name.
func pathsIn(content string) (ways [][]string) {
	if len(content) > mostPasted || strings.ContainsRune(content, 0) {
		return nil
	}
	content = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content))
	for _, read := range []func(string) []string{lines, words} {
		paths := read(content)
		bad := func(path string) bool { return !pathLike(path) }
		if len(paths) == 0 || len(paths) > mostDropped || slices.ContainsFunc(paths, bad) {
			continue
		}
		if len(ways) == 0 || !slices.Equal(ways[0], paths) {
			ways = append(ways, paths)
		}
	}
	return ways
}

// lines reads each line as a path or a URI (RFC 8089). Lists of URIs may hold
// comments (RFC 2483 section 5), and begin with what is to be done with them.
func lines(content string) (paths []string) {
	for i, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		uris := strings.Contains(content, "file:")
		if line == "" || uris && (line[0] == '#' || i == 0 && (line == "copy" || line == "cut")) {
			continue
		}
		paths = append(paths, fromURI(line))
	}
	return paths
}

// fromURI returns the path of a file on this machine, or what it got.
func fromURI(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || u.Path == "" {
		return s
	}
	if drive(strings.TrimPrefix(u.Path, "/")) {
		return u.Path[1:]
	}
	return u.Path
}

// words reads a text as a shell does, without its expansions: blanks divide,
// quotes and backslashes keep them from that.
func words(content string) (all []string) {
	var word strings.Builder
	begun, quote := false, rune(0)
	runes := []rune(content)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case quote == 0 && strings.ContainsRune(" \t\n", r):
			if begun {
				all = append(all, fromURI(word.String()))
			}
			word.Reset()
			begun = false
			continue
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		case r == '\\' && next != 0 && (quote == 0 || quote == '"' && strings.ContainsRune(`"\$`+"`", next)):
			word.WriteRune(next)
			i++
		default:
			word.WriteRune(r)
		}
		begun = true
	}
	if quote != 0 {
		return nil
	}
	if begun {
		all = append(all, fromURI(word.String()))
	}
	return all
}

// pathLike tells that s shows that it is the path of a file: it begins at the
// root, at home, or here.
func pathLike(s string) bool {
	if len(s) > 4096 || strings.ContainsRune(s, '\n') || strings.Trim(s, `/\`) == "" {
		return false
	}
	for _, start := range []string{"~/", "./", "../"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return s[0] == '/' && !strings.HasPrefix(s, "//") || strings.HasPrefix(s, `\\`) || drive(s)
}

// drive tells that s begins with a drive, as paths of Windows do.
func drive(s string) bool {
	return len(s) > 3 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && (s[0]|0x20) >= 'a' && (s[0]|0x20) <= 'z'
}
