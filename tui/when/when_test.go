package when

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tables
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestParse reads moments on Friday 27 November 2026, 14:30, in Berlin.
func TestParse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 14, 30, 15, 0, zone(t, "Europe/Berlin"))
	for text, want := range map[string]string{
		"in 2h":                     "Fri 27 Nov 2026 16:30 CET",
		"in 90 min":                 "Fri 27 Nov 2026 16:00 CET",
		"in 1h30m":                  "Fri 27 Nov 2026 16:00 CET",
		"in 1 hour 5 minutes":       "Fri 27 Nov 2026 15:35 CET",
		"in 3 days":                 "Mon 30 Nov 2026 14:30 CET",
		"in 2 weeks":                "Fri 11 Dec 2026 14:30 CET",
		"in 6 months":               "Thu 27 May 2027 14:30 CEST",
		"18:00":                     "Fri 27 Nov 2026 18:00 CET",
		"14:30":                     "Sat 28 Nov 2026 14:30 CET",
		"9:00":                      "Sat 28 Nov 2026 09:00 CET",
		"at 9":                      "Sat 28 Nov 2026 09:00 CET",
		"6pm":                       "Fri 27 Nov 2026 18:00 CET",
		"6:15 PM":                   "Fri 27 Nov 2026 18:15 CET",
		"12am":                      "Sat 28 Nov 2026 00:00 CET",
		"noon":                      "Sat 28 Nov 2026 12:00 CET",
		"tomorrow":                  "Sat 28 Nov 2026 09:00 CET",
		"Tomorrow, 9:00":            "Sat 28 Nov 2026 09:00 CET",
		"tomorrow at 9":             "Sat 28 Nov 2026 09:00 CET",
		"9:00 tomorrow":             "Sat 28 Nov 2026 09:00 CET",
		"today 18:00":               "Fri 27 Nov 2026 18:00 CET",
		"fri 17:30":                 "Fri 27 Nov 2026 17:30 CET",
		"fri 9:00":                  "Fri 4 Dec 2026 09:00 CET",
		"next fri 17:30":            "Fri 4 Dec 2026 17:30 CET",
		"next mon":                  "Mon 30 Nov 2026 09:00 CET",
		"monday":                    "Mon 30 Nov 2026 09:00 CET",
		"on wed at noon":            "Wed 2 Dec 2026 12:00 CET",
		"24 dec":                    "Thu 24 Dec 2026 09:00 CET",
		"dec 24 9:30":               "Thu 24 Dec 2026 09:30 CET",
		"1 feb":                     "Mon 1 Feb 2027 09:00 CET",
		"29 feb":                    "Tue 29 Feb 2028 09:00 CET",
		"24 december 2027 8:00":     "Fri 24 Dec 2027 08:00 CET",
		"2026-12-24":                "Thu 24 Dec 2026 09:00 CET",
		"2026-12-24 9:00":           "Thu 24 Dec 2026 09:00 CET",
		"2026-12-24T9:00":           "Thu 24 Dec 2026 09:00 CET",
		"24.12.2026 9:00":           "Thu 24 Dec 2026 09:00 CET",
		"2026-12-24T09:00:00Z":      "Thu 24 Dec 2026 10:00 CET",
		"2026-12-24t09:00:00-05:00": "Thu 24 Dec 2026 15:00 CET",
		"2026-12-24 9:00 +0500":     "Thu 24 Dec 2026 05:00 CET",
		"2026-12-24 9:00 utc":       "Thu 24 Dec 2026 10:00 CET",
		"9:00 +14":                  "Fri 27 Nov 2026 20:00 CET", // it is the 28th there
		"2027-10-31 2:30":           "Sun 31 Oct 2027 02:30 CEST (the first of two)",
		"2027-10-31 2:30 CET":       "Sun 31 Oct 2027 02:30 CET (the second of two)",
	} {
		got, err := Parse(text, now)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if full := Full(got); full != want {
			t.Errorf("%q is %s, want %s", text, full, want)
		}
	}
	for text, words := range map[string]string{
		"":                        "no time is given",
		"soon":                    `"soon" is not a time; say it like: tomorrow 9:00`,
		"in":                      "is not a time",
		"in two hours":            "is not a time",
		"in 2":                    "is not a time",
		"in 9999999 days":         "is not a time",
		"tomorrow 24:00":          "is not a time",
		"tomorrow 9:00 10:00":     "is not a time",
		"31 feb":                  "is not a time",
		"2026-13-01":              "is not a time",
		"tomorrow EST":            "is not a time",
		"12/24/2026":              "is not a time", // or is it the twelfth?
		"in 0 min":                "Fri 27 Nov 2026 14:30 CET is over",
		"today 9:00":              "Fri 27 Nov 2026 09:00 CET is over",
		"2026-11-27T13:30:00Z":    "is over",
		"2020-02-02":              "Sun 2 Feb 2020 09:00 CET is over",
		"in 300 months":           "is more than 10 years away",
		"2226-12-24":              "is more than 10 years away",
		"2027-03-28 2:30":         "there is no 02:30 on 28 Mar 2027 here: clocks are put forward over it; 03:30 CEST would do",
		"2026-12-24 9:00 CEST":    "CEST is not the zone here at that time, CET is",
		"9223372036854775807 dec": "is not a time",
	} {
		if got, err := Parse(text, now); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, words)
		}
	}
}

// TestZones looks at clocks that are set otherwise than in Berlin.
func TestZones(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, now, text, want string }{
		{"America/New_York", "2026-11-01T00:30:00-04:00", "1:30", "Sun 1 Nov 2026 01:30 EDT (the first of two)"},
		{"America/New_York", "2026-11-01T01:40:00-04:00", "1:30 est", "Sun 1 Nov 2026 01:30 EST (the second of two)"},
		{"America/New_York", "2026-11-01T00:30:00-04:00", "in 2h", "Sun 1 Nov 2026 01:30 EST (the second of two)"},
		{"America/New_York", "2027-03-13T12:00:00-05:00", "tomorrow 2:15", "there is no 02:15 on 14 Mar 2027 here: clocks are put forward over it; 03:15 EDT would do"},
		{"America/New_York", "2027-03-13T12:00:00-05:00", "in 1 day", "Sun 14 Mar 2027 12:00 EDT"},
		{"Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "tomorrow 2:15", "there is no 02:15 on 4 Oct 2026 here: clocks are put forward over it; 02:45 +11 would do"},
		{"Asia/Kathmandu", "2026-11-27T12:00:00+05:45", "tomorrow 2:15 +0545", "Sat 28 Nov 2026 02:15 +0545"},
		{"Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-30 12:00", "there is no 12:00 on 30 Dec 2011 here: clocks are put forward over it; 12:00 +14 would do"},
		{"America/Sao_Paulo", "2018-11-03T12:00:00-03:00", "tomorrow midnight", "there is no 00:00 on 4 Nov 2018 here: clocks are put forward over it; 01:00 -02 would do"},
		{"UTC", "2026-12-31T23:59:00Z", "0:00", "Fri 1 Jan 2027 00:00 UTC"},
	} {
		now, err := time.ParseInLocation(time.RFC3339, tt.now, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(tt.text, now.In(zone(t, tt.zone)))
		said := Full(got)
		if err != nil {
			said = err.Error()
		}
		if said != tt.want {
			t.Errorf("%q in %s: %s, want %s", tt.text, tt.zone, said, tt.want)
		}
	}
}

// FuzzParse keeps the promises of Parse for any text: what it returns is to
// come, in the person's zone, and read back is the same.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"in 2h", "fri 17:30", "2027-10-31 2:30 CET", "24 dec 2026 6 pm", "next mon", "12:00 +14"} {
		f.Add(text, int64(1796000000), uint8(1))
	}
	zones := []*time.Location{
		time.UTC, zone(f, "Europe/Berlin"), zone(f, "America/New_York"), zone(f, "Australia/Lord_Howe"), zone(f, "Pacific/Apia"),
	}
	f.Fuzz(func(t *testing.T, text string, unix int64, z uint8) {
		now := time.Unix(unix%(1<<33), 0).In(zones[int(z)%len(zones)])
		got, err := Parse(text, now)
		if err != nil {
			return
		}
		if !got.After(now) || got.Location() != now.Location() {
			t.Errorf("Parse(%q) at %v is %v", text, now, got)
		}
		again, err := Parse(got.Format(time.RFC3339Nano), now)
		if err != nil || !again.Equal(got) {
			t.Errorf("Parse(%q) is %v, and read back %v, %v", text, got, again, err)
		}
	})
}
