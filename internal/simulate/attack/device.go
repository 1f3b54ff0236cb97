package attack

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// Match says which frames a device is after.
type Match struct {
	Messages []ptp.MessageType // none is all
	// Client is the clock whose requests, and the answers to them, are meant; 0
	// for everybody's.
	Client ptp.ClockIdentity
	// Source is the clock whose messages are meant; 0 for everybody's.
	Source ptp.ClockIdentity
	// Share of those that are meant, drawn by chance.
	Share float64
	Rand  *rand.Rand

	Mark
}

// Mark is how what is done is kept for the record.
type Mark struct {
	Episode int
	Touched func(at event.Time) // called whenever a frame is sent, changed or lost
}

func (m *Mark) touch(at event.Time) {
	if m.Touched != nil {
		m.Touched(at)
	}
}

func (m *Match) matches(f *network.Frame) bool {
	msg := &f.Message
	switch {
	case f.Raw != nil || len(m.Messages) > 0 && !slices.Contains(m.Messages, msg.Type):
		return false
	case m.Source != 0 && msg.SourcePortIdentity.ClockIdentity != m.Source:
		return false
	case m.Client != 0 && msg.SourcePortIdentity.ClockIdentity != m.Client && msg.PortIdentity.ClockIdentity != m.Client:
		return false
	}
	return m.Share >= 1 || m.Rand.Float64() < m.Share
}

// copy is a frame to change.
func (m *Match) copy(f *network.Frame) *network.Frame {
	g := f.Copy()
	if m.Episode != 0 {
		g.Episode = m.Episode
	}
	return g
}

// Delay holds frames up.
type Delay struct {
	Match
	// By is how long, once Ramp has got there, in seconds a second from Start
	// on; 0 is at once. A negative one takes a shorter way.
	By    event.Time
	Ramp  float64
	Start event.Time
	// Period is that of a sine of which By is the amplitude; 0 is none.
	Period event.Time
	// Spread is what is added at random, evenly.
	Spread event.Time
}

// Pass implements network.Device.
func (d *Delay) Pass(f *network.Frame, at event.Time) (*network.Frame, event.Time) {
	if !d.matches(f) {
		return f, 0
	}
	by := d.By
	if d.Ramp > 0 {
		reached := event.Time(d.Ramp * float64(at-d.Start))
		by = min(max(by, -reached), reached)
	}
	if d.Period > 0 {
		by = event.Time(float64(by) * math.Sin(2*math.Pi*float64(at-d.Start)/float64(d.Period)))
	}
	if d.Spread > 0 {
		by += event.Time(d.Rand.Int64N(int64(d.Spread)))
	}
	if by == 0 {
		return f, 0
	}
	d.touch(at)
	return d.copy(f), by
}

// Drop takes frames away.
type Drop struct{ Match }

// Pass implements network.Device.
func (d *Drop) Pass(f *network.Frame, at event.Time) (*network.Frame, event.Time) {
	if !d.matches(f) {
		return f, 0
	}
	d.touch(at)
	return nil, 0
}

// Modify changes what messages say.
type Modify struct {
	Match
	Correction  float64 // ns, added to the correctionField
	Spread      float64 // ns, added at random, evenly
	Shift       int64   // ns, added to the timestamp
	TwoStep     *bool   // what the flag is set to
	LogInterval *ptp.LogInterval
	Strip       ptp.TLVType // taken off; 0 for none
	Minor       *uint8      // minorVersionPTP
}

// Pass implements network.Device.
func (d *Modify) Pass(f *network.Frame, at event.Time) (*network.Frame, event.Time) {
	if !d.matches(f) {
		return f, 0
	}
	d.touch(at)
	g := d.copy(f)
	m := &g.Message
	m.CorrectionField += ptp.Correction(d.Correction * 65536)
	if d.Spread > 0 { // in whole nanoseconds, as a stamp would be
		m.CorrectionField += ptp.Correction(d.Rand.Float64()*d.Spread) * 65536
	}
	if ns, ok := ptp.Nanoseconds(m.Timestamp); ok && d.Shift != 0 {
		m.Timestamp = ptp.NewTimestamp(ns + d.Shift)
	}
	if d.TwoStep != nil {
		m.Flags &^= ptp.FlagTwoStep
		if *d.TwoStep {
			m.Flags |= ptp.FlagTwoStep
		}
	}
	if d.LogInterval != nil {
		m.LogMessageInterval = *d.LogInterval
	}
	if d.Strip != 0 {
		g.RemoveTLV(d.Strip)
	}
	if d.Minor != nil {
		m.MinorVersionPTP = *d.Minor
	}
	return g, 0
}
