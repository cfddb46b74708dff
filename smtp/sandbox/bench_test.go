package sandbox_test

import (
	"bytes"
	"fmt"
	"testing"

	"sendoff/smtp/sandbox"
)

// BenchmarkContent is the price of taking 25 MB, which a measurement of a
// client against this server includes.
func BenchmarkContent(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 76), "\r\n"...)
	content := bytes.Repeat(line, 25<<20/len(line))
	for _, command := range []string{"DATA", "BDAT"} {
		b.Run(command, func(b *testing.B) {
			server, err := sandbox.Start(sandbox.Options{Keep: -1})
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := server.Close(); err != nil {
					b.Error(err)
				}
			}()
			p := dialTLS(b, server)
			p.play("S: 220 \nC: EHLO x\nS: 250 ")
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				p.write(fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d\r\nRCPT TO:<b@example.org>\r\n", len(content)))
				if command == "BDAT" {
					p.write(fmt.Sprintf("BDAT %d LAST\r\n", len(content)))
				} else {
					p.play("C: DATA\nS: 250 \nS: 250 \nS: 354 ")
				}
				if _, err := p.conn.Write(content); err != nil {
					b.Fatal(err)
				}
				if command == "BDAT" {
					p.play("S: 250 \nS: 250 \nS: 250 ")
				} else {
					p.play("C: .\nS: 250 ")
				}
			}
		})
	}
}
