package tui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/tui/kit"
)

func (m *App) loadAccounts(to kit.Name) tea.Cmd {
	return m.ask(to, "accounts", quick, func(ctx context.Context) tea.Msg {
		accounts, standard, stores, err := m.service.Accounts(ctx)
		if err != nil {
			return kit.AccountsLoaded{Err: err}
		}
		rules, err := m.service.Rules()
		if err != nil {
			return kit.AccountsLoaded{Err: err}
		}
		writing, err := m.service.Writing()
		return kit.AccountsLoaded{Accounts: accounts, Default: standard, Rules: rules, Writing: writing, Stores: stores, Err: err}
	})
}

// storeAccount asks the issuer of tokens for what it says itself, opens the vault,
// if there is a passphrase for it, and stores.
func (m *App) storeAccount(want kit.AddAccount, store func(context.Context, config.Account, secret.Secret) error) tea.Cmd {
	return m.each(kit.Accounts, slow, func(ctx context.Context) tea.Msg {
		a, err := want.Account, error(nil)
		if want.Issuer.URL != "" {
			a, err = m.service.FromIssuer(ctx, a, want.Issuer.URL, want.Issuer.Named)
		}
		if err == nil {
			err = m.service.InVault(ctx, want.Passphrase, func() error {
				err := store(ctx, a, want.Password)
				if errors.As(err, new(*secret.KeptError)) {
					err = nil // the test that follows says what the new place lacks
				}
				if err == nil && !want.Proxy.Empty() {
					if err = m.service.KeepProxyPassword(ctx, a, want.Proxy); err != nil {
						err = fmt.Errorf("the account is kept, the password of its proxy is not: %w", err)
					}
				}
				return err
			})
		}
		return kit.AccountAdded{Name: a.Name, Err: err}
	})
}

func (m *App) testAccount(name string) tea.Cmd {
	return m.logIn(name, func(ctx context.Context, hear func(smtp.Event)) kit.Tested {
		return kit.Tested{Name: name, Err: m.service.TestAccount(ctx, name, hear)}
	})
}

func (m *App) tryAccount(want kit.TryAccount) tea.Cmd {
	name := want.Account.Name
	return m.logIn(name, func(ctx context.Context, hear func(smtp.Event)) kit.Tested {
		err := m.service.Try(ctx, want.Account, want.Password, want.Proxy, hear)
		typed := want.Password
		if kit.LackedBy(name, err) != name {
			typed = want.Proxy
		}
		return kit.Tested{Name: name, Typed: !typed.Empty(), Err: err}
	})
}

// logIn tests an account while the person watches. Its events come through a
// channel that the model empties, one batch after the other.
func (m *App) logIn(name string, test func(context.Context, func(smtp.Event)) kit.Tested) tea.Cmd {
	m.stopTest()
	ctx, stop := context.WithTimeout(m.ctx, unending)
	events := newTestPump()
	m.stopTest = stop
	run := m.ask(kit.Accounts, "test", unending, func(context.Context) tea.Msg {
		defer stop()
		return test(ctx, events.hear)
	})
	return tea.Batch(run, events.wait(ctx, name))
}

// passwordGiven is how handing over a password went.
type passwordGiven struct {
	account string
	err     error
}

func (m *App) givePassword(account string, password secret.Secret) tea.Cmd {
	return m.each("", quick, func(ctx context.Context) tea.Msg {
		return passwordGiven{account, m.service.GivePassword(ctx, account, password)}
	})
}
