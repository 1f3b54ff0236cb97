package capture

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// ReadClocks reads every PTP hardware clock that stamps for one of the
// interfaces, one right after the other. It may be called at any time from
// anywhere; how long it takes is up to the drivers.
func (l *Live) ReadClocks() []packet.ClockReading {
	var names []string
	for _, s := range l.States() {
		if s.Hardware && s.Clock != "" && !slices.Contains(names, s.Clock) {
			names = append(names, s.Clock)
		}
	}
	readings := make([]packet.ClockReading, len(names))
	for i, name := range names {
		readings[i] = l.phcs.read(name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range readings {
		readings[i].At = unixTime(l.clock.now())
	}
	return readings
}

// phcReader reads PTP hardware clocks. Tests have clocks of their own.
type phcReader struct {
	phc  func(clock string) (PHCOffset, error)
	host func() (hostClocks, error)
}

// kernelPHCs are the clocks of this host.
var kernelPHCs = phcReader{ReadPHC, readHostClocks}

// read reads a clock between two readings of the host's own: the kernel compares
// it with the system's clock, which can be steered by a tenth or be set.
func (p *phcReader) read(clock string) packet.ClockReading {
	r := packet.ClockReading{Clock: clock}
	if !isPHC(clock) {
		r.Fault = errNoPHC.Error()
		return r
	}
	before, err := p.host()
	if err != nil {
		r.Fault = err.Error()
		return r
	}
	offset, err := p.phc(clock)
	if err != nil {
		r.Fault = err.Error()
		return r
	}
	after, err := p.host()
	if err == nil {
		r.Steady, err = steadyAt(offset.At, &before, &after)
	}
	if err != nil {
		r.Fault = err.Error()
		return r
	}
	r.System, r.Hardware = offset.At, offset.At.Add(offset.Offset)
	r.Window = offset.Delay + max(before.window, after.window)
	return r
}

// hostClocks are the host's own clocks, read at once but for a window.
type hostClocks struct {
	system time.Time     // CLOCK_REALTIME
	steady time.Duration // CLOCK_MONOTONIC_RAW
	window time.Duration
}

// isPHC says whether a name is that of a clock's device: a clock that nobody sees
// goes by the name of its interface, and /dev/watchdog is better not opened.
func isPHC(clock string) bool {
	number, is := strings.CutPrefix(clock, "ptp")
	_, err := strconv.ParseUint(number, 10, 16)
	return is && err == nil
}

var errNoPHC = errors.New("the kernel does not say which clock it is")

var errClockSet = errors.New("the system's clock was set meanwhile")

// steadyAt is what CLOCK_MONOTONIC_RAW told at a time of the system's clock that
// lies between two readings of both.
func steadyAt(at time.Time, before, after *hostClocks) (time.Duration, error) {
	system, steady := after.system.Sub(before.system), after.steady-before.steady
	// Linux steers by a tenth at most.
	allowed := steady/9 + before.window + after.window
	since := at.Sub(before.system)
	if (system-steady).Abs() > allowed || since < -before.window || since > system+after.window {
		return 0, errClockSet
	}
	if system <= 0 {
		return before.steady, nil
	}
	return before.steady + time.Duration(float64(since)*float64(steady)/float64(system)), nil
}

// hostReadings is how often the host's clocks are read for one good reading:
// the process may be interrupted in any of them.
const hostReadings = 3

func readHostClocks() (best hostClocks, err error) {
	for i := range hostReadings {
		var first, system, second unix.Timespec
		err := errors.Join(unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &first), unix.ClockGettime(unix.CLOCK_REALTIME, &system), unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &second))
		if err != nil {
			return hostClocks{}, err
		}
		window := time.Duration(second.Nano() - first.Nano())
		if i == 0 || window < best.window {
			best = hostClocks{unixTime(system.Nano()), time.Duration(first.Nano()) + window/2, window}
		}
	}
	return best, nil
}
