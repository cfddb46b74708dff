package outbox_test

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
	"sendoff/smtp/sandbox"
	"sendoff/smtp/sasl"
)

var update = flag.Bool("update", false, "write the golden files anew")

// spot is a point of a session at which the server fails, and for the nth time
// that it comes there.
type spot struct {
	phase  sandbox.Phase
	n      int
	action sandbox.Action
}

// account is the name of the account whose server fails so.
func (s spot) account() string { return fmt.Sprintf("%s %d|%s", s.phase, s.n, s.action) }

// way is how contents are sent.
type way struct {
	name    string
	without []string
	size    int64 // of a content that is sent this way; 0 for any
	points  []string
}

var ways = []way{
	{
		"DATA", []string{"CHUNKING"}, 0, []string{
			"connect 1", "greeting 1", "hello 1", "starttls 1", "handshake 1", "hello 2", "auth 1", "auth 2", "auth 3",
			"mail 1", "recipient 1", "recipient 2", "data 1", "body 1", "end 1", "quit 1",
		},
	},
	{"BDAT in one flight", nil, 0, []string{"mail 1", "recipient 1", "recipient 2", "end 1", "quit 1"}},
	{"BDAT in chunks", nil, 300 << 10, []string{"mail 1", "recipient 1", "recipient 2", "data 1", "data 2", "body 1", "end 1", "quit 1"}},
}

var actions = []sandbox.Action{
	sandbox.Temporary, sandbox.Permanent, sandbox.Unavailable, sandbox.WrongClass, sandbox.Garbage, sandbox.LongLine,
	sandbox.Flood, sandbox.Drip, sandbox.Stall, sandbox.Hangup, sandbox.Reset, sandbox.Split,
}

// TestFailures has a mail to two people meet every kind of failure at every
// point of a session with a server, and writes down what the outbox makes of
// it: the other half of the test of that name in package smtp.
func TestFailures(t *testing.T) {
	t.Parallel()
	met := make([]map[string]string, len(ways))
	var meeting sync.WaitGroup
	for i, w := range ways {
		meeting.Go(func() { met[i] = w.meetAll(t) })
	}
	meeting.Wait()
	var table strings.Builder
	for i, w := range ways {
		fmt.Fprintf(&table, "%s\n", w.name)
		for _, point := range w.points {
			fmt.Fprintf(&table, "    %s\n", point)
			same := map[string][]string{}
			for _, action := range actions {
				outcome := met[i][point+"|"+string(action)]
				same[outcome] = append(same[outcome], string(action))
			}
			for _, outcome := range slices.Sorted(maps.Keys(same)) {
				fmt.Fprintf(&table, "        %-75s %s\n", outcome, strings.Join(same[outcome], ", "))
			}
		}
	}
	golden := filepath.Join("testdata", "failures.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// meetAll flushes an outbox with one mail for each failure, and returns what
// became of them, by account.
func (w way) meetAll(t *testing.T) map[string]string {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), sqlite.Options{})
	if err != nil {
		t.Error(err)
		return nil
	}
	defer store.Close()
	spots := map[string]spot{}
	for _, point := range w.points {
		phase, n, _ := strings.Cut(point, " ")
		for _, action := range actions {
			s := spot{sandbox.Phase(phase), 0, action}
			s.n, _ = strconv.Atoi(n)
			spots[s.account()] = s
			if _, err := store.Put(t.Context(), outbox.New{
				Account: s.account(), State: outbox.Queued, From: "me@x.example", Recipients: []string{"a@x.example", "b@x.example"},
				Write: func(w io.Writer) error { _, err := io.WriteString(w, "Subject: x\r\n\r\nhi\r\n"); return err },
			}); err != nil {
				t.Error(err)
				return nil
			}
		}
	}
	sender := &faulty{t: t, way: w, spots: spots, slots: make(chan struct{}, 48), arrived: map[string]int{}}
	policy := outbox.DefaultPolicy()
	// Nobody has a second turn, however long the machine needs for the first.
	policy.Waits, policy.Misses = []time.Duration{time.Hour}, []time.Duration{time.Hour}
	worker := outbox.NewWorker(outbox.Options{
		Store: store, Sender: sender, Random: half, Policy: policy,
		Lease: time.Hour, // on a busy machine the mails wait long for their turn
	})
	summary, err := worker.Flush(t.Context(), outbox.Only{})
	if err != nil {
		t.Error(err)
		return nil
	}
	items, err := store.List(t.Context(), outbox.Query{})
	if err != nil {
		t.Error(err)
		return nil
	}
	outcomes := map[string]string{}
	for _, it := range items {
		attempts, err := store.Attempts(t.Context(), it.ID)
		if err != nil || len(attempts) != 1 || attempts[0].Transcript == "" {
			t.Errorf("%s: %d attempts, %v", it.Account, len(attempts), err)
		}
		n := sender.arrived[it.Account]
		switch anybody := slices.ContainsFunc(it.Recipients, func(r outbox.Recipient) bool { return r.State == outbox.RecipientAccepted }); {
		case n > 1, anybody != (n == 1) && it.State != outbox.Uncertain:
			t.Errorf("%s: the mail is %s, and arrived %d times", it.Account, it.State, n)
		}
		outcomes[it.Account] = outcome(it, summary.Parked)
	}
	return outcomes
}

// outcome says in words how an item and its account stand.
func outcome(it outbox.Item, parked []outbox.Parking) string {
	words := string(it.State)
	if a, b := it.Recipients[0], it.Recipients[1]; a.State != b.State {
		words += fmt.Sprintf(" (%s, %s)", a.State, b.State)
	}
	for _, p := range parked {
		switch {
		case p.Account != it.Account:
		case p.Until.IsZero():
			words += ", the account waits for a person"
		default:
			words += ", the account waits a while"
		}
	}
	return words
}

// faulty takes mails to servers that fail, each account to one of its own.
type faulty struct {
	t     *testing.T
	way   way
	spots map[string]spot
	slots chan struct{}

	mu      sync.Mutex
	arrived map[string]int // mails, by account
}

// Deliver implements outbox.Sender.
func (f *faulty) Deliver(ctx context.Context, account string, src smtp.Source, trace func(smtp.Event)) error {
	f.slots <- struct{}{}
	defer func() { <-f.slots }()
	s := f.spots[account]
	server, err := sandbox.Start(sandbox.Options{
		User: "bob", Password: "sesame17", Without: f.way.without, Slow: 10 * time.Millisecond, HashOnly: true,
		Faults: func(phase sandbox.Phase, n int) sandbox.Fault {
			if phase == s.phase && n == s.n {
				return sandbox.Fault{Action: s.action}
			}
			return sandbox.Fault{}
		},
	})
	if err != nil {
		return err
	}
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Addr())
	opts := smtp.Options{
		Host: host, Security: smtp.StartTLS, TLS: &tls.Config{RootCAs: server.Roots()}, Trace: trace,
		Login: &sasl.Login{Mechanism: "login", User: "bob", Password: "sesame17"},
	}
	opts.Port, _ = strconv.Atoi(port)
	if s.action == sandbox.Stall || s.action == sandbox.Drip {
		const limit = 6 * time.Second // a busy machine needs some for all else
		opts.Timeouts = &smtp.Timeouts{Connect: limit, Greeting: limit, Command: limit, Data: limit, Block: limit, Final: limit}
	}
	size := f.way.size
	if s.phase == sandbox.AtBody && s.action != sandbox.Split {
		size = 64 << 20 // more than fits in between, so that the end can't be on its way
	}
	session, err := smtp.Open(ctx, opts)
	if err != nil {
		return err
	}
	err = session.Deliver(ctx, resized{src, size})
	_ = session.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrived[account] = len(server.Mails())
	return err
}

// resized is a source whose mails have another content, of a size.
type resized struct {
	smtp.Source
	size int64
}

func (r resized) Next(ctx context.Context) (*smtp.Mail, error) {
	m, err := r.Source.Next(ctx)
	if err != nil || r.size == 0 {
		return m, err
	}
	m.Size = r.size
	m.Open = func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(lines{}, r.size)), nil }
	return m, nil
}

// lines is a text without end.
type lines struct{}

func (lines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "0123456789abcdef012345678\r\n"[i%27]
	}
	return len(p), nil
}
