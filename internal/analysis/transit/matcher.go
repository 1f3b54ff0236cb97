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
	pair Pair   // the last
}

type slot struct {
	Sighting
	steps uint64 // of the clock, then
}

// stepped says whether the clock has stepped since.
func (s *slot) stepped() bool { return s.Clock.Steps != s.steps }

// Pair is a message that was seen at two taps.
type Pair struct{ one, two slot }

// Alone says whether nothing was ever seen at another tap, so that nothing is to
// be taken.
func (m *Matcher) Alone(tap string) bool {
	if m.seen == nil && m.tap == "" {
		m.tap = tap
	}
	return m.seen == nil && m.tap == tap
}

// Take takes a sighting and gives the pair that it completes, which holds until
// the next call; nil for none. What is seen at a third tap is paired with the one
// before it.
func (m *Matcher) Take(s Sighting) *Pair {
	if m.Alone(s.Tap) {
		return nil
	}
	if m.seen == nil {
		m.seen = make([]slot, slots)
	}
	at, p := &m.seen[s.Key.hash()%slots], &m.pair
	p.one = *at
	*at = slot{s, s.Clock.Steps}
	if p.one.Key != s.Key || p.one.Tap == s.Tap || p.one.Request != s.Request || p.one.Clock == nil || p.one.stepped() {
		return nil
	}
	p.two = *at
	return p
}
