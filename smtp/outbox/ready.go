package outbox

import (
	"context"
	"slices"
)

// able leaves out the accounts that can't be used until the person does
// something for them, and tells of those that became so or are no longer. Their
// mail stays as it is: that nobody was asked yet is no try.
func (w *Worker) able(ctx context.Context, accounts []string) []string {
	if w.opts.Ready == nil {
		return accounts
	}
	waiting := map[string]error{}
	able := slices.DeleteFunc(slices.Clone(accounts), func(account string) bool {
		err := w.opts.Ready(ctx, account)
		if err != nil {
			waiting[account] = err
		}
		return err != nil
	})
	var news []Event
	w.mu.Lock()
	for account, err := range waiting {
		if !w.waiting[account] {
			w.waiting[account] = true
			news = append(news, Event{Account: account, Problem: err})
		}
	}
	for account := range w.waiting {
		if waiting[account] == nil {
			delete(w.waiting, account)
			news = append(news, Event{Account: account})
		}
	}
	w.mu.Unlock()
	for _, e := range news {
		w.notify(e)
	}
	return able
}
