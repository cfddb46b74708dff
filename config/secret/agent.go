package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Agent is the way to a program that holds the vault open, so that one
// passphrase serves for hours: the path of the socket at which it answers, or
// empty for none. What opens the vault never leaves that program. It answers
// its own user alone.
type Agent string

// errNoAgent tells that nobody answers; it is over errLocked.
var errNoAgent = fmt.Errorf("%w: no agent holds it open", errLocked)

// agentLimit bounds one request; the agent needs less than a millisecond.
const agentLimit = 2 * time.Second

// request is a line of JSON to the agent, reply its answer.
type request struct {
	Do   string `json:"do"` // "open", "seal", "left" or "lock"
	Data []byte `json:"data,omitempty"`
}

type reply struct {
	Data   []byte        `json:"data,omitempty"`
	Left   time.Duration `json:"left,omitempty"`
	Locked bool          `json:"locked,omitempty"` // the key is none for this vault
	Error  string        `json:"error,omitempty"`
}

// Left is how long the vault stays open. Its error tells that it is not.
func (a Agent) Left(ctx context.Context) (time.Duration, error) {
	r, err := a.call(ctx, request{Do: "left"})
	return r.Left, err
}

// Lock ends the agent.
func (a Agent) Lock(ctx context.Context) error {
	_, err := a.call(ctx, request{Do: "lock"})
	return err
}

// NoAgent tells that err of Left or Lock means that the vault is locked
// already.
func NoAgent(err error) bool { return errors.Is(err, errNoAgent) }

func (a Agent) open(ctx context.Context, sealed []byte) ([]byte, error) {
	r, err := a.call(ctx, request{"open", sealed})
	return r.Data, err
}

func (a Agent) seal(ctx context.Context, plain []byte) ([]byte, error) {
	r, err := a.call(ctx, request{"seal", plain})
	return r.Data, err
}

func (a Agent) call(ctx context.Context, q request) (reply, error) {
	if a == "" {
		return reply{}, errNoAgent
	}
	ctx, cancel := context.WithTimeout(ctx, agentLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", string(a))
	if err != nil {
		return reply{}, errNoAgent
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := samePeer(conn); err != nil {
		return reply{}, fmt.Errorf("%w: %w", errNoAgent, err)
	}
	if err := json.NewEncoder(conn).Encode(q); err != nil {
		return reply{}, errNoAgent
	}
	var r reply
	switch err := json.NewDecoder(io.LimitReader(conn, 2*vaultLimit)).Decode(&r); {
	case err != nil:
		return reply{}, errNoAgent
	case r.Locked:
		return reply{}, errLocked
	case r.Error != "":
		return reply{}, fmt.Errorf("%w: %s", errDamaged, clean(r.Error))
	}
	return r, nil
}

// Serve holds the vault that key opens until the time is over, Lock is called
// or ctx ends. ready is called once the agent answers; an agent that was there
// before has ended then.
func (a Agent) Serve(ctx context.Context, key Secret, open time.Duration, ready func()) error {
	local, err := parseKey(key)
	if err != nil {
		return err
	}
	_ = a.Lock(ctx) // whoever was there; it gives up the socket before it answers
	if err := ownFolder(filepath.Dir(string(a))); err != nil {
		return err
	}
	if err := os.Remove(string(a)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", string(a))
	if err != nil {
		return err
	}
	if err := os.Chmod(string(a), 0o600); err != nil {
		return errors.Join(err, l.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	h := &holder{key: local, until: time.Now().Add(open).Round(0), stop: stop, socket: l}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	go h.watch(ctx)
	ready()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			h.busy.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		h.busy.Go(func() { h.answer(ctx, conn) })
	}
}

// ownFolder makes the folder of a socket, and refuses one in which others could
// put theirs.
func ownFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || !mine(info) {
		return fmt.Errorf("%s is open to others, who could pretend to be the agent; make it your own, with mode 0700", path)
	}
	return nil
}

// holder is the agent's side.
type holder struct {
	key   localKey
	until time.Time // by the wall clock: a machine that sleeps does not gain time
	stop  func()
	busy  sync.WaitGroup

	socket net.Listener
}

// watch ends the agent when its time is over.
func (h *holder) watch(ctx context.Context) {
	tick := time.NewTicker(min(10*time.Second, max(time.Until(h.until), time.Millisecond)))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if h.left() <= 0 {
				h.stop()
				return
			}
			tick.Reset(min(10*time.Second, max(h.left(), time.Millisecond)))
		}
	}
}

func (h *holder) left() time.Duration { return h.until.Sub(time.Now().Round(0)) }

// answer serves one request of our own user.
func (h *holder) answer(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(agentLimit))
	if samePeer(conn) != nil {
		return
	}
	var q request
	if json.NewDecoder(io.LimitReader(conn, 2*vaultLimit)).Decode(&q) != nil || h.left() <= 0 {
		return
	}
	r := reply{Left: h.left()}
	var err error
	switch q.Do {
	case "open":
		r.Data, err = h.key.open(ctx, q.Data)
	case "seal":
		r.Data, err = h.key.seal(ctx, q.Data)
	case "lock":
		h.stop()
		_ = h.socket.Close() // which another agent may want at once
	case "left":
	default:
		err = errors.New("no such request")
	}
	if err != nil {
		r.Locked, r.Error = errors.Is(err, errLocked), err.Error()
	}
	_ = json.NewEncoder(conn).Encode(r)
}
