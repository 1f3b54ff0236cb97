package bmca

import (
	"encoding/binary"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// PathFault is what is wrong with the clocks that an Announce says it came
// through; "" is nothing.
type PathFault string

// The faults.
const (
	PathLoop   PathFault = "loop"   // a clock is in it twice (IEEE 1588-2019 16.2)
	PathLength PathFault = "length" // not stepsRemoved + 1 (IEEE 802.1AS-2020 10.6.3.3)
	PathStart  PathFault = "start"  // does not begin with the grandmaster
	PathEnd    PathFault = "end"    // does not end with the sender
)

// CheckPath looks for what is wrong with the value of an Announce's PATH_TRACE
// TLV. In gPTP every clock on the way adds itself; elsewhere the option may
// be off in some, so that only a loop is wrong.
func (alg Algorithm) CheckPath(d Dataset, trace []byte) PathFault {
	n := len(trace) / 8
	if n > MaxStepsRemoved {
		return PathLength // nobody may be that far: not worth a search
	}
	if hasDuplicate(trace[:n*8]) {
		return PathLoop
	}
	if alg != GPTP {
		return ""
	}
	switch {
	case n != int(d.StepsRemoved)+1:
		return PathLength
	case identityAt(trace, 0) != d.Grandmaster:
		return PathStart
	case identityAt(trace, n-1) != d.Sender.ClockIdentity:
		return PathEnd
	}
	return ""
}

// InPath says whether a clock is among those that an Announce came through: it
// must not take its own time for another's (IEEE 1588-2019 16.2.3).
func InPath(clock ptp.ClockIdentity, trace []byte) bool {
	for id := range ptp.PathSequence(trace) {
		if id == clock {
			return true
		}
	}
	return false
}

func hasDuplicate(trace []byte) bool {
	for i := 0; i < len(trace); i += 8 {
		if InPath(identityAt(trace, i/8), trace[i+8:]) {
			return true
		}
	}
	return false
}

func identityAt(trace []byte, i int) ptp.ClockIdentity {
	return ptp.ClockIdentity(binary.BigEndian.Uint64(trace[i*8:]))
}
