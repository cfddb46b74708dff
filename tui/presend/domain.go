package presend

import (
	"slices"
	"strings"
	"unicode"
)

// wellKnown are domains that are often typed, and so often mistyped.
var wellKnown = strings.Fields(`
gmail.com googlemail.com outlook.com hotmail.com yahoo.com icloud.com protonmail.com fastmail.com live.com
gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org hotmail.de yahoo.de outlook.de
orange.fr wanadoo.fr laposte.net hotmail.fr yahoo.fr outlook.fr libero.it virgilio.it hotmail.it yahoo.it
btinternet.com hotmail.co.uk yahoo.co.uk comcast.net verizon.net yandex.ru rambler.ru bluewin.ch telenet.be
seznam.cz interia.pl naver.com hanmail.net uol.com.br terra.com.br hotmail.es yahoo.es yahoo.co.jp yahoo.co.in
`)

// real are domains that look like one of those and are their own.
var real = strings.Fields(`
mail.com email.com ymail.com gmx.com gmx.us gmx.fr gmx.eu live.de live.fr live.it live.nl live.se live.ca live.cn
yahoo.ca yahoo.cn yahoo.gr yahoo.ie yahoo.in yahoo.se yahoo.no yahoo.dk yahoo.at yahoo.pl yahoo.ro outlook.es outlook.it outlook.at outlook.be outlook.dk outlook.ie
hotmail.ca hotmail.be hotmail.ch hotmail.dk hotmail.nl hotmail.no hotmail.se posteo.net posteo.at posteo.ch posteo.eu posteo.us mailbox.com
web.com gmal.pl yandex.com yandex.ua yandex.by yandex.kz fastmail.fm hotmail.com.br
`)

// lookAlike returns the domain that a domain is one slip of the fingers away
// from: a well-known one, or one of the person's own; empty if it is none.
func lookAlike(domain string, own []string) string {
	all := slices.Concat(own, wellKnown)
	if slices.Contains(all, domain) || slices.Contains(real, domain) {
		return ""
	}
	for _, known := range all {
		if len(known) >= 6 && oneSlip(domain, strings.ToLower(known)) {
			return known
		}
	}
	return ""
}

// oneSlip tells that one letter more, less or other, or two in the wrong order,
// make b of a.
func oneSlip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	switch {
	case len(x) == 0 && len(y) == 0:
		return false // the same
	case len(x) <= 1 && len(y) <= 1:
		return true
	}
	return len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
}

// deadByName says why a domain can't take mail, by its name alone (RFC 2606,
// RFC 6761, RFC 7686).
func deadByName(domain string) string {
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	switch {
	case strings.HasPrefix(domain, "["):
		return ""
	case last == "invalid" || last == "onion":
		return "no domain that ends in ." + last + " has mail"
	}
	return ""
}

// mixesScripts tells that a label of a domain has letters of scripts that look
// alike, which nobody writes by accident.
func mixesScripts(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		found := 0
		for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
			if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(script, r) }) {
				found++
			}
		}
		if found > 1 {
			return true
		}
	}
	return false
}
