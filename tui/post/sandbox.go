package post

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/sandbox"
)

// sandboxAccount is the name of the account, and of the user it logs in as.
const sandboxAccount = "sandbox"

// openSandbox starts the built-in server, and makes a throw-away home, or a folder
// for its own mail in the home that the person named: real mail is nothing to play
// with, and what is played with goes nowhere from a real outbox.
func (r *Room) openSandbox() error {
	temp, err := os.MkdirTemp("", "sendoff-")
	if err != nil {
		return err
	}
	r.temp = temp
	dir, named := r.opts.Lookup("SENDOFF_HOME")
	switch {
	case r.home != config.Home{}:
	case named && dir != "":
		if r.home, err = config.FindHome(r.opts.Lookup); err != nil {
			return err
		}
		r.home.StateDir = filepath.Join(r.home.StateDir, "sandbox")
	default:
		r.home, r.fleeting = config.HomeAt(temp), true
	}
	password := make([]byte, 16)
	if _, err := io.ReadFull(r.opts.Random, password); err != nil {
		return err
	}
	// Nobody looks at the mails again, and they may be large.
	opts := sandbox.Options{User: sandboxAccount, Password: hex.EncodeToString(password), HashOnly: true, Keep: -1}
	if r.server, err = sandbox.Start(opts); err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	if err := os.WriteFile(r.sandboxCA(), r.server.CertificatePEM(), 0o600); err != nil {
		return err
	}
	return r.secrets.Typed.Set(context.Background(), sandboxAccount, secret.New(opts.Password))
}

func (r *Room) sandboxCA() string { return filepath.Join(r.temp, "ca.pem") }

// sandboxConfig is the configuration in a sandbox: one account, for the server
// in this process. The screens look as the person wants them.
func (r *Room) sandboxConfig() (config.Config, error) {
	host, port, err := net.SplitHostPort(r.server.TLSAddr())
	if err != nil {
		return config.Config{}, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return config.Config{}, err
	}
	a := config.Account{
		Name:     sandboxAccount,
		Address:  "you@example.org",
		FullName: "You",
		Host:     host,
		Port:     number,
		User:     sandboxAccount,
		Secret:   config.SecretAsk,
		CAFile:   r.sandboxCA(),
	}
	c := config.Standard()
	if own, err := config.Load(r.home.ConfigFile()); err == nil { // a sandbox works whatever that file says
		c.Theme, c.Keys = own.Theme, own.Keys
	}
	c.Outbox.Undo = 3 * time.Second // to see it work, and not wait for it
	c.Default, c.Accounts = a.Name, []config.Account{a.Complete()}
	return c, nil
}
