package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"sendoff/config/discover"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
)

// step is one of several that a screen hears of as they are done, and the command
// that waits for more.
type step struct {
	msg   tea.Msg
	again tea.Cmd
}

// steps carries them, one after the other, until there are no more or nobody
// wants to hear of them.
type steps struct {
	ctx   context.Context
	next  chan tea.Msg
	heard chan struct{} // closed after the last
}

func newSteps(ctx context.Context) steps {
	return steps{ctx, make(chan tea.Msg), make(chan struct{})}
}

func (s steps) tell(msg tea.Msg) {
	select {
	case s.next <- msg:
	case <-s.ctx.Done():
	}
}

// end returns when the last step was heard of.
func (s steps) end() {
	close(s.next)
	select {
	case <-s.heard:
	case <-s.ctx.Done():
	}
}

func (s steps) wait() tea.Msg {
	select {
	case msg, more := <-s.next:
		if !more {
			close(s.heard)
			return nil
		}
		return step{msg, s.wait}
	case <-s.ctx.Done():
		return nil
	}
}

// examine goes the way to an account's server while the person watches.
func (m *App) examine(account string) tea.Cmd {
	m.stopExamine()
	ctx, stop := context.WithTimeout(m.ctx, unending)
	m.stopExamine = stop
	steps := newSteps(ctx)
	run := m.ask(kit.Accounts, "doctor", unending, func(context.Context) tea.Msg {
		defer stop()
		done := kit.Examined{Account: account}
		done.Whole, done.Masked, done.Err = m.service.Report(ctx, account, func(s submit.Step) {
			steps.tell(kit.ExamineSteps{Account: account, Steps: []submit.Step{s}})
		})
		steps.end()
		return done
	})
	return tea.Batch(run, steps.wait)
}

// discover looks for the servers of an address while the person watches.
func (m *App) discover(address string, thirdParty bool) tea.Cmd {
	m.stopDiscover()
	ctx, stop := context.WithTimeout(m.ctx, slow)
	m.stopDiscover = stop
	steps := newSteps(ctx)
	run := m.ask(kit.Accounts, "servers", slow, func(context.Context) tea.Msg {
		defer stop()
		found, err := m.service.Discover(ctx, address, thirdParty, func(s discover.Step) {
			steps.tell(kit.DiscoverStep{Address: address, Step: s})
		})
		steps.end()
		return kit.Discovered{Address: address, Found: found, Err: err}
	})
	return tea.Batch(run, steps.wait)
}
