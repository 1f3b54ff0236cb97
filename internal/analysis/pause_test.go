package analysis

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestPause: an agent that was not there for a while takes nobody's silence in
// the meantime for silence, and what it knew it still knows.
func TestPause(t *testing.T) {
	const pause = 5 * time.Minute
	best, standby := announceFrom(gmA, 100), announceFrom(gmB, 128)
	rogue := announceFrom(gmC, 1)
	for _, c := range []struct {
		name    string
		learned int // seconds before
		after   []ptp.Message
		want    []string
	}{
		{"all go on, the standby is heard first", 20, []ptp.Message{standby, best}, nil},
		{"the best fell silent", 20, []ptp.Message{standby}, []string{
			"5m23s grandmaster_changed a0>b0",
			"5m23s resolved PTPUnknownGrandmaster unlisted certain #12",
			"5m23s raised PTPRogueGrandmaster failover certain",
		}},
		{"a rogue came", 20, []ptp.Message{best, rogue}, []string{
			"5m20s grandmaster_appeared 0>9f #42",
			"5m20s raised PTPRogueGrandmaster takeover certain #42",
			"5m21s grandmaster_changed a0>9f #44",
		}},
		{"it was still learning", 3, []ptp.Message{best, standby}, []string{
			"5m5s baseline_pinned 0>a0",
			"5m5s raised PTPUnknownGrandmaster unlisted certain #12",
		}},
		{"all fell silent", 20, nil, []string{"5m29s raised PTPGrandmasterLost silence certain"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.seconds(c.learned, best, standby)
			s := b.State()
			s.Pause(pause)
			b.Tracker = resumed(t, s)
			b.at = b.at.Add(pause)
			b.log = nil
			for range 6 {
				if len(c.after) == 0 {
					b.sleep(time.Second)
				}
				for _, m := range c.after {
					b.send(m)
				}
				b.at = b.at.Add(time.Second)
			}
			if len(c.after) == 0 {
				b.sleep(10 * time.Second)
			}
			b.expect(c.want...)
		})
	}
}

// TestUnknownAlertInState: an alert that this program does not know is left out.
func TestUnknownAlertInState(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(3, announceFrom(gmA, 100))
	s := b.State()
	s.Alerts = append(s.Alerts, AlertState{Alert: Alert{Name: "PTPOfTomorrow", Raised: epoch, Severity: Critical}})
	next := resumed(t, s)
	next.Reconfigure(Config{}, b.at, b.emit)
	if got := next.View().Alerts; len(got) != 0 {
		t.Errorf("alerts %+v", got)
	}
}
