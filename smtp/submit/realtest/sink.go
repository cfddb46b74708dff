package realtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is where the servers deliver to: a server for LMTP (RFC 2033), so that
// what arrives is seen with its line ends, and the moment it does; and for SMTP,
// which has one answer to a content for all recipients.
type sink struct {
	listener net.Listener

	mu   sync.Mutex
	mail map[string]chan Delivery // by recipient
}

// Delivery is a mail as it came through.
type Delivery struct {
	From, To string // the arguments of MAIL and RCPT, as Postfix passes them on
	Content  []byte // without the Received field that Postfix puts on top
}

func listen(t testing.TB) *sink {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{listener: listener, mail: make(map[string]chan Delivery)}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer func() { _ = conn.Close() }()
				_ = s.serve(conn) // Postfix tells in its log what went wrong
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return s
}

// box returns the channel for a recipient's mail.
func (s *sink) box(recipient string) chan Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	box := s.mail[recipient]
	if box == nil {
		box = make(chan Delivery, 100)
		s.mail[recipient] = box
	}
	return box
}

// Delivered waits for the next mail to recipient.
func (s *Server) Delivered(t testing.TB, recipient string) Delivery {
	t.Helper()
	select {
	case d := <-s.sink.box(recipient):
		trace, rest := splitTrace(d.Content)
		if !bytes.HasPrefix(trace, []byte("Received: ")) {
			t.Errorf("the mail to %s begins with %q, not with a trace field", recipient, trace)
		}
		d.Content = rest
		return d
	case <-time.After(patience):
		t.Fatalf("no mail to %s arrived", recipient)
		return Delivery{}
	}
}

// splitTrace cuts behind the first header field.
func splitTrace(mail []byte) (field, rest []byte) {
	for i := 0; ; {
		n := bytes.IndexByte(mail[i:], '\n')
		if n < 0 {
			return mail, nil
		}
		i += n + 1
		if i == len(mail) || mail[i] != ' ' && mail[i] != '\t' {
			return mail[:i], mail[i:]
		}
	}
}

func (s *sink) serve(conn net.Conn) error {
	r := bufio.NewReaderSize(conn, 1<<16)
	say := func(lines ...string) error {
		_, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n")
		return err
	}
	if err := say("220 sink"); err != nil {
		return err
	}
	var from string
	var recipients []string // the arguments of RCPT
	each := true            // of them has an answer to the content
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		switch strings.ToUpper(verb) {
		case "LHLO", "EHLO":
			each = strings.EqualFold(verb, "LHLO")
			err = say("250-sink", "250-8BITMIME", "250-SMTPUTF8", "250-DSN", "250 PIPELINING")
		case "MAIL":
			from = rest
			err = say("250 ok")
		case "RCPT":
			if strings.Contains(rest, "<refused@") {
				err = say("550 5.1.1 nobody of that name here")
				break
			}
			recipients = append(recipients, rest)
			err = say("250 ok")
		case "DATA":
			if err = say("354 go on"); err != nil {
				return err
			}
			var mail []byte
			if mail, err = readDots(r); err != nil {
				return err
			}
			for _, to := range recipients {
				_, address, _ := strings.Cut(to, "<")
				address, _, _ = strings.Cut(address, ">")
				s.box(address) <- Delivery{from, to, mail}
			}
			answers := 1
			if each {
				answers = len(recipients)
			}
			if err = say(slices.Repeat([]string{"250 ok"}, answers)...); err != nil {
				return err
			}
			recipients = nil
		case "RSET":
			recipients = nil
			err = say("250 ok")
		case "QUIT":
			return say("221 bye")
		case "NOOP":
			err = say("250 ok")
		default:
			err = say(fmt.Sprintf("502 %s?", verb))
		}
		if err != nil {
			return err
		}
	}
}

// readDots reads content up to the line with a single dot (RFC 5321 section
// 4.5.2), and changes nothing else.
func readDots(r *bufio.Reader) ([]byte, error) {
	var mail []byte
	for atStart := true; ; {
		part, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return nil, err
		}
		if atStart {
			if bytes.Equal(part, []byte(".\r\n")) {
				return mail, nil
			}
			part = bytes.TrimPrefix(part, []byte("."))
		}
		mail = append(mail, part...)
		atStart = err == nil
	}
}
