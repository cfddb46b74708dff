//go:build !windows

package folder

// flagged is the end of the name of a mail that was read.
const flagged = ":2,S"
