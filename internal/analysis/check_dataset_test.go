package analysis

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func TestDatasetChanged(t *testing.T) {
	tests := []struct {
		name               string
		edit               func(*ptp.Message)
		expected, observed string
	}{
		{"priority1", func(m *ptp.Message) { m.Announce.GrandmasterPriority1 = 10 }, "grandmasterPriority1 128", "grandmasterPriority1 10"},
		{"priority2", func(m *ptp.Message) { m.Announce.GrandmasterPriority2 = 10 }, "grandmasterPriority2 128", "grandmasterPriority2 10"},
		{"class", func(m *ptp.Message) { m.Announce.GrandmasterClockQuality.ClockClass = 7 }, "clockClass 6", "clockClass 7"},
		{"accuracy", func(m *ptp.Message) { m.Announce.GrandmasterClockQuality.ClockAccuracy = 0xFE }, "clockAccuracy 0x21", "clockAccuracy 0xfe"},
		{"variance", func(m *ptp.Message) { m.Announce.GrandmasterClockQuality.OffsetScaledLogVariance = 0xFFFF }, "offsetScaledLogVariance 0x4e5d", "offsetScaledLogVariance 0xffff"},
		{"source", func(m *ptp.Message) { m.Announce.TimeSource = ptp.TimeSourceNTP }, "timeSource GNSS", "timeSource NTP"},
		{"offset from UTC", utcOffset(36), "currentUtcOffset 37", "currentUtcOffset 36"},
		{"valid flag", unflagged(ptp.FlagCurrentUTCOffsetValid), "currentUtcOffsetValid true", "currentUtcOffsetValid false"},
		{"timescale", unflagged(ptp.FlagPTPTimescale), "ptpTimescale true", "ptpTimescale false"},
		{"traceability", unflagged(ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable), "timeTraceable true, frequencyTraceable true", "timeTraceable false, frequencyTraceable false"},
		{"uncertain", flagged(ptp.FlagSynchronizationUncertain), "synchronizationUncertain false", "synchronizationUncertain true"},
		{"leap second", flagged(ptp.FlagLeap61), "leap61 false", "leap61 true"},
		{"stepsRemoved, which is the relay's", func(m *ptp.Message) { m.Announce.StepsRemoved = 3 }, "", ""},
		{"flags that are the port's", flagged(ptp.FlagUnicast | ptp.FlagTwoStep), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.seconds(10, soundFrom(gmA))
			b.wantTold(AlertGrandmasterDatasetChanged)
			b.seconds(50, with(soundFrom(gmA), tt.edit))
			if tt.expected == "" {
				b.wantTold(AlertGrandmasterDatasetChanged)
				return
			}
			b.wantTold(AlertGrandmasterDatasetChanged, "warning changed certain")
			a := b.alertNamed(AlertGrandmasterDatasetChanged)
			if want := tt.observed + ", announced by " + gmA.String(); a.Expected != tt.expected || a.Observed != want || a.Frame.Number != 11 || a.Count != 1 {
				t.Errorf("expected %q, observed %q, frame %d, count %d; want %q, %q, 11, 1", a.Expected, a.Observed, a.Frame.Number, a.Count, tt.expected, want)
			}
			b.seconds(30, with(soundFrom(gmA), tt.edit))
			b.wantTold(AlertGrandmasterDatasetChanged, "warning changed certain ended")
		})
	}
}

// A flag that flaps ninety times in a minute is one alert, counted.
func TestFlagThatFlapsIsOneAlert(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(10, soundFrom(gmA))
	for i := range 90 {
		m := soundFrom(gmA)
		if i%2 == 0 {
			m.Flags &^= ptp.FlagCurrentUTCOffsetValid
		}
		b.send(m)
		b.sleep(time.Minute / 90)
	}
	if a := b.alertNamed(AlertGrandmasterDatasetChanged); a.Count != 90 || a.Severity != Warning {
		t.Errorf("%s, counted %d times, want a warning counted 90 times", a.Severity, a.Count)
	}
	b.seconds(61, soundFrom(gmA))
	b.wantTold(AlertGrandmasterDatasetChanged, "warning changed certain ended")
}

// One change is told once, by whichever port is nearest, however long the
// others take to repeat it and however often they come first.
func TestRelaysThatLagChangeNothing(t *testing.T) {
	old, now := soundFrom(gmA), with(soundFrom(gmA), func(m *ptp.Message) { m.Announce.GrandmasterPriority2 = 1 })
	x, y := port1(0xD0), port1(0xD1)
	for name, near := range map[string]uint16{"behind their source": 0, "side by side": 1} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			first := func(m ptp.Message) ptp.Message {
				if near == 0 {
					return m
				}
				return relayedBy(x, m, 1)
			}
			b.seconds(10, first(old), relayedBy(y, old, 1))
			b.seconds(2, relayedBy(y, old, 1), first(now))
			b.seconds(1, first(now), relayedBy(y, old, 1))
			b.seconds(10, first(now), relayedBy(y, now, 1))
			if a := b.alertNamed(AlertGrandmasterDatasetChanged); a.Count != 1 {
				t.Errorf("counted %d times, want once", a.Count)
			}
		})
	}
}

// When the nearest port falls silent another is believed, and says nothing new.
func TestAnotherPortIsBelieved(t *testing.T) {
	b := newBench(t, Config{})
	relay := relayedBy(port1(0xD0), soundFrom(gmA), 1)
	b.seconds(10, soundFrom(gmA), relay)
	b.seconds(20, relay)
	b.wantTold(AlertGrandmasterDatasetChanged)
	b.seconds(1, withClass(relay, 7))
	b.wantTold(AlertGrandmasterDatasetChanged, "warning changed certain")
}

func TestStrangersMayChange(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(10, soundFrom(gmA))
	for i := range uint8(10) {
		b.seconds(1, soundFrom(gmA), announceFrom(gmB, 200+i))
	}
	b.wantTold(AlertGrandmasterDatasetChanged)
}
