//go:build !linux

package realtest

import "syscall"

// dieWithParent has nothing to offer here: only Linux watches a parent.
func dieWithParent() *syscall.SysProcAttr { return nil }
