package delay

import "time"

// Timescale is what a stamping clock tells.
type Timescale string

// The timescales. A clock with an arbitrary epoch counts from whenever it was
// switched on.
const (
	Auto      Timescale = "auto" // found out
	UTC       Timescale = "utc"
	TAI       Timescale = "tai"
	Arbitrary Timescale = "arbitrary"
)

// knownEpoch is how far a tap may be from a port and still be taken to tell
// the same time, where nobody says what it tells.
const knownEpoch = 500 * time.Millisecond

// Shift is what to add to the tap's time less the port's, apart, for both to
// be on one timescale, false where they have no epoch in common. Of a port on
// the PTP timescale (IEEE 1588-2019 7.2.1), which is TAI, a tap that tells UTC
// is off by TAI - UTC: offsets are the candidates for that, and the one counts
// by which the tap is off least. A port on a timescale of its own has nothing
// in common with a tap unless they happen to agree.
func (t Timescale) Shift(apart time.Duration, ptpTimescale bool, offsets ...int16) (time.Duration, bool) {
	if t == Arbitrary {
		return 0, false
	}
	best, found := time.Duration(0), false
	try := func(by time.Duration) {
		if !found || (apart+by).Abs() < (apart+best).Abs() {
			best, found = by, true
		}
	}
	if t != UTC || !ptpTimescale {
		try(0)
	}
	if t != TAI && ptpTimescale {
		for _, o := range offsets {
			try(time.Duration(o) * time.Second)
		}
	}
	if !found {
		return 0, false
	}
	told := t != Auto && t != "" && ptpTimescale
	return best, told || (apart+best).Abs() <= knownEpoch
}
