package realtest

import (
	"net"
	"path/filepath"
	"strconv"
	"testing"
)

// StartSOCKS runs microsocks, which lets User in with Password, and returns its
// port.
func StartSOCKS(t testing.TB) (port int) {
	t.Helper()
	programs := need(t, "microsocks")
	port = freePorts(t, 1)[0]
	at := strconv.Itoa(port)
	run(t, nil, programs[0], "-i", "127.0.0.1", "-p", at, "-u", User, "-P", Password).await(t, "tcp4", net.JoinHostPort("127.0.0.1", at))
	return port
}

// StartHTTPProxy runs tinyproxy, which lets User in with Token (its own form of a
// password has no blanks), and returns its port.
func StartHTTPProxy(t testing.TB) (port int) {
	t.Helper()
	programs := need(t, "tinyproxy")
	port = freePorts(t, 1)[0]
	at := strconv.Itoa(port)
	conf := filepath.Join(folder(t), "tinyproxy.conf")
	write(t, conf, fill(`Port $port
Listen 127.0.0.1
MaxClients 10
BasicAuth $user $password
`, map[string]string{"port": at, "user": User, "password": Token}))
	run(t, nil, programs[0], "-d", "-c", conf).await(t, "tcp4", net.JoinHostPort("127.0.0.1", at))
	return port
}
