package assets

import _ "embed"

// Units for the service managers that run "sendoff daemon" for a person, with
// @PROGRAM@ where the path of the program goes.
var (
	// SystemdUnit is a unit for a user's systemd (systemd.service(5)).
	//
	//go:embed sendoff.service
	SystemdUnit string

	// LaunchdAgent is a property list for launchd (launchd.plist(5)).
	//
	//go:embed org.sendoff.daemon.plist
	LaunchdAgent string
)
