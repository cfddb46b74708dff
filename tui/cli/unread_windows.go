package cli

import "os"

// unread can't be known without writing, which then fails.
func unread(*os.File) bool { return false }
