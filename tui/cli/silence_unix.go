//go:build unix

package cli

import "golang.org/x/sys/unix"

// silence keeps the terminal fd from showing what is typed.
func silence(fd int) error {
	mode, err := unix.IoctlGetTermios(fd, getMode)
	if err != nil {
		return err
	}
	mode.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, setMode, mode)
}
