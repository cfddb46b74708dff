package smtp

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
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
		"many":                {"PIPELINING", 0, make([]string, 20), []int{8, 8, 4}},
		"one large":           {"PIPELINING", 0, append(make([]string, 17), large, ""), []int{8, 8, 1, 2}},
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

// ahead is a Source whose second commit waits until mails of the first are done.
type ahead struct {
	mails
	first chan struct{} // closed when one of those is
	begun int           // commits
	err   error         // of the second

	mu   sync.Mutex
	past map[string]bool // mails past their commit without an answer
	top  int             // how many there were at most
}

func (a *ahead) Commit(ctx context.Context, mails ...*Mail) error {
	a.mu.Lock()
	a.begun++
	second := a.begun == 2
	a.mu.Unlock()
	if second {
		select {
		case <-a.first:
		case <-ctx.Done():
			return ctx.Err()
		}
		if a.err != nil {
			return a.err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range mails {
		a.past[m.ID] = true
	}
	a.top = max(a.top, len(a.past))
	return nil
}

func (a *ahead) Done(mail *Mail, r Result) {
	a.mails.Done(mail, r)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.past, mail.ID)
	if len(a.done) == 1 {
		close(a.first)
	}
}

// TestCommitAhead has a commit take its time, which keeps no mail waiting that
// was committed before; and has one fail, which is of no harm to those.
func TestCommitAhead(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]error{"slow": nil, "failing": errors.New("no room on the disk")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				if conn, err := listener.Accept(); err == nil {
					acceptAll(conn, "PIPELINING")
				}
			}()
			src := &ahead{first: make(chan struct{}), past: map[string]bool{}, err: failing}
			for i := range 40 {
				src.next = append(src.next, letter(strconv.Itoa(i), "", "a@x.example"))
			}
			// Of the second group, one can't be read.
			src.next[9].Open = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
			n := listener.Addr().(*net.TCPAddr).Port
			err = send(t.Context(), Options{Host: "127.0.0.1", Port: n, Security: NoTLS}, src)
			if failing != nil && !errors.Is(err, failing) || failing == nil && err != nil {
				t.Fatal(err)
			}
			for i := range 40 {
				r, asked := src.done[strconv.Itoa(i)]
				sent := asked && r.Err == nil
				if want := i != 9 && (failing == nil || i <= 7); sent != want {
					t.Errorf("mail %d was sent: %v, %v", i, sent, r.Err)
				}
				if asked && r.Err != nil && r.Err.Uncertain() {
					t.Errorf("mail %d is uncertain", i)
				}
			}
			if failing == nil && src.top != maxWindow {
				t.Errorf("%d mails could become uncertain at once", src.top)
			}
		})
	}
}
