package capture

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/facebook/time/phc"
	"golang.org/x/sys/unix"
)

// ReadPHC compares a PTP hardware clock ("ptp0") with the system's. It needs
// to read /dev/ptp0 and changes nothing.
func ReadPHC(clock string) (PHCOffset, error) {
	device := "/dev/" + clock
	f, err := os.Open(device)
	if err != nil {
		return PHCOffset{}, err
	}
	defer f.Close()
	offset, err := comparePHC(phc.FromFile(f))
	if err != nil {
		return PHCOffset{}, fmt.Errorf("read %s: %w", device, err)
	}
	return offset, nil
}

// phcDevice is a phc.Device, but for tests.
type phcDevice interface {
	ReadSysoffPrecise() (*phc.PTPSysOffsetPrecise, error)
	ReadSysoffExtendedRealTimeClock() (*phc.PTPSysOffsetExtended, error)
	Time() (time.Time, error)
}

// comparePHC takes the best of what the driver offers: both clocks read by the
// hardware at once, or the kernel's reading of the system's clock around that of
// the device, or our own.
func comparePHC(d phcDevice) (PHCOffset, error) {
	if precise, err := d.ReadSysoffPrecise(); err == nil {
		return newPHCOffset(phc.SysRToffFromPrecise(precise)), nil
	}
	extended, err := d.ReadSysoffExtendedRealTimeClock()
	switch {
	case err == nil:
		return newPHCOffset(extended.BestSample()), nil
	case !errors.Is(err, unix.EOPNOTSUPP):
		return PHCOffset{}, fmt.Errorf("PTP_SYS_OFFSET_EXTENDED: %w", err)
	}
	var best phc.SysoffResult
	for i := range phc.ExtendedNumProbes {
		before := time.Now()
		told, err := d.Time()
		after := time.Now()
		if err != nil {
			return PHCOffset{}, err
		}
		if r := phc.SysoffEstimateBasic(before, told, after); i == 0 || r.Delay < best.Delay {
			best = r
		}
	}
	return newPHCOffset(best), nil
}

// newPHCOffset turns the sign: facebook/time's is system minus hardware clock.
// A window in which the system's clock was set may be less than nothing.
func newPHCOffset(r phc.SysoffResult) PHCOffset {
	return PHCOffset{At: r.SysTime.Round(0).UTC(), Offset: -r.Offset, Delay: max(r.Delay, 0)}
}
