package post

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sendoff/config/private"
	"sendoff/tui/kit"
)

const (
	mostFound  = 5000 // entries that SearchFolder looks at
	mostRecent = 12   // folders that are remembered
)

// entry is the file or folder at path, as a person picks it under a name.
func entry(path, name string) kit.File {
	f := kit.File{Path: path, Name: name}
	info, err := os.Stat(path) // through links
	switch {
	case err != nil:
		f.Err = err
	case info.IsDir():
		f.Folder = true
	case !info.Mode().IsRegular():
		f.Err = errSpecial
	default:
		f.Size = info.Size()
	}
	return f
}

// SearchFolder returns what is in the folders of the one at path, the nearest
// first: hidden ones only if they are wanted, and nothing behind a link, which
// may lead in circles. With cut it has left some out.
func (r *Room) SearchFolder(ctx context.Context, path string, hidden bool) (files []kit.File, cut bool, err error) {
	root := r.expand(path)
	folders, looked := []string{""}, 0
	for len(folders) > 0 {
		inside := folders[0]
		folders = folders[1:]
		entries, err := os.ReadDir(filepath.Join(root, inside))
		if err != nil {
			if inside == "" {
				return nil, false, &FileError{root, err}
			}
			continue // one that can't be read hides nothing else
		}
		for _, e := range entries {
			if !hidden && strings.HasPrefix(e.Name(), ".") {
				continue
			}
			if looked++; looked > mostFound || ctx.Err() != nil {
				return files, true, nil
			}
			name := filepath.Join(inside, e.Name())
			if e.IsDir() {
				folders = append(folders, name)
			}
			if inside != "" {
				files = append(files, entry(filepath.Join(root, name), filepath.ToSlash(name)))
			}
		}
	}
	return files, false, nil
}

func (r *Room) recentFile() string { return filepath.Join(r.home.StateDir, "folders") }

// recent reads the folders that files were attached from, the last first.
func (r *Room) recent() ([]string, error) {
	const most = 64 << 10 // octets of the file
	text, err := private.Read(r.recentFile(), most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(string(text), func(c rune) bool { return c == 0 }), nil
}

// RecentFolders are those that files were attached from and that are still
// there, the last first.
func (r *Room) RecentFolders(context.Context) ([]kit.File, error) {
	paths, err := r.recent()
	if err != nil {
		return nil, &FileError{r.recentFile(), err}
	}
	var folders []kit.File
	for _, path := range paths {
		if f := entry(path, r.shorten(path)); f.Folder {
			folders = append(folders, f)
		}
	}
	return folders, nil
}

// UsedFolder remembers that a file was attached from the folder at path.
func (r *Room) UsedFolder(ctx context.Context, path string) error {
	path = filepath.Clean(r.expand(path))
	unlock, err := private.Lock(ctx, r.recentFile(), "the list of recent folders")
	if err != nil {
		return err
	}
	defer unlock()
	paths, err := r.recent()
	if err != nil {
		return err
	}
	if len(paths) > 0 && paths[0] == path {
		return nil
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return p == path })
	paths = append([]string{path}, paths[:min(len(paths), mostRecent-1)]...)
	return private.Write(r.recentFile(), []byte(strings.Join(paths, "\x00")+"\x00"))
}

// shorten writes a path with ~ for the person's home.
func (r *Room) shorten(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home); err == nil && home != "" && ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		return "~" + rest
	}
	return path
}
