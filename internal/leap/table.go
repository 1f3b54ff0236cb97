package leap

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/facebook/time/leapsectz"
)

// Table is a table of leap seconds. It does not change once made.
type Table struct {
	steps   []step // in order of time, at least one
	expires time.Time
}

// step is a change of TAI - UTC.
type step struct {
	at     time.Time // the midnight UTC that ends the day with the leap second
	offset int16     // TAI - UTC from then on, in seconds
}

// list is IERS's table as of Bulletin C of July 2026; it is in the public domain.
//
//go:embed leap-seconds.list
var list []byte

// Embedded is the table that is built in.
func Embedded() *Table { return builtin() }

var builtin = sync.OnceValue(func() *Table {
	t, err := parseList(list)
	if err != nil { // which a test rules out
		return &Table{steps: []step{{utc1972, 10}}, expires: utc1972}
	}
	return t
})

// Read reads a table: a leap-seconds.list, as the IERS and tzdata publish it
// and linuxptp's leapfile takes it, or a time zone file that counts leap
// seconds, as in zoneinfo/right.
func Read(name string) (*Table, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("TZif")) {
		seconds, err := leapsectz.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return fromZone(seconds), nil
	}
	t, err := parseList(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// utc1972 is when UTC as we know it began, 10 s behind TAI.
var utc1972 = time.Date(1972, time.January, 1, 0, 0, 0, 0, time.UTC)

// fromZone makes a table of a time zone file's leap seconds. Such a file does
// not say when it expires: it stands until the first chance of a leap second
// after its last one, or as long as the table built in if it holds no more.
func fromZone(seconds []leapsectz.LeapSecond) *Table {
	t := &Table{steps: []step{{utc1972, 10}}}
	for _, s := range seconds {
		t.steps = append(t.steps, step{s.Time().UTC(), 10 + int16(s.Nleap)})
	}
	own := Embedded()
	t.expires = own.expires
	if last := t.last().at; last.After(own.last().at) {
		t.expires = nextChance(last)
	}
	return t
}

func (t *Table) last() step { return t.steps[len(t.steps)-1] }

// Expires is from when on the table does not know of leap seconds.
func (t *Table) Expires() time.Time { return t.expires }

// Equal says whether two tables say the same.
func (t *Table) Equal(o *Table) bool {
	return t == o || t != nil && o != nil && t.expires.Equal(o.expires) &&
		slices.EqualFunc(t.steps, o.steps, func(a, b step) bool { return a.at.Equal(b.at) && a.offset == b.offset })
}

// Offset is TAI - UTC in seconds; false before 1972.
func (t *Table) Offset(at time.Time) (int16, bool) {
	for i := len(t.steps) - 1; i >= 0; i-- {
		if !at.Before(t.steps[i].at) {
			return t.steps[i].offset, true
		}
	}
	return 0, false
}

// nextChance is the first midnight after a time that may end a leap second: of
// 30 June and 31 December (ITU-R TF.460-6 annex 1, 2.1, first preference).
func nextChance(after time.Time) time.Time {
	july := time.Date(after.Year(), time.July, 1, 0, 0, 0, 0, time.UTC)
	if july.After(after) {
		return july
	}
	return time.Date(after.Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
}
