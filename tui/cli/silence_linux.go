package cli

import "golang.org/x/sys/unix"

// The requests that read and set how a terminal behaves.
const (
	getMode = unix.TCGETS
	setMode = unix.TCSETS
)
