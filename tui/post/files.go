package post

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// FileError is a file that can't be read.
type FileError struct {
	Path string
	Err  error
}

// Error names the file and the reason.
func (e *FileError) Error() string {
	var inner *fs.PathError
	if errors.As(e.Err, &inner) {
		return e.Path + ": " + inner.Err.Error() // which names the path again
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// What keeps something that exists from being attached.
var (
	errFolder  = errors.New("is a folder; with a / behind its name an archive of it goes along")
	errSpecial = errors.New("is not an ordinary file")
)

// look opens the file at path to see whether it can be attached. What is not an
// ordinary file is left alone: opening a pipe may wait for ever.
func look(path string) kit.File {
	f := kit.File{Path: path, Name: attachedName(path)}
	if isArchive(path) {
		f.Type = message.TypeOf(f.Name, nil)
		f.Size, f.Modified, f.Err = lookInside(path)
		return f
	}
	info, err := stat(path)
	switch {
	case err != nil:
		f.Err = err
	case info.IsDir():
		f.Err, f.Folder = errFolder, true
	case !info.Mode().IsRegular():
		f.Err = errSpecial
	default:
		f.Size, f.Modified = info.Size(), info.ModTime()
		f.Type, f.Err = kind(path)
	}
	return f
}

// kind is the media type of a file, by its name and first octets.
func kind(path string) (string, error) {
	f, err := read(path)
	if err != nil {
		return "", err
	}
	start := make([]byte, 512) // which is what is judged by
	n, err := io.ReadFull(f, start)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return message.TypeOf(path, start[:n]), errors.Join(err, f.Close())
}

// check tells the size of what can be attached, or why that can't be done.
func check(path string) (size int64, err error) {
	f := look(path)
	return f.Size, f.Err
}

// expand makes what a person typed a whole path.
func (r *Room) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			path = home + rest
		}
	}
	whole, err := filepath.Abs(path)
	switch {
	case err != nil:
		return path
	case isArchive(path) && !isArchive(whole):
		return whole + string(filepath.Separator)
	}
	return whole
}

// ListFolder returns what is in a folder, folders first; an empty path is the
// working directory.
func (r *Room) ListFolder(_ context.Context, path string) ([]kit.File, error) {
	path = r.expand(path)
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, &FileError{path, err}
	}
	files := make([]kit.File, 0, len(entries))
	for _, e := range entries {
		files = append(files, entry(filepath.Join(path, e.Name()), e.Name()))
	}
	slices.SortStableFunc(files, func(a, b kit.File) int {
		if a.Folder != b.Folder {
			if a.Folder {
				return -1
			}
			return 1
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return files, nil
}

// CheckFiles tells of each path whether it can be attached.
func (r *Room) CheckFiles(_ context.Context, paths []string) []kit.File {
	files := make([]kit.File, len(paths))
	for i, path := range paths {
		files[i] = look(r.expand(path))
	}
	return files
}

// FindPasted returns the files of the first way in which all paths lead to one
// that can be read; a folder is looked into only when it is attached.
func (r *Room) FindPasted(_ context.Context, ways [][]string) []kit.File {
	for _, paths := range ways {
		files := make([]kit.File, 0, len(paths))
		for _, path := range paths {
			path = filepath.Clean(r.expand(path))
			f := look(path)
			if f.Folder {
				path += "/"
				f = kit.File{Path: path, Name: attachedName(path), Folder: true}
			}
			if f.Err != nil {
				break
			}
			files = append(files, f)
		}
		if len(files) == len(paths) {
			return files
		}
	}
	return nil
}
