package post

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/text"
)

const (
	hookLimit = 30 * time.Second // for a command; then it and all it started is killed
	hookWait  = time.Second      // for what outlives a command
	hookSays  = 4 << 10          // octets of what a command complains
)

// HookError is trouble with a hook; the mail is what its state says.
type HookError struct {
	Mail outbox.ID
	Err  error
}

// Error tells it in one line.
func (e *HookError) Error() string { return fmt.Sprintf("the hook for mail %s: %v", e.Mail, e.Err) }

// Unwrap returns the cause.
func (e *HookError) Unwrap() error { return e.Err }

// herald tells hooks what became of mails, from one goroutine of its own: a
// delivery never waits for them. The outbox keeps what is still to be told. So
// a hook hears of everything at least once, and twice of what it heard when the
// program was killed; one that fails is not run again.
type herald struct {
	room  *Room
	store outbox.Store
	hooks []config.Hook
	wake  chan struct{} // there is news
	over  chan struct{} // closed: no more will come
	done  chan struct{} // closed when all that was there was told
	hear  func(outbox.Event)
}

// proclaim wraps hear for a delivery, so that hooks are told what it is told.
// finish ends that; it waits until the hooks know all, or ctx ends.
func (r *Room) proclaim(ctx context.Context, store outbox.Store, hear func(outbox.Event)) (heard func(outbox.Event), finish func()) {
	conf, err := r.config()
	if err != nil || len(conf.Hooks) == 0 {
		return hear, func() {} // the delivery itself tells of err
	}
	store.KeepNotices()
	var mu sync.Mutex
	one := func(e outbox.Event) {
		mu.Lock()
		defer mu.Unlock()
		hear(e)
	}
	h := &herald{
		room: r, store: store, hooks: conf.Hooks, hear: one,
		wake: make(chan struct{}, 1), over: make(chan struct{}), done: make(chan struct{}),
	}
	h.wake <- struct{}{} // for what a program that died left
	go h.run(ctx)
	heard = func(e outbox.Event) {
		one(e)
		if e.State != "" && e.State != outbox.Sending {
			select {
			case h.wake <- struct{}{}:
			default: // it will look anyway
			}
		}
	}
	return heard, func() {
		close(h.over)
		<-h.done
	}
}

// Hooks tells that the person has some.
func (r *Room) Hooks() bool {
	conf, err := r.config()
	return err == nil && len(conf.Hooks) > 0
}

// TellHooks tells hooks what they don't know yet, and returns when they do. What is
// wrong with them goes to hear.
func (r *Room) TellHooks(ctx context.Context, hear func(outbox.Event)) error {
	conf, err := r.config()
	if err != nil {
		return err
	}
	store, err := r.outbox(ctx)
	if err != nil {
		return err
	}
	h := &herald{room: r, store: store, hooks: conf.Hooks, hear: hear}
	h.tellAll(ctx)
	return nil
}

func (h *herald) run(ctx context.Context) {
	defer close(h.done)
	for {
		select {
		case <-h.wake:
		case <-h.over:
			h.tellAll(ctx)
			return
		case <-ctx.Done():
			return
		}
		h.tellAll(ctx)
	}
}

// tellAll tells everything that is to be told now.
func (h *herald) tellAll(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := h.store.TakeNotice(ctx, time.Duration(len(h.hooks)+1)*(hookLimit+hookWait))
		if errors.Is(err, outbox.ErrNotFound) {
			return
		}
		if err == nil {
			err = h.tell(ctx, n)
		}
		if ctx.Err() != nil {
			return // it is told again
		}
		if err == nil {
			err = h.store.DropNotice(ctx, n)
		}
		if err != nil {
			return // the delivery meets trouble with the store too, and says so
		}
	}
}

// tell runs the hooks for one piece of news. Its error is of the store.
func (h *herald) tell(ctx context.Context, n outbox.Notice) error {
	item, err := h.store.Item(ctx, n.ID)
	if errors.Is(err, outbox.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, hook := range h.hooks {
		on := occasion(n.State)
		if !slices.Contains(hook.On, on) {
			continue
		}
		if n.State == outbox.Deferred {
			late, err := h.justLate(ctx, item, n, hook.After)
			if err != nil {
				return err
			}
			if !late {
				continue
			}
		}
		if err := h.room.perform(ctx, hook, on, item); err != nil && ctx.Err() == nil {
			h.hear(outbox.Event{Problem: &HookError{n.ID, err}})
		}
	}
	return nil
}

// occasion is what hooks call a state.
func occasion(s outbox.State) string {
	if s == outbox.Partial {
		return config.OnFailed
	}
	return string(s)
}

// justLate tells whether a mail was put off for longer than after now, and was
// not yet the time before.
func (h *herald) justLate(ctx context.Context, item outbox.Item, n outbox.Notice, after time.Duration) (bool, error) {
	late := item.Since.Add(after)
	if n.At.Before(late) {
		return false, nil
	}
	attempts, err := h.store.Attempts(ctx, item.ID)
	if err != nil {
		return false, err
	}
	told := slices.ContainsFunc(attempts, func(a outbox.Attempt) bool {
		end := a.Started.Add(a.Elapsed)
		return end.After(late) && n.At.Sub(end) > time.Second
	})
	return !told, nil
}

// perform does what a hook is for.
func (r *Room) perform(ctx context.Context, hook config.Hook, on string, item outbox.Item) error {
	var errs []error
	if hook.Bell && r.opts.Bell != nil {
		r.opts.Bell()
	}
	if hook.Notify {
		errs = append(errs, r.execute(ctx, notification(on, item), nil))
	}
	if len(hook.Command) > 0 {
		news, err := json.Marshal(newsOf(on, item, r.opts.Clock()))
		if err != nil {
			return err
		}
		errs = append(errs, r.execute(ctx, hook.Command, bytes.NewReader(append(news, '\n'))))
	}
	return errors.Join(errs...)
}

// notification is the command that shows one on the desktop.
func notification(on string, item outbox.Item) []string {
	title := fmt.Sprintf("Mail %s: %s", on, text.Clean(cmp.Or(item.Subject, "(no subject)")))
	var to []string
	for _, r := range item.Recipients {
		to = append(to, r.Address)
	}
	body := text.Clean(strings.Join(to, ", "))
	if item.Problem != "" {
		body += "\n" + text.Clean(item.Problem)
	}
	if runtime.GOOS == "darwin" {
		return []string{
			"osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run",
			"--", title, body,
		}
	}
	// The body is read as markup, the title is not.
	return []string{"notify-send", "--app-name=sendoff", "--", title, html.EscapeString(body)}
}

// hookNews is what a command is told; the names are for good.
type hookNews struct {
	Event      string          `json:"event"`
	Time       time.Time       `json:"time"`
	ID         string          `json:"id"`
	State      outbox.State    `json:"state"`
	Account    string          `json:"account"`
	MessageID  string          `json:"message_id"`
	From       string          `json:"from"`
	Subject    string          `json:"subject"`
	Recipients []hookRecipient `json:"recipients"`
	Attempts   int             `json:"attempts"`
	Reply      string          `json:"reply,omitempty"`
	Problem    string          `json:"problem,omitempty"`
	NextTry    *time.Time      `json:"next_try,omitempty"`
}

type hookRecipient struct {
	Address  string                `json:"address"`
	State    outbox.RecipientState `json:"state"`
	Code     int                   `json:"code,omitempty"`
	Enhanced string                `json:"enhanced,omitempty"`
	Text     string                `json:"text,omitempty"`
}

func newsOf(on string, item outbox.Item, now time.Time) hookNews {
	news := hookNews{
		Event: on, Time: now.UTC(), ID: item.ID.String(), State: item.State, Account: item.Account, MessageID: item.MessageID,
		From: item.From, Subject: item.Subject, Attempts: item.Attempts, Reply: item.Reply, Problem: item.Problem,
	}
	for _, r := range item.Recipients {
		news.Recipients = append(news.Recipients, hookRecipient{r.Address, r.State, r.Code, r.Enhanced, r.Text})
	}
	if !item.NextTry.IsZero() {
		news.NextTry = &item.NextTry
	}
	return news
}

// execute runs a command without a shell, a terminal or any password of ours
// in its environment.
func (r *Room) execute(ctx context.Context, argv []string, input io.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, hookLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	said := &complaint{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, said, said
	cmd.WaitDelay = hookWait
	cmd.Env = slices.DeleteFunc(cmd.Environ(), secretive)
	alone(cmd)
	err := cmd.Run()
	switch name := filepath.Base(argv[0]); {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s did not end within %v", name, hookLimit)
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	default:
		return &complained{name, err, text.Clean(string(bytes.TrimSpace(said.text)))}
	}
}

// complained is a command that failed, and what it said of that.
type complained struct {
	name string
	err  error
	said string // empty for nothing
}

func (c *complained) Error() string {
	if c.said == "" {
		return c.name + ": " + c.err.Error()
	}
	return c.name + ": " + c.err.Error() + ": " + c.said
}

func (c *complained) Unwrap() error { return c.err }

// secretive tells that a variable of the environment may lead to a password.
func secretive(variable string) bool {
	return strings.HasPrefix(variable, "SENDOFF_PASSWORD_") || strings.HasPrefix(variable, "CREDENTIALS_DIRECTORY=")
}

// complaint keeps the beginning of what a command complains.
type complaint struct{ text []byte }

func (c *complaint) Write(p []byte) (int, error) {
	c.text = append(c.text, p[:min(len(p), hookSays-len(c.text))]...)
	return len(p), nil
}
