package submit

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sendoff/smtp"
)

// ofBoth tells that addresses, which stand between commas, are of both families.
func ofBoth(addresses string) bool {
	var four, six bool
	for address := range strings.SplitSeq(addresses, ", ") {
		if ip, err := netip.ParseAddr(address); err == nil {
			four, six = four || ip.Unmap().Is4(), six || !ip.Unmap().Is4()
		}
	}
	return four && six
}

// bothFamilies connects over IPv4 and over IPv6. A mail takes whichever is first
// (RFC 8305); one that never answers makes it slow, and hides until the other
// fails too.
func bothFamilies(ctx context.Context, opts smtp.Options, report func(Step)) {
	families := []struct{ name, network string }{{"IPv4", "tcp4"}, {"IPv6", "tcp6"}}
	steps, answered := make([]Step, len(families)), make([]bool, len(families))
	var busy sync.WaitGroup
	for i, family := range families {
		busy.Go(func() {
			steps[i], answered[i] = overFamily(ctx, opts, family.name, family.network)
		})
	}
	busy.Wait()
	if ctx.Err() != nil {
		return
	}
	for i, step := range steps {
		other := families[1-i].name
		if step.Finding != Good && answered[1-i] {
			step.Hint = "mail goes over " + other + "; a broken " + families[i].name + " may slow it down: whoever runs the network or the server can mend it"
		}
		report(step)
	}
}

func overFamily(ctx context.Context, opts smtp.Options, name, network string) (step Step, answered bool) {
	ctx, cancel := context.WithTimeout(ctx, portLimit)
	defer cancel()
	began := time.Now()
	conn, err := opts.Dial(ctx, network, net.JoinHostPort(opts.Host, strconv.Itoa(opts.Port)))
	step = Step{Name: strings.ToLower(name), Finding: Good, Elapsed: time.Since(began)}
	switch {
	case err == nil:
		step.Text = clean(conn.RemoteAddr().String() + " answers over " + name)
		_ = conn.Close() // it was only to be seen whether it opens
		return step, true
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		step.Text = "this machine has no way to addresses of " + name
		return step, false
	}
	step.Finding = Warning
	step.Text = clean("no answer over " + name + ": " + Explain(err).Title)
	step.Hint = "check host and port, or try another network"
	return step, false
}
