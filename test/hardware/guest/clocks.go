//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

const clientSocket = "/run/client"

// ptp4l starts a clock in hardware mode. PTP rides on Ethernet here, so its
// frames leave by the NIC they are given to and need no namespace to do so.
func ptp4l(name, nic string, options ...string) (*process, error) {
	return start(name, "/usr/sbin/ptp4l", append([]string{"-2", "-H", "-m", "-i", nic,
		"--uds_address=/run/" + name, "--uds_ro_address=/run/" + name + "ro",
		"--logSyncInterval=-3", "--logMinDelayReqInterval=-3", "--logAnnounceInterval=0",
		"--tx_timestamp_timeout=200"}, options...)...)
}

func startGrandmaster() (*process, error) {
	return ptp4l("grandmaster", hardware.GrandmasterNIC)
}

// startClient starts a client that measures but leaves its clock alone:
// ptp4l's servo does not settle on the emulated one.
func startClient() (*process, error) {
	return ptp4l("client", hardware.ClientNIC, "--clientOnly=1", "--free_running=1")
}

var counter = regexp.MustCompile(`(rx_Sync|tx_Delay_Req)\s+(\d+)`)

// clientCounters asks the client what it received and sent.
func clientCounters() (c hardware.Counters, err error) {
	out, err := exec.Command("/usr/sbin/pmc", "-u", "-b", "0", "-i", "/run/pmc", "-s", clientSocket, "GET PORT_STATS_NP").CombinedOutput()
	if err != nil {
		return c, fmt.Errorf("pmc: %w: %s", err, out)
	}
	for _, m := range counter.FindAllSubmatch(out, -1) {
		n, err := strconv.Atoi(string(m[2]))
		if err != nil {
			return c, err
		}
		if string(m[1]) == "rx_Sync" {
			c.ReceivedSync = n
		} else {
			c.SentDelayReq = n
		}
	}
	return c, nil
}

// measured waits until the client has had syncs and sent requests enough.
func measured() error {
	return waitFor(40*time.Second, "60 Sync and 60 Delay_Req", func() (bool, error) {
		c, err := clientCounters()
		return c.ReceivedSync >= 60 && c.SentDelayReq >= 60, err
	})
}
