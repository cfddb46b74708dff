package accounts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sendoff/config"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// wide is the width from which the account that is marked is described beside the
// list.
const wide = 120

// listWidth is the room of the list.
func (s *Screen) listWidth() int {
	if s.width >= wide {
		return s.width * 3 / 5
	}
	return s.width
}

// rows draws the list, and beside it the account that is marked.
func (s *Screen) rows() []string {
	columns, width := s.columns(), s.listWidth()
	rows := s.list.Rows(func(i int, selected bool) string {
		row := s.row(s.accounts[i], columns)
		if selected {
			return s.pen.Pick(row, width)
		}
		return row
	})
	it, ok := s.selected()
	if !ok || width == s.width {
		return rows
	}
	for i, said := range s.detail(it, s.width-width-3) {
		if i == len(rows) {
			if i == s.height-2 {
				break
			}
			rows = append(rows, "")
		}
		rows[i] = s.pen.Pad(rows[i], width) + "  " + said
	}
	return rows
}

// detail is what there is to say of an account.
func (s *Screen) detail(it kit.AccountInfo, width int) (rows []string) {
	a := it.Account
	add := func(label, value string) {
		if value == "" {
			return
		}
		for i, row := range s.pen.Wrap(text.Clean(value), max(10, width-labelWidth)) {
			if i > 0 {
				label = ""
			}
			rows = append(rows, s.pen.Label.Render(s.pen.Pad(label, labelWidth))+row)
		}
	}
	add("Address", a.Address)
	add("Name", a.FullName)
	add("Waits", it.Waits)
	add("Server", server(a))
	add("Sign in by", wayWords[wayOf(a)])
	if a.User != a.Address {
		add("User", a.User)
	}
	if a.TakesPassword() {
		add("Password", it.Secret)
	}
	switch {
	case len(a.Pins) > 0:
		add("Trusts", "this key alone: "+strings.Join(a.Pins, ", "))
	case a.CAFile != "":
		add("Trusts", a.CAFile)
	}
	add("Proxy", withoutUser(a.Proxy))
	var others []string
	for _, i := range a.Identities {
		others = append(others, i.Address)
	}
	add("Also from", strings.Join(others, ", "))
	if len(a.CatchAll) > 0 {
		add("Any of", strings.Join(a.CatchAll, ", "))
	}
	add("Copies in", a.SentCopy)
	return rows
}

// withoutUser leaves out who goes through a proxy: some take that for a password.
func withoutUser(proxy string) string {
	if scheme, rest, ok := strings.Cut(proxy, "://"); ok {
		return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
	}
	return proxy
}

// cells are what the list says of an account: name, address, server, and how
// its password is kept.
func (s *Screen) cells(a kit.AccountInfo) []string {
	name := text.Clean(a.Account.Name)
	if a.Account.Name == s.standard && len(s.accounts) > 1 {
		name += " " + s.pen.Glyphs.Dot + " default"
	}
	if a.Waits != "" {
		name += " " + s.pen.Glyphs.Dot + " waits"
	}
	all := []string{name, text.Clean(a.Account.Address)}
	switch {
	case s.width >= wide: // what stands beside the list says the rest
		all = append(all, text.Clean(a.Secret))
	case s.width >= 60: // else the status does
		all = append(all, s.host(a.Account), text.Clean(a.Secret))
	}
	return all
}

// host is the server in as few words as the room asks for.
func (s *Screen) host(a config.Account) string {
	if s.width >= 100 || a.TLS == config.TLSNone {
		return server(a)
	}
	if strconv.Itoa(a.Port) == ports[a.TLS] {
		return text.Clean(a.Host)
	}
	return text.Clean(fmt.Sprintf("%s:%d", a.Host, a.Port))
}

// columns are the widths of the list: what the cells need, and where that is
// too much, less for the widest.
func (s *Screen) columns() []int {
	var widths []int
	for _, a := range s.accounts {
		for i, cell := range s.cells(a) {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], s.pen.Width(cell))
		}
	}
	room := s.listWidth()
	total := 2 + 2*(len(widths)-1)
	for _, w := range widths {
		total += w
	}
	for ; total > room && slices.Max(widths) > 1; total-- {
		widths[slices.Index(widths, slices.Max(widths))]--
	}
	return widths
}

// row draws one account.
func (s *Screen) row(a kit.AccountInfo, columns []int) string {
	state := s.pen.Good
	if !a.Ready {
		state = s.pen.Wait
	}
	all := s.cells(a)
	var cells []string
	for i, cell := range all {
		style := s.pen.Text
		switch {
		case i == 0 && a.Waits != "":
			style = s.pen.Bad
		case i == len(all)-1 && i > 1:
			style = state
		case i > 1:
			style = s.pen.Dim
		}
		cells = append(cells, style.Render(s.pen.Pad(cell, columns[i])))
	}
	return " " + strings.Join(cells, "  ")
}

func server(a config.Account) string {
	return text.Clean(fmt.Sprintf("%s:%d %s", a.Host, a.Port, security[a.TLS]))
}

// security says how a link is protected in the words of the form.
var security = map[string]string{
	config.TLSImplicit: "TLS", config.TLSStart: "STARTTLS", config.TLSNone: "not encrypted",
}
