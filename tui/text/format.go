package text

import (
	"fmt"
	"time"
)

// FormatSize writes a number of octets in decimal units: "512 B", "214 kB",
// "1.4 MB".
func FormatSize(octets int64) string {
	if octets < 1000 {
		return fmt.Sprintf("%d B", octets)
	}
	size := float64(octets)
	for _, unit := range []string{"kB", "MB", "GB"} {
		size /= 1000
		switch {
		case size < 9.95:
			return fmt.Sprintf("%.1f %s", size, unit)
		case size < 999.5:
			return fmt.Sprintf("%.0f %s", size, unit)
		}
	}
	return fmt.Sprintf("%.0f TB", size/1000)
}

// FormatTime writes t as a person thinks of it at now, in now's time zone:
// "14:35" today, "Mon 09:00" within six days, "2 Jan 09:00" within the same
// year, else "2026-01-02".
func FormatTime(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	switch days := days(t, now); {
	case days == 0:
		return t.Format("15:04")
	case -6 <= days && days <= 6:
		return t.Format("Mon 15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	default:
		return t.Format(time.DateOnly)
	}
}

// days counts the midnights from now to t.
func days(t, now time.Time) int {
	date := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(date(t).Sub(date(now)) / (24 * time.Hour))
}

// FormatElapsed writes a measured time: "12 ms", "1.2 s", "34 s", "2:05 min".
func FormatElapsed(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", max(0, d.Milliseconds()))
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return FormatStopwatch(d) + " min"
	}
}

// FormatStopwatch writes a running time in whole seconds: "0:02", "1:02:03".
func FormatStopwatch(d time.Duration) string {
	s := max(0, int64(d/time.Second))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// FormatSpan writes how long it is until something in two units at most: "40 s",
// "12 min", "2 h 5 min", "3 days", "2 days 23 h". It rounds to the smaller one.
func FormatSpan(d time.Duration) string {
	switch {
	case d >= 7*24*time.Hour:
		d = d.Round(24 * time.Hour)
	case d >= 24*time.Hour:
		d = d.Round(time.Hour)
	case d >= time.Minute:
		d = d.Round(time.Minute)
	}
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d/time.Second)))
	case d < time.Hour:
		return fmt.Sprintf("%d min", minutes)
	case d < 24*time.Hour && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", hours)
	}
	said := fmt.Sprintf("%d days", days)
	if days == 1 {
		said = "1 day"
	}
	if hours > 0 {
		said += fmt.Sprintf(" %d h", hours)
	}
	return said
}
