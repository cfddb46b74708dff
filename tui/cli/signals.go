package cli

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// Signals returns a context that ends when the program is asked to end. What it
// is doing then comes to an orderly end in bounded time.
func Signals() (context.Context, context.CancelFunc) {
	// What nohup or a shell made us deaf to is not for us to hear.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	// Who presses ctrl+c again gets the end at once. timeout(1) and a terminal that
	// goes away ask twice without meaning that.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	// A reader that leaves must not end a delivery: writing to it fails instead.
	// Programs that we start hear of it as usual, which Ignore would prevent.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx, stop
}
