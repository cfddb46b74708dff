package secret

import (
	"context"
	"fmt"
)

// Ask asks the person once for each account and remembers the answer until the
// program ends. After a wrong answer, Delete makes it ask again.
type Ask struct {
	prompt  func(ctx context.Context, account string) (Secret, error)
	answers Memory
	asking  chan struct{} // holds one token: two questions at once confuse
}

// NewAsk returns an Ask that asks with prompt; nil if nobody can be asked, and
// only what Set gives it is known.
func NewAsk(prompt func(ctx context.Context, account string) (Secret, error)) *Ask {
	return &Ask{prompt: prompt, asking: make(chan struct{}, 1)}
}

// Get returns the answer, and asks if there is none yet.
func (a *Ask) Get(ctx context.Context, account string) (Secret, error) {
	select {
	case a.asking <- struct{}{}:
		defer func() { <-a.asking }()
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
	if s, err := a.answers.Get(ctx, account); err == nil {
		return s, nil
	}
	if a.prompt == nil {
		return Secret{}, &Error{
			Account: account,
			Err:     notFound("it is asked for at each start, and nobody can be asked here"),
			Hint:    `run this in a terminal, or keep the password elsewhere: secret = "keyring" or "env"`,
		}
	}
	s, err := a.prompt(ctx, account)
	if err != nil {
		return Secret{}, fmt.Errorf("ask for the password of account %s: %w", account, err)
	}
	return s, a.answers.Set(ctx, account, s)
}

// Set gives the answer before the question.
func (a *Ask) Set(ctx context.Context, account string, s Secret) error {
	return a.answers.Set(ctx, account, s)
}

// Delete forgets the answer.
func (a *Ask) Delete(ctx context.Context, account string) error {
	return a.answers.Delete(ctx, account)
}

// State tells whether the question was answered.
func (a *Ask) State(ctx context.Context, account string) State {
	if _, err := a.answers.Get(ctx, account); err == nil {
		return State{Text: "asked at each start, known until the end of this run", Ready: true}
	}
	return State{Text: "asked at each start", Asks: true}
}
