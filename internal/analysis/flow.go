package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// flow is the messages of one type from one port to one destination: rates
// and sequences are per destination, as unicast serves each client apart.
type flow struct {
	typ     ptp.MessageType
	to      address
	last    instant
	mean    float64 // seconds between messages, over the recent past
	count   uint64  // intervals seen
	advised ptp.LogInterval
}

// A port's rate is measured on so many destinations of each type; the others
// are served alike.
const flowsPerType = 4

// meanOver is how many intervals the mean reaches back.
const meanOver = 16

// flowIdle is how long a flow must be silent before another destination may
// have its place.
const flowIdle = 10 * time.Second

// flow finds the flow a message belongs to; nil when all places are taken by
// flows that go on.
func (p *port) flow(typ ptp.MessageType, to address, now instant) *flow {
	oldest, n := -1, 0
	for i := range p.flows {
		f := &p.flows[i]
		if f.typ != typ {
			continue
		}
		if f.to == to {
			return f
		}
		n++
		if oldest < 0 || f.last < p.flows[oldest].last {
			oldest = i
		}
	}
	fresh := flow{typ: typ, to: to, last: longAgo}
	if n < flowsPerType {
		p.flows = append(p.flows, fresh)
		return &p.flows[len(p.flows)-1]
	}
	if now.sub(p.flows[oldest].last) < flowIdle {
		return nil
	}
	p.flows[oldest] = fresh
	return &p.flows[oldest]
}

// observe takes the next message of a flow. A pause is not an interval: a
// clock that was passive for a while does not send more slowly for it.
func (f *flow) observe(advised ptp.LogInterval, now instant) {
	f.advised = advised
	if f.last != longAgo {
		apart := now.sub(f.last)
		if apart < flowIdle || apart < 2*sane(advised, 0) {
			f.count++
			f.mean += (apart.Seconds() - f.mean) / float64(min(f.count, meanOver))
		}
	}
	f.last = now
}

// intervals summarises the port's flows by type.
func (p *port) intervals() []IntervalView {
	var out []IntervalView
	for _, typ := range []ptp.MessageType{ptp.Sync, ptp.DelayReq, ptp.PdelayReq, ptp.AnnounceMessage} {
		v := IntervalView{Type: typ}
		sum, n, seen := 0.0, 0, false
		for _, f := range p.flows {
			if f.typ != typ {
				continue
			}
			seen = true
			if f.count > 0 {
				sum += f.mean
				n++
			}
			if d, ok := f.advised.Duration(); ok {
				v.Advertised = d.Seconds()
			}
		}
		if n > 0 {
			v.Measured = sum / float64(n)
		}
		if seen {
			out = append(out, v)
		}
	}
	return out
}

// Bounds of an interval that we time by: a sender may claim anything, but a
// claim must not make it immortal (IEEE 1588-2019 7.7.2; 128 a second to one
// in 16 s covers every profile).
const (
	shortestInterval = time.Second / 128
	longestInterval  = 16 * time.Second
)

// sane turns what a sender advertises into an interval to time by.
func sane(advised ptp.LogInterval, otherwise time.Duration) time.Duration {
	d, ok := advised.Duration()
	if !ok {
		return otherwise
	}
	return min(max(d, shortestInterval), longestInterval)
}
