//go:build darwin || freebsd

package secret

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerID is the user at the other end of a socket.
func peerID(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	var who *unix.Xucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		who, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return -1, err
	}
	return int(who.Uid), nil
}
