package private

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Process keeps what this program holds to itself: files that it or its
// children make are for their owner alone, its memory and environment can't be
// read by other programs of the same person, and no core file is written. The
// error tells that the system does not allow all of that, which is no reason to
// stop.
func Process() error {
	unix.Umask(0o077)
	return errors.Join(
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0),
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
	)
}
