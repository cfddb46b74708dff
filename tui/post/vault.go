package post

import (
	"context"
	"errors"

	"sendoff/config"
	"sendoff/config/secret"
)

// HasVault tells whether the vault was made.
func (r *Room) HasVault() bool { return r.secrets.Vault.Exists() }

// Unlock opens the vault with its passphrase until the program ends, and makes
// it if there is none. The mail of all accounts whose passwords are in it goes
// on.
func (r *Room) Unlock(ctx context.Context, passphrase secret.Secret) error {
	if err := r.secrets.Vault.Unlock(ctx, passphrase); err != nil {
		return err
	}
	conf, err := r.config()
	if err != nil {
		return err
	}
	for _, a := range conf.Accounts {
		if a.Secret != config.SecretVault && a.ProxySecret != config.SecretVault {
			continue
		}
		if err := r.resume(ctx, a.Name); err != nil {
			return err
		}
	}
	return nil
}

// InVault opens the vault with a passphrase, as Unlock does, for what do stores
// in it; an empty one opens nothing. A vault that is made for that is taken away
// again if do fails, and left nothing there.
func (r *Room) InVault(ctx context.Context, passphrase secret.Secret, do func() error) error {
	made := !r.HasVault()
	var err error
	if !passphrase.Empty() {
		err = r.Unlock(ctx, passphrase)
	}
	if err == nil {
		err = do()
	}
	if err != nil && made {
		err = errors.Join(err, r.secrets.Vault.Drop(context.WithoutCancel(ctx)))
	}
	return err
}

// ChangePassphrase gives the vault, which Unlock opened, another passphrase.
func (r *Room) ChangePassphrase(ctx context.Context, passphrase secret.Secret) error {
	return r.secrets.Vault.Rekey(ctx, passphrase)
}

// VaultKey is what an agent needs to hold the vault open, which Unlock opened,
// and Agent where it does so.
func (r *Room) VaultKey() (secret.Secret, error) { return r.secrets.Vault.Key() }

// Agent is the way to what holds the vault open.
func (r *Room) Agent() secret.Agent { return secret.Agent(r.home.AgentSocket()) }
