package accounts

import (
	"fmt"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/discover"
	"sendoff/smtp/address"
	"sendoff/smtp/submit"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// wizard leads from an address to the form with all that follows from it: it
// asks for the address, has the servers looked for, and shows them, how they
// were found and what to know of them, before anything goes there; then the
// ways to sign in at the one that was taken, before a password is typed.
type wizard struct {
	pen  widget.Pen
	keys keys.Accounts
	form keys.Form
	goOn key.Binding // from the address
	line *editor.Editor
	list widget.List

	address string
	looking bool
	steps   []discover.Step // heard of while looking
	known   bool            // what there is was shown
	asked   bool            // the directory too
	offers  []offer         // the ways to sign in; empty before a server is taken
	ways    widget.List
	found   discover.Found
	trouble string
}

func newWizard(env kit.Env) *wizard {
	w := &wizard{
		pen:  widget.Pen{Styles: env.Styles, Method: env.Cells},
		keys: env.Keys.Accounts, form: env.Keys.Form, goOn: env.Keys.Dialog.Press,
		line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells),
		list: widget.NewList(env.Keys.List), ways: widget.NewList(env.Keys.List),
	}
	return w
}

// step is what a key of the wizard comes to.
type step int

const (
	stay   step = iota
	leave       // nothing is to be added
	byHand      // the form, with the address alone
	take        // the form, with the server that is marked
)

func (w *wizard) press(msg tea.KeyPressMsg) (step, kit.Intent) {
	switch {
	case len(w.offers) > 0:
		return w.pressWay(msg), nil
	case key.Matches(msg, w.keys.Back) && w.looking:
		w.looking = false
		return stay, kit.StopDiscover{}
	case key.Matches(msg, w.keys.Back) && w.known:
		w.known = false
	case key.Matches(msg, w.form.Cancel):
		return leave, nil
	case w.looking:
	case !w.known && key.Matches(msg, w.goOn):
		return stay, w.look(false)
	case !w.known && key.Matches(msg, w.form.Next):
		w.address = w.line.Text()
		return byHand, nil
	case !w.known:
		w.trouble = ""
		w.line.Update(msg)
	case key.Matches(msg, w.keys.Manual):
		return byHand, nil
	case key.Matches(msg, w.keys.Directory) && w.open():
		return stay, w.look(true)
	case key.Matches(msg, w.keys.Edit) && len(w.found.Servers) > 0:
		w.use()
	default:
		w.list.Update(msg)
	}
	return stay, nil
}

// use goes on to the ways to sign in at the server that is marked.
func (w *wizard) use() {
	server, _ := w.chosen()
	w.offers = offers(server)
	w.ways.SetLength(len(w.offers))
	w.ways.Select(0)
}

// pressWay takes a key where the ways to sign in are listed.
func (w *wizard) pressWay(msg tea.KeyPressMsg) step {
	switch {
	case key.Matches(msg, w.keys.Back):
		w.offers = nil
	case key.Matches(msg, w.keys.Edit):
		return take
	default:
		w.ways.Update(msg)
	}
	return stay
}

// look has the servers of the address looked for.
func (w *wizard) look(thirdParty bool) kit.Intent {
	w.address = w.line.Text()
	m, err := address.Parse(w.address)
	if err != nil {
		w.trouble = text.Clean(err.Error())
		return nil
	}
	w.address = m.Addr()
	w.looking, w.known, w.asked, w.steps = true, false, thirdParty, nil
	return kit.Discover{Address: w.address, ThirdParty: thirdParty}
}

// hearStep takes what came of looking in one place.
func (w *wizard) hearStep(msg kit.DiscoverStep) {
	if w.looking && msg.Address == w.address {
		w.steps = append(w.steps, msg.Step)
	}
}

func (w *wizard) hear(msg kit.Discovered) {
	if !w.looking || msg.Address != w.address {
		return
	}
	w.looking = false
	if msg.Err != nil {
		w.trouble = submit.Explain(msg.Err).String()
		return
	}
	w.known, w.found, w.steps = true, msg.Found, msg.Found.Steps
	w.list.SetLength(len(w.found.Servers))
	w.list.Select(0)
}

// open tells that the directory may know more.
func (w *wizard) open() bool {
	return !w.asked && w.found.WithoutSMTP == "" && (len(w.found.Servers) == 0 || w.found.Servers[0].Source == discover.Guess)
}

// chosen is the server that is marked.
func (w *wizard) chosen() (discover.Server, bool) {
	i := w.list.Cursor()
	if i < 0 || i >= len(w.found.Servers) {
		return discover.Server{}, false
	}
	return w.found.Servers[i], true
}

// propose fills in a form with what is known.
func (w *wizard) propose(f *form, taken bool) {
	server, ok := w.chosen()
	if !ok || !taken {
		f.propose(config.Account{Address: w.address}, byPassword, "")
		return
	}
	by := w.offers[max(0, w.ways.Cursor())].way
	a := server.Account
	if by == byOAuth {
		a.OAuth = server.Provider.OAuth
	}
	f.propose(a, by, server.Issuer)
}

func (w *wizard) status() kit.Status {
	switch {
	case w.looking:
		return kit.Status{Text: "Looking for the servers of " + text.Clean(w.address) + "."}
	case w.trouble != "":
		return kit.Status{Text: w.trouble, Trouble: true}
	case !w.known:
		return kit.Status{Text: "Your mail's address. Its domain is looked up, the rest stays here."}
	case len(w.offers) > 0:
		return kit.Status{Text: "Nothing was connected to yet, and no password typed."}
	case !w.open() && len(w.found.Servers) > 0:
		s, _ := w.chosen()
		return kit.Status{Text: origin(s)}
	case w.open():
		return kit.Status{Text: fmt.Sprintf("Mozilla's directory, asked with %s, learns the domain, not the address.", w.keys.Directory.Help().Key)}
	}
	return kit.Status{}
}

func (w *wizard) bindings() []key.Binding {
	look, hand, use := w.goOn, w.form.Next, w.keys.Edit
	look.SetHelp(look.Help().Key, "look it up")
	hand.SetHelp(hand.Help().Key, "by hand")
	use.SetHelp(use.Help().Key, "use")
	all := []key.Binding{w.keys.Manual, w.keys.Back}
	switch {
	case w.looking:
		return []key.Binding{w.keys.Back}
	case len(w.offers) > 0:
		use.SetHelp(use.Help().Key, "this way")
		return []key.Binding{use, w.keys.Back}
	case !w.known:
		return []key.Binding{look, hand, w.form.Cancel}
	case w.open():
		all = slices.Insert(all, 1, w.keys.Directory) // which the status names too
	}
	if len(w.found.Servers) > 0 {
		all = append([]key.Binding{use}, all...)
	}
	return all
}
