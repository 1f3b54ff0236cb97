//go:build linux

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

// Registers of the 82576 by their names in its datasheet.
const (
	tsyncrxcfg = 0x5F50 // bits 8-15: first octet of the PTP messages to stamp
	rxsatrh    = 0xB630 // reading it frees the receive timestamp latch
	barSize    = 0x20000
)

// keepStamping makes the emulated NIC stamp every message of one kind. A real
// igb stamps all it is asked to; QEMU's compares the message's first octet
// with TSYNCRXCFG, which the driver leaves at another value, and after one
// stamp waits for a read of RXSATRH that the driver never does.
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
	match := (*uint32)(unsafe.Pointer(&mem[tsyncrxcfg]))
	latch := (*uint32)(unsafe.Pointer(&mem[rxsatrh]))
	go func() {
		for ; ; time.Sleep(2 * time.Millisecond) {
			if atomic.LoadUint32(match) != firstOctet<<8 {
				atomic.StoreUint32(match, firstOctet<<8)
			}
			atomic.LoadUint32(latch)
		}
	}()
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
