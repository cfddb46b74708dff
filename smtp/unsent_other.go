//go:build !linux && !darwin

package smtp

import "net"

// limitUnsent does nothing where there is no way to do it.
func limitUnsent(net.Conn) {}
