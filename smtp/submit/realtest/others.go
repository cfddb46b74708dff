package realtest

import (
	_ "embed"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

// unpacked is where .ci/run puts the packages of servers that can't be
// installed next to Postfix, unless SENDOFF_TEST_SERVERS names another folder.
const unpacked = "/var/cache/sendoff-test-servers"

// needUnpacked returns the path of a server's program. If it is missing, or one
// of the users is that it runs as, need says what then.
func needUnpacked(t testing.TB, program string, users ...string) string {
	t.Helper()
	need(t) // root
	dir := os.Getenv("SENDOFF_TEST_SERVERS")
	if dir == "" {
		dir = unpacked
	}
	path := filepath.Join(dir, "usr/sbin", program)
	if _, err := os.Stat(path); err != nil {
		missing(t)("%v", err)
	}
	for _, name := range users {
		if _, err := user.Lookup(name); err != nil {
			missing(t)("%v", err)
		}
	}
	return path
}

// newOther returns a server that takes mail for Domain at Clear, from anybody
// in clear text, and refuses refused@; its configuration comes from a template.
func newOther(t testing.TB, dir, template, name string, values map[string]string) *Server {
	t.Helper()
	s := &Server{Host: "127.0.0.1", Clear: freePorts(t, 1)[0], sink: listen(t)}
	_, sink, err := net.SplitHostPort(s.sink.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"dir": dir, "domain": Domain, "port": strconv.Itoa(s.Clear), "sink": sink}
	for k, v := range values {
		all[k] = v
	}
	write(t, filepath.Join(dir, name), fill(template, all))
	return s
}

func (s *Server) clearAddress() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Clear)) }

// StartExim runs a private Exim 4, which offers PIPELINING and, if so wanted,
// CHUNKING.
func StartExim(t testing.TB, chunking bool) *Server {
	t.Helper()
	const owner = "Debian-exim"
	exim := needUnpacked(t, "exim4", owner)
	dir := folder(t)
	for _, name := range []string{"spool", "log"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o750); err != nil {
			t.Fatal(err)
		}
		giveTo(t, owner, filepath.Join(dir, name))
	}
	hosts := ""
	if chunking {
		hosts = "*"
	}
	s := newOther(t, dir, eximConf, "exim.conf", map[string]string{"exim": exim, "owner": owner, "chunking": hosts})
	tell(t, filepath.Join(dir, "log", "mainlog"))
	run(t, nil, exim, "-C", filepath.Join(dir, "exim.conf"), "-bdf").await(t, "tcp4", s.clearAddress())
	return s
}

// StartOpenSMTPD runs an OpenSMTPD, which offers neither PIPELINING nor
// CHUNKING. Its queue has a fixed place, so there can be only one.
func StartOpenSMTPD(t testing.TB) *Server {
	t.Helper()
	smtpd := needUnpacked(t, "smtpd", "opensmtpd", "opensmtpq")
	dir := folder(t)
	for path, mode := range map[string]os.FileMode{"/var/spool/smtpd": 0o711, "/var/lib/opensmtpd/empty": 0o755} {
		if err := os.MkdirAll(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	s := newOther(t, dir, smtpdConf, "smtpd.conf", nil)
	// It runs itself again for its parts, and looks for that in PATH.
	env := []string{"PATH=" + filepath.Dir(smtpd) + ":" + os.Getenv("PATH")}
	run(t, env, smtpd, "-d", "-f", filepath.Join(dir, "smtpd.conf")).await(t, "tcp4", s.clearAddress())
	return s
}

// StartAiosmtpd runs the server of Python's aiosmtpd, which offers neither
// PIPELINING nor CHUNKING.
func StartAiosmtpd(t testing.TB) *Server {
	t.Helper()
	const python = "/usr/bin/python3" // Debian's, which has Debian's modules
	need(t, python)
	if _, err := os.Stat("/usr/lib/python3/dist-packages/aiosmtpd"); err != nil {
		missing(t)("%v", err)
	}
	dir := folder(t)
	s := newOther(t, dir, aiosmtpd, "server.py", nil)
	run(t, nil, python, filepath.Join(dir, "server.py")).await(t, "tcp4", s.clearAddress())
	return s
}

// What comes in goes to the sink by LMTP, as it is but for a trace field.
const eximConf = `
primary_hostname = exim.test
exim_path = $exim
exim_user = $owner
exim_group = $owner
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
pid_file_path = $dir/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = $port
deliver_drop_privilege
tls_advertise_hosts =
chunking_advertise_hosts = $chunking
host_lookup =
message_size_limit = 50M
acl_smtp_rcpt = recipient
acl_smtp_data = yes
acl_smtp_mail = yes
begin acl
yes:
  accept
recipient:
  deny
    local_parts = refused
    message = 5.1.1 nobody of that name here
  accept
begin routers
all:
  driver = manualroute
  transport = sink
  route_list = * 127.0.0.1
  self = send
begin transports
sink:
  driver = smtp
  protocol = lmtp
  port = $sink
  allow_localhost
`

const smtpdConf = `
listen on 127.0.0.1 port $port hostname opensmtpd.test
action "sink" relay host "lmtp://127.0.0.1:$sink"
match from any for rcpt-to "refused@$domain" reject
match from any for any action "sink"
`

//go:embed aiosmtpd.py
var aiosmtpd string
