package accounts

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/config/discover"
	"sendoff/tui/text"
)

func (w *wizard) view(width, height int) ([]string, *tea.Cursor) {
	switch {
	case !w.known:
		return w.viewAddress(width)
	case len(w.offers) > 0:
		return w.viewWays(width, height), nil
	}
	rows := w.head(width, height)
	gap := 0
	if w.airy(width, height) {
		gap = 1
	}
	room := height - len(rows) - gap
	said := w.said(width, room-min(1, len(w.found.Servers)))
	w.list.SetHeight(max(1, min(len(w.found.Servers), room-len(said))))
	rows = append(rows, w.list.Rows(func(i int, selected bool) string {
		row := " " + login(w.found.Servers[i])
		if w.pen.Width(row) > width {
			row = w.pen.Truncate(" "+server(w.found.Servers[i].Account), width)
		}
		if selected {
			return w.pen.Pick(row, width)
		}
		return row
	})...)
	rows = append(rows, make([]string, gap)...)
	rows = append(rows, said...)
	return rows[:min(len(rows), height)], nil
}

// viewAddress asks for the address, and says where its servers were looked for so
// far.
func (w *wizard) viewAddress(width int) ([]string, *tea.Cursor) {
	w.line.SetSize(width-labelWidth-2, 1)
	rows := []string{
		w.pen.Strong.Render(" New account"), "",
		" " + w.pen.Accent.Render(w.pen.Pad("Address", labelWidth)) + w.line.View(), "",
	}
	if w.looking {
		return append(rows, w.stepRows(width)...), nil
	}
	x, _, _ := w.line.Cursor()
	return rows, tea.NewCursor(labelWidth+1+x, 2)
}

// login says in a line where a server is and who logs in there.
func login(s discover.Server) string {
	return server(s.Account) + ", as " + text.Clean(s.Account.User)
}

// head is what stands above the servers.
func (w *wizard) head(width, height int) []string {
	rows := w.title(w.address, width)
	if w.airy(width, height) {
		rows = append(rows, "")
	}
	if height > 14 {
		rows = append(append(rows, w.stepRows(width)...), "")
	}
	return rows
}

// airy tells that empty rows stand around the servers.
func (w *wizard) airy(width, height int) bool {
	needed := len(w.title(w.address, width)) + len(w.found.Servers) + len(w.said(width, height)) + 2
	return height > 14 || height >= needed
}

// title is a heading that is shown whole: what it names must not be taken for
// something else.
func (w *wizard) title(words string, width int) []string {
	rows := w.pen.Wrap(text.Clean(words), max(10, width-2))
	for i, row := range rows {
		rows[i] = " " + w.pen.Strong.Render(row)
	}
	return rows
}

// offered is the way that is marked.
func (w *wizard) offered() offer { return w.offers[max(0, w.ways.Cursor())] }

// question is what stands above the ways to sign in.
func (w *wizard) question(width int) []string {
	s, _ := w.chosen()
	return w.title("How do you sign in at "+s.Account.Host+"?", width)
}

// roomy tells that empty rows stand around the ways.
func (w *wizard) roomy(width, height int) bool {
	about := w.fit(w.offered().about, w.offered().help, "", width, height)
	return height >= len(w.question(width))+len(w.offers)+len(about)+2
}

// viewWays lists the ways to sign in, and says of the one that is marked what it
// takes.
func (w *wizard) viewWays(width, height int) []string {
	rows := w.question(width)
	gap := 0
	if w.roomy(width, height) {
		gap = 1
	}
	rows = append(rows, make([]string, gap)...)
	room := height - len(rows) - gap
	about := w.fit(w.offered().about, w.offered().help, "", width, room-min(3, len(w.offers)))
	w.ways.SetHeight(max(1, min(len(w.offers), room-len(about))))
	rows = append(rows, w.ways.Rows(func(i int, selected bool) string {
		row := " " + w.pen.Truncate(w.offers[i].words, width-1)
		if selected {
			return w.pen.Pick(row, width)
		}
		return row
	})...)
	rows = append(rows, make([]string, gap)...)
	rows = append(rows, about...)
	return rows[:min(len(rows), height)]
}

// stepRows say where it was looked, and what was there.
func (w *wizard) stepRows(width int) []string {
	var rows []string
	for _, s := range w.steps {
		said := s.Text
		if s.Err != nil {
			said = "could not be asked: " + s.Err.Error()
		}
		row := w.pen.Pad(string(s.Source), 12) + text.Clean(said)
		if !s.Found {
			rows = append(rows, w.pen.Dim.Render(w.pen.Truncate("   "+row, width)))
			continue
		}
		rows = append(rows, w.pen.Truncate(" "+w.pen.Good.Render("+ ")+row, width))
	}
	return rows
}

// said is what to know before going on.
func (w *wizard) said(width, room int) []string {
	s, ok := w.chosen()
	switch {
	case w.found.WithoutSMTP != "":
		return w.fit(text.Clean(w.found.WithoutSMTP), "", "", width, room)
	case !ok:
		return w.fit("No server was found. Ask the provider for its server for outgoing mail (SMTP).", "", "", width, room)
	}
	_, help := parted(s.Provider)
	said, _ := strings.CutSuffix(text.Clean(s.Advice()), " See "+help)
	switch {
	case w.pen.Width(server(s.Account)) >= width: // its row is not whole
		said = strings.TrimSpace(login(s) + ". " + said)
	case w.pen.Width(login(s)) >= width:
		said = strings.TrimSpace("You log in as " + text.Clean(s.Account.User) + ". " + said)
	}
	least := ""
	if w.open() {
		least = origin(s)
	}
	return w.fit(said, help, least, width, room)
}

// origin says how a server was found.
func origin(s discover.Server) string {
	return "From " + s.Source.Words() + "; not connected yet."
}

// fit draws what there is to say in a number of rows. Where they are too few, the
// least goes first, then the end of the text, and never the page that helps.
func (w *wizard) fit(said, help, least string, width, room int) []string {
	wrap := func(s string) []string {
		if s == "" {
			return nil
		}
		return w.pen.Wrap(s, max(10, width-2))
	}
	rows, link, rest := wrap(said), []string(nil), wrap(least)
	if help != "" {
		link = wrap(help)
		if whole := wrap("See " + help); len(whole) == 1 {
			link = whole
		}
	}
	if len(rows)+len(link)+len(rest) > room && len(rows)+len(link) > 0 {
		rest = nil
	}
	if keep := max(1, room-len(link)); len(rows) > keep {
		rows = rows[:keep]
		rows[keep-1] = w.pen.Truncate(rows[keep-1]+" "+w.pen.Glyphs.Ellipsis, max(10, width-2))
	}
	all := append(append(rows, link...), rest...)
	for i, row := range all {
		all[i] = " " + row
	}
	return all
}
