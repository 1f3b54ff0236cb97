package analysis

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// place is where a port's messages come from.
type place struct {
	iface     string
	vlans     packet.VLANs
	transport packet.Transport
	mac       packet.MAC
	source    netip.Addr
}

func (p *place) is(o *packet.Observation) bool {
	return p.mac == o.SourceMAC && p.source == o.Source.Addr() && p.iface == o.Interface &&
		p.vlans == o.VLANs && p.transport == o.Transport
}

// besides says whether two places are on one network at one capture point.
// What another tap sees, or the same one on another VLAN, may have come through
// a router.
func (p *place) besides(q *place) bool {
	return p.iface == q.iface && p.vlans == q.vlans && p.transport == q.transport
}

func (p *place) String() string {
	text := p.mac.String()
	if p.source.IsValid() {
		text += " " + p.source.String()
	}
	return text
}

// A port identity belongs to one port (IEEE 1588-2019 7.5.2), but its messages
// may well come from several addresses: through two routers, doubled by PRP or
// HSR, from a bond, or after a repair. What tells two senders apart is that
// each counts its messages on its own, or that both send one message with
// different contents.

// contest is kept of a port whose messages come from more than one place.
type contest struct {
	talkers []talker
	at      int     // who sent the last message
	until   instant // two at one capture point contend until then
	recent  [16]overheard
	next    int
}

// talker is one of those places.
type talker struct {
	place
	last  instant // when it was left for another
	alone instant // when it was seen to count on its own ...
	back  bool    // ... and behind the other
}

// overheard is a message of a contested port.
type overheard struct {
	by        int
	at        instant
	typ       ptp.MessageType
	seq       uint16
	to        address
	requester ptp.PortIdentity
	content   content
}

// content is what two copies of a message have in common, whatever they went
// through.
type content struct {
	timestamp ptp.Timestamp
	announce  ptp.Announce
}

const maxTalkers = 8

// contending is how long a sender counts as still there: ten intervals.
func (p *port) contending() time.Duration {
	if p.announcing == nil {
		return 10 * time.Second
	}
	return max(10*time.Second, 10*p.announcing.interval)
}

// moved notes that a message comes from another place than the last.
func (p *port) moved(o *packet.Observation, last, now instant) {
	here := place{o.Interface, o.VLANs, o.Transport, o.SourceMAC, o.Source.Addr()}
	if p.total() == 0 {
		p.place = here
		return
	}
	if p.contest == nil {
		p.contest = &contest{talkers: []talker{{place: p.place, alone: longAgo}}}
	}
	c := p.contest
	c.talkers[c.at].last = last
	c.at = c.find(here)
	p.place = here
	for i := range c.talkers {
		if t := &c.talkers[i]; i != c.at && t.besides(&here) && now.sub(t.last) <= p.contending() {
			c.until = now.add(p.contending())
		}
	}
}

// find finds or adds a talker; the one that has been silent longest makes room.
func (c *contest) find(here place) int {
	oldest := 0
	for i := range c.talkers {
		if c.talkers[i].place == here {
			return i
		}
		if c.talkers[i].last < c.talkers[oldest].last {
			oldest = i
		}
	}
	if len(c.talkers) < maxTalkers {
		oldest = len(c.talkers)
		c.talkers = append(c.talkers, talker{})
	}
	c.talkers[oldest] = talker{place: here, last: longAgo, alone: longAgo}
	return oldest
}

// rivals says whether two talkers are different ones at one capture point.
func (c *contest) rivals(i, j int) bool {
	return i != j && j < len(c.talkers) && c.talkers[i].besides(&c.talkers[j].place)
}

// compareCounts holds a message's sequenceId against that of the message
// before, which another talker sent. If both count together it is where the
// time between them says; a copy that took longer is a little behind.
func (p *port) compareCounts(f *flow, o *packet.Observation, now instant) {
	c := p.contest
	if f.typ == ptp.ManagementMessage || now >= c.until || f.stride == 0 || !c.rivals(c.at, int(f.talker)) {
		return
	}
	step := sane(f.advised, time.Duration(f.mean*float64(time.Second))).Seconds()
	passed := now.sub(f.last).Seconds()
	if step <= 0 || passed > 10*step {
		return // too long ago to tell
	}
	ahead, due := float64(int16(o.Message.SequenceID-f.seq))/float64(f.stride), passed/step
	if math.Abs(ahead-due) <= 3+0.5/step+due {
		return
	}
	one, other := &c.talkers[c.at], &c.talkers[f.talker]
	one.alone, one.back = now, ahead < 0
	// A sender that counts messages of several flows together leaps ahead, but
	// never back.
	if other.alone != longAgo && now.sub(other.alone) <= p.contending() && (one.back || other.back) {
		p.accuseClone(int(f.talker), o, now, fmt.Sprintf("each with its own sequenceId: %d after %d of the other's %s",
			o.Message.SequenceID, f.seq, f.typ))
	}
}

// compareContents looks for the same message from another talker.
func (p *port) compareContents(o *packet.Observation, now instant) {
	c, m := p.contest, &o.Message
	if now >= c.until {
		return
	}
	h := overheard{
		by: c.at, at: now, typ: m.Type, seq: m.SequenceID, to: destination(o), requester: m.PortIdentity,
		content: content{m.Timestamp, m.Announce},
	}
	for i := range c.recent {
		r := &c.recent[i]
		if r.seq == h.seq && r.typ == h.typ && r.to == h.to && r.requester == h.requester &&
			now.sub(r.at) < sameSequence && r.at != 0 && c.rivals(c.at, r.by) && r.content != h.content {
			p.accuseClone(r.by, o, now, fmt.Sprintf("the same %s, sequenceId %d, with different contents", m.Type, m.SequenceID))
			break
		}
	}
	c.recent[c.next%len(c.recent)] = h
	c.next++
}

// accuseClone tells of two senders of one port identity.
func (p *port) accuseClone(other int, o *packet.Observation, now instant, how string) {
	t, c := p.domain.tracker, p.contest
	first, second := &c.talkers[min(other, c.at)], &c.talkers[max(other, c.at)]
	a := Alert{
		Name: AlertClockIdentityClone, Raised: t.timeOf(now), Scope: p.domain.scope, Port: p.id, Interface: o.Interface, Frame: o.Frame,
		Reason:   "two_senders",
		Expected: fmt.Sprintf("one sender of %s: %s", p.id, first),
		Observed: fmt.Sprintf("another at %s, %s", second, how),
	}
	if t.clocks.get(clockKey{p.domain, p.id.ClockIdentity}) != nil {
		a.Grandmaster = p.id.ClockIdentity
	}
	t.alerts.confirm(a, now)
}
