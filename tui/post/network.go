package post

import (
	"net"
	"os"
	"slices"
	"strings"
)

// network describes the ways this machine has to others: its addresses and,
// where the system tells them in a file, its default routes. It changes when a
// cable is plugged in or a network is joined; it is empty without any.
func network() string {
	var ways []string
	addresses, _ := net.InterfaceAddrs() // as good as none
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
			ways = append(ways, a.String())
		}
	}
	routes, _ := os.ReadFile("/proc/net/route")
	for line := range strings.Lines(string(routes)) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == "00000000" {
			ways = append(ways, f[0]+" "+f[2])
		}
	}
	slices.Sort(ways)
	return strings.Join(ways, "\n")
}
