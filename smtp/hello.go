package smtp

// Capabilities is what a server said it can do in its answer to EHLO.
type Capabilities struct {
	Greeting   string   // the name the server gave itself, cleaned
	Extensions []string // every EHLO line as offered, cleaned, for people

	StartTLS   bool
	Pipelining bool
	Chunking   bool
	EightBit   bool // 8BITMIME
	UTF8       bool // SMTPUTF8
	Enhanced   bool // ENHANCEDSTATUSCODES
	DSN        bool
	Size       int64 // greatest message in octets; 0 when there is no limit or none was told
	Auth       []string
}
