package analysis

import (
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// announcing is what a port's Announces say: its record among the foreign
// masters (IEEE 1588-2019 9.3.2.4).
type announcing struct {
	announce  ptp.Announce
	flags     ptp.Flags
	first     instant
	last      instant
	interval  time.Duration
	seq       uint16
	restartAt instant // when the sender last began anew
	qualified bool
	changedAt instant // when the data set last changed
	unicast   bool
	grants    []grant
	granted   bool // grants of Announces were seen
	judged    judged
}

// grant is a client's leave to receive unicast Announces.
type grant struct {
	client ptp.PortIdentity
	until  instant
}

const maxGrants = 256

// FOREIGN_MASTER_TIME_WINDOW and announceReceiptTimeout, in intervals
// (IEEE 1588-2019 9.3.2.4.5 and 7.7.3.1).
const (
	foreignMasterWindow = 4
	receiptTimeout      = 3
)

func (a *announcing) dataset(p *port) bmca.Dataset { return bmca.FromAnnounce(p.id, a.announce) }

func (t *Tracker) handleAnnounce(p *port, o *packet.Observation) {
	m, d := &o.Message, p.domain
	if isSPTP(o) {
		t.handleServerAnnounce(p, o)
		return
	}
	a := p.announcing
	before := longAgo
	if a == nil {
		a = &announcing{first: t.now, changedAt: t.now, announce: m.Announce, restartAt: longAgo}
		p.announcing = a
	} else {
		before = a.last
	}
	if before != longAgo && a.beganAnew(m.SequenceID, t.now) {
		a.restartAt = t.now
	}
	a.seq = m.SequenceID
	if a.announce != m.Announce {
		a.changedAt = t.now
	}
	changedWhileBest := d.best == p && a.announce != m.Announce
	a.announce, a.flags, a.last, a.unicast = m.Announce, m.Flags, t.now, p.unicast
	a.interval = sane(m.LogMessageInterval, 2*time.Second)
	t.noteGrandmaster(p, o)
	t.announceResumed(p)

	window := foreignMasterWindow * a.interval
	barred := d.profile.Algorithm.Bar(m.Announce, m.Flags) != ""
	qualified := !barred && (d.profile.Qualify <= 1 || before != longAgo && t.now.sub(before) <= window)
	switch {
	case qualified && !a.qualified:
		a.qualified = true
		d.candidates = append(d.candidates, p)
		d.challenge(p, t.now, o.Frame)
	case a.qualified && barred:
		d.withdraw(p)
	case changedWhileBest:
		d.elect(t.now, o.Frame)
	case a.qualified && d.best != p:
		d.challenge(p, t.now, o.Frame)
	}
	d.assess(p, o)
	t.judge(p, o)
	t.due(p, t.now.add(min(window, max(receiptTimeout*a.interval, p.domain.cfg.alert(AlertAnnounceTimeout).time(ThresholdAfter)))))
}

// beganAnew says whether a sequenceId tells that its sender was restarted: it
// goes back, after a pause (IEEE 1588-2019 7.3.7).
func (a *announcing) beganAnew(seq uint16, now instant) bool {
	return int16(seq-a.seq) < 0 && now.sub(a.last) >= 2*a.interval
}

// restarted says whether the sender was restarted a short while ago.
func (a *announcing) restarted(now instant) bool {
	return a.restartAt != longAgo && now.sub(a.restartAt) <= time.Minute
}

// announceDue looks at what a port's silence means and says when to look again.
func (t *Tracker) announceDue(p *port, at instant) instant {
	a := p.announcing
	if a == nil {
		return never
	}
	next := never
	if a.qualified {
		switch deadline, blind := p.silentBy(); {
		case blind:
			next = at.add(time.Second)
		case at >= deadline:
			p.domain.withdrawSilent(at)
		default:
			next = deadline
		}
	}
	return min(next, t.announceTimeoutDue(p, at))
}

// silentBy is when a port is no longer qualified unless it announces again. With
// blind nobody can hear whether it does.
func (p *port) silentBy() (deadline instant, blind bool) {
	a := p.announcing
	from, blind := p.domain.tracker.listening(p.iface, a.last)
	return from.add(foreignMasterWindow * a.interval), blind
}

// syncGap is how long Syncs may pause and still count as going on.
func (p *port) syncGap() time.Duration {
	gap := time.Second
	for i := range p.flows {
		if f := &p.flows[i]; f.typ == ptp.Sync {
			gap = max(gap, receiptTimeout*sane(f.advised, time.Second))
		}
	}
	return gap
}

// noteSync keeps the run of uninterrupted Syncs.
func (t *Tracker) noteSync(p *port) {
	if p.lastSync == longAgo || t.now.sub(p.lastSync) > p.syncGap() {
		p.syncRun = t.now
	}
	p.lastSync = t.now
	if p.announcing != nil && !p.announceTimedOut {
		if deadline := p.announceDeadline(); t.now >= deadline {
			t.due(p, t.announceTimeoutDue(p, t.now))
		}
	}
}

// announcePatience is how long Syncs may go on without an Announce.
func (p *port) announcePatience() time.Duration {
	return max(receiptTimeout*p.announcing.interval, p.domain.cfg.alert(AlertAnnounceTimeout).time(ThresholdAfter))
}

// announceDeadline is when Syncs that go on without an Announce are an alert.
func (p *port) announceDeadline() instant {
	return max(p.announcing.last, p.syncRun).add(p.announcePatience())
}

// announceTimeoutDue raises PTPAnnounceTimeout when Syncs go on but Announces
// have stopped, and resolves it when the Syncs have stopped too.
func (t *Tracker) announceTimeoutDue(p *port, at instant) instant {
	a := p.announcing
	if p.lastSync == longAgo || a.last == longAgo {
		return never
	}
	going := at.sub(p.lastSync) <= p.syncGap()
	if p.announceTimedOut {
		if going {
			return p.lastSync.add(p.syncGap() + 1)
		}
		t.resolveAnnounceTimeout(p, at)
		return never
	}
	deadline := p.announceDeadline()
	switch {
	case at < deadline:
		return deadline
	case !going, p.lastSync < a.last.add(a.interval):
		return never // Syncs ended with the Announces; one that comes looks again
	}
	certainty := a.silenceMeans(at)
	if certainty == "" {
		return never
	}
	p.announceTimedOut = true
	t.alerts.raise(Alert{
		Name: AlertAnnounceTimeout, Raised: t.timeOf(at), Scope: p.domain.scope,
		Grandmaster: a.announce.GrandmasterIdentity, Port: p.id, Interface: p.iface, Reason: reasonSilence, Certainty: certainty,
		Summary:  "Announces stopped while Syncs go on.",
		Expected: fmt.Sprintf("an Announce at least every %s", p.announcePatience()),
		Observed: fmt.Sprintf("none since %s, the last Sync at %s",
			t.timeOf(a.last).Format(time.RFC3339Nano), t.timeOf(p.lastSync).Format(time.RFC3339Nano)),
	})
	p.alertedGrandmaster = a.announce.GrandmasterIdentity
	return p.lastSync.add(p.syncGap() + 1)
}

func (t *Tracker) announceResumed(p *port) {
	if p.announceTimedOut {
		t.resolveAnnounceTimeout(p, t.now)
	}
}

func (t *Tracker) resolveAnnounceTimeout(p *port, at instant) {
	p.announceTimedOut = false
	t.alerts.resolve(alertKey{name: AlertAnnounceTimeout, scope: p.domain.scope, grandmaster: p.alertedGrandmaster, port: p.id}, at)
}

// resolveAlerts ends the alerts that are about a port which is dropped.
func (p *port) resolveAlerts() {
	if p.announceTimedOut {
		t := p.domain.tracker
		t.resolveAnnounceTimeout(p, t.now)
	}
}

// silenceMeans says how sure it is that silence at the given time is not what
// the clients asked for: unicast Announces end with their grants. "" is not at
// all.
func (a *announcing) silenceMeans(at instant) Certainty {
	if !a.unicast {
		return Certain
	}
	if !a.granted {
		return Possible // the grants were given before we listened
	}
	for _, g := range a.grants {
		if g.until > at {
			return Certain
		}
	}
	return ""
}

// handleSignaling follows the grants of unicast Announces
// (IEEE 1588-2019 16.1).
func (t *Tracker) handleSignaling(p *port, o *packet.Observation) {
	for typ, value := range ptp.AllTLVs(o.Message.TLVs) {
		tlv, _ := ptp.ParseTLV(typ, value) // a broken one is of no type below
		switch tlv := tlv.(type) {
		case *ptp.GrantUnicastTransmission:
			if tlv.MessageType == ptp.AnnounceMessage {
				t.grant(p, o.Message.PortIdentity, t.now.add(time.Duration(tlv.DurationField)*time.Second))
			}
		case *ptp.CancelUnicastTransmission:
			if tlv.MessageType != ptp.AnnounceMessage {
				continue
			}
			t.grant(p, o.Message.PortIdentity, t.now) // the master ends it
			if asker := p.domain.portOf(o.Message.PortIdentity); asker != nil {
				t.grant(asker, p.id, t.now) // or the client does
			}
		}
	}
}

// grant notes until when client may expect Announces from p.
func (t *Tracker) grant(p *port, client ptp.PortIdentity, until instant) {
	a := p.announcing
	if a == nil {
		if until <= t.now {
			return
		}
		a = &announcing{first: never, last: longAgo, changedAt: t.now, restartAt: longAgo, interval: 2 * time.Second, unicast: true}
		p.announcing = a
	}
	for i := range a.grants {
		if a.grants[i].client == client {
			a.grants[i].until = until
			return
		}
	}
	if until <= t.now {
		return
	}
	a.granted = true
	for i := range a.grants {
		if a.grants[i].until <= t.now {
			a.grants[i] = grant{client, until}
			return
		}
	}
	if len(a.grants) < maxGrants {
		a.grants = append(a.grants, grant{client, until})
	}
}
