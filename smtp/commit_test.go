package smtp

import (
	"net"
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

// TestCommitTogether has many mails wait for a server that takes one after the
// other: small ones are committed together, each once.
func TestCommitTogether(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go acceptAll(conn, "PIPELINING")
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	n, _ := strconv.Atoi(port)
	large := strings.Repeat("x\r\n", smallMail/3+1)
	for name, test := range map[string]struct {
		window int
		bodies []string
		want   []int
	}{
		"few":        {0, make([]string, 3), []int{1, 1, 1}},
		"many":       {0, make([]string, 20), []int{16, 1, 1, 1, 1}},
		"one large":  {0, append(make([]string, 6), large, ""), []int{6, 1, 1}},
		"large ones": {0, []string{large, large, large, large, large, large}, []int{1, 1, 1, 1, 1, 1}},
		"one by one": {1, make([]string, 6), []int{1, 1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
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
