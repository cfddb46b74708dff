package post

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// isArchive tells that a path, by the separator at its end, stands for an
// archive of a folder, which is made while the mail is.
func isArchive(path string) bool { return path != "" && os.IsPathSeparator(path[len(path)-1]) }

// attachedName is what the recipient sees of an attachment's path.
func attachedName(path string) string {
	if isArchive(path) {
		return filepath.Base(path) + ".zip"
	}
	return filepath.Base(path)
}

// lookInside sees whether every file below a folder can be read, and returns the
// sum of their sizes, which an archive of them seldom exceeds, and when the last
// of them was changed.
func lookInside(folder string) (size int64, changed time.Time, err error) {
	err = eachFile(folder, func(path string, info fs.FileInfo) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		size += info.Size()
		if info.ModTime().After(changed) {
			changed = info.ModTime()
		}
		return f.Close()
	})
	return size, changed, err
}

// errEmpty is a folder that holds nothing to send.
var errEmpty = errors.New("is a folder without files")

// eachFile goes through the ordinary files below a folder, in the order of
// their names. Links are not followed: they may lead out of it, or in circles.
func eachFile(folder string, do func(path string, info fs.FileInfo) error) error {
	found := false
	err := filepath.WalkDir(filepath.Clean(folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		found = true
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return do(path, info)
	})
	if err == nil && !found {
		return errEmpty
	}
	return err
}

// pack reads as a zip archive of a folder. What goes wrong is a *FileError.
func pack(folder string) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		archive := zip.NewWriter(w)
		err := eachFile(folder, func(path string, info fs.FileInfo) error { return addTo(archive, folder, path, info) })
		if err == nil {
			err = archive.Close()
		}
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			err = &FileError{folder, err}
		}
		w.CloseWithError(err)
	}()
	return r
}

// addTo puts one file into an archive, under its path from the folder on.
func addTo(archive *zip.Writer, folder, path string, info fs.FileInfo) (err error) {
	name, err := filepath.Rel(filepath.Dir(filepath.Clean(folder)), path)
	if err != nil {
		return err
	}
	header, err := zip.FileInfoHeader(info)
	if err != nil {
		return err
	}
	header.Name, header.Method = filepath.ToSlash(name), zip.Deflate
	to, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, f)
	return errors.Join(err, f.Close())
}
