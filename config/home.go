package config

import (
	"fmt"
	"path/filepath"

	"github.com/adrg/xdg"
)

// Home is where the program keeps its files.
type Home struct {
	ConfigDir string // settings
	StateDir  string // the outbox and what else must last
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
	return Home{
		ConfigDir: filepath.Join(xdg.ConfigHome, "sendoff"),
		StateDir:  filepath.Join(xdg.StateHome, "sendoff"),
	}, nil
}

// HomeAt is a home with everything in one folder.
func HomeAt(dir string) Home { return Home{ConfigDir: dir, StateDir: dir} }

// ConfigFile is the path of the configuration.
func (h Home) ConfigFile() string { return filepath.Join(h.ConfigDir, "config.toml") }

// OutboxFile is the path of the outbox's database.
func (h Home) OutboxFile() string { return filepath.Join(h.StateDir, "outbox.db") }
