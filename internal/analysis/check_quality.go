package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
)

// illegalQuality: a value that the profile forbids or the standard reserves.
func illegalQuality(s *subject) condition {
	b, broken := s.profile.Check(s.port.id, s.now.announce, s.now.flags)
	if !broken {
		return condition{}
	}
	c := condition{
		expected: fmt.Sprintf("%s %s (%s)", b.Field, b.Accepted, b.Clause),
		observed: fmt.Sprintf("%s %s, announced by %s", b.Field, b.Observed, s.port.id),
	}
	switch b.Kind {
	case profile.Reserved:
		c.reason, c.summary = "reserved", "An Announce holds a value that the standard reserves."
	case profile.Forbidden:
		c.reason, c.summary = "forbidden", "An Announce holds a value that its profile forbids."
		if s.domain.why != configured {
			c.certainty = Possible // the profile is no more than what it looks like
		}
	default: // careless configuration says such things too
		c.reason, c.severity = "implausible", Info
		c.summary = "An Announce holds values that contradict one another."
	}
	return c
}

// holdover: the clock lost its reference and is still within specification
// (IEEE 1588-2019 7.6.2.5; ITU-T G.8275.1 table 2).
func holdover(s *subject) condition {
	class := uint8(s.now.announce.GrandmasterClockQuality.ClockClass)
	if s.verdict == Unacceptable || s.profile.Grade(class) != profile.Holdover {
		return condition{}
	}
	return condition{
		reason:   "holdover",
		expected: "a grandmaster locked to its reference" + s.classWas(),
		observed: s.classIs(),
	}
}

// freeRun: the clock is not traceable. That is grave where it was, or where
// the profile demands it; else it is how such networks are.
func freeRun(s *subject) condition {
	class := uint8(s.now.announce.GrandmasterClockQuality.ClockClass)
	if s.verdict == Unacceptable || s.profile.Grade(class) != profile.FreeRun {
		return condition{}
	}
	c := condition{observed: s.classIs()}
	switch {
	case s.wasTraceable():
		c.reason, c.expected = "degraded", "a traceable grandmaster"+s.classWas()
	case s.profile.Traceable:
		c.reason, c.expected = "untraceable", fmt.Sprintf("a traceable grandmaster, as %s demands", s.profile.Title)
	default:
		c.reason, c.severity, c.expected = "never_traceable", Info, "a traceable grandmaster"
		c.summary = "A grandmaster has never been traceable to a reference."
	}
	return c
}

// wasTraceable says whether the grandmaster was in better times.
func (s *subject) wasTraceable() bool {
	g := s.grandmaster
	if b, known := s.domain.learned.grandmasters[g.id]; known && traceable(s.profile, uint8(b.Dataset.GrandmasterClockQuality.ClockClass)) {
		return true
	}
	return g.traceable != 0
}

func traceable(p *profile.Profile, class uint8) bool {
	grade := p.Grade(class)
	return grade == profile.Locked || grade == profile.Holdover
}

func (s *subject) classIs() string {
	q := s.now.announce.GrandmasterClockQuality
	text := fmt.Sprintf("clockClass %d", q.ClockClass)
	for _, c := range s.profile.Classes {
		if c.From <= uint8(q.ClockClass) && uint8(q.ClockClass) <= c.To {
			return text + " (" + c.Meaning + ")"
		}
	}
	return text
}

func (s *subject) classWas() string {
	if s.grandmaster.traceable == 0 {
		return ""
	}
	return fmt.Sprintf(", as clockClass %d said", s.grandmaster.traceable)
}
