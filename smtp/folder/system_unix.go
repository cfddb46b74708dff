//go:build !windows

package folder

import (
	"errors"
	"syscall"
)

// flagged is the end of the name of a mail that was read.
const flagged = ":2,S"

// dead tells that no process has that number.
func dead(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
