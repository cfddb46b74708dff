//go:build linux || darwin

package smtp

import (
	"net"
	"runtime"
	"syscall"
)

// limitUnsent has the system take no more than maxUnsent octets ahead of what
// it sends (TCP_NOTSENT_LOWAT). It is a courtesy that a connection may lack.
func limitUnsent(conn net.Conn) {
	const onLinux, onDarwin = 0x19, 0x201
	option := onLinux
	if runtime.GOOS == "darwin" {
		option = onDarwin
	}
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, option, maxUnsent)
	})
}
