package cli

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/assets"
	"sendoff/smtp/outbox"
	"sendoff/tui/post"
)

func (p *program) daemonCommand() *cobra.Command {
	var unit string
	var drain bool
	cmd := &cobra.Command{
		Use:   "daemon",
		Short: "Deliver in the background, until it is stopped",
		Long: `daemon delivers what is in the outbox whenever it is due: what other programs put
there, what was put off, what is scheduled. It opens no socket; it looks at the
outbox, and sleeps. Several may run, next to an open sendoff; no mail goes out
twice. A signal ends it once what it is handing over has ended. With --drain it
ends by itself when no mail is left that goes by itself within a day, which is how
the screens hand over what waits when they are left, see after-quit in
sendoff-config(5).

What becomes of each mail is told on standard error, with --json as objects on
standard output. --print-unit prints a unit for systemd, or an agent for launchd,
that starts it with the session of a person.`,
		Example: `  mkdir -p ~/.config/systemd/user
  sendoff daemon --print-unit >~/.config/systemd/user/sendoff.service
  systemctl --user enable --now sendoff
  loginctl enable-linger    # to deliver also while nobody is logged in`,
		Args: exactly(0, "flags only"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if unit != "" {
				return p.printUnit(unit)
			}
			return p.daemon(cmd.Context(), drain)
		},
	}
	cmd.Flags().StringVar(&unit, "print-unit", "", "print what a service `MANAGER` needs, systemd or launchd, and exit")
	among(cmd.Flags(), "print-unit", "systemd", "launchd")
	cmd.Flags().Lookup("print-unit").NoOptDefVal = map[bool]string{true: "launchd", false: "systemd"}[runtime.GOOS == "darwin"]
	cmd.Flags().BoolVar(&drain, "drain", false, "end when nothing is left that goes by itself within a day")
	return cmd
}

func (p *program) printUnit(manager string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if manager == "systemd" {
		home, ok := p.Lookup("SENDOFF_HOME")
		unit := strings.Replace(assets.SystemdUnit, "@PROGRAM@", quoteUnit(self), 1)
		if ok {
			unit = strings.Replace(unit, "\nType=", "\nEnvironment="+quoteUnit("SENDOFF_HOME="+home)+"\nType=", 1)
		}
		return p.print(unit)
	}
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(self)); err != nil {
		return err
	}
	return p.print(strings.Replace(assets.LaunchdAgent, "@PROGRAM@", b.String(), 1))
}

// quoteUnit quotes one word for systemd (systemd.syntax(7)), where % begins a
// specifier.
func quoteUnit(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(s)
	if strings.ContainsAny(s, " \t'\"\\") {
		return `"` + s + `"`
	}
	return s
}

// daemon delivers until ctx ends, which is a success, or with drain until there
// is no more to do.
func (p *program) daemon(ctx context.Context, drain bool) error {
	room, err := p.room()
	if err != nil {
		return err
	}
	if err := room.Ready(ctx); err != nil {
		return err
	}
	manager := p.serviceManager()
	manager.tell("READY=1\nSTATUS=Delivering what is due")
	stop := context.AfterFunc(ctx, func() { manager.tell("STOPPING=1\nSTATUS=Ending what is under way") })
	defer stop()
	news := p.progress()
	deliver := room.Deliver
	if drain {
		deliver = room.Drain
	}
	err = deliver(ctx, func(e outbox.Event) {
		if p.json {
			news.hear(e)
			return
		}
		p.log(room, e)
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// log tells what happened to a mail or to an account, in one line.
func (p *program) log(room *post.Room, e outbox.Event) {
	switch {
	case e.ID == 0 && e.Account != "" && e.Problem != nil:
		_, title, hint := judgeWait(e.Problem)
		p.tell("mail of %s waits: %s", e.Account, withHint(title, hint))
	case e.ID == 0 && e.Account != "":
		p.tell("mail of %s goes on", e.Account)
	case e.ID == 0 && e.Problem != nil:
		_, title, hint := judge(e.Problem)
		p.tell("delivery stands still: %s", withHint(title, hint))
	case e.State == "" || e.State == outbox.Sending:
	default:
		line := fmt.Sprintf("mail %s is %s", e.ID, e.State)
		if it, _, err := room.Item(context.Background(), e.ID); err == nil && it.Problem != "" {
			line += ": " + it.Problem
		}
		p.tell("%s", line)
	}
}

func withHint(title, hint string) string {
	if hint == "" {
		return title
	}
	return title + "; " + hint
}
