package delay

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Kind is what a value is of.
type Kind = stability.Kind

// The kinds.
const (
	ForwardDelay  = stability.Forward  // A
	ReverseDelay  = stability.Reverse  // B
	MeanPathDelay = stability.MeanPath // M
	MeanLinkDelay = stability.MeanLink // D
	Offset        = stability.Offset   // O
	kinds         = stability.Kinds
)

// Meter measures one port as one tap sees it.
type Meter struct {
	forward, reverse direction
	pairs            *Clock // that the means and offsets are of
	track            track
	waiting          []request
	asked            uint64 // requests since the last Sync that wait, or have made room
	chance           chance
	stream           stream
	link             link
	upstream         *link // that Offset was last made with: link, or a neighbour's
	now              int64 // capture time of the newest exchange, ns
	samples          [kinds]sample
	monitor          stability.Monitor
	gather           detect.Gather
	block            detect.Block
	blocked          bool // block has not been taken
	// Paths counts all mean path delays, if it is not nil. What restarts a Meter
	// changes nothing of it.
	Paths *stability.Histogram
}

// direction is A or B: values less a base, by one clock. Only stamps of one
// clock are ever set against each other.
type direction struct {
	clock *Clock
	steps uint64 // the clock's, when it began
	base  int64  // ns: of B it is minus this
	now   int64  // capture time of the last value
	own   bool   // the last value's; see Exchange
	far   int    // values in a row that are of another day
}

// clockGone is how long a clock must have stamped nothing before another that
// is no better takes its place, in ns: a NIC may miss a frame, which then has
// the kernel's stamp alone.
const clockGone = 10e9

// othersGone is how long nobody else must have asked before the host's own
// requests count, in ns.
const othersGone = 60e9

// farSure is how many values in a row of another day say that a clock was set
// to it. One is a forgery, or a mistake.
const farSure = 3

// Exchange is one direction of one exchange.
type Exchange struct {
	Clock *Clock
	Stamp int64 // when the message was at the tap, ns, by that clock
	// Seen is the capture time of the message, Now that of the one that completed
	// the exchange, in ns.
	Seen, Now int64
	Value     Apart // A or B
	// Own: the capturing host itself sent the message, and it was stamped before
	// its NIC did. A request's B holds the host's way to the wire, then.
	Own bool
	// Grandmaster is whose time A is of; Client, which may be nil, whose
	// request B is of.
	Grandmaster ptp.ClockIdentity
	Client      *Client
	// Upstream is the neighbour that a Sync came from, where that is known and
	// not its sender; else nil. Only its link delay is of interest.
	Upstream *Meter
}

// request is a reverse delay for which the Sync after it has not come.
type request struct {
	point
	seen   int64 // capture time, ns
	client *Client
}

// maxWaiting is how many requests may wait for the Sync that follows them. Of
// more between two Syncs each has the same chance of being measured, so that no
// client is never.
const maxWaiting = 256

// Forward takes a complete Sync.
func (m *Meter) Forward(e Exchange) {
	f := &m.forward
	if f.clock == e.Clock && f.steps != e.Clock.Steps {
		m.restart()
	}
	v, ok := m.take(f, &m.reverse, e, e.Value)
	if !ok {
		return
	}
	f.own = e.Own
	m.record(ForwardDelay, e.Stamp, v)
	m.stream.grandmaster, m.stream.at = e.Grandmaster, e.Now
	jump, anew := m.track.add(point{e.Stamp, v}, e.Seen)
	if anew && jump == 0 {
		m.waiting = m.waiting[:0] // their times are of before the clock was set back
	}
	if jump != 0 && f.clock.jump(&m.stream, jump, e.Now) {
		m.restart()
		return
	}
	m.settle()
	if l := m.linkOf(&e); l != nil && m.reverse.clock == nil {
		m.upstream = l
		m.record(Offset, e.Stamp, v-l.delay)
	}
}

// Reverse takes a complete delay exchange.
func (m *Meter) Reverse(e Exchange) {
	r := &m.reverse
	if r.clock == e.Clock && r.steps != e.Clock.Steps {
		m.restart()
	}
	if e.Own && r.clock != nil && !r.own && e.Now-r.now < othersGone {
		return // others ask, too, and their requests are seen on the wire
	}
	before := r.own
	v, ok := m.take(r, &m.forward, e, Apart{-e.Value.Whole, -e.Value.Part})
	if !ok {
		return
	}
	if before != e.Own {
		m.forget(ReverseDelay)
		m.forget(MeanPathDelay)
		m.forget(Offset)
	}
	v, r.own = -v, e.Own
	m.record(ReverseDelay, e.Stamp, v)
	if m.forward.clock == r.clock {
		m.pair(request{point{e.Stamp, v}, e.Seen, e.Client})
	}
}

// take makes a value of a direction, and says whether it counts. What another
// clock measured before is dropped.
func (m *Meter) take(d, other *direction, e Exchange, value Apart) (Interval, bool) {
	if d.clock != nil && d.clock != e.Clock {
		if e.Clock.Source <= d.clock.Source && e.Now-d.now < clockGone {
			return 0, false
		}
		m.drop(d)
	}
	if d.clock == nil {
		m.begin(d, other, e, value)
	}
	v, ok := value.from(d.base)
	if !ok {
		if d.far++; d.far < farSure {
			return 0, false
		}
		m.restart()
		m.begin(d, other, e, value)
		if v, ok = value.from(d.base); !ok {
			return 0, false
		}
	}
	d.now, m.now, d.far = e.Now, e.Now, 0
	return v, true
}

// begin gives a direction its clock and base: the other's if that has the same
// clock, so that both can be set against each other.
func (m *Meter) begin(d, other *direction, e Exchange, value Apart) {
	*d = direction{clock: e.Clock, steps: e.Clock.Steps, base: value.Whole}
	if other.clock == e.Clock && other.steps == d.steps {
		d.base = other.base
	}
	if d == &m.forward {
		e.Clock.join(&m.stream)
		m.monitor.Base(ForwardDelay, d.base)
		m.monitor.Base(Offset, d.base)
	} else {
		m.monitor.Base(ReverseDelay, -d.base)
	}
}

// drop forgets a direction, and what it gave.
func (m *Meter) drop(d *direction) {
	if d == &m.forward {
		if d.clock != nil {
			d.clock.leave(&m.stream)
		}
		m.forget(ForwardDelay)
		m.track = track{}
		m.waiting = m.waiting[:0]
	} else {
		m.forget(ReverseDelay)
	}
	m.forget(Offset)
	*d = direction{}
}

// restart forgets what hangs on the time of the tap's clock. Mean delays stay.
func (m *Meter) restart() {
	m.drop(&m.forward)
	m.drop(&m.reverse)
	m.link.rate = rate{}
}

// Clock is what stamps the Syncs; nil where none were seen.
func (m *Meter) Clock() *Clock { return m.forward.clock }

// Close takes the meter away from its clock.
func (m *Meter) Close() { m.drop(&m.forward) }

// pair sets a request against the Syncs around it, now or when the later one
// has come. One that came after a Sync, and by the tap's clock before it, tells
// that the clock was set back between the two.
func (m *Meter) pair(r request) {
	if last, ok := m.track.last(); ok && r.at < last && r.seen >= m.track.seen {
		return
	}
	a, where := m.track.at(r.at)
	switch {
	case where == after && m.track.n > 0:
		m.wait(r)
	case where == inside:
		m.both(r, a)
	}
}

// wait has a request wait for the next Sync.
func (m *Meter) wait(r request) {
	m.asked++
	if len(m.waiting) < maxWaiting {
		m.waiting = append(m.waiting, r)
	} else if i := m.chance.below(m.asked); i < maxWaiting {
		m.waiting[i] = r
	}
}

// settle pairs the requests that have waited for the newest Sync.
func (m *Meter) settle() {
	left := m.waiting[:0]
	for _, r := range m.waiting {
		switch a, where := m.track.at(r.at); where {
		case inside:
			m.both(r, a)
		case after:
			left = append(left, r)
		}
	}
	m.waiting, m.asked = left, uint64(len(left))
}

// both takes a forward and a reverse delay of one instant.
func (m *Meter) both(r request, a Interval) {
	if m.pairs != m.forward.clock {
		m.pairs = m.forward.clock
		m.forget(MeanPathDelay)
		m.forget(Offset)
	}
	mean := (a + r.value) / 2
	m.record(MeanPathDelay, r.at, mean)
	if m.Paths != nil {
		m.Paths.Add(mean.Seconds())
	}
	m.record(Offset, r.at, (a-r.value)/2)
	m.sense(r.at, a, r.value)
	if r.client != nil {
		r.client.add(mean, m.now)
	}
}

// record takes a value at a time of the tap's clock in ns. Offsets and the
// delays of one way are less a base, which changes only when they restart. All
// that is measured passes here, in order of time but for what messages that
// overtake each other disturb.
func (m *Meter) record(k Kind, at int64, v Interval) {
	seconds := v.Seconds()
	m.samples[k].add(seconds, m.now)
	m.monitor.Add(k, at, m.now, seconds)
}

// sense takes both directions of one instant into the block that goes on.
func (m *Meter) sense(at int64, forward, reverse Interval) {
	if b, ok := m.gather.Add(at, m.now, forward.Seconds(), reverse.Seconds()); ok {
		m.block, m.blocked = b, true
	}
}

// Block is the block that has ended since it was asked for, of both directions.
func (m *Meter) Block() (detect.Block, bool) {
	ok := m.blocked
	m.blocked = false
	return m.block, ok
}

// forget begins a series anew.
func (m *Meter) forget(k Kind) {
	if k == Offset {
		m.gather.Restart()
	}
	m.samples[k].restart()
	m.monitor.Restart(k)
}
