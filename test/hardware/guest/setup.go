//go:build linux && amd64

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// moduleInitCompressed lets the kernel unpack the module itself
// (MODULE_INIT_COMPRESSED_FILE of linux/module.h).
const moduleInitCompressed = 4

func setUp() error {
	for _, fs := range []struct{ kind, dir string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"}} {
		if err := os.MkdirAll(fs.dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(fs.kind, fs.dir, fs.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", fs.dir, err)
		}
	}
	for _, module := range []string{"dca", "i2c-algo-bit", "igb"} {
		if err := load(filepath.Join("/modules", module+".ko.xz")); err != nil {
			return err
		}
	}
	for _, nic := range []string{"lo", hardware.ClientNIC, hardware.GrandmasterNIC} {
		if err := linkUp(nic); err != nil {
			return fmt.Errorf("%s up: %w", nic, err)
		}
	}
	// What they have to stamp: a client receives Sync, its grandmaster Delay_Req.
	if err := keepStamping(hardware.ClientNIC, 0x00); err != nil {
		return err
	}
	if err := keepStamping(hardware.GrandmasterNIC, 0x01); err != nil {
		return err
	}
	return advance(hardware.ClientAhead)
}

func load(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", moduleInitCompressed); err != nil {
		return fmt.Errorf("load %s: %w", name, err)
	}
	return nil
}

// linkUp enables nic and waits for its carrier.
func linkUp(nic string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq(nic)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, ifr); err != nil {
		return err
	}
	ifr.SetUint16(ifr.Uint16() | unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		return err
	}
	return condition{"a carrier", func() (bool, error) {
		i, err := net.InterfaceByName(nic)
		return err == nil && i.Flags&net.FlagRunning != 0, err
	}}.wait()
}
