package leap

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/facebook/time/leaphash"
)

// parseList reads a leap-seconds.list: lines of NTP time and TAI - UTC, "#@"
// and the time it expires, "#h" and a checksum, other comments.
func parseList(b []byte) (*Table, error) {
	t := &Table{}
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		var err error
		switch {
		case strings.HasPrefix(line, "#@"):
			t.expires, err = ntpTime(strings.TrimSpace(line[2:]))
		case strings.HasPrefix(line, "#h"):
			err = verify(string(b), strings.Fields(line[2:]))
		case line == "" || line[0] == '#':
		default:
			err = t.addLine(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	switch {
	case len(t.steps) == 0:
		return nil, fmt.Errorf("holds no leap second: want a leap-seconds.list, or a time zone file of zoneinfo/right")
	case t.expires.IsZero():
		return nil, fmt.Errorf("does not say when it expires: want a line that begins with #@")
	}
	return t, nil
}

func (t *Table) addLine(line string) error {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return fmt.Errorf("%q: want an NTP time and a number of seconds", line)
	}
	at, err := ntpTime(fields[0])
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(fields[1], 10, 16)
	if err != nil {
		return fmt.Errorf("TAI - UTC of %q: want a number of seconds", fields[1])
	}
	if n := len(t.steps); n > 0 && !at.After(t.steps[n-1].at) {
		return fmt.Errorf("%s comes after %s", at.Format(time.DateOnly), t.steps[n-1].at.Format(time.DateOnly))
	}
	t.steps = append(t.steps, step{at, int16(offset)})
	return nil
}

// ntpTime reads seconds since 1900.
func ntpTime(s string) (time.Time, error) {
	const ntpToUnix = 2_208_988_800
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < ntpToUnix || v > 1<<36 {
		return time.Time{}, fmt.Errorf("NTP time %q: want seconds since 1900, of 1970 or later", s)
	}
	return time.Unix(v-ntpToUnix, 0).UTC(), nil
}

// verify holds a list against its checksum: five groups of hexadecimal digits,
// which some editions write without their leading zeros.
func verify(list string, groups []string) error {
	want := leaphash.Compute(list)
	for i, g := range groups {
		groups[i] = strings.Repeat("0", max(0, 8-len(g))) + g
	}
	if got := strings.Join(groups, " "); got != want {
		return fmt.Errorf("checksum %s: its lines give %s", got, want)
	}
	return nil
}
