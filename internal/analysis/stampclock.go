package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// stampClock is a clock that stamps, and how readings of it fare.
type stampClock struct {
	*delay.Clock
	readings, faults uint64
	newest           packet.ClockReading // that could be read
	fault            string              // of the newest; "" if that could be read
}

// HandleClock takes a reading of a hardware clock of the host. It may come a
// little before or after the messages of its time: it moves no time.
func (t *Tracker) HandleClock(r packet.ClockReading) {
	if t.now == longAgo {
		return // nothing was stamped yet
	}
	c := t.stampClock(packet.StampHardware, r.Clock)
	if c == nil {
		return
	}
	if c.fault = r.Fault; r.Fault != "" {
		c.faults++
		return
	}
	c.readings++
	c.newest = r
	c.Compare(delay.Comparison{
		Hardware: int64(toInstant(r.Hardware)), Steady: int64(r.Steady), Window: int64(r.Window), At: int64(toInstant(r.At).add(t.skew)),
	})
	t.ways.Settle(int64(t.now))
}

// view pictures a stamping clock.
func (c *stampClock) view(t *Tracker) StampClockView {
	v := StampClockView{
		Source: c.Source, Name: c.Name, Resolution: float64(c.Resolution()) / 1e9,
		Steps: c.Steps, Step: float64(c.Step) / 1e9, Adjustments: c.Adjustments,
		Readings: c.readings, Faults: c.faults, Fault: c.fault,
	}
	if c.Steps > 0 {
		v.SteppedAt = t.timeOf(instant(c.SteppedAt))
	}
	if c.readings > 0 {
		v.Age = time.Duration(t.now - toInstant(c.newest.At).add(t.skew)).Seconds()
		v.Offset, v.Window = c.newest.Hardware.Sub(c.newest.System).Seconds(), c.newest.Window.Seconds()
	}
	return v
}
