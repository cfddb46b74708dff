package accounts

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/submit"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
)

// doctor is the examination of an account, as it goes or just over: each step and
// what to do about it, and a report for whoever is asked for help.
type doctor struct {
	pen  widget.Pen
	keys keys.Accounts

	account string
	steps   []submit.Step
	pager   widget.Pager
	done    *kit.Examined // nil while it goes on
	whole   bool          // the report has addresses
	said    kit.Status
}

func newDoctor(env kit.Env, account string) *doctor {
	return &doctor{
		pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Accounts, account: account,
		pager: widget.NewPager(env.Keys.List),
	}
}

// report is what can be shown to others.
func (d *doctor) report() string {
	if d.whole {
		return d.done.Whole
	}
	return d.done.Masked
}

// press returns what is wanted, and whether the page is done with.
func (d *doctor) press(msg tea.KeyPressMsg) (want kit.Intent, closed bool) {
	d.said = kit.Status{}
	switch {
	case key.Matches(msg, d.keys.Back):
		return kit.StopExamine{}, true
	case d.done == nil:
		d.pager.Update(msg)
	case key.Matches(msg, d.keys.Doctor):
		*d = doctor{pen: d.pen, keys: d.keys, account: d.account, pager: d.pager}
		return kit.Examine{Account: d.account}, false
	case key.Matches(msg, d.keys.CopyReport):
		d.said = kit.Status{Text: "The report is copied, if the terminal allows it. There is no password in it."}
		return kit.Copy{Text: d.report()}, false
	case key.Matches(msg, d.keys.SaveReport):
		report := d.report()
		return kit.Ask{
			Title: "Save the report", Yes: "write it", Value: "sendoff-report.txt",
			Text: "It holds no password. The file must not exist yet:",
			Hint: func(path string) (string, bool) {
				if strings.TrimSpace(path) == "" {
					return "The name of a file, ~ for your home.", false
				}
				return "Only you can read the file.", true
			},
			Then: func(path string) kit.Intent { return kit.SaveText{Path: strings.TrimSpace(path), Text: report} },
		}, false
	case key.Matches(msg, d.keys.Addresses):
		d.whole = !d.whole
		d.said = kit.Status{Text: "The report now hides addresses and the user's name."}
		if d.whole {
			d.said = kit.Status{Text: "The report now shows addresses and the user's name."}
		}
	default:
		d.pager.Update(msg)
	}
	return nil, false
}

func (d *doctor) saved(msg kit.Exported) {
	d.said = kit.Status{Text: "Written to " + text.Clean(msg.Path)}
	if msg.Err != nil {
		d.said = kit.Status{Text: "Not written: " + submit.Explain(msg.Err).String(), Trouble: true}
	}
}

func (d *doctor) view(width, height int) []string {
	rows := []string{d.pen.Strong.Render(d.pen.Truncate(" What is on the way of mail from "+text.Clean(d.account), width)), ""}
	var lines []string
	for _, s := range d.steps {
		lines = append(lines, d.step(s, width)...)
	}
	d.pager.SetHeight(max(1, height-len(rows)))
	d.pager.SetLines(lines)
	return append(rows, d.pager.Rows()...)
}

// step draws a step: its mark and name, what was found, what to do.
func (d *doctor) step(s submit.Step, width int) []string {
	state := map[submit.Finding]string{submit.Good: "done", submit.Warning: "uncertain", submit.Bad: "failed"}[s.Finding]
	const indent = 13
	said := text.Clean(s.Text)
	if s.Elapsed >= time.Millisecond {
		said += "  " + text.FormatElapsed(s.Elapsed)
	}
	var rows []string
	for i, row := range d.pen.Wrap(said, max(10, width-indent-1)) {
		head := strings.Repeat(" ", indent)
		if i == 0 {
			head = " " + d.pen.Tone(state).Render(d.pen.Mark(state)) + " " + d.pen.Pad(text.Clean(s.Name), indent-3)
		}
		rows = append(rows, head+row)
	}
	if s.Hint != "" {
		for _, row := range d.pen.Wrap(text.Clean(s.Hint), max(10, width-indent-1)) {
			rows = append(rows, strings.Repeat(" ", indent)+d.pen.Accent.Render(row))
		}
	}
	return rows
}

func (d *doctor) status() kit.Status {
	switch {
	case d.said.Text != "":
		return d.said
	case d.done == nil:
		return kit.Status{Text: "Going the way of a mail, step by step. Nothing is sent."}
	case d.done.Err != nil:
		return kit.Status{Text: kit.Waits(d.done.Err), Trouble: true}
	}
	return kit.Status{Text: "Nothing is wrong. The report for others holds no password."}
}

func (d *doctor) bindings() []key.Binding {
	k := d.keys
	if d.done == nil {
		return []key.Binding{k.Back}
	}
	addresses := k.Addresses
	if d.whole {
		addresses.SetHelp(addresses.Help().Key, "hide addresses")
	}
	again := k.Doctor
	again.SetHelp(again.Help().Key, "again")
	return []key.Binding{k.CopyReport, k.SaveReport, addresses, again, k.Back}
}
