package realtest

import "syscall"

// dieWithParent ends a server in an orderly way when the test dies before it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
