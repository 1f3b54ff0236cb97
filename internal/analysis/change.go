package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Reasons of a change of the best grandmaster, and of its silence.
const (
	reasonFailover    = "failover"    // the old one fell silent
	reasonTakeover    = "takeover"    // the old one still announces, unchanged
	reasonDegradation = "degradation" // the old one says that it became worse
	reasonReturn      = "return"      // the new one was best before
	reasonRestart     = "restart"     // the old one began anew, and worse
	reasonDataset     = "dataset"     // the new one was heard before and has changed what it says
	reasonRelay       = "relay"       // the same grandmaster by another port
	reasonIdentity    = "identity"    // a listed identity from an address that is not its own
	reasonPresent     = "present"     // it was there when we began to listen
	reasonSilence     = "silence"     // what should have come did not
)

// reportChange grades a change of the leader and raises what it asks for.
func (d *domain) reportChange(old, p *port, previous ptp.ClockIdentity, at instant, frame packet.Frame) {
	d.changes++
	d.noteChange(at)
	reason := d.changeReason(old, p, previous)
	if d.verdict(p) == Unacceptable && !d.fallback(p) {
		d.raiseRogue(p, reason, at, frame)
	} else if _, unacceptable := d.judgeIdentity(previous); !unacceptable {
		d.raiseChanged(p, previous, reason, at, frame)
	}
	d.checkFlapping(p, at, frame)
}

func (d *domain) raiseChanged(p *port, previous ptp.ClockIdentity, reason string, at instant, frame packet.Frame) {
	t := d.tracker
	a := Alert{
		Name: AlertGrandmasterChanged, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: d.leader, Port: p.id,
		Interface: p.iface, Reason: reason, Frame: frame, Certainty: d.certainty(),
		Summary:  "The best grandmaster changed.",
		Expected: fmt.Sprintf("grandmaster %s", previous),
		Observed: fmt.Sprintf("grandmaster %s, better by %s, announced by %s", d.leader, d.bestBy.By, p.id),
	}
	if reason == reasonFailover {
		a.Observed = fmt.Sprintf("grandmaster %s, after %s fell silent", d.leader, previous)
	}
	t.alerts.endAll(at, func(a *activeAlert) bool { return a.Name == AlertGrandmasterChanged && a.Scope == d.scope })
	t.alerts.instance(a, at)
}

// reportRelay tells that the best grandmaster comes by another port.
func (d *domain) reportRelay(p *port, before ptp.PortIdentity, at instant, frame packet.Frame) {
	if d.verdict(p) == Unacceptable {
		return
	}
	t := d.tracker
	t.alerts.instance(Alert{
		Name: AlertGrandmasterChanged, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: d.leader, Port: p.id,
		Interface: p.iface, Reason: reasonRelay, Frame: frame, Certainty: Possible,
		Summary:  "The best grandmaster is the same, but the best way to it is by another port.",
		Expected: fmt.Sprintf("grandmaster %s by %s", d.leader, before),
		Observed: fmt.Sprintf("by %s, stepsRemoved %d", p.id, p.announcing.announce.StepsRemoved),
	}, at)
}

// changeReason says how the lead was lost: old is the port that had it, nil
// when it had fallen silent.
func (d *domain) changeReason(old, p *port, previous ptp.ClockIdentity) string {
	now := d.tracker.now
	led := false
	if g := d.tracker.clocks.get(clockKey{d, d.leader}); g != nil {
		led = g.value.reigned > 0
	}
	still := old != nil && old.announcing != nil && old.announcing.qualified &&
		old.announcing.announce.GrandmasterIdentity == previous
	switch {
	case old == p:
		return reasonTakeover // the same port now announces another clock
	case !still && led:
		return reasonReturn
	case !still:
		return reasonFailover
	case old.announcing.changedAt == now && old.announcing.restarted(now):
		return reasonRestart
	case old.announcing.changedAt == now:
		return reasonDegradation
	case led:
		return reasonReturn
	case p.announcing.changedAt == now && p.announcing.first < now:
		return reasonDataset
	}
	return reasonTakeover
}

// certainty says whether the best hinges on what a listener cannot know.
func (d *domain) certainty() Certainty {
	if d.bestBy.Hinges != "" {
		return Possible
	}
	return Certain
}

// noteChange keeps the times of as many changes as may not come together
// (ITU-T G.8275.2 appendix V tells of such oscillation).
func (d *domain) noteChange(at instant) {
	d.changedAt = append(d.changedAt, at)
	if more := len(d.changedAt) - int(d.cfg.alert(AlertGrandmasterFlapping).count(ThresholdChanges)); more > 0 {
		d.changedAt = slices.Delete(d.changedAt, 0, more)
	}
}

func (d *domain) checkFlapping(p *port, at instant, frame packet.Frame) {
	s := d.cfg.alert(AlertGrandmasterFlapping)
	flapping, window := int(s.count(ThresholdChanges)), s.time(ThresholdWindow)
	if len(d.changedAt) < flapping || at.sub(d.changedAt[0]) > window {
		return
	}
	since := d.changedAt[0]
	t := d.tracker
	t.alerts.instance(Alert{
		Name: AlertGrandmasterFlapping, Raised: t.timeOf(at), Scope: d.scope, Interface: p.iface, Frame: frame, Reason: "changes",
		Summary:  "The best grandmaster keeps changing.",
		Expected: fmt.Sprintf("fewer than %d changes in %s", flapping, window),
		Observed: fmt.Sprintf("%d changes since %s, the last to %s", flapping, t.timeOf(since).Format(time.RFC3339Nano), d.leader),
	}, at)
}
