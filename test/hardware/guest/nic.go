//go:build linux && amd64

package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// Registers of the 82576, by their names in its datasheet.
const (
	tsyncrxcfg = 0x5F50 // bits 8 to 15: first octet of the PTP messages to stamp
	tsyncrxctl = 0xB620 // bit 0: the latch holds a receive timestamp
	rxsatrh    = 0xB630 // reading it frees the latch
	barSize    = 0x20000
)

// keepStamping makes the emulated NIC stamp every message of one kind. A real
// igb stamps all it is asked for. QEMU's compares the message's first octet
// with TSYNCRXCFG, where the driver writes something else, and stamps no other
// message until RXSATRH is read, which the driver does not do.
func keepStamping(nic string, firstOctet uint32) error {
	bar := "/sys/class/net/" + nic + "/device/resource0"
	f, err := os.OpenFile(bar, os.O_RDWR|os.O_SYNC, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	mem, err := unix.Mmap(int(f.Fd()), 0, barSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map %s: %w (boot with iomem=relaxed)", bar, err)
	}
	register := func(at int) *uint32 { return (*uint32)(unsafe.Pointer(&mem[at])) }
	match, latched, free := register(tsyncrxcfg), register(tsyncrxctl), register(rxsatrh)
	go func() {
		for held := false; ; time.Sleep(time.Millisecond) {
			if atomic.LoadUint32(match) != firstOctet<<8 {
				atomic.StoreUint32(match, firstOctet<<8)
			}
			// The driver has had a millisecond to read the timestamp.
			if held {
				atomic.LoadUint32(free)
			}
			held = !held && atomic.LoadUint32(latched)&1 != 0
		}
	}()
	return nil
}

// advance sets the clock of the client's NIC ahead.
func advance(by time.Duration) error {
	const clock = "/dev/ptp0"
	f, err := os.OpenFile(clock, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	step := unix.Timex{Modes: unix.ADJ_SETOFFSET | unix.ADJ_NANO}
	step.Time.Usec = by.Nanoseconds()
	if _, err := unix.ClockAdjtime(unix.FdToClockID(int(f.Fd())), &step); err != nil {
		return fmt.Errorf("step %s: %w", clock, err)
	}
	return nil
}

// receiving: the client's NIC stamps what it receives.
var receiving = condition{hardware.ClientNIC + " stamps what it receives", func() (bool, error) {
	s, err := stamping(hardware.ClientNIC)
	return s.RXFilter != unix.HWTSTAMP_FILTER_NONE, err
}}

// stamping reads what a NIC is set to.
func stamping(nic string) (hardware.Stamping, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return hardware.Stamping{}, err
	}
	defer unix.Close(fd)
	c, err := unix.IoctlGetHwTstamp(fd, nic)
	if err != nil {
		return hardware.Stamping{}, fmt.Errorf("SIOCGHWTSTAMP %s: %w", nic, err)
	}
	return hardware.Stamping{TXType: c.Tx_type, RXFilter: c.Rx_filter}, nil
}
