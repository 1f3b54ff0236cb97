//go:build linux && amd64

// Guest is the init of the hardware guest: it sets the NICs up, plays each
// step beside ptp4l, tells what it saw on the second serial port and turns the
// machine off.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: the init of a virtual machine, not to be run elsewhere")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Println("guest:", err)
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println("guest: power off:", err)
	}
}

func run() error {
	if err := setUp(); err != nil {
		return err
	}
	results, err := os.OpenFile("/dev/ttyS1", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() {
		unix.IoctlSetInt(int(results.Fd()), unix.TCSBRK, 1) // wait until all is sent
		results.Close()
	}()
	out := json.NewEncoder(results)
	for _, s := range steps {
		if err := out.Encode(play(s.name, s.play)); err != nil {
			return err
		}
	}
	return nil
}
