package submit

// Through lets a test ask a proxy for what no account can hold, and ReadStatus
// has a proxy's answer read alone.
var (
	Through    = through
	ReadStatus = readStatus
)

// Verified is what a check makes of an answer to VRFY.
var Verified = verified
