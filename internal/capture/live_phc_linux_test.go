package capture

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/facebook/time/phc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// driver is a PTP hardware clock that is ahead of the system's, with a driver
// that offers what it does.
type driver struct {
	precise, extended, told error
	ahead                   time.Duration
}

func ptpTime(t time.Time) phc.PtpClockTime {
	return phc.PtpClockTime{Sec: t.Unix(), Nsec: uint32(t.Nanosecond())}
}

func (d *driver) ReadSysoffPrecise() (*phc.PTPSysOffsetPrecise, error) {
	now := time.Now()
	return &phc.PTPSysOffsetPrecise{Device: ptpTime(now.Add(d.ahead)), Realtime: ptpTime(now)}, d.precise
}

func (d *driver) ReadSysoffExtendedRealTimeClock() (*phc.PTPSysOffsetExtended, error) {
	now, x := time.Now(), &phc.PTPSysOffsetExtended{Samples: 3}
	for i, window := range []time.Duration{9000, 2000, 5000} {
		x.Ts[i] = [3]phc.PtpClockTime{ptpTime(now), ptpTime(now.Add(d.ahead + window/2)), ptpTime(now.Add(window))}
	}
	return x, d.extended
}

func (d *driver) Time() (time.Time, error) { return time.Now().Add(d.ahead), d.told }

// What the driver offers is used; what it does not, is done without.
func TestComparePHC(t *testing.T) {
	const ahead = 37 * time.Second
	missing, broken := error(unix.EOPNOTSUPP), error(unix.EIO)
	for _, c := range []struct {
		name   string
		driver driver
		window [2]time.Duration // from, to
		fault  error
	}{
		{"both at once", driver{nil, nil, nil, ahead}, [2]time.Duration{0, 0}, nil},
		{"the kernel's best reading", driver{missing, nil, nil, ahead}, [2]time.Duration{2000, 2000}, nil},
		{"our own", driver{missing, missing, nil, ahead}, [2]time.Duration{0, time.Second}, nil},
		{"gone", driver{broken, broken, nil, ahead}, [2]time.Duration{}, broken},
		{"nothing at all", driver{missing, missing, broken, ahead}, [2]time.Duration{}, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := comparePHC(&c.driver)
			if !errors.Is(err, c.fault) {
				t.Fatalf("error %v, want %v", err, c.fault)
			}
			if c.fault != nil {
				return
			}
			if got.Delay < c.window[0] || got.Delay > c.window[1] || (got.Offset-ahead).Abs() > got.Delay/2+1 || time.Since(got.At).Abs() > time.Minute {
				t.Errorf("%+v, want %v ahead and %v to read", got, ahead, c.window)
			}
		})
	}
}

// host is a system's clock that runs fast or slow of the oscillator, and is set
// after so many readings.
type host struct {
	*rand.Rand
	steady time.Duration
	rate   float64
	set    time.Duration
	setAt  int
	reads  int
}

var hostEpoch = time.Unix(1_700_000_000, 0)

func (h *host) system() time.Time {
	t := hostEpoch.Add(time.Duration(float64(h.steady) * (1 + h.rate)))
	if h.set != 0 && h.reads >= h.setAt {
		t = t.Add(h.set)
	}
	return t
}

func (h *host) read() (hostClocks, error) {
	h.reads++
	window := time.Duration(h.Int64N(300))
	at := h.steady
	h.steady += window
	return hostClocks{h.system(), at + window/2, window}, nil
}

// compare is the kernel's: the clock tells what the oscillator has counted.
func (h *host) compare(string) (PHCOffset, error) {
	h.reads++
	h.steady += 20 * time.Microsecond
	window := 1000 + time.Duration(h.Int64N(2000))
	told := hostEpoch.Add(h.steady + time.Duration(h.Int64N(int64(window))) - window/2)
	r := PHCOffset{At: h.system(), Offset: told.Sub(h.system()), Delay: window}
	h.steady += 20 * time.Microsecond
	return r, nil
}

// However the system's clock is steered, and if it is set: what the clock told
// belongs to what the oscillator had counted then, within half the window.
func TestClockReading(t *testing.T) {
	for _, c := range []struct {
		name  string
		rate  float64
		set   time.Duration
		setAt int
		fault error
	}{
		{"left alone", 0, 0, 0, nil}, {"steered fast", 0.08, 0, 0, nil}, {"steered slow", -0.08, 0, 0, nil},
		{"set before", 0, -time.Hour, 1, nil}, {"set meanwhile", 0, time.Hour, 2, errClockSet}, {"set back meanwhile", 0, -time.Millisecond, 2, errClockSet},
		{"set after", 0, -time.Hour, 3, errClockSet}, {"set by little", 0, 20 * time.Microsecond, 2, errClockSet},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(200) {
				h := &host{Rand: rand.New(rand.NewPCG(seed, 1)), steady: 100 * time.Hour, rate: c.rate, set: c.set, setAt: c.setAt}
				reader := phcReader{h.compare, h.read}
				got := reader.read("ptp0")
				if c.fault != nil {
					if got.Fault != c.fault.Error() || got.Clock != "ptp0" {
						t.Fatalf("seed %d: %+v, want %v", seed, got, c.fault)
					}
					continue
				}
				miss := got.Hardware.Sub(hostEpoch) - got.Steady
				if got.Fault != "" || miss.Abs() > got.Window/2+2 || got.Window > 3300 {
					t.Fatalf("seed %d: off by %v: %+v", seed, miss, got)
				}
			}
		})
	}
}

// A clock that cannot be read says why, and the others are read.
func TestReadClocks(t *testing.T) {
	faults := map[string]error{"ptp1": &fs.PathError{Op: "open", Path: "/dev/ptp1", Err: fs.ErrPermission}}
	l := &Live{clock: newSteadyClock(), phcs: phcReader{
		phc: func(clock string) (PHCOffset, error) {
			return PHCOffset{At: time.Now().Round(0), Offset: 37 * time.Second, Delay: 900}, faults[clock]
		},
		host: readHostClocks,
	}}
	for _, s := range []InterfaceState{
		{Interface: "eth0", Hardware: true, Clock: "ptp0"}, {Interface: "eth1", Hardware: true, Clock: "ptp0"},
		{Interface: "eth2", Hardware: true, Clock: "ptp1"}, {Interface: "eth3", Clock: "ptp2"}, {Interface: "eth4", Hardware: true},
		{Interface: "watchdog", Hardware: true, Clock: "watchdog"}, // a clock that nobody sees
	} {
		l.listeners = append(l.listeners, &listener{state: s})
	}
	var got []string
	for range 20 { // a busy machine may stop between two readings of the same clock
		got = got[:0]
		for _, r := range l.ReadClocks() {
			got = append(got, r.Clock+": "+r.Fault)
			if time.Since(r.At).Abs() > time.Minute {
				t.Errorf("%s read at %v", r.Clock, r.At)
			}
			if r.Fault == "" && (r.Hardware.Sub(r.System) != 37*time.Second || r.Steady <= 0 || r.Window < 900) {
				t.Errorf("%+v", r)
			}
		}
		if !strings.Contains(got[0], errClockSet.Error()) {
			break
		}
	}
	if diff := cmp.Diff([]string{"ptp0: ", "ptp1: open /dev/ptp1: permission denied", "watchdog: " + errNoPHC.Error()}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var none packet.ClockReading
	if got := (&phcReader{phc: l.phcs.phc, host: func() (hostClocks, error) { return hostClocks{}, unix.EPERM }}).read("ptp0"); got.Fault == "" || !got.Hardware.Equal(none.Hardware) {
		t.Errorf("host's clocks cannot be read: %+v", got)
	}
}
