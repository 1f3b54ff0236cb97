package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// flow is the messages of one type from one port to one destination, as one
// interface hears them: rates and sequences are per destination, as unicast
// serves each client apart.
type flow struct {
	typ        ptp.MessageType
	advised    ptp.LogInterval
	talker     uint8 // who sent the last message, where several contend
	outOfRange bool  // advised is
	seq        uint16
	stride     uint16 // by how much a sender's sequenceId goes on
	to         address
	iface      string
	last       instant
	mean       float64 // seconds between messages, over the recent past
	count      uint64  // intervals seen
	window     window
	profile    *profile.Profile // that advised was held against ...
	told       instant          // ... and when
}

// rated says whether a message's rate is its sender's to choose. Of the others
// there are as many as are asked for, or as there are Syncs.
func rated(m *ptp.Message) bool {
	switch m.Type {
	case ptp.Sync, ptp.AnnounceMessage, ptp.DelayReq, ptp.PdelayReq:
		return true
	case ptp.ManagementMessage:
		return m.Management.Action != ptp.ActionResponse && m.Management.Action != ptp.ActionAcknowledge
	}
	return false
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
func (p *port) flow(typ ptp.MessageType, to address, iface string, now instant) *flow {
	oldest, n := -1, 0
	for i := range p.flows {
		f := &p.flows[i]
		if f.typ != typ {
			continue
		}
		if f.to == to && f.iface == iface {
			return f
		}
		n++
		if oldest < 0 || f.last < p.flows[oldest].last {
			oldest = i
		}
	}
	fresh := flow{typ: typ, to: to, iface: iface, last: longAgo, stride: 1}
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

// observe takes the next message of a flow, with what is said of the interval
// that is agreed, and says whether its window is to be judged. A pause is not an
// interval: a clock that was passive for a while does not send more slowly for it.
func (f *flow) observe(m *ptp.Message, word ptp.LogInterval, now instant) bool {
	f.advised = m.LogMessageInterval
	whole := false
	apart := now.sub(f.last)
	if f.last != longAgo && (apart < flowIdle || apart < 2*sane(f.advised, 0)) {
		f.count++
		f.mean += (apart.Seconds() - f.mean) / float64(min(f.count, meanOver))
		whole = !f.window.heed(word, m.SequenceID, now) && f.window.count(now)
	} else {
		f.window = window{from: now, seq: m.SequenceID, fastest: never, word: word}
	}
	f.last, f.seq = now, m.SequenceID
	return whole
}

// maxStride is how many flows a sender may count together.
const maxStride = 512

// fieldAgain is how often a field that is out of range is told of.
const fieldAgain = time.Second

// observeFlow takes the next message of one of a port's flows.
func (p *port) observeFlow(f *flow, o *packet.Observation, now instant) {
	if c := p.contest; c != nil && int(f.talker) != c.at {
		if f.last != longAgo {
			p.compareCounts(f, o, now)
		}
		f.talker = uint8(c.at)
	} else if by := o.Message.SequenceID - f.seq; f.last != longAgo && by > 0 && by <= maxStride {
		f.stride = by
	}
	judge := f.advised != o.Message.LogMessageInterval || f.profile != p.domain.profile || f.outOfRange && now.sub(f.told) >= fieldAgain
	word := o.Message.LogMessageInterval
	if f.typ == ptp.DelayReq {
		word = p.delayReqInterval
	}
	news := word != f.window.word
	whole := f.observe(&o.Message, word, now)
	if news || f.window.agreed == 0 {
		agreed, _ := p.agreed(f)
		f.window.allow(agreed)
	}
	if whole {
		p.judgeRate(f, o, now)
		f.window.restart(f.seq, now)
	}
	if judge {
		p.judgeField(f, o, now)
	}
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
