//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// unread tells that nobody is left at the other end of f, as far as that can be
// known without writing.
func unread(f *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd())}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
}
