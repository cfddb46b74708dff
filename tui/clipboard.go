package tui

import (
	"context"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// copy puts a text on the clipboard by OSC 52, which reaches the terminal also
// over SSH. GNU screen lets that through only in an envelope; tmux mostly not at
// all, but hands on what it is given as a buffer of its own.
func (m *App) copy(s string) tea.Cmd {
	switch {
	case lookup(m.environ, "TMUX") != "":
		return tea.Batch(tea.SetClipboard(s), m.copyToTmux(s))
	case lookup(m.environ, "STY") != "":
		const most = 768 // octets that screen takes in one string
		return tea.Raw(ansi.ScreenPassthrough(ansi.SetSystemClipboard(s), most))
	}
	return tea.SetClipboard(s)
}

// copyToTmux is a courtesy: that it fails is no news, the text is kept here.
func (m *App) copyToTmux(s string) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(m.ctx, 2*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
		cmd.Env = m.environ
		cmd.Stdin = strings.NewReader(s)
		_ = cmd.Run()
		return nil
	}
}
