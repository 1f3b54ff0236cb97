package analysis

import (
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// newcomers counts the senders that are new to a scope, in stretches of time.
type newcomers struct {
	since      instant // when we began to listen
	from       instant // when the present stretch began
	all        int     // new in it
	announcing int     // those of them that announce and that nobody has learned
	until      instant // a flood of them is on until then
}

// How many newcomers in a stretch are a flood. A scope has a handful of clocks
// that announce, as receivers need not remember more than five (IEEE 1588-2019
// 9.3.2.4.5); its clients may all be switched on at once, but are not more than
// there were. In its first stretch everybody is new.
const (
	newcomerStretch   = 10 * time.Second
	floodOfAnnouncers = 16
	floodOfSenders    = 100
	floodAtFirst      = 1000 // announcers in the first stretch
)

// flooding says whether newcomers are too many to be told of one by one.
func (n *newcomers) flooding(now instant) bool { return now < n.until }

// newcomer counts a sender that is not tracked yet.
func (d *domain) newcomer(o *packet.Observation) {
	n, now := &d.newcomers, d.tracker.now
	if now.sub(n.from) >= newcomerStretch {
		*n = newcomers{since: n.since, from: now, until: n.until}
	}
	n.all++
	if o.Message.Type == ptp.AnnounceMessage {
		if _, learned := d.learned.senders[o.Message.SourcePortIdentity]; !learned {
			n.announcing++
		}
	}
	limit := floodOfAnnouncers
	if now.sub(d.created) < newcomerStretch {
		limit = floodAtFirst
	}
	known := d.ports - n.all
	switch {
	case n.announcing >= limit:
		d.raiseNewcomers(o, n.announcing, limit, "clocks that announce")
	case n.all >= floodOfSenders && n.all > known && now.sub(n.since) >= newcomerStretch:
		d.raiseNewcomers(o, n.all, max(floodOfSenders, known), "senders")
	}
}

// raiseNewcomers tells of a flood once a stretch.
func (d *domain) raiseNewcomers(o *packet.Observation, count, limit int, of string) {
	t := d.tracker
	began := !d.newcomers.flooding(t.now)
	d.newcomers.until = t.now.add(newcomerStretch)
	if !began && count != limit {
		return
	}
	t.alerts.confirm(Alert{
		Name: AlertFlood, Raised: t.timeOf(t.now), Scope: d.scope, Interface: o.Interface, Frame: o.Frame,
		Reason:   "newcomers",
		Summary:  "Far more new senders come up than a network has.",
		Expected: fmt.Sprintf("fewer than %d new %s in %s", limit, of, newcomerStretch),
		Observed: fmt.Sprintf("%d, the last of them %s", count, o.Message.SourcePortIdentity),
	}, t.now)
}
