package analysis

import (
	"fmt"
	"math"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/tamper"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// tampering is what looks for a device in the way between a port and a tap: 12 KiB,
// and where many messages are late another 12, beside what clients take.
type tampering struct {
	forward, reverse tamperedWay
	clients          tamper.Clients
	asking           []*delay.Client // in the order in which they came
	now              []tamper.Client
	epoch            uint64 // of the baseline that it learned for
}

// tamperedWay is one direction: what it is reckoned from, and by which clock.
type tamperedWay struct {
	tamper.Way
	clock *delay.Clock
	steps uint64
	base  delay.Apart
	// explained is by how much the path seemed to move, in ns, because of its
	// corrections.
	explained float64
}

// add takes a message, and says that it has filled a block.
func (w *tamperedWay) add(by stamp, value delay.Apart, sample tamper.Sample) bool {
	v, ok := value.Minus(w.base)
	if w.clock != by.clock || w.steps != by.clock.Steps || !ok || v.Seconds() > 1 || v.Seconds() < -1 {
		w.clock, w.steps, w.base, v = by.clock, by.clock.Steps, value, 0
		w.Break()
	}
	sample.At, sample.Delay = int64(by.at), v.Seconds()*1e9
	return w.Add(sample, resolution(by.clock))
}

// resolution is the step of a clock's stamps in ns, 0 when they have all digits.
func resolution(c *delay.Clock) float64 {
	if r := c.Resolution(); r > 1 {
		return float64(r)
	}
	return 0
}

// corrected is the sum of corrections in ns, of those that are believed.
func corrected(sum ...ptp.Correction) (ns float64) {
	for _, c := range sum {
		ns += delay.Interval(c).Seconds() * 1e9
	}
	return ns
}

// tamperedSync takes a complete Sync.
func (t *Tracker) tamperedSync(p *port, tm *timing, s *syncHalf, value delay.Apart, followUp ptp.Correction) {
	if s.stamp.own {
		return
	}
	w := tm.tampered(p.domain)
	if w.forward.add(s.stamp, value, tamper.Sample{Correction: corrected(s.correction, followUp)}) {
		t.lookAtClients(p, tm)
		t.judgeTampering(p, tm, &w.forward, directionForward)
	}
}

// tamperedRequest takes a complete delay exchange.
func (t *Tracker) tamperedRequest(p *port, tm *timing, r *request, value delay.Apart, correction ptp.Correction, c *delay.Client, from ptp.PortIdentity) {
	if r.stamp.own {
		return
	}
	w := tm.tampered(p.domain)
	w.meet(c, from)
	if w.reverse.add(r.stamp, value, tamper.Sample{Correction: corrected(correction, -r.correction), From: from}) {
		t.judgeTampering(p, tm, &w.reverse, directionReverse)
	}
}

// tampered is what looks for it there. It learns anew when the baseline was reset.
func (tm *timing) tampered(d *domain) *tampering {
	switch w := tm.tampering; {
	case w == nil:
		tm.tampering = &tampering{epoch: d.epoch}
	case w.epoch != d.epoch:
		tm.tampering = &tampering{epoch: d.epoch, asking: w.asking, now: w.now}
	}
	return tm.tampering
}

// meet notes a client that was not there, or was forgotten.
func (w *tampering) meet(c *delay.Client, from ptp.PortIdentity) {
	if c.Met {
		return
	}
	c.Met = true
	for i := range w.asking {
		if w.now[i].From == from {
			w.asking[i], w.now[i].Count = c, 0
			return
		}
	}
	if len(w.asking) < tamper.MaxClients {
		w.asking = append(w.asking, c)
		w.now = append(w.now, tamper.Client{From: from})
	}
}

// lookAtClients compares what their requests gave.
func (t *Tracker) lookAtClients(p *port, tm *timing) {
	w := tm.tampering
	for i, c := range w.asking {
		n := &w.now[i]
		if c.Count() < n.Count+tamper.Asked {
			continue
		}
		least, low, median, _ := c.Recent()
		n.Least, n.Low, n.Median, n.Count = least.Seconds()*1e9, low.Seconds()*1e9, median.Seconds()*1e9, c.Count()
	}
	for _, d := range w.clients.Look(w.now, !w.forward.Known(), resolution(w.forward.clock)) {
		t.alerts.confirm(Alert{
			Name: AlertSelectiveDelay, Frame: t.frame, Raised: t.timeOf(t.now), Scope: p.domain.scope, Grandmaster: p.grandmaster(), Port: d.From,
			Interface: tm.iface, Reason: reasonOneClient, Direction: directionReverse,
			Summary:  "The requests of one client take longer than they did, those of the others do not.",
			Expected: "a mean path delay that moves as that of the other clients of this port",
			Observed: fmt.Sprintf("%s beside them", change(d.By)),
		}, t.now)
	}
}

// Directions of delays, and reasons of alerts about them.
const (
	directionForward = "forward"
	directionReverse = "reverse"

	reasonOneClient   = "one_client"
	reasonSomeHeld    = "some_messages"
	reasonIncoherent  = "incoherent"
	reasonUnknownTC   = "no_transparent_clock"
	reasonRange       = "range"
	reasonMoreThanWay = "exceeds_delay"
)

// change is a difference in ns as people read it.
func change(ns float64) string {
	switch a := math.Abs(ns); {
	case a >= 1e6:
		return fmt.Sprintf("%+.3g ms", ns/1e6)
	case a >= 1e3:
		return fmt.Sprintf("%+.3g us", ns/1e3)
	}
	return fmt.Sprintf("%+.0f ns", ns)
}
