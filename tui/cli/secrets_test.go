//go:build linux

package cli

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSecretsStay sends mail with a password, and looks for that in all that was
// said and written, and in what other programs are started with.
func TestSecretsStay(t *testing.T) {
	t.Parallel()
	const password = "xyzzy-Sesame-4711"
	s := newStation(t)
	witness := filepath.Join(s.home, "witness")
	program := filepath.Join(s.home, "manager")
	script := "#!/bin/sh\nenv >" + witness + "\ntr '\\0' ' ' </proc/$PPID/cmdline >>" + witness + "\necho " + password[:5] + "\"" + password[5:] + "\"\n"
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err := os.WriteFile(program, []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(s.home, "config.toml")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, secret := range []string{"user = \"me\"\nsecret = \"env\"\n", fmt.Sprintf("user = \"me\"\nsecret = \"command\"\npassword-command = [%q]\n", program)} {
		changed := strings.Replace(string(text), "auth = \"none\"\n", secret, 1)
		if changed == string(text) {
			t.Fatalf("the station keeps its password elsewhere:\n%s", text)
		}
		if err := os.WriteFile(conf, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"account", "test"}, {"account", "test", "--json"}, {"doctor"}, {"doctor", "--json"}, {"doctor", "--with-addresses"}, {"account", "list", "--json"},
			{"send", "--json", "--to", "ok@example.org", "--subject", "Hi", "--body", "text"},
			{"outbox", "transcript", "1"}, {"outbox", "show", "1", "--json"}, {"config", "check"},
		} {
			cmd := s.command(args...)
			cmd.Env = append(cmd.Env, "SENDOFF_PASSWORD_WORK="+password)
			out, _ := cmd.CombinedOutput() // a refusal is as good
			said += string(out)
		}
	}
	_ = filepath.WalkDir(s.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path != program {
			text, _ := os.ReadFile(path)
			said += string(text)
		}
		return nil
	})
	if !strings.Contains(said, "SENDOFF_HOME=") || !strings.Contains(said, "AUTH") {
		t.Fatal("the witness, or a transcript, is missing")
	}
	for _, form := range []string{
		password, base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte("\x00me\x00" + password)), "SENDOFF_PASSWORD_WORK=",
	} {
		if i := strings.Index(said, form); i >= 0 {
			t.Errorf("it shows %q: ...%q", form, said[max(0, i-200):i+len(form)])
		}
	}
}

// TestNotDumpable: programs of the same person can't read what this one was
// started with.
func TestNotDumpable(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	folder, err := os.MkdirTemp("", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	const id = 65534
	if err := os.Chown(folder, id, id); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "sendoff")
	syscall.ForkLock.RLock() // or a child that another test starts has it open and keeps it from running
	err = os.WriteFile(program, self, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	as := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	cmd := exec.Command(program, "sandbox", "--json")
	cmd.Dir, cmd.SysProcAttr = folder, as
	cmd.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "SENDOFF_HOME=" + folder, "TMPDIR=" + folder}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if n, err := out.Read(make([]byte, 10)); n == 0 { // it runs
		t.Fatal(err)
	}
	look := exec.Command("cat", fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid))
	look.SysProcAttr, look.Dir = as, "/"
	if text, err := look.CombinedOutput(); err == nil || !strings.Contains(string(text), "denied") {
		t.Errorf("another program reads %q, %v", text, err)
	}
}
