package analysis

import (
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// lost is the silence of a grandmaster that was best.
type lost struct {
	since       instant // when it fell silent; never while there is nothing to wait for
	after       time.Duration
	grandmaster ptp.ClockIdentity
	port        ptp.PortIdentity
	certainty   Certainty
	raised      bool   // PTPGrandmasterLost holds
	iface       string // where it was heard
}

// startLost starts the wait after which the silence of the leader is an alert.
func (d *domain) startLost(old *port, at instant) {
	a := old.announcing
	certainty := a.silenceMeans(at)
	if certainty == "" || d.lost.raised || d.order != expected {
		return // its clients let it go, or it is told, or nobody has asked for it
	}
	d.lost = lost{
		since: a.last, after: max(receiptTimeout*a.interval, d.cfg.alert(AlertGrandmasterLost).time(ThresholdAfter)),
		grandmaster: d.leader, port: old.id, certainty: certainty, iface: old.iface,
	}
	d.tracker.timers.arm(d.timer, max(at, d.lost.since.add(d.lost.after)))
}

// lostDue raises PTPGrandmasterLost when the wait is over.
func (d *domain) lostDue(at instant) instant {
	l := &d.lost
	if l.since == never || l.raised {
		return never
	}
	t := d.tracker
	switch from, blind := t.listening(l.iface, l.since); {
	case blind:
		return at.add(time.Second)
	case at < from.add(l.after):
		return from.add(l.after)
	}
	l.raised = true
	t.alerts.raise(Alert{
		Name: AlertGrandmasterLost, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: l.grandmaster, Port: l.port,
		Certainty: l.certainty, Reason: reasonSilence,
		Summary:  "The best grandmaster fell silent and no acceptable one took over. A dead mirror or tap looks the same.",
		Expected: fmt.Sprintf("an Announce at least every %s", l.after),
		Observed: fmt.Sprintf("none since %s", t.timeOf(l.since).Format(time.RFC3339Nano)),
	})
	return never
}

// clearLost ends the wait or the alert: there is a best grandmaster again.
func (d *domain) clearLost(at instant) {
	if d.lost.raised {
		d.tracker.alerts.resolve(alertKey{name: AlertGrandmasterLost, scope: d.scope, grandmaster: d.lost.grandmaster, port: d.lost.port}, at)
	}
	d.lost = lost{since: never}
}
