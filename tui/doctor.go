package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// examined are steps of an examination, and the command that waits for more.
type examined struct {
	kit.ExamineSteps
	again tea.Cmd
}

// examine goes the way to an account's server while the person watches.
func (m *App) examine(account string) tea.Cmd {
	m.stopExamine()
	ctx, stop := context.WithTimeout(m.ctx, unending)
	m.stopExamine = stop
	steps, heard := make(chan submit.Step), make(chan struct{})
	run := m.ask(kit.Accounts, "doctor", unending, func(context.Context) tea.Msg {
		defer stop()
		done := kit.Examined{Account: account}
		done.Whole, done.Masked, done.Err = m.service.Report(ctx, account, func(s submit.Step) {
			select {
			case steps <- s:
			case <-ctx.Done():
			}
		})
		close(steps)
		select { // the last step goes before the end
		case <-heard:
		case <-ctx.Done():
		}
		return done
	})
	return tea.Batch(run, nextStep(ctx, account, steps, heard))
}

func nextStep(ctx context.Context, account string, steps <-chan submit.Step, heard chan<- struct{}) tea.Cmd {
	return func() tea.Msg {
		select {
		case s, more := <-steps:
			if !more {
				close(heard)
				return nil
			}
			return examined{kit.ExamineSteps{Account: account, Steps: []submit.Step{s}}, nextStep(ctx, account, steps, heard)}
		case <-ctx.Done():
			return nil
		}
	}
}
