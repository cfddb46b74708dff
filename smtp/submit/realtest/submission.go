package realtest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// StartDovecot runs Dovecot's own submission server, which offers CHUNKING and
// a login by certificate. Whom it refuses is up to where it delivers.
func StartDovecot(t testing.TB) *Server {
	t.Helper()
	dovecot := need(t, "dovecot")[0]
	if _, err := os.Stat("/usr/lib/dovecot/submission"); err != nil {
		missing(t)("%v", err)
	}
	dir := folder(t)
	if err := os.Mkdir(filepath.Join(dir, "home"), 0o755); err != nil {
		t.Fatal(err)
	}
	giveTo(t, "nobody", filepath.Join(dir, "home"))
	ports := freePorts(t, 2)
	s := &Server{
		Host: "127.0.0.1", Submissions: ports[0], Submission: ports[1],
		Roots: x509.NewCertPool(), CAFile: filepath.Join(dir, "ca.pem"), sink: listen(t),
	}
	s.Roots.AddCert(certify(t, dir))
	client := filepath.Join(dir, "client.pem")
	var err error
	if s.Client, err = tls.LoadX509KeyPair(client, client); err != nil {
		t.Fatal(err)
	}
	_, sink, err := net.SplitHostPort(s.sink.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "dovecot.conf")
	write(t, config, fill(submissionConf, map[string]string{
		"dir": dir, "sink": sink, "submissions": strconv.Itoa(s.Submissions), "submission": strconv.Itoa(s.Submission),
	}))
	write(t, filepath.Join(dir, "users"), User+":{PLAIN}"+Password+"\n")
	tell(t, filepath.Join(dir, "dovecot.log"))
	run(t, nil, dovecot, "-F", "-c", config).await(t, "tcp4", net.JoinHostPort(s.Host, strconv.Itoa(s.Submissions)))
	return s
}

const submissionConf = `
base_dir = $dir/dovecot
state_dir = $dir/dovecot
log_path = $dir/dovecot.log
instance_name = submission
hostname = dovecot.test
protocols = submission
listen = 127.0.0.1
ssl = required
ssl_cert = <$dir/server.pem
ssl_key = <$dir/server.pem
ssl_ca = <$dir/ca.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
auth_mechanisms = plain external
auth_failure_delay = 0
mail_location = maildir:~/mail
submission_relay_host = 127.0.0.1
submission_relay_port = $sink
submission_max_mail_size = 50M
passdb {
  driver = passwd-file
  mechanisms = plain
  args = $dir/users
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$dir/home
}
service submission-login {
  inet_listener submission {
    port = $submission
  }
  inet_listener submissions {
    port = $submissions
    ssl = yes
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`
