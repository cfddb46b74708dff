//go:build linux

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// managed runs the unit under a service manager of its own, in a mount
// namespace in which the machine looks as systemd expects it. It ends with 77
// where that can't be had.
const managed = `
cannot() { echo "$1"; exit 77; }
mount --make-rprivate / || cannot "no mount namespace"
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR" && chmod 700 "$XDG_RUNTIME_DIR" || cannot "no /run"
mount -t tmpfs tmpfs /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || cannot "no control groups"
group=/sys/fs/cgroup/sendoff-test-$$
mkdir $group && echo $$ >$group/cgroup.procs || cannot "no control group"
/lib/systemd/systemd --user &
manager=$!
trap 'set +e; echo $$ >/sys/fs/cgroup/cgroup.procs; kill $manager; wait $manager; find $group -depth -type d -exec rmdir {} +' EXIT
until systemctl --user show-environment >/dev/null; do
	kill -0 $manager || cannot "the manager does not run"
done
set -e
systemctl --user start sendoff
systemctl --user show sendoff -p ActiveState -p StatusText -p NRestarts
sendoff send --queue --quiet --to bob@example.org --subject Hi --body text
until sendoff outbox list --state sent | grep -q bob; do :; done
systemctl --user stop sendoff
systemctl --user show sendoff -p ActiveState -p Result -p ExecMainStatus
`

// TestUnderSystemd has a real systemd start the unit, which waits until the
// daemon says that it is ready, and stop it. Few machines let a test do that;
// elsewhere TestDaemonTellsItsManager speaks the protocol.
func TestUnderSystemd(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/lib/systemd/systemd"); err != nil || os.Geteuid() != 0 {
		t.Skip("this test needs systemd, and to be root")
	}
	s := newStation(t)
	unit, err := s.command("daemon", "--print-unit=systemd").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "systemd", "user", "sendoff.service")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, unit, 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Dir(filepath.Dir(filepath.Dir(path)))
	cmd := exec.Command("timeout", "120", "unshare", "--mount", "sh", "-c", managed)
	cmd.Env = append(s.environ(), "XDG_CONFIG_HOME="+config, "XDG_RUNTIME_DIR=/run/user/0",
		"SYSTEMD_LOG_TARGET=console", "SYSTEMD_LOG_LEVEL=notice")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code == 77 || code == 1 && strings.Contains(string(out), "unshare") {
		t.Skipf("no service manager can be started here:\n%s", out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"ActiveState=active\n", "StatusText=Delivering what is due\n", "NRestarts=0\n", "ActiveState=inactive\n", "Result=success\n", "ExecMainStatus=0\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("not told: %s\n%s", want, out)
		}
	}
}
