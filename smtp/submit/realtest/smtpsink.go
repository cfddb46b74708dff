package realtest

import (
	"net"
	"strconv"
	"testing"
)

// StartSMTPSink runs Postfix's test server, which takes mail in clear text and
// forgets it, with the faults that args ask for ("-q", "data"). It returns its
// port at 127.0.0.1.
func StartSMTPSink(t testing.TB, args ...string) int {
	t.Helper()
	sink := need(t, "smtp-sink")[0]
	port := freePorts(t, 1)[0]
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	run(t, nil, sink, append([]string{"-u", "nobody"}, append(args, "inet:"+address, "10")...)...).await(t, "tcp4", address)
	return port
}
