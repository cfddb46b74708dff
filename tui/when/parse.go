package when

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// after reads the rest of "in 1h30m", "in 2 days".
func after(words []string, now time.Time) (time.Time, error) {
	rest := strings.Join(words, "")
	if rest == "" {
		return time.Time{}, errWords
	}
	t := now
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || n > 999_999 {
			return time.Time{}, errWords
		}
		rest = rest[digits:]
		letters := strings.IndexAny(rest+"0", "0123456789")
		// A day is one on the calendar, though it may have 23 or 25 hours.
		switch strings.TrimSuffix(rest[:letters], "s") {
		case "m", "min", "minute":
			t = t.Add(time.Duration(n) * time.Minute)
		case "h", "hr", "hour":
			t = t.Add(time.Duration(n) * time.Hour)
		case "d", "day":
			t = t.AddDate(0, 0, n)
		case "w", "week":
			t = t.AddDate(0, 0, 7*n)
		case "month":
			t = t.AddDate(0, n, 0)
		default:
			return time.Time{}, errWords
		}
		rest = rest[letters:]
	}
	return t, nil
}

// date reads a day, a time or both, in any order, and a zone at the end.
func date(words []string, now time.Time) (time.Time, error) {
	here := now.Location()
	if len(words) == 1 {
		if t, err := time.Parse(time.RFC3339, strings.ToUpper(words[0])); err == nil {
			return t.In(here), nil
		}
		if day, clock, ok := strings.Cut(words[0], "t"); ok && len(day) == len(time.DateOnly) {
			words = []string{day, clock}
		}
	}
	loc, zone := here, ""
	if last := words[len(words)-1]; len(words) > 1 {
		if l := zoneOf(last); l != nil {
			loc, words = l, words[:len(words)-1]
		} else if namesZone(last, now) {
			zone, words = last, words[:len(words)-1]
		}
	}
	hour, minute, days, ok := split(words)
	if !ok {
		return time.Time{}, errWords
	}
	choice, ok := dates(days, now.In(loc))
	if !ok {
		return time.Time{}, errWords
	}
	var t time.Time
	var err error
	for _, w := range choice {
		w.hour, w.minute = hour, minute
		if t, err = w.moment(loc, zone); err != nil || t.After(now) {
			break
		}
	}
	return t.In(here), err
}

// zoneOf reads "utc" or an offset like +01:00; nil if word is neither.
func zoneOf(word string) *time.Location {
	if word == "utc" || word == "gmt" || word == "z" {
		return time.UTC
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, word); err == nil {
			return t.Location()
		}
	}
	return nil
}

// namesZone tells that word is the short name of a zone in force at some time
// of the year where now is.
func namesZone(word string, now time.Time) bool {
	for month := range 12 {
		if name, _ := now.AddDate(0, month, 0).Zone(); strings.EqualFold(name, word) {
			return true
		}
	}
	return false
}

// split takes the time of day out of words and returns the rest, which names
// the day. Only a day can do without a time.
func split(words []string) (hour, minute int, days []string, ok bool) {
	hour = Morning
	for i := 0; i < len(words); i++ {
		word, at := words[i], i > 0 && words[i-1] == "at"
		if i+1 < len(words) && (words[i+1] == "am" || words[i+1] == "pm") {
			word += words[i+1]
			i++
		}
		if h, m, is := clock(word, at); is {
			if ok {
				return 0, 0, nil, false // a second one
			}
			hour, minute, ok = h, m, true
		} else if word != "at" && word != "on" {
			days = append(days, word)
		}
	}
	return hour, minute, days, ok || len(days) > 0
}

// clock reads a time of day; after "at" it may be an hour alone.
func clock(word string, at bool) (hour, minute int, ok bool) {
	switch word {
	case "noon":
		return 12, 0, true
	case "midnight":
		return 0, 0, true
	}
	layouts := []string{"15:04", "3:04pm", "3pm"}
	if at {
		layouts = append(layouts, "15")
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, word); err == nil {
			return t.Hour(), t.Minute(), true
		}
	}
	return 0, 0, false
}

// dates returns the days that words may mean, in the order of the calendar;
// the first that is not over is meant.
func dates(words []string, now time.Time) ([]wall, bool) {
	day := func(ahead int) wall { return dayOf(now.AddDate(0, 0, ahead)) }
	switch {
	case len(words) == 0:
		return []wall{day(0), day(1)}, true
	case len(words) == 1 && words[0] == "today":
		return []wall{day(0)}, true
	case len(words) == 1 && words[0] == "tomorrow":
		return []wall{day(1)}, true
	case len(words) == 1:
		if d, ok := named(words[0], weekdays); ok {
			ahead := (d - int(now.Weekday()) + 7) % 7
			return []wall{day(ahead), day(ahead + 7)}, true
		}
	case len(words) == 2 && words[0] == "next":
		if d, ok := named(words[1], weekdays); ok {
			return []wall{day((d-int(now.Weekday())+6)%7 + 1)}, true
		}
	}
	return calendar(words, now)
}

// calendar reads a date: 2026-12-24, 24.12.2026, 24 dec, dec 24 2026. Without
// a year it is in this one or a later one.
func calendar(words []string, now time.Time) ([]wall, bool) {
	if len(words) == 1 {
		for _, layout := range []string{time.DateOnly, "2.1.2006"} {
			if t, err := time.Parse(layout, words[0]); err == nil {
				return []wall{dayOf(t)}, true
			}
		}
		return nil, false
	}
	if _, first := named(words[0], months); first {
		words = slices.Concat([]string{words[1], words[0]}, words[2:])
	}
	m, ok := named(words[1], months)
	d, err := strconv.Atoi(strings.TrimSuffix(words[0], "."))
	if !ok || err != nil || len(words) > 3 {
		return nil, false
	}
	first, last := now.Year(), now.Year()+longest
	if len(words) == 3 {
		y, err := strconv.Atoi(words[2])
		if err != nil || len(words[2]) != 4 {
			return nil, false
		}
		first, last = y, y
	}
	var found []wall
	for y := first; y <= last; y++ {
		w := wall{year: y, month: time.Month(m + 1), day: d}
		if dayOf(w.in(time.UTC)) == w { // there is such a day
			found = append(found, w)
		}
	}
	return found, len(found) > 0
}

func dayOf(t time.Time) wall {
	w := wall{}
	w.year, w.month, w.day = t.Date()
	return w
}

var (
	weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	months   = []string{
		"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december",
	}
)

// Words returns the words that days and times are named by, whole.
func Words() []string {
	return slices.Concat([]string{"in", "at", "next", "today", "tomorrow", "noon", "midnight", "minutes", "hours", "days", "weeks"}, weekdays, months)
}

// named returns which of names word is, whole or cut to three letters or more.
func named(word string, names []string) (int, bool) {
	i := slices.IndexFunc(names, func(name string) bool {
		return len(word) >= 3 && strings.HasPrefix(name, word)
	})
	return i, i >= 0
}
