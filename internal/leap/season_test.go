package leap

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// IEEE 1588-2019 8.2.4.3, 8.2.4.4: the flags are for the end of the current
// UTC day.
func TestSeason(t *testing.T) {
	leap := day(2017, time.January, 1)
	chance := day(2027, time.July, 1) // the first one that the table does not know
	year := day(2016, time.January, 1)
	tests := []struct {
		name string
		at   time.Time
		want Season
	}{
		{"before UTC had leap seconds", day(1970, time.January, 1), Season{Last: 37, Until: utc1972}},
		{"half a year before", day(2016, time.July, 2),
			Season{Known: true, Offsets: [2]int16{36, 36}, Later: 37, Last: 37, Until: day(2016, time.December, 1)}},
		{"two years before", day(2015, time.July, 2),
			Season{Known: true, Offsets: [2]int16{36, 36}, Later: 36, Last: 37, Until: year}},
		{"the month", day(2016, time.December, 24),
			Season{Known: true, Offsets: [2]int16{36, 36}, Later: 37, Last: 37, Leap61: Early, Until: leap.Add(-24*time.Hour - tolerance)}},
		{"the day", leap.Add(-12 * time.Hour),
			Season{Known: true, Offsets: [2]int16{36, 36}, Later: 37, Last: 37, Leap61: InSeason, Until: leap.Add(-tolerance)}},
		{"the last minutes", leap.Add(-time.Minute),
			Season{Known: true, Offsets: [2]int16{36, 37}, Later: 37, Last: 37, Leap61: InSeason, Until: leap.Add(tolerance)}},
		{"a tap that shows TAI", leap.Add(37 * time.Second),
			Season{Known: true, Offsets: [2]int16{36, 37}, Later: 37, Last: 37, Leap61: InSeason, Until: leap.Add(tolerance)}},
		{"after it", leap.Add(tolerance),
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Until: chance.AddDate(0, -1, 0)}},
		{"a June without one", day(2026, time.June, 30),
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Until: chance.AddDate(0, -1, 0)}},
		{"the month that the table does not know", day(2027, time.June, 2),
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Leap61: Early, Leap59: Early, Until: chance.Add(-24*time.Hour - tolerance)}},
		{"the day that the table does not know", day(2027, time.June, 30),
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Leap61: InSeason, Leap59: InSeason, Until: chance.Add(-tolerance)}},
		{"the midnight that the table does not know", chance,
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Chances: 1, Leap61: InSeason, Leap59: InSeason, Until: chance.Add(tolerance)}},
		{"a year after the table expired", day(2028, time.July, 2),
			Season{Known: true, Offsets: [2]int16{37, 37}, Later: 37, Last: 37, Chances: 3, Until: day(2028, time.December, 1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Embedded().Season(tt.at)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A season is the same from its first instant to its last.
func TestSeasonsAreExact(t *testing.T) {
	table, at := Embedded(), day(1971, time.June, 1)
	for range 300 {
		s := table.Season(at)
		if last := table.Season(s.Until.Add(-1)); last != s {
			t.Fatalf("the season of %s changes before %s:\n%s", at, s.Until, cmp.Diff(s, last))
		}
		if next := table.Season(s.Until); next == s {
			t.Fatalf("the season of %s does not end at %s", at, s.Until)
		}
		at = s.Until
	}
	if at.Year() < 2040 {
		t.Errorf("300 seasons end in %d", at.Year())
	}
}
