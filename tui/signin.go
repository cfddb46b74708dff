package tui

import (
	"context"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"sendoff/config/oauth"
	"sendoff/tui/kit"
)

// browsing is how long a person may take to sign in.
const browsing = 20 * time.Minute

// signIn signs in an account while the person is in a browser. One that still
// ran ends.
func (m *App) signIn(want kit.SignIn) tea.Cmd {
	m.stopSignIn()
	ctx, stop := context.WithTimeout(m.ctx, browsing)
	pasted, prompts := make(chan string, 1), make(chan oauth.Prompt)
	m.stopSignIn, m.pasted = stop, pasted
	run := m.ask(kit.Accounts, "sign-in", browsing, func(context.Context) tea.Msg {
		defer stop()
		err := m.service.SignIn(ctx, want.Account, want.Browser, func(p oauth.Prompt) {
			select {
			case prompts <- p:
			case <-ctx.Done():
			}
		}, pasted)
		return kit.SignedIn{Account: want.Account, Err: err}
	})
	return tea.Batch(run, prompted(ctx, want.Account, prompts))
}

// prompt is what to do in a browser, and the command that waits for the next.
type prompt struct {
	kit.SignInPrompt
	again tea.Cmd
}

func prompted(ctx context.Context, account string, prompts <-chan oauth.Prompt) tea.Cmd {
	return func() tea.Msg {
		select {
		case p := <-prompts:
			return prompt{kit.SignInPrompt{Account: account, Prompt: p}, prompted(ctx, account, prompts)}
		case <-ctx.Done():
			return nil
		}
	}
}

// paste gives the sign-in that runs what the person pasted.
func (m *App) paste(text string) {
	select {
	case m.pasted <- text:
	default: // one is being looked at
	}
}

// tryCommand gives the terminal to a program that may print a password.
func (m *App) tryCommand(argv []string) tea.Cmd {
	run := inTerminal(func(tty *os.File) error {
		ctx, cancel := context.WithTimeout(m.ctx, slow)
		defer cancel()
		return m.service.TryCommand(ctx, argv, tty)
	})
	return tea.Exec(run, func(err error) tea.Msg { return answer{to: kit.Accounts, msg: kit.CommandTried{Err: err}} })
}
