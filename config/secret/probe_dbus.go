//go:build (dragonfly && cgo) || (freebsd && cgo) || linux || netbsd || openbsd

package secret

import (
	"context"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service API, version 0.2.
const (
	secretsName     = "org.freedesktop.secrets"
	secretsPath     = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath       = secretsPath + "/collection/login"
	serviceIface    = "org.freedesktop.Secret.Service"
	collectionIface = "org.freedesktop.Secret.Collection"
)

// probeLimit bounds the whole probe; a bus on this machine needs milliseconds.
const probeLimit = 2 * time.Second

// probe looks at the session's Secret Service on a connection of its own. It
// never starts a bus, as the keyring library would: that would leave a bus and
// a keyring behind that nobody asked for and nobody can unlock.
func probe(ctx context.Context) condition {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	return probeBus(ctx, dialSession)
}

func dialSession(ctx context.Context) (*dbus.Conn, error) {
	return dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
}

// probeBus works in a goroutine, because logging in on a bus ends with its
// connection alone, and connecting to one with nothing at all.
func probeBus(ctx context.Context, dial func(context.Context) (*dbus.Conn, error)) condition {
	found := make(chan condition, 1)
	go func() {
		conn, err := dial(ctx)
		if err != nil {
			found <- noBus
			return
		}
		defer conn.Close()
		if conn.Auth(nil) != nil || conn.Hello() != nil {
			found <- noBus
			return
		}
		found <- inspect(ctx, conn)
	}()
	select {
	case c := <-found:
		if ctx.Err() != nil {
			return noAnswer
		}
		return c
	case <-ctx.Done():
		return noAnswer
	}
}

// inspect finds the collection that the keyring library would use, and whether
// it is open.
func inspect(ctx context.Context, conn *dbus.Conn) condition {
	if !offered(ctx, conn) {
		return noService
	}
	secrets := conn.Object(secretsName, secretsPath)
	var all []dbus.ObjectPath
	if v, err := property(ctx, secrets, serviceIface, "Collections"); err == nil {
		all, _ = v.Value().([]dbus.ObjectPath)
	}
	used := loginPath
	if !slices.Contains(all, loginPath) {
		err := secrets.CallWithContext(ctx, serviceIface+".ReadAlias", 0, "default").Store(&used)
		if err != nil || used == "/" {
			return noCollection
		}
	}
	v, err := property(ctx, conn.Object(secretsName, used), collectionIface, "Locked")
	if err != nil {
		return noCollection
	}
	if shut, ok := v.Value().(bool); ok && !shut {
		return ready
	}
	return locked
}

// offered tells that a Secret Service runs, or that the bus would start one.
func offered(ctx context.Context, conn *dbus.Conn) bool {
	const bus = "org.freedesktop.DBus."
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, bus+"NameHasOwner", 0, secretsName).Store(&owned)
	if err == nil && owned {
		return true
	}
	var names []string
	err = conn.BusObject().CallWithContext(ctx, bus+"ListActivatableNames", 0).Store(&names)
	return err == nil && slices.Contains(names, secretsName)
}

// property is dbus.BusObject.GetProperty with a context.
func property(ctx context.Context, o dbus.BusObject, iface, name string) (dbus.Variant, error) {
	var v dbus.Variant
	err := o.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name).Store(&v)
	return v, err
}
