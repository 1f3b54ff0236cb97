package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// cmlds is the sdoId of the Common Mean Link Delay Service, whose peer delay
// serves all domains of a link, and which has no other messages (IEEE 1588-2019
// 16.6.3).
const cmlds ptp.SdoID = 0x200

// appear judges a scope by the first message in it that tells or asks time:
// who only manages clocks there puts no domain into service.
func (d *domain) appear(o *packet.Observation) {
	switch o.Message.Type {
	case ptp.Sync, ptp.DelayReq, ptp.AnnounceMessage:
	case ptp.PdelayReq:
		if d.scope.SdoID == cmlds {
			return
		}
	default:
		return
	}
	d.appeared = true
	reason, want := d.unexpected()
	if reason == "" {
		return
	}
	t, l := d.tracker, &d.learned
	if l.state == StateLearning {
		l.until = never // nobody ordered it: what is in it is for an operator to accept
	}
	others := t.unordered(d.scope.Network)
	d.order = unordered
	a := Alert{
		Name: AlertUnexpectedDomain, Raised: t.timeOf(t.now), Scope: d.scope, Port: o.Message.SourcePortIdentity, Interface: o.Interface, Frame: o.Frame,
		Reason: reason, Expected: want,
		Observed: fmt.Sprintf("domainNumber %d, sdoId %s: %s from %s", d.scope.DomainNumber, d.scope.SdoID, o.Message.Type, o.Message.SourcePortIdentity),
	}
	switch {
	case others == crowd-1:
		a.Observed += fmt.Sprintf("; the %dth such domain here, and of more nothing is told", crowd)
	case others >= crowd:
		d.order = unheeded
	}
	t.alerts.raise(a)
}

// order says whether somebody has come to expect a scope.
type order uint8

const (
	expected order = iota // or not judged yet
	unordered
	unheeded // one of a flood of those: nothing in it is told
)

// unordered counts the scopes of a network that nobody has come to expect.
func (t *Tracker) unordered(network string) (n int) {
	for _, d := range t.scopes {
		if d.scope.Network == network && d.order != expected {
			n++
		}
	}
	return n
}

// accept ends the alert about a scope that nobody had expected.
func (d *domain) accept(at instant) {
	if d.order == expected {
		return
	}
	d.order = expected
	d.tracker.alerts.endAll(at, func(a *activeAlert) bool { return a.Name == AlertUnexpectedDomain && a.Scope == d.scope })
	d.tracker.reconsider(d.scope.Network)
}

// reconsider judges the scopes of which nothing was told anew, by their next
// message: one that was is accepted, or gone.
func (t *Tracker) reconsider(network string) {
	for _, d := range t.scopes {
		if d.scope.Network == network && d.order == unheeded {
			d.order, d.appeared = expected, false
		}
	}
}

// unexpected says why a scope should not be there, if it should not.
func (d *domain) unexpected() (reason, want string) {
	t := d.tracker
	if _, learned := t.cfg.baseline(d.scope); learned || t.cfg.configured(d.scope) {
		return "", ""
	}
	if t.cfg.configures(d.scope.Network) {
		return "not_configured", "the domains of this network that the configuration names"
	}
	for _, other := range t.scopes {
		if other != d && other.scope.Network == d.scope.Network && other.learned.pinned != never && other.learned.pinned < d.created {
			return "new_domain", "the domains that were there while this network was learned"
		}
	}
	return "", ""
}

// welcome ends the alert about a scope that somebody has come to expect. It is
// learned now.
func (d *domain) welcome(at instant) {
	t, l := d.tracker, &d.learned
	if reason, _ := d.unexpected(); reason != "" {
		return
	}
	d.accept(at)
	if l.state == StateLearning && l.until == never && !t.cfg.Distrust {
		l.until = at.add(d.cfg.LearnFor)
		t.timers.arm(d.timer, l.until)
	}
}

// configured says whether the configuration names a scope's domain.
func (c *Config) configured(s Scope) bool {
	for _, d := range c.Domains {
		if d.DomainNumber == s.DomainNumber && d.SdoID == s.SdoID && (d.Network == "" || d.Network == s.Network) {
			return true
		}
	}
	return false
}

// configures says whether the configuration names any domain of a network.
func (c *Config) configures(network string) bool {
	for _, d := range c.Domains {
		if d.Network == "" || d.Network == network {
			return true
		}
	}
	return false
}
