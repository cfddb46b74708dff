package sandbox

// Session tells how one connection went. It holds what was said in full, also
// credentials: it is for those who test a client.
type Session struct {
	Hello string // what EHLO or HELO said last
	TLS   bool
	User  string
	Mails int // how many were accepted

	// Lines is the dialogue, "C: " or "S: " before each line; content is told
	// by its size. A very long dialogue lacks its end.
	Lines []string

	// Waits is how often the server had answered everything it was asked and
	// nothing more had arrived: the round trips the client waited for, with the
	// greeting, without TCP, the TLS handshake and QUIT.
	Waits int

	// Violations are the ways in which the client broke the rules.
	Violations []string

	// Err is why the session ended otherwise than by QUIT.
	Err error
}

const (
	maxLogLines      = 4096
	maxLogLine       = 1024
	maxLogViolations = 64
)

func (s *session) note(who, line string) {
	if s.opts.Ended == nil || len(s.log.Lines) >= maxLogLines {
		return
	}
	s.log.Lines = append(s.log.Lines, who+line[:min(len(line), maxLogLine)])
}

func (s *session) violation(what string) {
	if len(s.log.Violations) < maxLogViolations {
		s.log.Violations = append(s.log.Violations, what)
	}
}
