package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"

	"github.com/adrg/xdg"
)

// Home is where the program keeps its files.
type Home struct {
	ConfigDir string // settings
	StateDir  string // the outbox and what else must last
	RunDir    string // sockets; empty for StateDir
}

// FindHome returns the folder that SENDOFF_HOME names, for both; or else the
// ones of the XDG Base Directory Specification and its like on other systems.
// lookup is os.LookupEnv, or a test's own. Nothing is made on the disk.
func FindHome(lookup func(string) (string, bool)) (Home, error) {
	if dir, ok := lookup("SENDOFF_HOME"); ok && dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return Home{}, fmt.Errorf("SENDOFF_HOME: %w", err)
		}
		return HomeAt(dir), nil
	}
	var h Home
	for _, dir := range []struct {
		to             *string
		variable, path string
	}{{&h.ConfigDir, "XDG_CONFIG_HOME", xdg.ConfigHome}, {&h.StateDir, "XDG_STATE_HOME", xdg.StateHome}} {
		path, err := ownFolder(dir.variable, dir.path)
		if err != nil {
			return Home{}, err
		}
		*dir.to = filepath.Join(path, "sendoff")
	}
	// The library names this folder whether there is one or not.
	if info, err := os.Stat(xdg.RuntimeDir); err == nil && info.IsDir() {
		h.RunDir = filepath.Join(xdg.RuntimeDir, "sendoff")
	}
	return h, nil
}

// ownFolder is a path of the library, which takes the root of the file system for
// the person's home where nobody said which that is: services of the system have
// no HOME.
func ownFolder(variable, path string) (string, error) {
	if runtime.GOOS == "windows" || os.Getenv("HOME") != "" || os.Getenv(variable) != "" {
		return path, nil
	}
	who, err := user.Current()
	if err == nil && who.HomeDir == "" {
		err = errors.New("the system knows none")
	}
	if err != nil {
		return "", &Error{Text: "it is not known which your home is: " + err.Error(), Hint: "set HOME, or SENDOFF_HOME to a folder"}
	}
	return filepath.Join(who.HomeDir, path), nil
}

// HomeAt is a home with everything in one folder.
func HomeAt(dir string) Home { return Home{ConfigDir: dir, StateDir: dir} }

// ConfigFile is the path of the configuration.
func (h Home) ConfigFile() string { return filepath.Join(h.ConfigDir, "config.toml") }

// VaultFile is the path of the encrypted passwords.
func (h Home) VaultFile() string { return filepath.Join(h.StateDir, "vault") }

// longestSocket is what the address of a socket holds on all systems, in octets.
const longestSocket = 103

// AgentSocket is where the program answers that holds the vault open; in a
// folder for temporary files if that path would be too long for a socket.
func (h Home) AgentSocket() string {
	path := filepath.Join(cmp.Or(h.RunDir, h.StateDir), "agent.sock")
	if len(path) <= longestSocket {
		return path
	}
	hash := sha256.Sum256([]byte(path))
	return filepath.Join(os.TempDir(), "sendoff-"+hex.EncodeToString(hash[:8]), "agent.sock")
}

// OutboxFile is the path of the outbox's database.
func (h Home) OutboxFile() string { return filepath.Join(h.StateDir, "outbox.db") }
