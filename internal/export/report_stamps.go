package export

import (
	"math"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// ClockReadingReport is how a hardware clock fares that is read beside the
// system's.
type ClockReadingReport struct {
	Count  uint64 `json:"count"`
	Failed uint64 `json:"failed"`
	// Fault is why it could not be read last time; absent if it was.
	Fault string `json:"fault,omitempty"`
	// Offset is the clock minus the system's, in seconds, and Window how long it
	// took to read both: Offset is half of that wrong at most. They are absent if
	// the clock was not read lately.
	Offset *float64 `json:"offset,omitempty"`
	Window *float64 `json:"window,omitempty"`
}

func newStampClock(c *analysis.StampClockView) StampClockReport {
	r := StampClockReport{
		Source: c.Source.String(), Clock: c.Name, Resolution: known(c.Resolution),
		Steps: c.Steps, Stepped: Time{c.SteppedAt}, Step: known(c.Step), Adjustments: c.Adjustments,
	}
	if c.Readings+c.Faults > 0 {
		r.Reading = &ClockReadingReport{Count: c.Readings, Failed: c.Faults, Fault: c.Fault}
		if isRead(c) {
			r.Reading.Offset, r.Reading.Window = new(rounded(c.Offset)), new(rounded(c.Window))
		}
	}
	return r
}

// isRead says whether the clock was read lately.
func isRead(c *analysis.StampClockView) bool { return c.Readings > 0 && c.Age <= maxAge }

func (t *textReport) stampClocks(r *Report) {
	var rows [][]string
	for _, c := range r.StampClocks {
		x := c.Reading
		if x == nil {
			continue
		}
		offset, within := "-", "-"
		if x.Offset != nil {
			offset, within = time.Duration(math.Round(*x.Offset*1e9)).String(), words.Fixed(*x.Window/2)
		}
		rows = append(rows, []string{
			c.Clock, offset, within, strconv.FormatUint(x.Count, 10), strconv.FormatUint(x.Failed, 10),
			strconv.FormatUint(c.Steps, 10), strconv.FormatUint(c.Adjustments, 10), x.Fault,
		})
	}
	if len(rows) > 0 {
		t.line("")
		t.line("Hardware clocks, by the system's")
		t.rows("  ", []string{"CLOCK", "AHEAD", "WITHIN", "READINGS", "FAILED", "STEPS", "ADJUSTMENTS", "FAULT"}, rows)
	}
}

// putStampClocks shows the clocks that stamp, and of those that are read what
// they told.
func (p *page) putStampClocks(v *analysis.View) {
	for i := range v.StampClocks {
		c := &v.StampClocks[i]
		labels := []string{c.Source.String(), c.Name}
		p.put(timestampSteps, float64(c.Steps), labels...)
		if c.Readings+c.Faults == 0 {
			continue
		}
		p.put(timestampAdjustments, float64(c.Adjustments), labels...)
		p.put(timestampReadings, float64(c.Readings), with(labels, "read")...)
		p.put(timestampReadings, float64(c.Faults), with(labels, "failed")...)
		if isRead(c) {
			p.put(timestampOffset, c.Offset, labels...)
		}
	}
}
