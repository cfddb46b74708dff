package smtp

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// groups is a Source that remembers which mails were committed together.
type groups struct {
	mails
	commits []int
}

// TestCommitTogether has mails wait for a server that takes one after the other,
// and for one that takes several in a flight: small ones are committed together,
// each once, if at least sixteen waited.
func TestCommitTogether(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x\r\n", smallMail/3+1)
	oneByOne := slices.Repeat([]int{1}, 15)
	for name, test := range map[string]struct {
		extensions string
		window     int
		bodies     []string
		want       []int
	}{
		"a few":               {"PIPELINING", 0, make([]string, 15), oneByOne},
		"many":                {"PIPELINING", 0, make([]string, 20), []int{16, 4}},
		"one large":           {"PIPELINING", 0, append(make([]string, 17), large, ""), []int{16, 1, 2}},
		"large ones":          {"PIPELINING", 0, []string{large, large, large, large, large, large}, []int{1, 1, 1, 1, 1, 1}},
		"one by one":          {"PIPELINING", 1, make([]string, 6), []int{1, 1, 1, 1, 1, 1}},
		"a few in flights":    {"PIPELINING CHUNKING", 0, make([]string, 15), oneByOne},
		"many in flights":     {"PIPELINING CHUNKING", 0, make([]string, 20), []int{16, 4}},
		"one more in flights": {"PIPELINING CHUNKING", 0, make([]string, 17), []int{16, 1}},
		"flights of three":    {"PIPELINING CHUNKING", 3, make([]string, 7), []int{3, 3, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				if conn, err := listener.Accept(); err == nil {
					acceptAll(conn, strings.Fields(test.extensions)...)
				}
			}()
			n := listener.Addr().(*net.TCPAddr).Port
			src := &groups{}
			for i, body := range test.bodies {
				src.next = append(src.next, letter(strconv.Itoa(i), body, "a@x.example"))
			}
			last := 0
			src.committed = func() error {
				src.commits = append(src.commits, len(src.mails.commits)-last)
				last = len(src.mails.commits)
				return nil
			}
			if err := send(t.Context(), Options{Host: "127.0.0.1", Port: n, Security: NoTLS, Window: test.window}, src); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, src.commits); diff != "" {
				t.Error("committed together: -want +got\n", diff)
			}
			for id, r := range src.done {
				if r.Err != nil {
					t.Errorf("mail %s: %v", id, r.Err)
				}
			}
		})
	}
}
