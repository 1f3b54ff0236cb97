package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// path is what an Announce's PATH_TRACE TLV says (IEEE 1588-2019 16.2).
type path struct {
	traced bool
	fault  bmca.PathFault
}

// maxPath is how many clocks a path may have. Time that went through that many
// is good for nothing, and longer ones are not worth the search.
const maxPath = 64

func (d *domain) pathOf(p *port, o *packet.Observation) path {
	for typ, value := range ptp.AllTLVs(o.Message.TLVs) {
		if typ != ptp.TLVPathTrace {
			continue
		}
		if len(value) > maxPath*8 {
			return path{true, bmca.PathLength}
		}
		return path{true, d.profile.Algorithm.CheckPath(p.announcing.dataset(p), value)}
	}
	return path{}
}

// unexpectedTopology: a known grandmaster is announced by a way that was not
// there when the baseline was pinned, or that cannot be.
func unexpectedTopology(s *subject) condition {
	if s.verdict == Unacceptable {
		return condition{}
	}
	for _, rule := range []func(*subject) condition{brokenPath, impossibleSteps, nearerThanLearned, newRelay} {
		if c := rule(s); c.reason != "" {
			return c
		}
	}
	return condition{}
}

func brokenPath(s *subject) condition {
	switch s.now.path.fault {
	case "":
		if !s.before.path.traced || s.now.path.traced {
			return condition{}
		}
		return condition{
			reason: "path_trace_gone", summary: "A port no longer tells which clocks its Announces came through.",
			expected: "a PATH_TRACE TLV, as before", observed: "none",
		}
	case bmca.PathLoop:
		return condition{
			reason: "path_trace_loop", summary: "An Announce went in a circle: one clock is in its path trace twice.",
			expected: "each clock once", observed: "a clock twice",
		}
	}
	return condition{
		reason: "path_trace_" + string(s.now.path.fault), summary: "An Announce's path trace contradicts its data set.",
		expected: "the grandmaster first, the sender last, stepsRemoved + 1 clocks",
		observed: "another " + string(s.now.path.fault),
	}
}

// impossibleSteps: stepsRemoved that no clock may announce. 255 is discarded
// (IEEE 1588-2019 9.3.2.5); only the grandmaster itself is no step away.
func impossibleSteps(s *subject) condition {
	steps, own := s.now.announce.StepsRemoved, s.port.id.ClockIdentity == s.now.announce.GrandmasterIdentity
	c := condition{reason: "steps_removed", observed: fmt.Sprintf("stepsRemoved %d, announced by %s", steps, s.port.id)}
	switch {
	case steps >= bmca.MaxStepsRemoved:
		c.summary, c.expected = "An Announce has come so far that every receiver discards it.", "stepsRemoved below 255"
	case own && steps > 0:
		c.summary, c.expected = "A grandmaster announces itself as if it were another clock.", "stepsRemoved 0 of the grandmaster's own port"
	case !own && steps == 0:
		c.summary, c.expected = "A clock announces another as if it were that one.", "stepsRemoved 1 or more of a relay"
	default:
		return condition{}
	}
	return c
}

// nearerThanLearned: a clock claims to be nearer to the grandmaster than any
// of its ports was.
func nearerThanLearned(s *subject) condition {
	least, known := s.learnedSteps()
	if !known || s.now.announce.StepsRemoved >= least {
		return condition{}
	}
	return condition{
		reason: "steps_removed", summary: "A relay of a known grandmaster claims to be nearer to it than it was.",
		expected: fmt.Sprintf("stepsRemoved %d or more", least),
		observed: fmt.Sprintf("stepsRemoved %d, announced by %s", s.now.announce.StepsRemoved, s.port.id),
	}
}

// learnedSteps is the lowest stepsRemoved with which any port of the sender's
// clock was learned to announce this grandmaster.
func (s *subject) learnedSteps() (least uint16, known bool) {
	for _, b := range s.domain.learned.senders {
		if b.Port.ClockIdentity == s.port.id.ClockIdentity && b.Grandmaster == s.now.announce.GrandmasterIdentity {
			if !known || b.StepsRemoved < least {
				least, known = b.StepsRemoved, true
			}
		}
	}
	return least, known
}

// newRelay: a port announces a known grandmaster that did not when the baseline
// was pinned. That a clock which was there announces from another of its ports
// is kept, no more: which of them speaks is the network's ordinary business,
// and nobody wins by it. A grandmaster that comes up is no relay.
func newRelay(s *subject) condition {
	l, a := &s.domain.learned, s.port.announcing
	if _, known := l.senders[s.port.id]; known || l.state != StatePinned || a.first <= l.pinned || a.flags.Has(ptp.FlagAlternateMaster) {
		return condition{}
	}
	if _, known := s.learnedSteps(); !known && s.port.id.ClockIdentity == a.announce.GrandmasterIdentity {
		return condition{}
	}
	c := condition{
		expected: fmt.Sprintf("one of the %d ports that were learned", len(l.senders)),
		observed: fmt.Sprintf("stepsRemoved %d, announced by %s from %s", s.now.announce.StepsRemoved, s.port.id, sender(s.port)),
	}
	c.reason, c.summary = "new_relay", "A clock that was not there announces a known grandmaster."
	for _, b := range l.senders {
		if b.Port.ClockIdentity == s.port.id.ClockIdentity {
			c.reason, c.severity, c.summary = "new_port", Info, "A known clock announces from a port that it did not."
			break
		}
	}
	return c
}
