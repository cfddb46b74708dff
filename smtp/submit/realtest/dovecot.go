package realtest

import (
	"path/filepath"
	"testing"
)

// startDovecot runs a Dovecot that does nothing but authenticate, for Postfix,
// at the socket dir/auth.
func startDovecot(t testing.TB, dovecot, dir string) {
	t.Helper()
	values := map[string]string{"dir": dir}
	config := filepath.Join(dir, "dovecot.conf")
	write(t, config, fill(dovecotConf, values))
	write(t, filepath.Join(dir, "users"), User+":{PLAIN}"+Password+"\n")
	tell(t, filepath.Join(dir, "dovecot.log"))
	run(t, nil, dovecot, "-F", "-c", config).await(t, "unix", filepath.Join(dir, "auth"))
}

// A refusal is slowed down twice by default: by a delay, and by a penalty that
// grows with every failure from the same address until even the right password
// is refused. Tests want neither.
const dovecotConf = `
base_dir = $dir/dovecot
state_dir = $dir/dovecot
log_path = $dir/dovecot.log
instance_name = realtest
protocols =
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-256
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = $dir/users
}
service auth {
  unix_listener $dir/auth {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`
