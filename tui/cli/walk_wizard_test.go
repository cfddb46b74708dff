package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mine is a table of providers with one whose server is at a port of this
// machine.
const mine = `[[provider]]
id = "mine"
name = "Mine"
domains = ["mine.example"]
servers = ["127.0.0.1:%s implicit"]
user = "local"
secret = "password"
source = "documents"
checked = 2026-11-27
`

// TestWalkWizard sets up an account in a real terminal, from an address to a
// tested login: on a bare server, whose only safe place is the vault, and on a
// desktop with a keyring. Its server's certificate is one that the person trusts
// on the way.
func TestWalkWizard(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program := build(t)
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 12}} {
		for _, desktop := range []bool{false, true} {
			t.Run(fmt.Sprintf("%dx%d desktop %v", size.columns, size.rows, desktop), func(t *testing.T) {
				t.Parallel()
				home := t.TempDir()
				writeMine(t, home, serveFor(t, program))
				command := "env -i PATH=/usr/bin:/bin HOME='" + home + "' SENDOFF_HOME='" + home + "' TERM=xterm-256color "
				if desktop {
					for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
						needs(t, name)
					}
					run, err := os.MkdirTemp("", "run") // short, for sockets
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = os.RemoveAll(run) })
					command += "XDG_RUNTIME_DIR='" + run + "' dbus-run-session -- sh -ec 'printf pw | gnome-keyring-daemon --daemonize --unlock --components=secrets >/dev/null; exec \"$0\"' '" + program + "'"
				} else {
					command += "DBUS_SESSION_BUS_ADDRESS=disabled: '" + program + "'"
				}
				term := start(t, size.columns, size.rows, command)
				walkWizard(term, desktop)
			})
		}
	}
}

func walkWizard(term *terminal, desktop bool) {
	term.wait("add an account")
	term.keys("n")
	term.wait("New account", "Address")
	term.text("me@mine.example")
	term.wait("me@mine.example")
	term.keys("Enter")
	term.wait("127.0.0.1", "enter use")
	term.keys("Enter")
	term.wait("How do you sign in", "the password of your account", "this way")
	term.keys("Enter")
	term.wait("Password", "save")
	term.text("sesame")
	term.wait("••••••")
	term.keys("Tab")
	if desktop {
		term.wait("the desktop's keyring")
	} else {
		term.wait("an encrypted file")
		term.keys("Tab")
		term.wait("Passphrase")
		term.text("open it")
		term.wait("•••••••")
		term.keys("Tab")
		term.wait("Once more")
		term.text("open it")
	}
	term.keys("C-s")
	term.wait("Test of mine", "p trust its key")
	term.keys("p")
	term.wait("Trust this key", "trust it")
	term.keys("y")
	term.wait("It works, and is saved")
	term.keys("Escape")
	shown := term.wait("Accounts", "mine", "me@mine.example")
	if strings.Contains(shown, "sesame") || strings.Contains(shown, "open it") {
		term.t.Errorf("the screen shows a secret:\n%s", shown)
	}
	if desktop {
		term.wait("keyring", "ready")
	} else {
		term.wait("vault", "unlocked")
	}
	// What it wrote stays until it has ended.
	term.keys("C-q")
	<-term.ended
}

// serveFor runs the built-in server alone until the test ends, with more
// options, and returns its port with TLS.
func serveFor(t *testing.T, program string, more ...string) (port string) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"sandbox", "--json", "--user", "me", "--password", "sesame"}, more...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, read := bufio.NewReader(out), make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-read
		_ = cmd.Wait()
	})
	line, err := lines.ReadString('\n')
	go func() {
		defer close(read)
		_, _ = lines.WriteTo(&strings.Builder{}) // so that the server never waits
	}()
	if err != nil {
		t.Fatal(err)
	}
	var listening struct {
		TLS string `json:"tls"`
	}
	if err := json.Unmarshal([]byte(line), &listening); err != nil {
		t.Fatal(err)
	}
	if _, port, err = net.SplitHostPort(listening.TLS); err != nil {
		t.Fatal(err)
	}
	return port
}

func writeMine(t *testing.T, home, port string) {
	t.Helper()
	folder := filepath.Join(home, "providers.d")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "mine.toml"), fmt.Appendf(nil, mine, port), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestWalkImport takes over a password that stands in the settings of another
// program, after a yes, and says of it nothing else.
func TestWalkImport(t *testing.T) {
	t.Parallel()
	needs(t, "tmux")
	program, home := build(t), t.TempDir()
	settings := "[Raw]\noutgoing = smtp://me:sesame@mail.example.org\nfrom = me@example.org\n"
	path := filepath.Join(home, "accounts.conf")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	term := start(t, 80, 24, "env -i PATH=/usr/bin:/bin HOME='"+home+"' SENDOFF_HOME='"+home+"/so' TERM=xterm-256color DBUS_SESSION_BUS_ADDRESS=disabled: "+
		"sh -c \"'"+program+"' account import --from aerc '"+path+"' --secret vault; echo it ended with $?; cat\"")
	term.wait("The password of Raw stands in the file", "[y/N]")
	term.text("y")
	term.keys("Enter")
	term.wait("passphrase for the vault")
	term.text("open it")
	term.keys("Enter")
	term.wait("the same again")
	term.text("open it")
	term.keys("Enter")
	shown := term.wait("Raw: me@example.org at mail.example.org port 587", "password: vault", "it ended with 0")
	if strings.Contains(shown, "stores one here") || strings.Contains(shown, "sesame") {
		t.Errorf("shown:\n%s", shown)
	}
	if written, err := os.ReadFile(filepath.Join(home, "so", "config.toml")); err != nil || strings.Contains(string(written), "sesame") {
		t.Errorf("%v:\n%s", err, written)
	}
	term.keys("C-d")
	<-term.ended
}
