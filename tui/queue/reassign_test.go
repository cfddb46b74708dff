package queue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/config"
	"sendoff/smtp/outbox"
	"sendoff/tui/kit"
	"sendoff/tui/tuitest"
)

// threeAccounts are what there is to choose from.
var threeAccounts = kit.AccountsLoaded{Accounts: []kit.AccountInfo{
	{Account: config.Account{Name: "work", Address: "alice@work.example"}},
	{Account: config.Account{Name: "home", Address: "alice@home.example"}},
	{Account: config.Account{Name: "club", Address: "alice@club.example", Identities: []config.Identity{{Address: "alice@work.example"}}}},
}}

// TestReassign gives one mail to another account, and takes that back.
func TestReassign(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "end")
	s.rows.items[4].From = "alice@work.example"
	s.Update(kit.Events{{Account: "home", Problem: &config.Error{Text: `no account is called "home"`}}})
	keys := s.Bindings()
	if first, second := keys[0].Help().Desc, keys[1].Help().Desc; first != "test account" || second != "other account" {
		t.Errorf("for a mail whose account waits it offers %s, %s", first, second)
	}
	if got := tuitest.Press(s, "b"); got != kit.Intent(kit.LoadAccounts{}) {
		t.Fatalf("b wants %+v", got)
	}
	choose, ok := s.Update(threeAccounts).(kit.Choose)
	if !ok || len(choose.Options) != 2 {
		t.Fatalf("it offers %+v", choose)
	}
	for i, name := range []string{"work", "club"} {
		if got := choose.Options[i].Text; got != "From stays as it is: "+name+" may send for it. What is queued goes out at once." {
			t.Errorf("%s: it says %q", name, got)
		}
	}
	if got, want := choose.Options[0].Then, (kit.Act{ID: 5, Action: kit.Reassign, Account: "work"}); got != kit.Intent(want) {
		t.Errorf("work: %+v", got)
	}
	s.Update(kit.Acted{ID: 5, Action: kit.Reassign})
	if got := s.Status().Text; got != "Given to another account. z undoes it." {
		t.Errorf("says %q", got)
	}
	if got, want := tuitest.Press(s, "z"), (kit.Act{ID: 5, Action: kit.Reassign, Account: "home"}); got != kit.Intent(want) {
		t.Errorf("z: %+v", got)
	}
}

// TestReassignMany gives the marked mails that can be given, and says of the rest
// that they can't, and whom they are from.
func TestReassignMany(t *testing.T) {
	t.Parallel()
	s := New(tuitest.Env())
	s.SetSize(80, 19)
	s.goTo(len(tabs) - 1)
	s.Update(kit.ItemsLoaded{Items: []outbox.Item{
		{ID: 6, State: outbox.Sending, Account: "gone", From: "a@x.example"},
		{ID: 5, State: outbox.Failed, Account: "gone", From: "a@x.example"},
		{ID: 4, State: outbox.Held, Account: "home", From: "alice@home.example"},
		{ID: 3, State: outbox.Sent, Account: "gone", From: "a@x.example"},
		{ID: 2, State: outbox.Uncertain, Account: "gone", From: "b@x.example"},
	}})
	tuitest.Press(s, "space", "end", "v", "b")
	choose, _ := s.Update(threeAccounts).(kit.Choose)
	if len(choose.Options) != 3 || choose.Title != "Which account sends 3 mails?" {
		t.Fatalf("it offers %+v", choose)
	}
	home := choose.Options[1]
	if want := "From stays as it is: b@x.example and 1 more are no senders of home, and its server may refuse them. For 2 of the 5 marked it can't be done."; home.Text != want {
		t.Errorf("it says %q", home.Text)
	}
	give := func(account string, ids ...outbox.ID) (all kit.ActAll) {
		for _, id := range ids {
			all.Acts = append(all.Acts, kit.Act{ID: id, Action: kit.Reassign, Account: account})
		}
		return all
	}
	if diff := cmp.Diff(kit.Intent(give("home", 2, 4, 5)), home.Then); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Update(kit.ActedAll{{ID: 2, Action: kit.Reassign}, {ID: 4, Action: kit.Reassign}, {ID: 5, Action: kit.Reassign, Err: outbox.ErrBusy}})
	if got := s.Status().Text; !strings.HasPrefix(got, "2 mails given to another account. z undoes it. 1 mail could not be changed: ") {
		t.Errorf("says %q", got)
	}
	back := kit.ActAll{Acts: append(give("gone", 2).Acts, give("home", 4).Acts...)}
	if diff := cmp.Diff(kit.Intent(back), tuitest.Press(s, "z")); diff != "" {
		t.Errorf("undone: -want +got:\n%s", diff)
	}
}

// TestReassignElsewhere: what was asked for before the person went on is not
// shown, and where there is no other account it is said.
func TestReassignElsewhere(t *testing.T) {
	t.Parallel()
	s := waiting(tuitest.Env())
	tuitest.Press(s, "down", "b", "down")
	if got := s.Update(threeAccounts); got != nil {
		t.Errorf("it asks %+v", got)
	}
	tuitest.Press(s, "up", "b")
	if got := s.Update(kit.AccountsLoaded{Accounts: threeAccounts.Accounts[:1]}); got != nil || !strings.HasPrefix(s.Status().Text, "There is no other account.") {
		t.Errorf("it asks %+v and says %q", got, s.Status().Text)
	}
}
