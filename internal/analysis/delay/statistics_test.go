package delay

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// The statistics begin anew with the series that they are of, and readings grow
// old.
func TestStatisticsRestart(t *testing.T) {
	clock := NewClock(packet.StampHardware, "ptp0")
	var m Meter
	var now int64
	sync := func(n int) {
		for range n {
			now += 125e6
			m.Forward(Exchange{Clock: clock, Stamp: now, Now: now, Value: Apart{Whole: 1000}})
			m.Reverse(Exchange{Clock: clock, Stamp: now + 1e6, Now: now + 1e6, Value: Apart{Whole: 3000}})
		}
	}
	blocks := func() uint64 {
		f := m.Figures(now, func(time.Duration) (time.Duration, bool) { return 0, true })
		return f.Statistics.Blocks[ForwardDelay].Median.Count
	}
	sync(8 * 60)
	if n := blocks(); n != 30 {
		t.Errorf("%d blocks of 480 values", n)
	}
	readings, base, by := m.Readings(now)
	if len(readings) != 3 || by != clock || float64(base)+readings[0].Offset*1e9 != -1000 {
		t.Errorf("readings %v, base %d", readings, base)
	}
	if readings, _, by := m.Readings(now + 301e9); readings != nil || by != nil {
		t.Errorf("five minutes later: %v", readings)
	}
	clock.Steps++
	sync(20)
	if n := blocks(); n != 1 {
		t.Errorf("%d blocks of 20 values after a step", n)
	}
}
