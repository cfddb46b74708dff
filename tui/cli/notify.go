package cli

import "net"

// serviceManager is who started this program, if it wants to hear from it
// (sd_notify(3)).
type serviceManager struct{ socket string }

func (p *program) serviceManager() serviceManager {
	socket, _ := p.Lookup("NOTIFY_SOCKET")
	return serviceManager{socket}
}

// tell sends lines of the form NAME=value. Who does not listen misses nothing
// that the delivery depends on.
func (m serviceManager) tell(lines string) {
	if m.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"}) // an @ stands for NUL
	if err != nil {
		return
	}
	_, _ = conn.Write([]byte(lines))
	_ = conn.Close()
}
