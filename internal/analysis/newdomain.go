package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// cmlds is the sdoId of the Common Mean Link Delay Service, whose peer delay
// serves all domains of a link (IEEE 1588-2019 16.6.3).
const cmlds ptp.SdoID = 0x200

// appear judges a scope by the first message in it that tells or asks time:
// who only manages clocks there puts no domain into service.
func (d *domain) appear(o *packet.Observation) {
	switch o.Message.Type {
	case ptp.Sync, ptp.DelayReq, ptp.PdelayReq, ptp.AnnounceMessage:
	default:
		return
	}
	d.appeared = true
	reason, expected := d.unexpected()
	if reason == "" {
		return
	}
	t, l := d.tracker, &d.learned
	if l.state == StateLearning {
		l.until = never // nobody ordered it: what is in it is for an operator to accept
	}
	t.alerts.raise(Alert{
		Name: AlertUnexpectedDomain, Raised: t.timeOf(t.now), Scope: d.scope, Interface: o.Interface, Frame: o.Frame,
		Reason: reason, Expected: expected,
		Observed: fmt.Sprintf("domainNumber %d, sdoId %s: %s from %s", d.scope.DomainNumber, d.scope.SdoID, o.Message.Type, o.Message.SourcePortIdentity),
	})
}

// unordered says that nobody has come to expect the scope.
func (d *domain) unordered() bool {
	return d.tracker.alerts.holds(alertKey{name: AlertUnexpectedDomain, scope: d.scope})
}

// unexpected says why a scope should not be there, if it should not.
func (d *domain) unexpected() (reason, expected string) {
	t := d.tracker
	if _, learned := t.cfg.baseline(d.scope); learned || t.cfg.configured(d.scope) || d.scope.SdoID == cmlds {
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
	t.alerts.resolve(alertKey{name: AlertUnexpectedDomain, scope: d.scope}, at)
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
