// Command sendoff writes mail in a terminal, sends it over SMTP while its
// author watches, and keeps every message until it is known what became of it.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"sendoff/tui/cli"
)

// version is set by who builds a release, with -ldflags "-X main.version=1.2.3".
// Without it the program knows what Go put into it.
var version string

func main() {
	// What nohup or a shell made us deaf to is not for us to hear.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	// The first signal asks for an orderly end. Who asks twice gets it at once;
	// a terminal that goes away says so twice without meaning that.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })
	// A reader that leaves must not end a delivery: writing to it fails instead.
	// Programs that we start hear of it as usual, which Ignore would prevent.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	build, _ := debug.ReadBuildInfo()
	os.Exit(cli.Main(ctx, cli.Env{
		Name:    os.Args[0],
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Environ: os.Environ,
		Lookup:  os.LookupEnv,
		Unset:   os.Unsetenv,
		Build:   build,
		Version: version,
	}))
}
