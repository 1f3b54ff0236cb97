package node

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// ServoSettings are what a client's servo is tuned by.
type ServoSettings struct {
	TimeConstant float64 // seconds
	StepAbove    float64 // ns of offset from which on the clock is stepped
}

// servo is a proportional-integral law that steers a clock to no offset. It
// measures the frequency first, then steps, then follows.
type servo struct {
	settings ServoSettings
	phase    servoPhase
	first    event.Time // of the samples that the frequency is measured with
	offset   float64    // ns, at first
	last     event.Time
	integral float64 // fractional frequency
}

type servoPhase uint8

const (
	unstarted servoPhase = iota
	measuring
	locked
)

const (
	maxRate      = 500e-6
	measureTime  = event.Second // how long the frequency is measured
	critical     = 2            // damping: proportional gain in units of 1/time constant
	delaySamples = 10           // path delays whose median is believed
)

// sample takes an offset from the master in ns and corrects the clock. It
// says whether that was a step.
func (s *servo) sample(c *oscillator.Clock, now event.Time, offset float64) (stepped bool) {
	switch s.phase {
	case unstarted:
		s.phase, s.first, s.offset = measuring, now, offset
	case measuring:
		if now-s.first < measureTime {
			return false
		}
		drift := (offset - s.offset) / float64((now - s.first).Duration())
		s.integral = clamp(s.integral + drift)
		s.phase, s.last = locked, now
		c.Step(now, -offset*1000)
		c.Steer(now, -s.integral)
		return true
	case locked:
		if math.Abs(offset) > s.settings.StepAbove {
			s.phase = unstarted
			c.Step(now, -offset*1000)
			c.Steer(now, -s.integral)
			s.phase, s.last = locked, now
			return true
		}
		dt := (now - s.last).Seconds()
		s.last = now
		omega := 1 / max(s.settings.TimeConstant, 3*dt)
		seconds := offset / 1e9
		s.integral = clamp(s.integral + omega*omega*seconds*dt)
		c.Steer(now, -clamp(critical*omega*seconds+s.integral))
	}
	return false
}

// rate is the steering that holds the frequency.
func (s *servo) rate() float64 { return -s.integral }

func clamp(rate float64) float64 { return min(max(rate, -maxRate), maxRate) }

// median is a moving median.
type median struct {
	ring   [delaySamples]float64
	sorted [delaySamples]float64
	count  int
}

// add takes a value in and returns the median of the latest ones.
func (m *median) add(v float64) float64 {
	n := min(m.count, delaySamples)
	i := n // where there is room in sorted
	if n == delaySamples {
		oldest := m.ring[m.count%delaySamples]
		for i = 0; i < n-1 && m.sorted[i] != oldest; i++ {
		}
	} else {
		n++
	}
	for ; i > 0 && m.sorted[i-1] > v; i-- {
		m.sorted[i] = m.sorted[i-1]
	}
	for ; i < n-1 && m.sorted[i+1] < v; i++ {
		m.sorted[i] = m.sorted[i+1]
	}
	m.sorted[i] = v
	m.ring[m.count%delaySamples] = v
	m.count++
	return (m.sorted[(n-1)/2] + m.sorted[n/2]) / 2
}
