package accounts

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/submit"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// signIn is the sign-in of an account, while the person is in a browser or just
// after it failed.
type signIn struct {
	pen  widget.Pen
	keys keys.SignIn
	line *editor.Editor // for the address where the browser ended

	account string
	prompt  kit.SignInPrompt // what there is to do; zero before it is known
	wrong   bool             // what was pasted last is not that address
	sent    bool             // an address was given and is looked at
	copied  string           // what was copied last
	over    bool
	err     error
}

func newSignIn(env kit.Env, account string) *signIn {
	return &signIn{
		pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.SignIn, account: account,
		line: editor.NewLine(env.Keys.Text, env.Styles, env.Cells),
	}
}

// pastes tells that an address can be typed or pasted.
func (p *signIn) pastes() bool { return !p.over && p.prompt.URL != "" && p.prompt.Code == "" }

func (p *signIn) hear(msg kit.SignInPrompt) {
	p.sent, p.copied = false, ""
	if p.wrong = msg.URL == ""; p.wrong {
		return
	}
	p.prompt = msg
}

func (p *signIn) end(msg kit.SignedIn) { p.over, p.err = true, msg.Err }

// press returns what is wanted, and whether the page is done with.
func (p *signIn) press(msg tea.KeyPressMsg) (want kit.Intent, closed bool) {
	p.copied = ""
	switch {
	case key.Matches(msg, p.keys.Close):
		return kit.StopSignIn{}, true
	case p.over && key.Matches(msg, p.keys.Again):
		return p.begin(false), false
	case p.over:
	case p.prompt.URL != "" && key.Matches(msg, p.keys.Copy):
		p.copied = "The address is copied, if the terminal allows it."
		return kit.Copy{Text: text.Clean(p.prompt.URL)}, false
	case p.prompt.Code != "" && key.Matches(msg, p.keys.Code):
		p.copied = "The code is copied, if the terminal allows it."
		return kit.Copy{Text: text.Clean(p.prompt.Code)}, false
	case p.prompt.Code != "" && key.Matches(msg, p.keys.Browser):
		return p.begin(true), false
	case p.pastes() && key.Matches(msg, p.keys.Use):
		if p.line.Empty() || p.sent {
			return nil, false
		}
		p.sent = true
		return kit.PasteAddress{Text: p.line.Text()}, false
	case p.pastes():
		p.wrong = false
		p.line.Update(msg)
	}
	return nil, false
}

// begin starts the sign-in anew.
func (p *signIn) begin(browser bool) kit.Intent {
	p.prompt, p.over, p.err, p.wrong, p.sent = kit.SignInPrompt{}, false, nil, false, false
	p.line.SetText("")
	return kit.SignIn{Account: p.account, Browser: browser}
}

func (p *signIn) view(width, height int) ([]string, *tea.Cursor) {
	rows := []string{p.pen.Strong.Render(p.pen.Truncate(" Sign in to "+text.Clean(p.account), width)), ""}
	if p.over || p.prompt.URL == "" {
		return rows, nil
	}
	if height < 12 {
		rows = nil
	}
	say := func(words string) {
		for _, row := range p.pen.Wrap(words, max(10, width-2)) {
			rows = append(rows, " "+row)
		}
	}
	if p.prompt.Code != "" {
		say("Open this page in a browser, on any device:")
		rows = append(rows, p.address(width)...)
		rows = append(rows, "", " and type this code there:", " "+p.pen.Accent.Render(p.pen.Truncate(text.Clean(p.prompt.Code), width-1)))
		if !p.prompt.Expires.IsZero() {
			rows = append(rows, "", " "+p.pen.Dim.Render("It is good until "+p.prompt.Expires.Local().Format(time.TimeOnly)+"."))
		}
		return rows[:min(len(rows), height)], nil
	}
	say("Open this page in a browser, on this machine or another:")
	address := p.address(width)
	const below = 7 // what else must be seen
	if most := max(1, height-len(rows)-below); len(address) > most {
		address = append(address[:most-1], " "+p.pen.Dim.Render("... "+p.keys.Copy.Help().Key+" copies all of it"))
	}
	rows = append(append(rows, address...), "")
	say("If the browser is not on this machine it ends at a page that can't be shown. Paste that page's address here:")
	p.line.SetSize(max(1, width-2), 1)
	x, _, _ := p.line.Cursor()
	rows = append(rows, " "+p.line.View())
	cursor := tea.NewCursor(1+x, min(len(rows), height)-1)
	return rows[:min(len(rows), height)], cursor
}

// address is the page to open, whole and in as many rows as it takes, each a
// link where the terminal knows such.
func (p *signIn) address(width int) []string {
	url := text.Clean(p.prompt.URL)
	room := max(10, width-2)
	var rows []string
	for rest := url; rest != ""; {
		part := p.pen.Cut(rest, room)
		if part == "" {
			break
		}
		rest = rest[len(part):]
		rows = append(rows, " "+p.pen.Accent.Hyperlink(url).Render(part))
	}
	return rows
}

func (p *signIn) status() kit.Status {
	switch {
	case p.over && p.err != nil:
		return kit.Status{Text: submit.Explain(p.err).String(), Trouble: true}
	case p.copied != "":
		return kit.Status{Text: p.copied}
	case p.wrong:
		return kit.Status{Text: "That is not the address where the browser ended. Copy it whole, out of the address bar.", Trouble: true}
	case p.sent:
		return kit.Status{Text: "Asking for the token."}
	case p.prompt.URL == "":
		return kit.Status{Text: "Asking the provider how to sign in."}
	case p.prompt.Code != "":
		return kit.Status{Text: "Waiting for you to say yes in the browser. It goes on by itself."}
	}
	return kit.Status{Text: "Waiting for the browser. It goes on by itself if that is on this machine."}
}

func (p *signIn) bindings() []key.Binding {
	k := p.keys
	switch {
	case p.over:
		return []key.Binding{k.Again, k.Close}
	case p.prompt.URL == "":
		return []key.Binding{k.Close}
	case p.prompt.Code != "":
		return []key.Binding{k.Copy, k.Code, k.Browser, k.Close}
	case strings.TrimSpace(p.line.Text()) != "":
		return []key.Binding{k.Use, k.Copy, k.Close}
	}
	return []key.Binding{k.Copy, k.Close, k.Use}
}
