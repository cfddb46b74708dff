//go:build unix

package secret

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// detach takes the terminal from cmd and makes the end of its time the end of
// all it started. GPG_TTY would show gpg-agent the way back to the terminal.
func detach(cmd *exec.Cmd) {
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(s string) bool { return strings.HasPrefix(s, "GPG_TTY=") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// attach gives cmd the person's terminal. gpg-agent does not run in it and has
// to be told its name, which /dev/tty is not; where gpg is not used that does no
// harm, and where the system does not tell, GPG_TTY is the person's to set.
func attach(cmd *exec.Cmd, tty *os.File) {
	cmd.Stdin = tty
	if name := TerminalName(); name != "" {
		cmd.Env = append(cmd.Environ(), "GPG_TTY="+name)
	}
}

// TerminalName is what other processes can open to reach the person's terminal;
// empty where the system does not tell.
func TerminalName() string {
	for fd := range 3 {
		name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err == nil && term.IsTerminal(fd) {
			return name
		}
	}
	return ""
}
