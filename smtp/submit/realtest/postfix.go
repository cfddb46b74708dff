package realtest

import (
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// StartPostfix starts the servers for as long as the test runs.
func StartPostfix(t testing.TB) *Server {
	t.Helper()
	programs := need(t, "postfix", "postconf", "dovecot")
	postfix, postconf, dovecot := programs[0], programs[1], programs[2]
	dir := folder(t)
	authority := newAuthority(t)
	startDovecot(t, dovecot, dir, authority)

	ca := certify(t, dir)
	ports := freePorts(t, 4)
	s := &Server{
		Host: "127.0.0.1", Submissions: ports[0], Submission: ports[1], DataOnly: ports[2], Bare: ports[3],
		Roots: x509.NewCertPool(), CAFile: filepath.Join(dir, "ca.pem"), sink: listen(t), Authority: authority,
	}
	s.Roots.AddCert(ca)

	config := filepath.Join(dir, "postfix")
	for _, name := range []string{"postfix", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	giveTo(t, output(t, postconf, "-dh", "mail_owner"), filepath.Join(dir, "data"))
	daemons := output(t, postconf, "-dh", "daemon_directory")
	values := map[string]string{
		"dir": dir, "domain": Domain, "daemons": daemons, "sink": s.sink.listener.Addr().String(),
		"submissions": strconv.Itoa(s.Submissions), "submission": strconv.Itoa(s.Submission), "dataonly": strconv.Itoa(s.DataOnly), "bare": strconv.Itoa(s.Bare),
	}
	write(t, filepath.Join(config, "main.cf"), fill(mainCF, values))
	write(t, filepath.Join(config, "master.cf"), fill(masterCF, values))
	write(t, filepath.Join(config, "recipients"), recipients)

	log := filepath.Join(dir, "postfix.log")
	tell(t, log)
	// This makes the folders of the queue, with the owners they need.
	if out, err := exec.Command(postfix, "-c", config, "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s", err, out)
	}
	// A master of our own, and not "postfix start", which would leave it to
	// itself. It ends after a quarter of an hour whatever happens to us.
	master := run(t, []string{"MAIL_CONFIG=" + config}, filepath.Join(daemons, "master"), "-c", config, "-e", "900")
	for _, port := range ports {
		master.await(t, "tcp4", net.JoinHostPort(s.Host, strconv.Itoa(port)))
	}
	return s
}

// giveTo makes a user the owner of a folder.
func giveTo(t testing.TB, name, path string) {
	t.Helper()
	owner, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, uid, -1); err != nil {
		t.Fatal(err)
	}
}

func output(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

const mainCF = `
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
daemon_directory = $daemons
maillog_file = $dir/postfix.log
maillog_file_prefixes = $dir
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
notify_classes =
message_size_limit = 200000000
smtpd_discard_ehlo_keywords =
# What came in goes out, whatever it is: no fields added, no lines folded.
local_header_rewrite_clients =
lmtp_line_length_limit = 0

virtual_mailbox_domains = $domain
virtual_mailbox_maps = static:anybody
virtual_transport = lmtp:inet:$sink

smtpd_tls_chain_files = $dir/server.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $dir/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access regexp:$dir/postfix/recipients
`

const recipients = `
/^refused@/   550 5.1.1 nobody of that name here
/^deferred@/  451 4.2.0 try again later
/^full@/      552 5.2.2 mailbox full
`

const masterCF = `
127.0.0.1:$submissions inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes
127.0.0.1:$submission inet n - n - - smtpd
    -o smtpd_tls_security_level=encrypt
127.0.0.1:$dataonly inet n - n - - smtpd
    -o smtpd_tls_security_level=encrypt
    -o smtpd_discard_ehlo_keywords=chunking,silent-discard
127.0.0.1:$bare inet n - n - - smtpd
    -o smtpd_tls_security_level=encrypt
    -o smtpd_discard_ehlo_keywords=chunking,pipelining,enhancedstatuscodes,size,8bitmime,dsn,smtputf8,silent-discard
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
lmtp      unix  - - n - - lmtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
