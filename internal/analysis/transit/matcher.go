package transit

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Key tells one exchange from all others, wherever it is seen: a Sync, or a
// Delay_Req by its answer.
type Key struct {
	Scope    uint32           // domainNumber and sdoId, at the caller's choice
	Port     ptp.PortIdentity // that gives the time
	Client   ptp.PortIdentity // that asked; zero for a Sync
	Sequence uint16
	Time     int64 // t1 or t4 as the port tells it, ns
}

// hash mixes what differs from one message to the next.
func (k *Key) hash() uint64 {
	h := uint64(k.Time) ^ uint64(k.Port.ClockIdentity)*0x9E3779B97F4A7C15 ^ uint64(k.Client.ClockIdentity)<<17 ^
		uint64(k.Sequence)<<40 ^ uint64(k.Scope)<<8
	h ^= h >> 30
	h *= 0xBF58476D1CE4E5B9
	return h ^ h>>27
}

// Sighting is an exchange as seen at one tap.
type Sighting struct {
	Key   Key
	Tap   string
	Clock *delay.Clock // that stamped it
	Stamp int64        // ns
	Delay delay.Apart  // A, or of a Delay_Req B
	// Request: it is a Delay_Req.
	Request bool
}

// Crossing is a message that was seen at two taps, by their order in time.
type Crossing struct {
	From, To    string
	Transit     float64 // s
	Unexplained float64 // s, of Transit
}

// Residence is how long transparent clocks say that they had it, in s.
func (c *Crossing) Residence() float64 { return c.Transit - c.Unexplained }

const (
	// slots is how many exchanges wait to be seen again. One that finds its place
	// taken drives the older out.
	slots = 1024
	// longest is how long a message may take from tap to tap, in ns.
	longest = 1e9
)

// Matcher finds the exchanges that were seen at two taps. The zero value is
// ready.
type Matcher struct {
	seen []slot
	tap  string // the first one: as long as there is no other, nothing is kept
}

type slot struct {
	Sighting
	steps uint64 // of the clock, then
}

// Take takes a sighting and gives the crossing that it completes. What is seen
// at a third tap is paired with the one before it.
func (m *Matcher) Take(s Sighting) (Crossing, bool) {
	if m.seen == nil {
		if m.tap == "" || m.tap == s.Tap {
			m.tap = s.Tap
			return Crossing{}, false
		}
		m.seen = make([]slot, slots)
	}
	at := &m.seen[s.Key.hash()%slots]
	before := *at
	*at = slot{s, s.Clock.Steps}
	if before.Key != s.Key || before.Tap == s.Tap || before.Clock != s.Clock || before.steps != s.Clock.Steps || before.Request != s.Request {
		return Crossing{}, false
	}
	return before.cross(&s)
}

// cross is a pair of sightings in order of time.
func (s *Sighting) cross(o *Sighting) (Crossing, bool) {
	if o.Stamp < s.Stamp {
		s, o = o, s
	}
	took := o.Stamp - s.Stamp
	if took < 0 || took > longest {
		return Crossing{}, false
	}
	unexplained, ok := o.Delay.Minus(s.Delay)
	if s.Request { // it comes nearer
		unexplained = -unexplained
	}
	return Crossing{s.Tap, o.Tap, float64(took) / 1e9, unexplained.Seconds()}, ok
}
