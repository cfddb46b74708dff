// Package when reads and writes moments as a person says them. It has no
// clock: what a text means is told from the moment it was typed at, whose time
// zone is the person's.
package when

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Morning is the hour that is meant when a day is named alone.
const Morning = 9

// Full writes a moment with day, date and zone, "Fri 4 Dec 2026 09:00 CET".
// When clocks are put back and show an hour twice, it says which one it is.
func Full(t time.Time) string {
	full := t.Format("Mon 2 Jan 2006 15:04 MST")
	if both := instants(wallOf(t), t.Location()); len(both) == 2 {
		if t.Equal(both[0]) {
			return full + " (the first of two)"
		}
		return full + " (the second of two)"
	}
	return full
}

// Parse returns the moment to come that text names, in the time zone of now:
//
//	in 2h · in 90 min · in 3 days
//	18:00 · 6pm · noon              today, or tomorrow once that is over
//	tomorrow · fri · 24 dec         at 9:00, when no time is given
//	tomorrow 9:00 · fri 17:30       fri may be today; next fri is never today
//	2026-12-24 9:00 · 24 dec 2026 9:00
//	2026-12-24 9:00 +0100 · 9:00 utc · 2026-12-24T09:00:00+01:00
//
// A time that clocks show twice is the first of the two, unless the zone in
// force is said too ("2:30 cet"). The error says in words what is wrong with
// text, with a moment that is over, or with a time that clocks leave out.
func Parse(text string, now time.Time) (time.Time, error) {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(text, ",", " ")))
	if len(words) == 0 {
		return time.Time{}, errors.New("no time is given; " + examples)
	}
	var t time.Time
	var err error
	if words[0] == "in" {
		t, err = after(words[1:], now)
	} else {
		t, err = date(words, now)
	}
	switch {
	case errors.Is(err, errWords):
		return time.Time{}, fmt.Errorf("%q is not a time; %s", strings.TrimSpace(text), examples)
	case err != nil:
		return time.Time{}, err
	case !t.After(now):
		return time.Time{}, fmt.Errorf("%s is over", Full(t))
	case t.After(now.AddDate(longest, 0, 0)):
		return time.Time{}, fmt.Errorf("%s is more than %d years away", Full(t), longest)
	}
	return t, nil
}

// longest is how many years a mail may wait; more is a slip of the finger.
const longest = 10

const examples = "say it like: tomorrow 9:00, fri 17:30, in 2h, 18:00, 2026-12-24 9:00"

// errWords says that words name no moment.
var errWords = errors.New("not a time")

// wall is a date and time as a calendar and a clock show them.
type wall struct {
	year         int
	month        time.Month
	day          int
	hour, minute int
	second, nano int
}

func wallOf(t time.Time) wall {
	w := dayOf(t)
	w.hour, w.minute, w.second = t.Clock()
	w.nano = t.Nanosecond()
	return w
}

func (w wall) in(loc *time.Location) time.Time {
	return time.Date(w.year, w.month, w.day, w.hour, w.minute, w.second, w.nano, loc)
}

// instants returns the moments at which clocks of loc show w: one, none when
// they are put forward over it, two when they are put back.
func instants(w wall, loc *time.Location) []time.Time {
	asUTC := w.in(time.UTC)
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := asUTC.Add(near).In(loc).Zone()
		t := asUTC.Add(-time.Duration(offset) * time.Second).In(loc)
		if wallOf(t) == w && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	return found
}

// moment returns when clocks of loc show w, in the zone of that name if one
// is given.
func (w wall) moment(loc *time.Location, zone string) (time.Time, error) {
	found := instants(w, loc)
	for _, t := range found {
		if name, _ := t.Zone(); zone == "" || strings.EqualFold(name, zone) {
			return t, nil
		}
	}
	if len(found) > 0 {
		name, _ := found[0].Zone()
		return time.Time{}, fmt.Errorf("%s is not the zone here at that time, %s is; an offset like +0100 can be said too",
			strings.ToUpper(zone), name)
	}
	_, offset := w.in(time.UTC).Add(-24 * time.Hour).In(loc).Zone()
	later := w.in(time.UTC).Add(-time.Duration(offset) * time.Second).In(loc)
	return time.Time{}, fmt.Errorf("there is no %s here: clocks are put forward over it; %s would do",
		w.in(time.UTC).Format("15:04 on 2 Jan 2006"), later.Format("15:04 MST"))
}
