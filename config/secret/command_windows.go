package secret

import (
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// detach gives cmd no console, so that it can't draw over ours.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &windows.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
}

// attach gives cmd the person's console.
func attach(cmd *exec.Cmd, tty *os.File) { cmd.Stdin = tty }

// TerminalName is empty: consoles have no names.
func TerminalName() string { return "" }
