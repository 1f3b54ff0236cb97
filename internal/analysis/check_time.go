package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// seasonNow is a season that is kept while it lasts.
type seasonNow struct {
	leap.Season
	known       bool
	from, until instant
}

// turnSeason brings the season up to date, by the time that the sources tell.
func (t *Tracker) turnSeason() {
	at := t.now.add(-t.skew)
	if t.season.known && t.season.from <= at && at < t.season.until {
		return
	}
	table := t.cfg.LeapTable
	if table == nil {
		table = leap.Embedded()
	}
	s := table.Season(at.time())
	t.season = seasonNow{s, true, at, toInstant(s.Until)}
}

// invalidTime: what no grandmaster may say of its timescale, of UTC or of leap
// seconds (IEEE 1588-2019 8.2.4). The time at which it is said tells what is
// right. A capture stamped before 1972 cannot tell: its clock was never set,
// and what depends on the date is not judged.
func invalidTime(s *subject) condition {
	if s.verdict == Unacceptable {
		return condition{}
	}
	for _, rule := range []func(*subject) condition{bothLeaps, otherTimescale, wrongOffset, leapOutOfSeason, otherOffset} {
		if c := rule(s); c.reason != "" {
			c.observed += ", announced by " + s.port.id.String()
			return c
		}
	}
	return condition{}
}

func bothLeaps(s *subject) condition {
	if !s.now.flags.Has(ptp.FlagLeap61 | ptp.FlagLeap59) {
		return condition{}
	}
	return condition{
		reason: "both_leaps", summary: "A grandmaster announces a minute of 59 seconds and of 61 at once.",
		expected: "leap61 and leap59 not both set", observed: "leap61 and leap59 set",
	}
}

// otherTimescale: a clock went over from TAI to a time of its own, or the
// other way round. For those who show UTC that is a step by the UTC offset. It
// is held against the baseline or, while there is none, against what the port
// said before. A clock that loses or finds its reference at the same time says
// no more than what became of its class.
func otherTimescale(s *subject) condition {
	was := s.before
	l := &s.domain.learned
	if b, learned := l.grandmasters[s.now.announce.GrandmasterIdentity]; learned && l.state == StatePinned {
		was = said{announce: b.Dataset, flags: b.Flags}
	} else if was.announce.GrandmasterIdentity != s.now.announce.GrandmasterIdentity {
		return condition{}
	}
	before, now := was.flags.Has(ptp.FlagPTPTimescale), s.now.flags.Has(ptp.FlagPTPTimescale)
	sound := func(a ptp.Announce) bool { return traceable(s.profile, uint8(a.GrandmasterClockQuality.ClockClass)) }
	if before == now || sound(was.announce) != sound(s.now.announce) && now == sound(s.now.announce) {
		return condition{}
	}
	return condition{
		reason: "timescale", summary: "A grandmaster went over to another timescale.",
		expected: fmt.Sprintf("ptpTimescale %t", before), observed: fmt.Sprintf("ptpTimescale %t", now),
	}
}

// claims says whether an Announce claims to know UTC.
func claims(f ptp.Flags) bool { return f.Has(ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale) }

func wrongOffset(s *subject) condition {
	season, offset := s.season, s.now.announce.CurrentUTCOffset
	off := min(absolute(offset-season.Offsets[0]), absolute(offset-season.Offsets[1]))
	switch {
	case !claims(s.now.flags), !season.Known, off == 0:
		return condition{}
	case season.Later < offset && offset <= season.Last:
		return condition{} // right years after the capture's time: the clock that stamped it is behind
	}
	c := condition{
		reason: "utc_offset", summary: "A grandmaster announces a wrong offset from UTC.",
		expected: fmt.Sprintf("currentUtcOffset %d", season.Offsets[0]),
		observed: fmt.Sprintf("currentUtcOffset %d, said to be valid", offset),
	}
	if off <= season.Chances {
		c.severity, c.certainty = Warning, Possible
		c.expected += ", as far as the leap second table knows, which has expired"
	}
	return c
}

func absolute(v int16) int16 { return max(v, -v) }

func leapOutOfSeason(s *subject) condition {
	if !s.season.Known {
		return condition{}
	}
	for _, leaps := range []struct {
		flag   ptp.Flags
		name   string
		notice leap.Notice
	}{
		{ptp.FlagLeap61, "leap61", s.season.Leap61},
		{ptp.FlagLeap59, "leap59", s.season.Leap59},
	} {
		if !s.now.flags.Has(leaps.flag) || leaps.notice == leap.InSeason {
			continue
		}
		c := condition{
			reason: "leap_out_of_season", summary: "A grandmaster announces a leap second that is not to come.",
			expected: leaps.name + " false", observed: leaps.name + " true",
		}
		if leaps.notice == leap.Early {
			c.reason, c.severity = "leap_early", Warning
			c.summary = "A grandmaster announces a leap second days too early: the flag is for the end of the current day."
			c.expected += " until the last day of the month"
		}
		return c
	}
	return condition{}
}

// noClaim is the claim of a grandmaster that claims nothing of UTC.
const noClaim = int16(-1 << 15)

// claim is what the best grandmaster claims of UTC, unless p announces it.
func (d *domain) claim(p *port) int16 {
	if d.best == nil || d.leader == p.announcing.announce.GrandmasterIdentity || !claims(d.best.announcing.flags) {
		return noClaim
	}
	return d.best.announcing.announce.CurrentUTCOffset
}

// otherOffset: two grandmasters disagree on UTC. Where the table tells who is
// right that has been said; one of them is wrong where it does not.
func otherOffset(s *subject) condition {
	best, offset := s.domain.claim(s.port), s.now.announce.CurrentUTCOffset
	switch {
	case best == noClaim, !claims(s.now.flags), best == offset:
		return condition{}
	case s.season.Offsets[0] != s.season.Offsets[1] && absolute(best-offset) == 1:
		return condition{} // a leap second is on its way through the network
	case s.season.Known && s.season.Chances == 0:
		return condition{}
	}
	return condition{
		reason: "utc_disagreement", certainty: Possible,
		summary:  "Two grandmasters announce different offsets from UTC.",
		expected: fmt.Sprintf("currentUtcOffset %d, as the best grandmaster %s says", best, s.domain.leader),
		observed: fmt.Sprintf("currentUtcOffset %d", offset),
	}
}
