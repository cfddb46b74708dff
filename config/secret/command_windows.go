package secret

import (
	"io/fs"
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

// open can't tell: the mode here says nothing of who may read a file.
func open(fs.FileInfo) bool { return false }
