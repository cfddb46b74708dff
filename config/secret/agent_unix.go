//go:build darwin || freebsd || linux

package secret

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// samePeer refuses to speak to another user, whatever the modes of the socket
// and its folder let through.
func samePeer(conn net.Conn) error {
	own, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.ErrUnsupported
	}
	id, err := peerID(own)
	if err == nil && id != os.Getuid() {
		err = errors.New("another user is at the other end")
	}
	return err
}

// mine tells that a file belongs to us.
func mine(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
