package leap

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/facebook/time/leapsectz"
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func TestEmbedded(t *testing.T) {
	table, err := parseList(list)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := table.Expires(), day(2027, time.June, 28); !got.Equal(want) {
		t.Errorf("expires %s, want %s", got, want)
	}
	if n := len(table.steps); n != 28 {
		t.Errorf("%d steps, want 28: of 1972 and 27 leap seconds", n)
	}
}

func TestOffset(t *testing.T) {
	tests := []struct {
		at    time.Time
		want  int16
		known bool
	}{
		{day(1970, time.January, 1), 0, false},
		{utc1972.Add(-1), 0, false},
		{utc1972, 10, true},
		{day(2016, time.December, 31), 36, true},
		{day(2017, time.January, 1).Add(-1), 36, true},
		{day(2017, time.January, 1), 37, true},
		{day(2026, time.November, 23), 37, true},
		{day(2050, time.January, 1), 37, true},
	}
	for _, tt := range tests {
		if got, known := Embedded().Offset(tt.at); got != tt.want || known != tt.known {
			t.Errorf("%s: %d, %v, want %d, %v", tt.at, got, known, tt.want, tt.known)
		}
	}
}

// write makes a file of the test.
func write(t *testing.T, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "leap")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// zone writes a time zone file with these leap seconds, as zic does: each at
// the second that it is, counted without those before it.
func zone(t *testing.T, midnights ...time.Time) []byte {
	t.Helper()
	var seconds []leapsectz.LeapSecond
	for i, m := range midnights {
		seconds = append(seconds, leapsectz.LeapSecond{Tleap: uint64(m.Unix()) + uint64(i), Nleap: int32(i + 1)})
	}
	var b bytes.Buffer
	if err := leapsectz.Write(&b, '2', seconds, "UTC"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a file says is what the table built in says, in either format.
func TestReadAgrees(t *testing.T) {
	var midnights []time.Time
	for _, s := range Embedded().steps[1:] {
		midnights = append(midnights, s.at)
	}
	for name, b := range map[string][]byte{"leap-seconds.list": list, "time zone file": zone(t, midnights...)} {
		table, err := Read(write(t, b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !table.Equal(Embedded()) {
			t.Errorf("%s: read %+v, built in %+v", name, table, Embedded())
		}
	}
}

func TestZoneExpires(t *testing.T) {
	var midnights []time.Time
	for _, s := range Embedded().steps[1:] {
		midnights = append(midnights, s.at)
	}
	table, err := Read(write(t, zone(t, append(midnights, day(2030, time.July, 1))...)))
	if err != nil {
		t.Fatal(err)
	}
	if table.Equal(Embedded()) {
		t.Error("it equals the table built in, which has one leap second less")
	}
	if got, want := table.Expires(), day(2031, time.January, 1); !got.Equal(want) {
		t.Errorf("expires %s, want %s", got, want)
	}
	if got, _ := table.Offset(day(2030, time.July, 1)); got != 38 {
		t.Errorf("offset %d, want 38", got)
	}
}

func TestReadRefuses(t *testing.T) {
	sound := string(list)
	tests := []struct {
		name, text, want string
	}{
		{"nothing", "", "holds no leap second: want a leap-seconds.list, or a time zone file of zoneinfo/right"},
		{"no expiry", "3692217600 37\n", "does not say when it expires: want a line that begins with #@"},
		{"another text", "UTC\n", `line 1: "UTC": want an NTP time and a number of seconds`},
		{"no time", "soon 37\n", `line 1: NTP time "soon": want seconds since 1900, of 1970 or later`},
		{"no offset", "3692217600 x\n", `line 1: TAI - UTC of "x": want a number of seconds`},
		{"out of order", "3692217600 37\n3644697600 36\n", "line 2: 2015-07-01 comes after 2017-01-01"},
		{"changed", strings.Replace(sound, "3692217600      37", "3692217600      38", 1), "line 120: checksum a9bad145 84c31c70 758402aa b37bfd54 5923836a: its lines give 99b3cdbe"},
		{"cut time zone file", string(zone(t, day(2017, time.January, 1))[:40]), "unexpected EOF"},
		{"time zone file without leap seconds", string(zone(t)), "no leap seconds information found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := write(t, []byte(tt.text))
			_, err := Read(name)
			if err == nil || !strings.HasPrefix(err.Error(), name+": "+tt.want) {
				t.Errorf("error %v, want %s: %s", err, name, tt.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("a file that is not there was read")
	}
}

// FuzzParseList: anything either is a table in order or is refused.
func FuzzParseList(f *testing.F) {
	f.Add(list)
	f.Add([]byte("#@ 4023129600\n3692217600 37\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := parseList(b)
		if err != nil {
			return
		}
		for i, s := range table.steps {
			if i > 0 && !s.at.After(table.steps[i-1].at) {
				t.Fatalf("step %d is not after the one before", i)
			}
			if s := table.Season(s.at); !s.Until.After(table.steps[i].at) {
				t.Fatalf("the season of %s ends at %s", table.steps[i].at, s.Until)
			}
		}
	})
}
