package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// lab is 2 January 1970: a capture of a host whose clock was never set.
var lab = time.Date(1970, time.January, 2, 0, 0, 0, 0, time.UTC)

func TestTimeProperties(t *testing.T) {
	var (
		midnight = time.Date(2017, time.January, 1, 0, 0, 0, 0, time.UTC)
		june     = time.Date(2026, time.June, 30, 12, 0, 0, 0, time.UTC)
		expired  = time.Date(2028, time.February, 1, 0, 0, 0, 0, time.UTC)
		chance   = time.Date(2027, time.June, 30, 12, 0, 0, 0, time.UTC)
		behind   = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
		leap61   = flagged(ptp.FlagLeap61)
		leap59   = flagged(ptp.FlagLeap59)
	)
	tests := []struct {
		name string
		at   time.Time
		say  ptp.Message
		want string // "" is nothing
	}{
		{"37 s in 2026", epoch, soundFrom(gmA), ""},
		{"36 s in 2026", epoch, with(soundFrom(gmA), utcOffset(36)), "critical utc_offset certain"},
		{"38 s in 2026", epoch, with(soundFrom(gmA), utcOffset(38)), "critical utc_offset certain"},
		{"0 s in 2026", epoch, with(soundFrom(gmA), utcOffset(0)), "critical utc_offset certain"},
		{"-32768 s", epoch, with(soundFrom(gmA), utcOffset(-32768)), "critical utc_offset certain"},
		{"36 s, not said to be valid", epoch, with(soundFrom(gmA), utcOffset(36), unflagged(ptp.FlagCurrentUTCOffsetValid)), ""},
		{"36 s, on another timescale", epoch, with(soundFrom(gmA), utcOffset(36), unflagged(ptp.FlagPTPTimescale)), ""},
		{"36 s in 2016", midnight.AddDate(0, 0, -9), with(soundFrom(gmA), utcOffset(36)), ""},
		{"37 s half a year early", midnight.AddDate(0, -6, 0), soundFrom(gmA), "critical utc_offset certain"},
		{"36 s just after a leap second", midnight.Add(time.Minute), with(soundFrom(gmA), utcOffset(36)), ""},
		{"37 s just before it", midnight.Add(-time.Minute), soundFrom(gmA), ""},
		{"36 s an hour after it", midnight.Add(time.Hour), with(soundFrom(gmA), utcOffset(36)), "critical utc_offset certain"},
		{"37 s in a capture whose clock is decades behind", behind, soundFrom(gmA), ""},
		{"30 s in that capture", behind, with(soundFrom(gmA), utcOffset(30)), "critical utc_offset certain"},
		{"37 s in 1970", lab, soundFrom(gmA), ""},
		{"0 s in 1970", lab, with(soundFrom(gmA), utcOffset(0)), ""},
		{"38 s after the table expired", expired, with(soundFrom(gmA), utcOffset(38)), "warning utc_offset possible"},
		{"40 s after the table expired, which nothing explains", expired, with(soundFrom(gmA), utcOffset(40)), "critical utc_offset certain"},

		{"both leap seconds", epoch, with(soundFrom(gmA), leap61, leap59), "critical both_leaps certain"},
		{"both leap seconds in 1970", lab, with(soundFrom(gmA), leap61, leap59), "critical both_leaps certain"},
		{"a leap second in November", epoch, with(soundFrom(gmA), leap61), "critical leap_out_of_season certain"},
		{"a missing second in November", epoch, with(soundFrom(gmA), leap59), "critical leap_out_of_season certain"},
		{"on 30 June of a year that has none", june, with(soundFrom(gmA), leap61), "critical leap_out_of_season certain"},
		{"twelve hours before one", midnight.Add(-12 * time.Hour), with(soundFrom(gmA), utcOffset(36), leap61), ""},
		{"a day before one", midnight.Add(-24 * time.Hour), with(soundFrom(gmA), utcOffset(36), leap61), ""},
		{"the other way round", midnight.Add(-12 * time.Hour), with(soundFrom(gmA), utcOffset(36), leap59), "critical leap_out_of_season certain"},
		{"weeks before one", midnight.AddDate(0, 0, -20), with(soundFrom(gmA), utcOffset(36), leap61), "warning leap_early certain"},
		{"a minute after one", midnight.Add(time.Minute), with(soundFrom(gmA), leap61), ""},
		{"an hour after one", midnight.Add(time.Hour), with(soundFrom(gmA), leap61), "critical leap_out_of_season certain"},
		{"on a day that the table does not know", chance, with(soundFrom(gmA), leap61), ""},
		{"in November of 1970", lab, with(soundFrom(gmA), leap61), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.at = tt.at
			b.seconds(3, tt.say)
			if got := strings.Join(b.told(AlertTimePropertiesInvalid), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// A lie is told by the first Announce that holds it and ends when it does.
func TestTimePropertiesRecover(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(10, soundFrom(gmA))
	b.seconds(10, with(soundFrom(gmA), utcOffset(0)))
	a := b.alertNamed(AlertTimePropertiesInvalid)
	if a.Frame.Number != 11 || a.Count != 10 || a.Expected != "currentUtcOffset 37" ||
		a.Observed != "currentUtcOffset 0, said to be valid, announced by "+gmA.String() {
		t.Errorf("%+v", a)
	}
	b.seconds(61, soundFrom(gmA))
	b.wantTold(AlertTimePropertiesInvalid, "critical utc_offset certain ended")
}

// It is judged by the day: what is legal today is not tomorrow, though nobody
// says anything new.
func TestLeapFlagOutstaysItsSeason(t *testing.T) {
	b := newBench(t, Config{})
	b.at = time.Date(2016, time.December, 31, 23, 55, 0, 0, time.UTC)
	b.seconds(60*14, with(soundFrom(gmA), utcOffset(36), flagged(ptp.FlagLeap61)))
	b.wantTold(AlertTimePropertiesInvalid)
	b.seconds(120, with(soundFrom(gmA), utcOffset(36), flagged(ptp.FlagLeap61)))
	b.wantTold(AlertTimePropertiesInvalid, "critical utc_offset certain")
}

func TestTimescale(t *testing.T) {
	arbitrary := unflagged(ptp.FlagPTPTimescale)
	free := func(m *ptp.Message) { m.Announce.GrandmasterClockQuality.ClockClass = 248 }
	tests := []struct {
		name     string
		cfg      Config
		was, now ptp.Message
		want     []string // at the change, and a minute and a half later
	}{
		{"PTP to a time of its own, pinned", Config{}, soundFrom(gmA), with(soundFrom(gmA), arbitrary), []string{"critical timescale certain", "critical timescale certain"}},
		{"and back, pinned", Config{}, with(soundFrom(gmA), arbitrary), soundFrom(gmA), []string{"critical timescale certain", "critical timescale certain"}},
		{"while nothing is pinned", Config{LearnFor: time.Hour}, soundFrom(gmA), with(soundFrom(gmA), arbitrary), []string{"critical timescale certain", "critical timescale certain ended"}},
		{"a clock that never was traceable", Config{}, with(soundFrom(gmA), free), with(soundFrom(gmA), free, arbitrary), []string{"critical timescale certain", "critical timescale certain"}},
		{"a clock that lost its reference", Config{}, soundFrom(gmA), with(soundFrom(gmA), free, arbitrary), []string{"", ""}},
		{"a clock that found its reference", Config{LearnFor: time.Hour}, with(soundFrom(gmA), free, arbitrary), soundFrom(gmA), []string{"", ""}},
		{"a valid flag that comes and goes", Config{}, soundFrom(gmA), with(soundFrom(gmA), unflagged(ptp.FlagCurrentUTCOffsetValid)), []string{"", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			b.seconds(10, tt.was)
			b.wantTold(AlertTimePropertiesInvalid)
			b.seconds(1, tt.now)
			if got := strings.Join(b.told(AlertTimePropertiesInvalid), "; "); got != tt.want[0] {
				t.Errorf("told %q, want %q", got, tt.want[0])
			}
			b.seconds(90, tt.now)
			if got := strings.Join(b.told(AlertTimePropertiesInvalid), "; "); got != tt.want[1] {
				t.Errorf("told %q later, want %q", got, tt.want[1])
			}
			b.seconds(90, tt.was)
			if got := strings.Join(b.told(AlertTimePropertiesInvalid), "; "); got != "" && !strings.HasSuffix(got, " ended") {
				t.Errorf("told %q when it had gone back", got)
			}
		})
	}
}

// Two grandmasters that disagree are told where the table cannot say who is
// right.
func TestGrandmastersDisagree(t *testing.T) {
	late := time.Date(2029, time.February, 1, 0, 0, 0, 0, time.UTC)
	second := func(s int16) ptp.Message {
		return with(soundFrom(gmB), utcOffset(s), func(m *ptp.Message) { m.Announce.GrandmasterPriority1 = 200 })
	}
	tests := []struct {
		name  string
		at    time.Time
		other ptp.Message
		want  string
	}{
		{"they agree", lab, second(37), ""},
		{"in a capture that tells no date", lab, second(35), "critical utc_disagreement possible"},
		{"one claims nothing", lab, with(second(35), unflagged(ptp.FlagCurrentUTCOffsetValid)), ""},
		{"the table knows", epoch, second(35), "critical utc_offset certain"},
		{"the table has expired", late, second(38), "warning utc_offset possible"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, known)
			b.at = tt.at
			b.seconds(10, soundFrom(gmA), tt.other)
			if got := strings.Join(b.told(AlertTimePropertiesInvalid), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// A relay that lies about UTC lies to its clients, whatever its source says.
func TestRelayLiesAboutUTC(t *testing.T) {
	b := newBench(t, Config{})
	relay := relayedBy(port1(0xD0), soundFrom(gmA), 1)
	b.seconds(10, soundFrom(gmA), relay)
	b.seconds(10, soundFrom(gmA), with(relay, utcOffset(0)))
	b.wantTold(AlertTimePropertiesInvalid, "critical utc_offset certain d0-1")
	b.seconds(70, soundFrom(gmA), relay)
	b.wantTold(AlertTimePropertiesInvalid, "critical utc_offset certain d0-1 ended")
}
