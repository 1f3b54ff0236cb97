package analysis

import (
	"fmt"
	"math"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/tamper"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// tampering is what looks for a device in the way between a port and a tap.
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

// tampered takes a complete Sync.
func (t *Tracker) tamperedSync(p *port, tm *timing, s *syncHalf, value delay.Apart, followUp ptp.Correction) {
	if s.stamp.own {
		return
	}
	w := &tm.tampering
	w.renew(p.domain)
	if w.forward.add(s.stamp, value, tamper.Sample{Correction: corrected(s.correction, followUp)}) {
		t.lookAtClients(p, tm)
		t.judgeTampering(p, tm, &w.forward, "forward")
	}
}

// tamperedRequest takes a complete delay exchange.
func (t *Tracker) tamperedRequest(p *port, tm *timing, r *request, value delay.Apart, correction ptp.Correction, c *delay.Client, from ptp.PortIdentity) {
	if r.stamp.own {
		return
	}
	w := &tm.tampering
	w.renew(p.domain)
	w.meet(c, from)
	if w.reverse.add(r.stamp, value, tamper.Sample{Correction: corrected(correction, -r.correction), From: from}) {
		t.judgeTampering(p, tm, &w.reverse, "reverse")
	}
}

// renew forgets what is usual when the baseline was reset.
func (w *tampering) renew(d *domain) {
	if w.epoch != d.epoch {
		w.forward.Relearn()
		w.reverse.Relearn()
		w.clients = tamper.Clients{}
		w.epoch = d.epoch
	}
}

// meet notes a client that was not there.
func (w *tampering) meet(c *delay.Client, from ptp.PortIdentity) {
	if c.Count() == 0 && len(w.asking) < tamper.MaxClients {
		for i := range w.asking {
			if w.asking[i] == c || w.now[i].From == from {
				w.asking[i] = c
				return
			}
		}
		w.asking = append(w.asking, c)
		w.now = append(w.now, tamper.Client{From: from})
	}
}

// lookAtClients compares what their requests gave.
func (t *Tracker) lookAtClients(p *port, tm *timing) {
	w := &tm.tampering
	for i, c := range w.asking {
		least, low, median, ok := c.Recent()
		if !ok {
			continue
		}
		n := &w.now[i]
		n.Least, n.Low, n.Median, n.Count = least.Seconds()*1e9, low.Seconds()*1e9, median.Seconds()*1e9, c.Count()
	}
	w.clients.Look(w.now, !w.forward.Known(), resolution(w.forward.clock), func(d tamper.Departure) {
		t.alerts.confirm(Alert{
			Name: AlertSelectiveDelay, Raised: t.timeOf(t.now), Scope: p.domain.scope, Grandmaster: p.grandmaster(), Port: d.From,
			Interface: tm.iface, Reason: reasonOneClient, Direction: directionReverse,
			Summary:  "The requests of one client take longer than they did, those of the others do not.",
			Expected: "a mean path delay that moves as that of the other clients of this port",
			Observed: fmt.Sprintf("%s beside them", change(2*d.By)),
		}, t.now)
	})
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
