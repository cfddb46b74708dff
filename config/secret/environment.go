package secret

import (
	"context"
	"fmt"
	"strings"

	"sendoff/config"
)

// Environment holds the passwords that came in environment variables, whose
// names config.PasswordVariable gives.
type Environment struct{ values map[string]Secret }

// TakeEnvironment reads the password variables of environ, which has the form
// of os.Environ, and removes each with unset, so that the editor and other
// programs started later don't inherit them.
func TakeEnvironment(environ []string, unset func(name string) error) (*Environment, error) {
	e := &Environment{values: make(map[string]Secret)}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, config.PasswordVariable("")) {
			continue
		}
		if value != "" {
			e.values[name] = New(value)
		}
		if err := unset(name); err != nil {
			return nil, fmt.Errorf("remove %s from the environment: %w", name, err)
		}
	}
	return e, nil
}

// Get returns the password the variable held when the program started.
func (e *Environment) Get(_ context.Context, account string) (Secret, error) {
	name := config.PasswordVariable(account)
	if s, ok := e.values[name]; ok {
		return s, nil
	}
	return Secret{}, &Error{
		Account: account,
		Err:     notFound("the variable " + name + " is not set"),
		Hint:    "set it and start the program again",
	}
}

// Set fails: a program can't change the environment it will be started with.
func (e *Environment) Set(_ context.Context, account string, _ Secret) error {
	return &Error{
		Account: account,
		Err:     unavailable("the environment is given when the program starts"),
		Hint:    "set " + config.PasswordVariable(account) + " where the program is started",
	}
}

// Delete does nothing, since Set keeps nothing.
func (e *Environment) Delete(context.Context, string) error { return nil }

// State tells whether the variable was set.
func (e *Environment) State(_ context.Context, account string) State {
	name := config.PasswordVariable(account)
	if account == "" { // one that has no name yet
		name += "<ACCOUNT>"
	}
	if _, ok := e.values[name]; ok {
		return State{Text: "environment, " + name + " is set", Ready: true}
	}
	return State{
		Text: "environment, " + name + " is not set",
		Hint: "set it where the program is started",
	}
}
