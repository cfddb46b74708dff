package realtest

import (
	"path/filepath"
	"strings"
	"testing"
)

// startDovecot runs a Dovecot that does nothing but authenticate, for Postfix,
// at the socket dir/auth.
func startDovecot(t testing.TB, dovecot, dir string, authority *Authority) {
	t.Helper()
	values := map[string]string{"dir": dir, "authority": strings.TrimPrefix(authority.URL, "http://")}
	config := filepath.Join(dir, "dovecot.conf")
	write(t, config, fill(dovecotConf, values))
	write(t, filepath.Join(dir, "oauth2.conf"), fill(oauth2Conf, values))
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
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
auth_failure_delay = 0
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256
  args = $dir/users
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $dir/oauth2.conf
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

const oauth2Conf = `
introspection_mode = post
introspection_url = http://client:secret@$authority/introspect
username_attribute = email
active_attribute = active
active_value = true
`
