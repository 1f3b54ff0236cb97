package analysis

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// subject is an Announce that is judged: all that a check may look at.
type subject struct {
	domain      *domain
	profile     *profile.Profile
	port        *port        // that announces
	grandmaster *grandmaster // that it announces; nil when there was no room
	verdict     Verdict      // on the grandmaster
	season      *leap.Season
	now         said
	before      said // by the same port; the same as now when it is its first Announce
}

// said is what an Announce says that is judged.
type said struct {
	announce ptp.Announce
	flags    ptp.Flags
	path     path
}

// condition is what a check found: no reason is nothing.
type condition struct {
	reason             string
	severity           Severity // "" is the alert's own
	certainty          Certainty
	summary            string
	expected, observed string
}

// check is one rule that every Announce is held against.
type check struct {
	alert string
	about about
	judge func(*subject) condition
}

// about is whose doing it is.
type about uint8

const (
	// aboutGrandmaster is what a grandmaster says of itself, as the port
	// nearest to it announces it: relays lag behind.
	aboutGrandmaster about = iota
	// aboutClaim is that, and what another port says otherwise for longer than
	// relays lag.
	aboutClaim
	// aboutPort is the place of the port that announces.
	aboutPort
)

// announceChecks lists every rule about what an Announce says.
var announceChecks = []check{
	{AlertIllegalClockQuality, aboutClaim, illegalQuality},
	{AlertTimePropertiesInvalid, aboutClaim, invalidTime},
	{AlertGrandmasterFreeRun, aboutGrandmaster, freeRun},
	{AlertGrandmasterHoldover, aboutGrandmaster, holdover},
	{AlertGrandmasterDatasetChanged, aboutGrandmaster, datasetChanged},
	{AlertUnexpectedTopology, aboutPort, unexpectedTopology},
}

// grounds is everything that a judgment rests on: while it stays the same, so
// does the judgment.
type grounds struct {
	said
	profile *profile.Profile
	verdict Verdict
	pinned  instant // the baseline
	season  instant // when it ends
	rival   int16   // what the best grandmaster claims of UTC
	nearest bool    // no port is nearer to the grandmaster
	differs bool    // the nearest says otherwise
}

// judged is what is kept of the Announce of a port that was judged last.
type judged struct {
	grounds
	clean bool // it broke no rule, and will not while its grounds are the same
}

// judge holds an Announce against every rule, unless it says what it said when
// it broke none. An alert that it raises lasts as long as Announces confirm it.
func (t *Tracker) judge(p *port, o *packet.Observation) {
	d, a := p.domain, p.announcing
	if d.newcomers.flooding(t.now) && !a.qualified {
		return // PTPFlood tells of them all
	}
	t.turnSeason()
	g := grounds{
		said:    said{a.announce, a.flags, d.pathOf(p, o)},
		profile: d.profile, verdict: d.verdict(p), pinned: d.learned.pinned, season: t.season.until, rival: d.claim(p),
	}
	var gm *grandmaster
	if e := t.clocks.get(clockKey{d, a.announce.GrandmasterIdentity}); e != nil {
		gm = e.value
		g.nearest, g.differs = gm.nearest == p.id, gm.differs(g.said)
	}
	if !a.judged.clean || a.judged.grounds != g {
		t.judgeAnew(p, gm, g, o)
	}
}

func (t *Tracker) judgeAnew(p *port, gm *grandmaster, g grounds, o *packet.Observation) {
	s := subject{
		domain: p.domain, profile: g.profile, port: p, grandmaster: gm, verdict: g.verdict, season: &t.season.Season,
		now: g.said, before: p.announcing.judged.said,
	}
	if s.before == (said{}) {
		s.before = s.now
	}
	j := &p.announcing.judged
	*j = judged{grounds: g, clean: true}
	for i := range announceChecks {
		c := &announceChecks[i]
		if !s.concerns(c.about, j, t.now) {
			continue
		}
		if found := c.judge(&s); found.reason != "" {
			j.clean = false
			t.accuse(&s, c, &found, o)
		}
	}
	if g.nearest {
		gm.note(&s, t.now)
	}
}

// concerns says whether a port's Announce is to be held against a rule.
func (s *subject) concerns(a about, j *judged, now instant) bool {
	switch {
	case a == aboutPort:
		return true
	case s.grandmaster == nil:
		return a == aboutClaim
	case a == aboutGrandmaster, !j.differs:
		return j.nearest
	}
	// A relay needs some Announces to catch up.
	if now.sub(s.grandmaster.toldAt) <= foreignMasterWindow*s.port.announcing.interval {
		j.clean = false
		return false
	}
	return true
}

// accuse raises, or confirms, what a check found. What everybody relays is
// about the grandmaster alone.
func (t *Tracker) accuse(s *subject, c *check, found *condition, o *packet.Observation) {
	alert := Alert{
		Name: c.alert, Severity: found.severity, Raised: t.timeOf(t.now), Scope: s.domain.scope,
		Grandmaster: s.now.announce.GrandmasterIdentity, Interface: s.port.iface, Frame: o.Frame,
		Certainty: found.certainty, Reason: found.reason,
		Summary: found.summary, Expected: found.expected, Observed: found.observed,
	}
	if c.about == aboutPort || !s.port.announcing.judged.nearest {
		alert.Port = s.port.id
	}
	if s.verdict == Unacceptable && t.alerts.crowded(c.alert, s.domain.scope) && !t.alerts.holds(alert.key()) {
		t.alerts.suppressed[c.alert]++
		return // one liar with many names
	}
	t.alerts.confirm(alert, t.now)
}

// timeFlags are the flags that are the grandmaster's own (IEEE 1588-2019 8.2.4).
const timeFlags = ptp.FlagLeap61 | ptp.FlagLeap59 | ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale |
	ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagSynchronizationUncertain

// own is what an Announce says of the grandmaster, whoever relays it.
func own(s said) said {
	s.announce.StepsRemoved = 0
	return said{announce: s.announce, flags: s.flags & timeFlags}
}

// differs says whether an Announce says of a grandmaster what the port nearest
// to it does not.
func (g *grandmaster) differs(s said) bool {
	return own(s) != own(said{announce: g.dataset, flags: g.flags})
}
