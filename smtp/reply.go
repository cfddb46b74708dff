package smtp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a server may say at most. RFC 5321 section 4.5.3.1.5 allows 512 octets a
// line and sets no limit on lines; these leave room and keep memory flat.
const (
	maxReplyLine  = 4 << 10
	maxReplyLines = 128
	maxReply      = 64 << 10
	maxErrorText  = 512
)

// Reply is a server's answer to a command (RFC 5321 section 4.2). Its text is
// clean: valid UTF-8 without control, format or line separating characters.
type Reply struct {
	Code     int    // 0 when there was no reply
	Enhanced string // "5.1.1" (RFC 2034, RFC 3463), or empty
	Lines    []string
}

// Text returns the lines, without codes, as one.
func (r Reply) Text() string { return strings.Join(r.Lines, " ") }

// String returns code, enhanced code and text: "550 5.1.1 no such user".
func (r Reply) String() string {
	if r.Code == 0 {
		return ""
	}
	s := fmt.Sprintf("%03d", r.Code)
	if r.Enhanced != "" {
		s += " " + r.Enhanced
	}
	if t := r.Text(); t != "" {
		s += " " + t
	}
	return s
}

// positive, transient and permanent are the classes of RFC 5321 section 4.2.1.
func (r Reply) positive() bool  { return r.Code/100 == 2 }
func (r Reply) transient() bool { return r.Code/100 == 4 }
func (r Reply) permanent() bool { return r.Code/100 == 5 }

// rawReply is a reply as it came, its lines without the code.
type rawReply struct {
	code  int
	lines []string

	clean Reply // made by reply, if its Code is not 0
	made  making
}

// making is all that a clean reply depends on besides the raw one.
type making struct {
	enhanced bool
	secrets  int // how many
}

// heard are replies that were read before, by their only line: most servers say
// the same for every mail.
type heard map[string]*rawReply

const maxHeard, maxHeardLine = 32, 128

// malformedError is a reply that breaks RFC 5321 section 4.2. Its line is raw
// and whole.
type malformedError struct{ what, line string }

func (e *malformedError) Error() string {
	if e.line == "" {
		return e.what
	}
	return fmt.Sprintf("%s: %q", e.what, e.line)
}

// readReply reads one reply, which is one of known if it came before. The size
// of r's buffer is the limit of a line.
func readReply(r *bufio.Reader, known heard) (*rawReply, error) {
	var raw *rawReply
	var size int
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, &malformedError{"a line of the reply is too long", string(line)}
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
		if raw == nil {
			if again := known[string(line)]; again != nil {
				return again, nil
			}
			raw = new(rawReply)
		}
		size += len(line)
		if len(raw.lines) == maxReplyLines || size > maxReply {
			return nil, &malformedError{"the reply is too long", ""}
		}
		code, text, last, err := parseReplyLine(string(line))
		if err != nil {
			return nil, err
		}
		if len(raw.lines) > 0 && code != raw.code {
			return nil, &malformedError{"the reply changes its code", strings.TrimRight(string(line), "\r\n")}
		}
		raw.code = code
		raw.lines = append(raw.lines, text)
		if last {
			if known != nil && len(raw.lines) == 1 && len(line) <= maxHeardLine && len(known) < maxHeard {
				known[string(line)] = raw
			}
			return raw, nil
		}
	}
}

// parseReplyLine splits "250-text" and "250 text". A line may lack its CR and
// its text; both happen, and neither can be misread.
func parseReplyLine(line string) (code int, text string, last bool, err error) {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	digits, rest := line[:min(len(line), 3)], line[min(len(line), 3):]
	if len(digits) < 3 || digits[0] < '2' || digits[0] > '5' || strings.Trim(digits, "0123456789") != "" {
		return 0, "", false, notReply(line)
	}
	code = int(digits[0]-'0')*100 + int(digits[1]-'0')*10 + int(digits[2]-'0')
	switch {
	case rest == "":
		return code, "", true, nil
	case rest[0] == ' ':
		return code, rest[1:], true, nil
	case rest[0] == '-':
		return code, rest[1:], false, nil
	}
	return 0, "", false, notReply(line)
}

func notReply(line string) error {
	return &malformedError{"not a reply", line}
}

// reply cleans raw and takes secrets from it. With enhanced, an enhanced status
// code whose class is that of the reply is cut from the front of the lines;
// servers send them without having offered to, and RFC 2034 section 4 wants
// them on every line.
func (raw *rawReply) reply(enhanced bool, secrets *redactor) Reply {
	made := making{enhanced, len(secrets.secrets)}
	if raw.clean.Code != 0 && raw.made == made {
		return raw.clean
	}
	r := Reply{Code: raw.code, Lines: make([]string, len(raw.lines))}
	if enhanced {
		r.Enhanced = enhancedCode(raw.code, raw.lines[0])
	}
	for i, line := range raw.lines {
		if r.Enhanced != "" {
			if rest, ok := strings.CutPrefix(line, r.Enhanced); ok {
				line = strings.TrimPrefix(rest, " ")
			}
		}
		r.Lines[i] = secrets.text(line)
	}
	raw.clean, raw.made = r, made
	return r
}

// enhancedCode returns the enhanced status code that text begins with, if there
// is one of the class of code (RFC 3463 section 2).
func enhancedCode(code int, text string) string {
	word, _, _ := strings.Cut(text, " ")
	class, rest, ok := strings.Cut(word, ".")
	subject, detail, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || class != fmt.Sprint(code/100) || class == "3" {
		return ""
	}
	for _, number := range []string{subject, detail} {
		if number == "" || len(number) > 3 || strings.Trim(number, "0123456789") != "" {
			return ""
		}
	}
	return word
}

// clean returns s as printable text of one line: what is not valid UTF-8 or
// could steer a terminal (control characters of both sets, directional and
// other format characters, separators) is replaced.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '?'
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r) && r != '\u0085' && r != '\u2028' && r != '\u2029':
			return ' '
		}
		return '?'
	}, s)
}

// shorten cuts s to about n octets, at the edge of a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
