// Command sendoff writes mail in a terminal, sends it over SMTP while its
// author watches, and keeps every message until it is known what became of it.
package main

import (
	"os"
	"runtime/debug"

	"sendoff/tui/cli"
)

// version is set by who builds a release, with -ldflags "-X main.version=1.2.3".
// Without it the program knows what Go put into it.
var version string

func main() {
	ctx, stop := cli.Signals()
	defer stop()
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
