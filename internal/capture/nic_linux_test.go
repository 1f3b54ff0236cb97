package capture

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/facebook/time/phc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
)

func TestPHCOffset(t *testing.T) {
	system := time.Unix(1_700_000_000, 500)
	got := newPHCOffset(phc.SysoffResult{SysTime: system, PHCTime: system.Add(37 * time.Second), Offset: -37 * time.Second, Delay: 800})
	want := PHCOffset{At: system.UTC(), Offset: 37 * time.Second, Delay: 800}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a clock of TAI (-want +got)\n%s", diff)
	}
	if _, err := ReadPHC("ptp4094"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/dev/ptp4094") {
		t.Errorf("a clock that is not there: %v", err)
	}
	if _, err := ReadPHC("null"); !errors.Is(err, unix.ENOTTY) || !strings.Contains(err.Error(), "/dev/null: PTP_SYS_OFFSET_EXTENDED") {
		t.Errorf("no clock: %v", err)
	}
}

func TestNICs(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	labtest.IP(t, "link set left down")
	got, err := NICs()
	if err != nil {
		t.Fatal(err)
	}
	plain := func(name, driver string, modes StampModes, link LinkState) NIC {
		return NIC{
			Name: name, Driver: driver, Link: link, Modes: modes, TxTypes: []TxType{}, RxFilters: []RxFilter{},
			ConfigError: "SIOCGHWTSTAMP of " + name + ": operation not supported",
		}
	}
	const software = TransmitSoftware | ReceiveSoftware | SystemClock
	want := []NIC{
		plain("lo", "loopback", software, LinkUp),
		plain("right", "veth", software, LinkDown), // a pair's second end is made first
		plain("left", "veth", software, LinkDown),
	}
	want[2].Disabled = true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestKernelRefuses: what a NIC without hardware stamps says to being set.
func TestKernelRefuses(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	k, err := newKernelNICs()
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	if err := k.setConfig("left", HardwareConfig{RxFilter: FilterAll}); !errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, errFilterRefused) {
		t.Errorf("veth: %v", err)
	}
	if err := k.setConfig("absent", HardwareConfig{}); !errors.Is(err, unix.ENODEV) {
		t.Errorf("no such interface: %v", err)
	}
	if _, err := k.read("absent"); !errors.Is(err, unix.ENODEV) {
		t.Errorf("no such interface: %v", err)
	}
	if _, err := k.read("a name that is far too long"); !errors.Is(err, unix.EINVAL) {
		t.Errorf("no name: %v", err)
	}
	index, err := interfaceIndex(k.fd, "left")
	if got := k.nameOf(index); got != "left" || err != nil {
		t.Errorf("name of %d is %q (%v)", index, got, err)
	}
	if got := k.nameOf(1 << 20); got != "" {
		t.Errorf("an index of none has name %q", got)
	}
}
