package capture

import (
	"fmt"
	"os"

	"github.com/facebook/time/phc"
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
	d := phc.FromFile(f)
	if precise, err := d.ReadSysoffPrecise(); err == nil {
		return newPHCOffset(phc.SysRToffFromPrecise(precise)), nil
	}
	extended, err := d.ReadSysoffExtendedRealTimeClock()
	if err != nil {
		return PHCOffset{}, fmt.Errorf("PTP_SYS_OFFSET_EXTENDED of %s: %w", device, err)
	}
	return newPHCOffset(extended.BestSample()), nil
}

// newPHCOffset turns the sign: facebook/time's is system minus hardware clock.
func newPHCOffset(r phc.SysoffResult) PHCOffset {
	return PHCOffset{At: r.SysTime.UTC(), Offset: -r.Offset, Delay: r.Delay}
}
