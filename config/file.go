package config

import (
	"errors"
	"io/fs"

	"sendoff/config/private"
)

// Load reads the configuration at path. A missing file is an empty
// configuration; one with a password in it that others can read is an error. Its
// error is an *Error.
func Load(path string) (Config, error) {
	text, err := read(path)
	if err != nil {
		return Config{}, err
	}
	c, err := Parse(path, text)
	if err != nil {
		return Config{}, err
	}
	return c, c.checkReaders(path)
}

// read returns the octets of the file, and none if it is missing; never much
// more than the parser would take.
func read(path string) ([]byte, error) {
	text, err := private.Read(path, maxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, unreadable(path, err)
	}
	return text, nil
}

func unreadable(path string, err error) *Error {
	reason := err.Error()
	var e *fs.PathError
	if errors.As(err, &e) {
		reason = e.Err.Error() // the rest repeats the path
	}
	return &Error{
		Path: path, Err: err,
		Text: "the file can't be read: " + reason,
		Hint: "check what it is, its owner and its rights",
	}
}
