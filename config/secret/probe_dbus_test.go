//go:build linux

package secret

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// needProgram skips the test where a program is missing, unless everything
// has to be tested.
func needProgram(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("SENDOFF_TEST_REAL") == "1" {
				t.Fatalf("%s is not installed", name)
			}
			t.Skipf("%s is not installed", name)
		}
	}
}

// startBus starts a bus of our own that knows no services, and returns its
// address.
func startBus(t *testing.T) string {
	t.Helper()
	needProgram(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "bus") // short: a socket's path has 107 octets at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf := filepath.Join(dir, "conf")
	err = os.WriteFile(conf, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=`+dir+`/socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "dbus-daemon", "--config-file="+conf, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func dialTo(address string) func(context.Context) (*dbus.Conn, error) {
	return func(ctx context.Context) (*dbus.Conn, error) { return dbus.Dial(address, dbus.WithContext(ctx)) }
}

// fakeService is a Secret Service as far as the probe and the beginning of a
// call see it. Its prompts never complete.
type fakeService struct {
	collections []dbus.ObjectPath
	alias       dbus.ObjectPath
	locked      bool
	prompted    chan struct{} // hears of each prompt
	silent      chan struct{} // calls wait for it, if set
}

func (f *fakeService) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) {
	if f.silent != nil {
		<-f.silent
	}
	return f.alias, nil
}

func (f *fakeService) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return nil, secretsPath + "/prompt/1", nil
}

func (f *fakeService) Prompt(string) *dbus.Error {
	f.prompted <- struct{}{}
	return nil
}

func (f *fakeService) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	switch iface + "." + name {
	case serviceIface + ".Collections":
		return dbus.MakeVariant(f.collections), nil
	case collectionIface + ".Locked":
		return dbus.MakeVariant(f.locked), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", nil)
}

// serve puts f on the bus under the name of the Secret Service.
func (f *fakeService) serve(t *testing.T, address string) {
	t.Helper()
	f.prompted = make(chan struct{}, 8)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for path, iface := range map[dbus.ObjectPath]string{
		secretsPath:               serviceIface,
		secretsPath + "/prompt/1": "org.freedesktop.Secret.Prompt",
	} {
		if err := conn.Export(f, path, iface); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range append(f.collections, secretsPath, f.alias) {
		if !path.IsValid() {
			continue
		}
		if err := conn.Export(f, path, "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.RequestName(secretsName, 0); err != nil {
		t.Fatal(err)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	const other = secretsPath + "/collection/other"
	tests := []struct {
		name    string
		service *fakeService
		want    condition
	}{
		{"no service", nil, noService},
		{"nothing made", &fakeService{alias: "/"}, noCollection},
		{"login, open", &fakeService{collections: []dbus.ObjectPath{loginPath}, alias: "/"}, ready},
		{"login, locked", &fakeService{collections: []dbus.ObjectPath{other, loginPath}, alias: other, locked: true}, locked},
		{"another one, open", &fakeService{collections: []dbus.ObjectPath{other}, alias: other}, ready},
		{"another one, locked", &fakeService{collections: []dbus.ObjectPath{other}, alias: other, locked: true}, locked},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			address := startBus(t)
			if test.service != nil {
				test.service.serve(t, address)
			}
			if got := probeBus(t.Context(), dialTo(address)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestProbeWithoutBus(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"disabled:", "unix:path=/nonexistent/bus", "", "tcp:"} {
		if got := probeBus(t.Context(), dialTo(address)); got != noBus {
			t.Errorf("%q: got %q", address, got)
		}
	}
}

// TestProbeSilence meets a service that doesn't answer and a bus that doesn't.
func TestProbeSilence(t *testing.T) {
	t.Parallel()
	short := func(t *testing.T) context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	t.Run("service", func(t *testing.T) {
		t.Parallel()
		address := startBus(t)
		service := &fakeService{alias: "/", silent: make(chan struct{})}
		t.Cleanup(func() { close(service.silent) })
		service.serve(t, address)
		if got := probeBus(short(t), dialTo(address)); got != noAnswer {
			t.Errorf("got %q", got)
		}
	})
	t.Run("bus", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "bus")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		if got := probeBus(short(t), dialTo("unix:path="+path)); got != noAnswer {
			t.Errorf("got %q", got)
		}
	})
}

// patientKeyring is the keyring of the session, for a machine with much else to
// do: nothing here is about how fast a bus is.
func patientKeyring() *Keyring {
	k := NewKeyring(os.LookupEnv)
	k.probe = func(ctx context.Context) condition { return probeBus(ctx, dialSession) }
	k.callLimit = time.Hour
	return k
}

// TestHangingPrompt calls the real library with a service whose prompt never
// completes. The library keeps one connection for the whole process, so this
// runs in a process of its own.
func TestHangingPrompt(t *testing.T) {
	const child = "SENDOFF_TEST_HANGING_PROMPT"
	if os.Getenv(child) == "" {
		t.Parallel()
		address := startBus(t)
		service := &fakeService{collections: []dbus.ObjectPath{loginPath}, alias: loginPath, locked: true}
		service.serve(t, address)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHangingPrompt$")
		cmd.Env = append(os.Environ(), child+"=1", "DBUS_SESSION_BUS_ADDRESS="+address, "DISPLAY=:0", "GORACE=atexit_sleep_ms=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if len(service.prompted) != 1 {
			t.Errorf("%d prompts", len(service.prompted))
		}
		return
	}
	k := patientKeyring()
	k.dialogLimit = 200 * time.Millisecond
	if s := k.State(t.Context(), "work"); !s.Asks || s.Text != "keyring, locked" {
		t.Errorf("state %+v", s)
	}
	_, err := k.Get(t.Context(), "work")
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "nobody answered the keyring's dialog within 200ms") {
		t.Errorf("got %v", err)
	}
	if err := k.Set(t.Context(), "work", New("s3cret")); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "still open") {
		t.Errorf("got %v", err)
	}
}
