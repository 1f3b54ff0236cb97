package analysis

import (
	"fmt"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Verdict says whether a grandmaster may be the best master.
type Verdict uint8

// The verdicts.
const (
	Undecided    Verdict = iota // still learning, or nobody judges
	Acceptable                  // listed or pinned
	Unacceptable                // neither
)

// startGrace is how long after a scope's first message an acceptable
// grandmaster may take to be heard before another that leads is held against
// the network. It covers two Announces of the default profile.
const startGrace = 5 * time.Second

// verdict judges what a port announces.
func (d *domain) verdict(p *port) Verdict {
	id := p.announcing.announce.GrandmasterIdentity
	if d.impostor(p, id) {
		return Unacceptable
	}
	v, _ := d.judgeIdentity(id)
	return v
}

// judgeIdentity judges a grandmaster by its identity alone.
func (d *domain) judgeIdentity(id ptp.ClockIdentity) (v Verdict, unacceptable bool) {
	_, listed := d.cfg.grandmaster(id)
	_, pinned := d.learned.grandmasters[id]
	switch {
	case d.cfg.Baseline == BaselineOff:
		return Undecided, false
	case listed, pinned:
		return Acceptable, false
	case d.cfg.Baseline == BaselineListed, len(d.cfg.Grandmasters) > 0, d.learned.state == StatePinned:
		return Unacceptable, true
	}
	return Undecided, false
}

// impostor says whether a port uses a listed identity from an address that
// the list does not give it. Only the clock's own port can be told so: a relay
// has its own address.
func (d *domain) impostor(p *port, id ptp.ClockIdentity) bool {
	g, listed := d.cfg.grandmaster(id)
	if !listed || d.cfg.Baseline == BaselineOff || p.id.ClockIdentity != id {
		return false
	}
	return g.MAC != packet.MAC{} && p.mac != g.MAC || g.IP.IsValid() && p.source.IsValid() && p.source.Unmap() != g.IP.Unmap()
}

// fallback says that a port belongs to a boundary clock which relayed an
// acceptable grandmaster while we learned, and now announces itself as worse
// than that one was: it has lost its grandmaster and is on its own.
func (d *domain) fallback(p *port) bool {
	id := p.announcing.announce.GrandmasterIdentity
	if p.id.ClockIdentity != id {
		return false
	}
	for _, s := range d.learned.senders {
		if s.Port.ClockIdentity != id || s.Grandmaster == id {
			continue
		}
		g, ok := d.learned.grandmasters[s.Grandmaster]
		if ok && d.profile.Algorithm.Compare(p.announcing.dataset(p), bmca.FromAnnounce(s.Port, g.Dataset)).Order > 0 {
			return true
		}
	}
	return false
}

// standing is how a port that announces stands against the best.
type standing uint8

const (
	behind   standing = iota
	possible          // best for a receiver whose place or localPriority we cannot know
	ahead             // it will be best once it is qualified
	best              // it is
)

// standing holds what a port announces against the best.
func (d *domain) standing(p *port) (standing, bmca.Result) {
	switch {
	case d.best == p:
		return best, d.bestBy
	case d.best == nil:
		return ahead, bmca.Result{By: onlyCandidate}
	case d.leader == p.announcing.announce.GrandmasterIdentity:
		return best, d.bestBy // by another port
	}
	r := d.compare(p, d.best)
	switch {
	case r.Hinges != "":
		return possible, r
	case r.Order < 0:
		return ahead, r
	}
	if d.why != configured && d.profile.Algorithm != bmca.Default {
		// Receivers may run the default algorithm: nobody said what they run.
		if r := bmca.Default.Compare(p.announcing.dataset(p), d.best.announcing.dataset(d.best)); r.Order < 0 {
			return possible, r
		}
	}
	return behind, r
}

// assess looks at an Announce of a grandmaster that is not known to be
// acceptable: does it win, or will it? The answer does not wait until the
// newcomer is qualified, as receivers do.
func (d *domain) assess(p *port, o *packet.Observation) {
	v := d.verdict(p)
	if v == Acceptable || d.cfg.Baseline == BaselineOff || v == Unacceptable && d.fallback(p) {
		return
	}
	s, by := d.standing(p)
	switch bar := d.profile.Algorithm.Bar(o.Message.Announce, o.Message.Flags); {
	case bar.Everywhere():
		s = behind
	case bar != "" && s == ahead:
		s = possible // for receivers that do not look at it
	}
	at := d.tracker.now
	if v == Undecided {
		if !d.disputed(p, s) {
			return
		}
		d.pin(at) // what was undisputed until now
	}
	switch {
	case s == behind:
		d.raiseUnknown(p, o)
	case !d.led && at.sub(d.created) < startGrace, d.graceful(at):
		// Those that are listed may not have been heard yet.
	default:
		d.raiseRogueBy(p, d.contenderReason(p, s), s, by, at, o.Frame)
	}
}

// graceful says that we have just begun to listen and that no acceptable
// grandmaster has led yet.
func (d *domain) graceful(at instant) bool {
	if at.sub(d.created) >= startGrace {
		return false
	}
	_, unacceptable := d.judgeIdentity(d.leader)
	return unacceptable
}

// contenderReason says how a clock that has not won yet comes to win.
func (d *domain) contenderReason(p *port, s standing) string {
	switch {
	case d.impostor(p, p.announcing.announce.GrandmasterIdentity):
		return reasonIdentity
	case s == best && d.changes == 0:
		return reasonPresent
	case d.best == nil && d.led:
		return reasonFailover
	}
	return reasonTakeover
}

// raiseRogue raises PTPRogueGrandmaster for a port that has become the best.
func (d *domain) raiseRogue(p *port, reason string, at instant, frame packet.Frame) {
	if d.impostor(p, p.announcing.announce.GrandmasterIdentity) {
		reason = reasonIdentity
	}
	d.raiseRogueBy(p, reason, best, d.bestBy, at, frame)
}

func (d *domain) raiseRogueBy(p *port, reason string, s standing, by bmca.Result, at instant, frame packet.Frame) {
	t := d.tracker
	g := t.clocks.get(clockKey{d, p.announcing.announce.GrandmasterIdentity})
	if g == nil {
		return // no room: the flood that took it is told
	}
	key := alertKey{name: AlertRogueGrandmaster, scope: d.scope, grandmaster: g.value.id, port: g.value.accused}
	if !t.alerts.holds(key) {
		g.value.accused, key.port = p.id, p.id
		if s != best && t.alerts.crowded(key.name, d.scope) {
			return // a flood of contenders: the one that wins will be told
		}
		t.alerts.resolve(alertKey{name: AlertUnknownGrandmaster, scope: d.scope, grandmaster: key.grandmaster, port: key.port}, at)
	}
	a := Alert{
		Name: key.name, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: key.grandmaster, Port: key.port,
		Interface: p.iface, Reason: reason, Frame: frame, Certainty: Certain,
		Summary:  "A grandmaster that is not acceptable is, or will be, the best master.",
		Expected: d.expected(),
		Observed: d.describe(p, s, by, at),
	}
	if s == possible || by.Hinges != "" {
		a.Certainty = Possible
	}
	t.alerts.confirm(a, at)
	t.alerts.extend(key, at.add((foreignMasterWindow+1)*p.announcing.interval)) // as long as it may still be best
}

// raiseUnknown tells of a grandmaster that is not acceptable and does not win.
func (d *domain) raiseUnknown(p *port, o *packet.Observation) {
	t := d.tracker
	g := t.clocks.get(clockKey{d, p.announcing.announce.GrandmasterIdentity})
	if g == nil {
		return
	}
	if t.alerts.holds(alertKey{name: AlertRogueGrandmaster, scope: d.scope, grandmaster: g.value.id, port: g.value.accused}) {
		return // it has just been more than that
	}
	key := alertKey{name: AlertUnknownGrandmaster, scope: d.scope, grandmaster: g.value.id, port: g.value.accused}
	if !t.alerts.holds(key) {
		if t.alerts.crowded(key.name, d.scope) {
			return // a flood is told by its own alert
		}
		g.value.accused, key.port = p.id, p.id
	}
	a := Alert{
		Name: key.name, Raised: t.timeOf(t.now), Scope: d.scope, Grandmaster: key.grandmaster, Port: key.port,
		Interface: p.iface, Reason: "unlisted", Frame: o.Frame,
		Summary:  "A grandmaster that is not acceptable is heard. It does not win.",
		Expected: d.expected(),
		Observed: fmt.Sprintf("%s, announced by %s from %s", g.value.id, p.id, sender(p)),
	}
	t.alerts.confirm(a, t.now)
}

// expected names the acceptable grandmasters.
func (d *domain) expected() string {
	const most = 4
	var names []string
	for _, g := range d.cfg.Grandmasters {
		names = append(names, strings.TrimSpace(g.Identity.String()+" "+g.Name))
	}
	for _, id := range d.learned.identities() {
		if _, listed := d.cfg.grandmaster(id); !listed {
			names = append(names, id.String())
		}
	}
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" or one of %d others", len(names)-most)
		names = names[:most]
	}
	return "grandmaster " + strings.Join(names, " or ") + more
}

// describe says who a rogue is and how it wins.
func (d *domain) describe(p *port, s standing, by bmca.Result, at instant) string {
	a := p.announcing
	text := fmt.Sprintf("%s, announced by %s from %s", a.announce.GrandmasterIdentity, p.id, sender(p))
	switch {
	case by.By == onlyCandidate:
		text += ", no other is heard"
	case d.best != nil && d.best != p:
		text += fmt.Sprintf(", against %s by %s", d.leader, by.By)
		if mine, its := by.By.Of(a.dataset(p)), by.By.Of(d.best.announcing.dataset(d.best)); mine != "" {
			text += fmt.Sprintf(" (%s against %s)", mine, its)
		}
	default:
		text += fmt.Sprintf(", best by %s", by.By)
	}
	if by.Hinges != "" {
		text += ", for receivers whose " + by.Hinges + " says so"
	}
	if s == ahead && !a.qualified {
		text += fmt.Sprintf("; receivers follow from its next Announce, due at %s",
			d.tracker.timeOf(at.add(a.interval)).Format(time.RFC3339Nano))
	}
	return text
}

// sender is where a port's messages come from.
func sender(p *port) string {
	text := p.mac.String()
	if p.source.IsValid() {
		text += " " + p.source.String()
	}
	return text
}

// wouldWin says whether a message is an Announce that beats the best.
func (d *domain) wouldWin(o *packet.Observation) bool {
	m := &o.Message
	if m.Type != ptp.AnnounceMessage || d.profile.Algorithm.Bar(m.Announce, m.Flags).Everywhere() {
		return false
	}
	if d.best == nil {
		return true
	}
	r := d.profile.Algorithm.Compare(bmca.FromAnnounce(m.SourcePortIdentity, m.Announce), d.best.announcing.dataset(d.best))
	return r.Order < 0
}
