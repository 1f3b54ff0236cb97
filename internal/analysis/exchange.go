package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// An exchange is what belongs together: a two-step Sync and its Follow_Up, a
// request and its response. Halves meet by tap, sequenceId and, as unicast has
// a sequence for each destination, by destination.

// stage is how far an exchange has come.
type stage uint8

const (
	stageNone     stage = iota
	stageFirst          // the Sync or request was seen
	stageEarly          // the Follow_Up was seen, its Sync not yet
	stageResponse       // a two-step Pdelay_Resp was seen, its Follow_Up not yet
	stageServer         // an SPTP Sync was seen, its Announce not yet
	stageDone
)

// syncHalf is a Sync or a Follow_Up.
type syncHalf struct {
	stage      stage
	seq        uint16
	to         address
	tap        string
	iface      string
	from       direction
	mac        packet.MAC // the frame's source
	at         instant
	stamp      stamp
	origin     ptp.Timestamp
	correction ptp.Correction
}

func (s syncHalf) waits() bool {
	return s.stage == stageFirst || s.stage == stageEarly || s.stage == stageServer
}

// request is a Delay_Req.
type request struct {
	stage      stage
	seq        uint16
	to         address // of SPTP: every server is asked by the same sequenceId
	tap        string
	iface      string
	at         instant
	stamp      stamp
	correction ptp.Correction
	answeredBy [maxAnswers]ptp.PortIdentity
}

func (r request) waits() bool { return r.stage == stageFirst }

// maxAnswers is how many ports may answer one request and be measured by it: to
// a multicast request every master of a segment responds.
const maxAnswers = 4

// answer says whether a port answers for the first time.
func (r *request) answer(by ptp.PortIdentity) bool {
	for i := range r.answeredBy {
		switch r.answeredBy[i] {
		case by:
			return false
		case ptp.PortIdentity{}:
			r.answeredBy[i] = by
			return true
		}
	}
	return false
}

// pdelay is a Pdelay_Req and what came of it.
type pdelay struct {
	stage     stage
	seq       uint16
	tap       string
	iface     string
	at        instant
	responder ptp.PortIdentity // the first that answered
	exchange  delay.Peer
	asked     direction
	answered  direction
	mac       packet.MAC // the answer's source
}

func (p pdelay) waits() bool { return p.stage != stageNone && p.stage != stageDone }

// responseWait is how long a response may take. A Follow_Up has four Sync
// intervals, within bounds.
const responseWait = 2 * time.Second

func (p *port) followUpWait() time.Duration {
	interval := time.Second
	for i := range p.flows {
		if f := &p.flows[i]; f.typ == ptp.Sync {
			interval = sane(f.advised, interval)
			break
		}
	}
	return min(max(4*interval, 500*time.Millisecond), 8*time.Second)
}

// sameSequence is how long a sequenceId means the same message: longer ago it
// may be a rebooted sender's, or the sequence has come around.
const sameSequence = 10 * time.Second

func (t *Tracker) handleSync(p *port, o *packet.Observation) {
	t.noteSync(p)
	m, n := &o.Message, p.domain.counters.of(o.Interface)
	h := syncHalf{
		stage: stageFirst, seq: m.SequenceID, to: destination(o), tap: o.Tap, iface: o.Interface, from: directionOf(o), mac: o.SourceMAC,
		at: t.now, stamp: t.stampOf(o), origin: m.Timestamp, correction: m.CorrectionField,
	}
	if isSPTP(o) {
		t.handleServerSync(p, h)
		return
	}
	if old := t.findSync(p, &h); old != nil {
		if old.stage != stageEarly {
			n.exchanges[kindSync][resultDuplicate]++
			return
		}
		t.forward(p, &h, old.origin, old.correction)
		old.stage = stageDone
		t.pending--
		n.exchanges[kindSync][resultComplete]++
		return
	}
	if !m.Flags.Has(ptp.FlagTwoStep) {
		t.forward(p, &h, h.origin, 0)
		h.stage = stageDone
		n.exchanges[kindSync][resultComplete]++
	}
	t.putSync(p, h)
}

func (t *Tracker) handleFollowUp(p *port, o *packet.Observation) {
	m, n := &o.Message, p.domain.counters.of(o.Interface)
	h := syncHalf{
		stage: stageEarly, seq: m.SequenceID, to: destination(o), tap: o.Tap, iface: o.Interface, at: t.now,
		origin: m.Timestamp, correction: m.CorrectionField,
	}
	if old := t.findSync(p, &h); old != nil {
		if old.stage != stageFirst {
			n.exchanges[kindSync][resultDuplicate]++
			return
		}
		t.forward(p, old, h.origin, h.correction)
		old.stage = stageDone
		t.pending--
		n.exchanges[kindSync][resultComplete]++
		return
	}
	t.putSync(p, h)
}

func (t *Tracker) findSync(p *port, h *syncHalf) *syncHalf {
	for i := range p.syncs.slots {
		s := &p.syncs.slots[i]
		if s.seq == h.seq && s.to == h.to && s.tap == h.tap && t.current(s.stage, s.at) {
			return s
		}
	}
	return nil
}

// current says whether an entry is in use and young enough to be the one with
// its sequenceId.
func (t *Tracker) current(s stage, at instant) bool {
	return s != stageNone && t.now.sub(at) < sameSequence
}

func (t *Tracker) findRequest(p *port, seq uint16, tap string, to address) *request {
	for i := range p.requests.slots {
		if r := &p.requests.slots[i]; r.seq == seq && r.to == to && r.tap == tap && t.current(r.stage, r.at) {
			return r
		}
	}
	return nil
}

func (t *Tracker) findPdelay(p *port, seq uint16, tap string) *pdelay {
	for i := range p.pdelays.slots {
		if d := &p.pdelays.slots[i]; d.seq == seq && d.tap == tap && t.current(d.stage, d.at) {
			return d
		}
	}
	return nil
}

func (t *Tracker) putSync(p *port, h syncHalf) {
	if h.waits() && !t.reserve() {
		return
	}
	old, full := p.syncs.oldest()
	if full {
		t.loseSync(p, *old)
	}
	p.syncs.put(h)
	if h.waits() {
		t.due(p, h.at.add(p.followUpWait()))
	}
}

// loseSync gives up on a half that never met its other half. Of SPTP it is the
// request that counts.
func (t *Tracker) loseSync(p *port, h syncHalf) {
	switch h.stage {
	case stageEarly:
		t.lose(p, h.iface, kindSync, resultUnmatched)
	case stageServer:
		t.pending--
	default:
		t.lose(p, h.iface, kindSync, resultMissingFollowUp)
	}
}

func (t *Tracker) handleDelayReq(p *port, o *packet.Observation) {
	m := &o.Message
	var to address
	if isSPTP(o) {
		to = destination(o)
		p.domain.ask(p, sourceAddress(o))
	}
	if t.findRequest(p, m.SequenceID, o.Tap, to) != nil {
		p.domain.counters.of(o.Interface).exchanges[kindDelay][resultDuplicate]++
		return
	}
	if !t.reserve() {
		return
	}
	if old, full := p.requests.oldest(); full {
		t.lose(p, old.iface, kindDelay, resultMissingResponse)
	}
	p.requests.put(request{
		stage: stageFirst, seq: m.SequenceID, to: to, tap: o.Tap, iface: o.Interface, at: t.now,
		stamp: t.stampOf(o), correction: m.CorrectionField,
	})
	t.due(p, t.now.add(responseWait))
}

// handleDelayResp looks for the request at its sender. p is the responder, and
// what the exchange measures is the way to it.
func (t *Tracker) handleDelayResp(p *port, o *packet.Observation) {
	m, n := &o.Message, p.domain.counters.of(o.Interface)
	var r *request
	client := p.domain.portOf(m.PortIdentity)
	if client != nil {
		r = t.findRequest(client, m.SequenceID, o.Tap, address{})
		client.delayReqInterval = m.LogMessageInterval
		if r != nil && r.waits() {
			client.answeredBy = p.id
		}
	}
	switch {
	case r == nil:
		n.exchanges[kindDelay][resultUnmatched]++
	case r.stage == stageDone:
		n.exchanges[kindDelay][resultDuplicate]++
		if r.answer(p.id) {
			t.reverse(p, client, r, m.Timestamp, m.CorrectionField)
		}
	default:
		r.answer(p.id)
		t.reverse(p, client, r, m.Timestamp, m.CorrectionField)
		r.stage = stageDone
		t.pending--
		n.exchanges[kindDelay][resultComplete]++
	}
}

func (t *Tracker) handlePdelayReq(p *port, o *packet.Observation) {
	m := &o.Message
	if t.findPdelay(p, m.SequenceID, o.Tap) != nil {
		p.domain.counters.of(o.Interface).exchanges[kindPdelay][resultDuplicate]++
		return
	}
	if !t.reserve() {
		return
	}
	if old, full := p.pdelays.oldest(); full {
		t.lose(p, old.iface, kindPdelay, lostPdelay(*old))
	}
	d := pdelay{stage: stageFirst, seq: m.SequenceID, tap: o.Tap, iface: o.Interface, at: t.now, asked: directionOf(o)}
	stamp := t.stampOf(o)
	d.exchange = delay.Peer{Clock: stamp.clock, Request: int64(stamp.at), RequestCorrection: m.CorrectionField, Own: stamp.own}
	p.pdelays.put(d)
	t.due(p, t.now.add(responseWait))
}

func lostPdelay(d pdelay) int {
	if d.stage == stageResponse {
		return resultMissingFollowUp
	}
	return resultMissingResponse
}

// handlePdelayResp takes a Pdelay_Resp or its Follow_Up, in either order.
func (t *Tracker) handlePdelayResp(p *port, o *packet.Observation) {
	m, n := &o.Message, p.domain.counters.of(o.Interface)
	var d *pdelay
	if asker := p.domain.portOf(m.PortIdentity); asker != nil {
		d = t.findPdelay(asker, m.SequenceID, o.Tap)
	}
	if d == nil {
		n.exchanges[kindPdelay][resultUnmatched]++
		return
	}
	first, second := stageResponse, stageEarly // the stage a response leads to, and the one it completes
	if m.Type == ptp.PdelayRespFollowUp {
		first, second = stageEarly, stageResponse
	}
	oneStep := m.Type == ptp.PdelayResp && !m.Flags.Has(ptp.FlagTwoStep)
	t.answerPdelay(p, d, o)
	switch {
	case d.stage == stageFirst && !oneStep:
		d.stage = first
	case d.stage == second, d.stage == stageFirst:
		d.stage = stageDone
		t.pending--
		n.exchanges[kindPdelay][resultComplete]++
		t.peer(p, d)
	default:
		n.exchanges[kindPdelay][resultDuplicate]++
	}
}

// reserve takes room for one more message that waits.
func (t *Tracker) reserve() bool {
	if t.pending >= t.cfg.Limits.Pending {
		t.pendingFull++
		return false
	}
	t.pending++
	return true
}

// lose gives up on a message that waited.
func (t *Tracker) lose(p *port, iface string, kind, result int) {
	t.pending--
	p.domain.counters.of(iface).exchanges[kind][result]++
}

// expireExchanges gives up on what has waited too long and says when to look
// again.
func (t *Tracker) expireExchanges(p *port, at instant) instant {
	next := never
	expired := func(since instant, wait time.Duration) bool {
		due := since.add(wait)
		if due > at {
			next = min(next, due)
		}
		return due <= at
	}
	wait := p.followUpWait()
	for i := range p.syncs.slots {
		if s := &p.syncs.slots[i]; s.waits() && expired(s.at, wait) {
			t.loseSync(p, *s)
			s.stage = stageDone
		}
	}
	for i := range p.requests.slots {
		if r := &p.requests.slots[i]; r.waits() && expired(r.at, responseWait) {
			t.lose(p, r.iface, kindDelay, resultMissingResponse)
			r.stage = stageDone
		}
	}
	for i := range p.pdelays.slots {
		if d := &p.pdelays.slots[i]; d.waits() && expired(d.at, responseWait) {
			t.lose(p, d.iface, kindPdelay, lostPdelay(*d))
			d.stage = stageDone
		}
	}
	return next
}
