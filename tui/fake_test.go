package tui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/config/discover"
	"sendoff/config/oauth"
	"sendoff/config/secret"
	"sendoff/smtp"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/kit"
	"sendoff/tui/presend"
	"sendoff/tui/tuitest"
)

// fake is a Service in memory.
type fake struct {
	found string // whose servers were looked for

	mu       sync.Mutex
	items    map[outbox.ID]outbox.Item
	drafts   map[outbox.ID]message.Draft
	attempts map[outbox.ID][]outbox.Attempt
	accounts []kit.AccountInfo
	stores   []kit.SecretStore
	standard string // account; empty for work
	next     outbox.ID
	version  int64
	rescued  message.Draft
	saves    int
	given    map[string]string
	acted    []string

	findings []presend.Finding // of each mail that is to be sent
	people   []book.Contact
	lack     error // why nothing can be encrypted
	patterns []kit.Template
	sizes    map[string]int64 // of files; 1000 for one that is not there

	misspelled map[string][]string // nil for no checker
	servers    discover.Found      // of every address
	endless    bool                // a search, or a test of a new account, ends only when it is stopped

	saveErr, queueErr, testErr error
	tried                      []tried

	elsewhere map[outbox.ID]bool // what another window has open
	occupied  outbox.ID

	undo  time.Duration // how long what is queued can be taken back
	hear  func(outbox.Event)
	heard chan struct{} // closed when hear is there
}

func newFake() *fake {
	return &fake{
		items: map[outbox.ID]outbox.Item{}, drafts: map[outbox.ID]message.Draft{},
		attempts: map[outbox.ID][]outbox.Attempt{}, given: map[string]string{}, heard: make(chan struct{}),
		accounts: []kit.AccountInfo{{
			Account: config.Account{Name: "work", Address: "alice@example.org", FullName: "Alice Example", Host: "smtp.example.org", Port: 465, TLS: config.TLSImplicit},
			Secret:  "keyring, ready", Ready: true,
		}},
		stores: []kit.SecretStore{
			{Name: config.SecretKeyring, Title: "keyring", Why: "no desktop session"},
			{Name: config.SecretAsk, Title: "asked at each start", Usable: true},
		},
	}
}

func (f *fake) put(it outbox.Item) outbox.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	f.version++
	if it.ID == 0 {
		it.ID = f.next
	}
	f.items[it.ID] = it
	return it.ID
}

func (f *fake) Items(_ context.Context, q outbox.Query) ([]outbox.Item, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []outbox.Item
	for _, it := range f.items {
		in := len(q.States) == 0 || slices.Contains(q.States, it.State) || slices.Contains(q.States, outbox.NeedsYou) && it.NeedsYou()
		if in && (q.Before == 0 || it.ID < q.Before) && strings.Contains(it.Subject, q.Search) {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b outbox.Item) int { return cmp.Compare(b.ID, a.ID) })
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	return out, nil
}

func (f *fake) Asking(ctx context.Context) context.Context { return ctx }

func (f *fake) Counts(ctx context.Context, search string) (map[outbox.State]int, error) {
	items, err := f.Items(ctx, outbox.Query{Search: search})
	counts := map[outbox.State]int{}
	for _, it := range items {
		counts[it.State]++
		if it.NeedsYou() {
			counts[outbox.NeedsYou]++
		}
	}
	return counts, err
}

func (f *fake) Stands(ctx context.Context, q outbox.Query) (map[outbox.ID]kit.Stand, error) {
	q.Limit = 0
	items, err := f.Items(ctx, q)
	stands := map[outbox.ID]kit.Stand{}
	for _, it := range items {
		stands[it.ID] = kit.StandOf(it)
	}
	return stands, err
}

func (f *fake) Item(_ context.Context, id outbox.ID) (outbox.Item, []outbox.Attempt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	it, ok := f.items[id]
	if !ok {
		return it, nil, outbox.ErrNotFound
	}
	return it, f.attempts[id], nil
}

func (f *fake) Excerpt(_ context.Context, _ outbox.ID, from int64, n int) ([]byte, int64, error) {
	const mail = "Subject: x\r\n\r\ntext\r\n"
	return []byte(mail[from:min(len(mail), int(from)+n)]), int64(len(mail)), nil
}

func (f *fake) Export(_ context.Context, _ outbox.ID, path string) (string, error) { return path, nil }

func (f *fake) Act(_ context.Context, id outbox.ID, action kit.Action) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	f.acted = append(f.acted, string(action)+" "+id.String())
	switch it := f.items[id]; {
	case action == kit.Delete:
		delete(f.items, id)
		delete(f.drafts, id)
	case action == kit.TakeBack:
		it, err := it.Apply(outbox.TakeBack, time.Now())
		if err != nil {
			return err
		}
		f.items[id] = it
	}
	return nil
}

func (f *fake) Schedule(_ context.Context, id outbox.ID, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	it, err := f.items[id].Schedule(at, time.Now())
	if err == nil {
		f.items[id] = it
	}
	return err
}

func (f *fake) Reassign(_ context.Context, id outbox.ID, account string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	it, err := f.items[id].Reassign(account, time.Now())
	if err == nil {
		f.items[id] = it
	}
	return err
}

func (f *fake) Version(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version, nil
}

func (f *fake) SaveDraft(_ context.Context, ref outbox.Ref, d message.Draft) (outbox.Ref, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.saves++
	if f.saveErr != nil {
		return ref, f.saveErr
	}
	id := ref.ID
	if f.items[id].State != outbox.Draft {
		f.next++
		id = f.next
	}
	f.version++
	f.drafts[id] = d
	f.items[id] = outbox.Item{ID: id, State: outbox.Draft, Subject: d.Subject}
	return outbox.Ref{ID: id}, nil
}

func (f *fake) Rescue(_ context.Context, d message.Draft, _ string) (kit.Rescued, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rescued = d
	return kit.Rescued{Path: "/tmp/sendoff-rescued-1.txt"}, nil
}

func (f *fake) Draft(_ context.Context, id outbox.ID) (message.Draft, outbox.Ref, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.drafts[id]
	if !ok {
		return d, outbox.Ref{}, outbox.ErrNotFound
	}
	if f.items[id].State != outbox.Draft {
		id = 0
	}
	return d, outbox.Ref{ID: id}, nil
}

func (f *fake) Occupy(id outbox.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.occupied = id
	return f.elsewhere[id]
}

func (f *fake) LatestDraft(context.Context) (outbox.ID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	latest := outbox.ID(0)
	for id, it := range f.items {
		if it.State == outbox.Draft {
			latest = max(latest, id)
		}
	}
	return latest, nil
}

func (f *fake) Queue(_ context.Context, draft outbox.Ref, d message.Draft, _ time.Time) (outbox.ID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queueErr != nil {
		return 0, f.queueErr
	}
	if draft.ID != 0 && f.items[draft.ID].State != outbox.Draft {
		return 0, outbox.ErrChanged
	}
	delete(f.items, draft.ID)
	delete(f.drafts, draft.ID)
	f.next++
	f.version++
	f.drafts[f.next] = d
	it := outbox.Item{
		ID: f.next, State: outbox.Queued, Account: "work", Subject: d.Subject,
		Recipients: []outbox.Recipient{{Address: "bob@example.org", State: outbox.Pending}},
	}
	if f.undo > 0 {
		it.State, it.NotBefore = outbox.Scheduled, time.Now().Add(f.undo)
	}
	f.items[f.next] = it
	return f.next, nil
}

func (f *fake) Accounts(context.Context) ([]kit.AccountInfo, string, []kit.SecretStore, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.accounts), cmp.Or(f.standard, "work"), f.stores, nil
}

func (f *fake) Writing() (kit.Writing, error) {
	return kit.Writing{Spelling: f.misspelled != nil}, nil
}

func (f *fake) Misspelled(context.Context, string, []string) (map[string][]string, error) {
	return f.misspelled, nil
}

func (f *fake) Spelled(context.Context, string, string, bool) error { return nil }

func (f *fake) Rules() ([]config.Rule, error) { return nil, nil }

func (f *fake) AddAccount(_ context.Context, a config.Account, password secret.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = append(f.accounts, kit.AccountInfo{Account: a, Secret: "asked", Ready: true})
	f.given[a.Name] = password.Reveal()
	return nil
}

func (f *fake) SetDefault(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.standard = name
	return nil
}

func (f *fake) Remove(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = slices.DeleteFunc(f.accounts, func(a kit.AccountInfo) bool { return a.Account.Name == name })
	return nil
}

func (f *fake) UpdateAccount(_ context.Context, a config.Account, password secret.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.accounts {
		if f.accounts[i].Account.Name == a.Name {
			f.accounts[i].Account = a
		}
	}
	if !password.Empty() {
		f.given[a.Name] = password.Reveal()
	}
	return nil
}

func (f *fake) KeepProxyPassword(_ context.Context, a config.Account, password secret.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given[a.Name+"/proxy"] = password.Reveal()
	return nil
}

func (f *fake) Report(_ context.Context, _ string, hear func(submit.Step), _ ...string) (string, string, error) {
	hear(submit.Step{Name: "settings", Finding: submit.Good, Text: "smtp.example.org port 465"})
	hear(submit.Step{Name: "auth", Finding: submit.Bad, Text: "the server refused the login", Hint: "check user name and password", Elapsed: 31 * time.Millisecond})
	return "report of alice@example.org", "report of ***@example.org", errors.New("refused")
}

func (f *fake) SaveText(_ context.Context, path, _ string) (string, error) { return path, nil }

func (f *fake) TrustKey(context.Context, string, string) error { return nil }

func (f *fake) InVault(_ context.Context, _ secret.Secret, do func() error) error { return do() }

func (f *fake) Discover(ctx context.Context, address string, _ bool, report func(discover.Step)) (discover.Found, error) {
	for _, s := range f.servers.Steps {
		report(s)
	}
	if f.endless {
		<-ctx.Done()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.found = address
	return f.servers, nil
}

func (f *fake) RunPasswordCommand(_ context.Context, account string, _ *os.File) error {
	return f.GivePassword(context.Background(), account, secret.New("from a program"))
}

func (f *fake) TestAccount(_ context.Context, _ string, trace func(smtp.Event)) error {
	trace(smtp.Event{Kind: smtp.KindBegin, Stage: smtp.StageConnect, Time: tuitest.Now()})
	trace(smtp.Event{Kind: smtp.KindEnd, Stage: smtp.StageConnect, Text: "192.0.2.7 port 465", Elapsed: 31 * time.Millisecond})
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.testErr
}

func (f *fake) Try(ctx context.Context, a config.Account, password, _ secret.Secret, trace func(smtp.Event)) error {
	f.mu.Lock()
	f.tried = append(f.tried, tried{a, password.Reveal()})
	f.mu.Unlock()
	if f.endless {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.TestAccount(ctx, a.Name, trace)
}

// tried is an account that was tested before it was added.
type tried struct {
	account  config.Account
	password string
}

func (f *fake) FromIssuer(_ context.Context, a config.Account, issuer string, _ bool) (config.Account, error) {
	a.OAuth, a.OAuthClientID = issuer, "registered"
	return a, nil
}

// SignIn is done when an address is pasted that ends in "right".
func (f *fake) SignIn(ctx context.Context, _ string, browser bool, show func(oauth.Prompt), pasted <-chan string) error {
	if !browser {
		show(oauth.Prompt{URL: "https://auth.example/device", Code: "WXYZ"})
		<-ctx.Done()
		return ctx.Err()
	}
	show(oauth.Prompt{URL: "https://auth.example/authorize", Port: 4711})
	for {
		select {
		case text := <-pasted:
			if strings.HasSuffix(text, "right") {
				return nil
			}
			show(oauth.Prompt{Port: 4711})
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fake) TryCommand(context.Context, []string, *os.File) error { return nil }

func (f *fake) GivePassword(_ context.Context, account string, password secret.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given[account] = password.Reveal()
	for i, a := range f.accounts {
		f.accounts[i].Ready = a.Ready || a.Account.Name == account
	}
	f.testErr = nil
	return nil
}

func (f *fake) People(context.Context, string) ([]book.Contact, error)  { return f.people, nil }
func (f *fake) AskBook(context.Context, string) ([]book.Contact, error) { return nil, nil }

func (f *fake) LookUp(context.Context, []string) map[string]kit.Known { return nil }

func (f *fake) ListFolder(context.Context, string) ([]kit.File, error) { return nil, nil }

func (f *fake) FindPasted(context.Context, [][]string) []kit.File { return nil }

func (f *fake) SearchFolder(context.Context, string, bool) ([]kit.File, bool, error) {
	return nil, false, nil
}

func (f *fake) RecentFolders(context.Context) ([]kit.File, error) { return nil, nil }
func (f *fake) UsedFolder(context.Context, string) error          { return nil }
func (f *fake) CheckKeys(_ context.Context, d message.Draft) error {
	if d.Encrypt != message.Yes {
		return nil
	}
	return f.lack
}

func (f *fake) Templates(context.Context) ([]kit.Template, error) { return f.patterns, nil }
func (f *fake) TemplateFolder() string                            { return "templates" }

func (f *fake) Preview(_ context.Context, d message.Draft) (kit.Preview, error) {
	return kit.Preview{Text: d.Body, Source: "Subject: " + d.Subject + "\n\n" + d.Body}, f.queueErr
}

func (f *fake) ShowPage(_ context.Context, page string) error {
	f.acted = append(f.acted, page)
	return nil
}

func (f *fake) OpenFile(context.Context, string) error { return nil }

func (f *fake) Check(context.Context, message.Draft) []presend.Finding { return f.findings }

func (f *fake) CheckFiles(_ context.Context, paths []string) []kit.File {
	out := make([]kit.File, len(paths))
	for i, p := range paths {
		out[i] = kit.File{Path: p, Name: p, Size: cmp.Or(f.sizes[p], 1000)}
	}
	return out
}

func (f *fake) Deliver(ctx context.Context, hear func(outbox.Event)) error {
	f.mu.Lock()
	f.hear = hear
	f.mu.Unlock()
	close(f.heard)
	<-ctx.Done()
	return ctx.Err()
}
