//go:build unix && !linux

package private

import "golang.org/x/sys/unix"

// Process keeps what this program holds to itself: files that it or its
// children make are for their owner alone, and no core file is written.
func Process() error {
	unix.Umask(0o077)
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
