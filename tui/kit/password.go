package kit

import (
	"errors"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/submit"
)

// UnfitError is why an account can't be added as it is, whatever its server says.
type UnfitError struct{ Err error }

func (e *UnfitError) Error() string { return e.Err.Error() }
func (e *UnfitError) Unwrap() error { return e.Err }

// LacksPassword tells that err is about a password that is missing or was
// refused, so that entering one may help.
func LacksPassword(err error) bool {
	var missing *secret.Error
	var refused *smtp.Error
	if errors.Is(err, secret.ErrSignIn) {
		return false // which is done in a browser
	}
	return errors.As(err, &missing) || errors.As(err, &refused) && refused.Class == smtp.ClassAuth
}

// RefusedPassword tells that err is about a password that the server did not
// take.
func RefusedPassword(err error) bool {
	var missing *secret.Error
	return LacksPassword(err) && !errors.As(err, &missing)
}

// LackedBy names whose password it is that err is about: the account's, or that
// of its proxy.
func LackedBy(account string, err error) string {
	var missing *secret.Error
	if errors.As(err, &missing) {
		if of, proxy := config.PasswordOf(missing.Account); proxy && of == account {
			return missing.Account
		}
	}
	return account
}

// WantsPassphrase tells that err is about a password in a locked vault.
func WantsPassphrase(err error) bool { return errors.Is(err, secret.ErrVaultLocked) }

// Waits says in one line what the mail of an account waits for.
func Waits(err error) string {
	var missing *secret.Error
	switch {
	case WantsPassphrase(err):
		return "the vault is locked"
	case errors.As(err, &missing) && errors.Is(err, secret.ErrNotFound):
		return "its password is needed"
	case errors.As(err, &missing):
		return "its password can't be had: " + submit.Explain(missing.Err).String()
	}
	return submit.Explain(err).String()
}
