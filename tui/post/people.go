package post

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"sendoff/config"
	"sendoff/config/book"
	"sendoff/smtp/address"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
)

const (
	mostOffered = 8                // people for what is typed
	mostHistory = 20_000           // people of the history, the latest
	freshFor    = 30 * time.Second // until address books and history are looked at again
	askLimit    = 2 * time.Second  // for the person's own command
	historyWord = "written to"     // book.Contact.Source of the history
)

// people is who can be found by a name, as it was read last.
type people struct {
	mu     sync.Mutex
	index  *book.Index
	looked time.Time // when it was last made sure that index is right
	stamp  string    // what index was made of
	books  []book.Contact
	of     string // what books were read from
	err    error  // of reading them
}

// People returns who is likely meant by what is typed of a recipient, from
// history and address books. An error of one source comes next to what others
// have.
func (r *Room) People(ctx context.Context, typed string) ([]book.Contact, error) {
	conf, err := r.config()
	if err != nil {
		return nil, err
	}
	p := &r.people
	p.mu.Lock()
	defer p.mu.Unlock()
	now := r.opts.Clock()
	if age := now.Sub(p.looked); p.index == nil || age < 0 || age > freshFor {
		if err := r.gather(ctx, p, conf.Addresses); err != nil {
			return nil, err
		}
		p.looked = now
	}
	return p.index.Find(typed, now, mostOffered), p.err
}

// gather makes the index anew if anything changed that it is made of.
func (r *Room) gather(ctx context.Context, p *people, conf config.Addresses) error {
	places := r.books(conf)
	of := fmt.Sprint(places)
	for _, place := range places {
		of += book.Changed(place).String()
	}
	var history []book.Contact
	if conf.History {
		store, err := r.outbox(ctx)
		if err != nil {
			return err
		}
		known, err := store.Correspondents(ctx, mostHistory)
		if err != nil {
			return err
		}
		history = remembered(known)
	}
	stamp := of + fmt.Sprint(conf.History, len(history))
	if len(history) > 0 {
		stamp += history[0].Last.String() + history[0].Boxes[0].Addr()
	}
	if p.index != nil && stamp == p.stamp {
		return nil
	}
	if of != p.of {
		var errs []error
		p.books = nil
		for _, place := range places {
			some, err := book.Read(place)
			p.books, errs = append(p.books, some...), append(errs, err)
		}
		p.of, p.err = of, errors.Join(errs...)
	}
	p.index, p.stamp = book.NewIndex(slices.Concat(p.books, history)), stamp
	return nil
}

// books are the address books to look into: those that are named, or else what
// is at the usual places. A sandbox sees nothing of the person's own.
func (r *Room) books(conf config.Addresses) (all []book.Place) {
	if r.server != nil {
		return nil
	}
	if !conf.Named() && conf.Usual {
		for _, name := range []string{"HOME", "USERPROFILE"} {
			if home, ok := r.opts.Lookup(name); ok && home != "" {
				return book.Usual(home)
			}
		}
		return nil
	}
	for _, some := range []struct {
		kind  book.Kind
		paths []string
	}{{book.VCard, conf.VCard}, {book.Abook, conf.Abook}, {book.Mutt, conf.Mutt}} {
		for _, path := range some.paths {
			all = append(all, book.Place{Kind: some.kind, Path: path})
		}
	}
	return all
}

// remembered makes contacts of the history, with the names that were typed.
func remembered(known []outbox.Correspondent) []book.Contact {
	all := make([]book.Contact, 0, len(known))
	typed, names := "", map[string]string{} // by address, of typed
	for _, k := range known {
		m, err := address.Parse(k.Address)
		if err != nil {
			continue
		}
		if k.Typed != typed {
			typed = k.Typed
			clear(names)
			for _, e := range address.Split(typed) {
				for _, box := range e.Mailboxes {
					names[strings.ToLower(box.Addr())] = box.Name
				}
			}
		}
		name := names[strings.ToLower(m.Addr())]
		all = append(all, book.Contact{Name: name, Boxes: []address.Mailbox{m}, Source: historyWord, Uses: k.Mails, Last: k.Last})
	}
	return all
}

// AskBook asks the person's own command who is meant by what is typed; nobody,
// if there is no command.
func (r *Room) AskBook(ctx context.Context, typed string) ([]book.Contact, error) {
	conf, err := r.config()
	if err != nil || len(conf.Addresses.Command) == 0 || r.server != nil || strings.TrimSpace(typed) == "" {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	found, err := book.Ask(ctx, conf.Addresses.Command, typed, func(cmd *exec.Cmd) {
		cmd.Env = slices.DeleteFunc(cmd.Environ(), secretive)
		alone(cmd)
	})
	return found[:min(len(found), mostOffered)], err
}

// LookUp tells of recipients what is known before anything is sent: whether
// their domain takes mail, and whether they got any from here.
func (r *Room) LookUp(ctx context.Context, addresses []string) map[string]kit.Known {
	known := map[string]kit.Known{}
	conf, err := r.config()
	if err != nil {
		return known
	}
	var dead map[string]string
	if account, err := conf.Account(""); err == nil && account.Proxy == "" && conf.Compose.CheckDomains {
		dead = r.deadDomains(ctx, addresses)
	}
	first := r.firstTime(ctx, addresses)
	for _, a := range addresses {
		domain := strings.ToLower(a[strings.LastIndexByte(a, '@')+1:])
		known[a] = kit.Known{Dead: dead[domain], First: slices.Contains(first, a)}
	}
	return known
}
