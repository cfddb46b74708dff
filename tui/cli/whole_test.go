//go:build unix

package cli

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLongTextArrives pipes texts in that are long in every way: many lines,
// lines that no server takes, and 5 MB. Each arrives as it was.
func TestLongTextArrives(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 200 {
		fmt.Fprintln(&lines, "line", i)
	}
	for name, text := range map[string]string{
		"200 lines":         lines.String(),
		"over 998 octets":   strings.Repeat("x", 2000) + "\nend\n",
		"over 64 KiB":       strings.Repeat("x", 70<<10) + "\nend\n",
		"5 MB of lines":     strings.Repeat("A line as people write them, é and all.\n", 5<<20/41),
		"5 MB without them": strings.Repeat("x", 5<<20) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t)
			send := s.command("send", "--quiet", "--to", "ok@example.org", "--subject", "Long")
			send.Stdin = strings.NewReader(text)
			if out, err := send.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			files, err := filepath.Glob(filepath.Join(s.maildir, "new", "*"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			file, err := os.Open(files[0])
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			m, err := mail.ReadMessage(file)
			if err != nil {
				t.Fatal(err)
			}
			body := m.Body
			if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
				body = quotedprintable.NewReader(body)
			}
			got, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if arrived := strings.ReplaceAll(string(got), "\r\n", "\n"); arrived != text {
				t.Errorf("of %d octets %d arrive, %.60q", len(text), len(arrived), arrived)
			}
		})
	}
}
