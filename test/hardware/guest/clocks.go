//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// client is a ptp4l that measures and leaves its clock alone: its servo does
// not settle on an emulated one.
var client = ptp4l("client", hardware.ClientNIC, "--clientOnly=1", "--free_running=1")

var grandmaster = ptp4l("grandmaster", hardware.GrandmasterNIC)

// ptp4l is a clock that stamps in hardware. PTP rides on Ethernet here, so its
// frames leave by the NIC they are given to and need no namespaces for it.
func ptp4l(name, nic string, options ...string) program {
	return program{
		name: name,
		args: append([]string{"/usr/sbin/ptp4l", "-2", "-H", "-m", "-i", nic,
			"--uds_address=/run/" + name, "--uds_ro_address=/run/" + name + "ro",
			"--logAnnounceInterval=0", "--logSyncInterval=-3", "--logMinDelayReqInterval=-3", "--tx_timestamp_timeout=200"}, options...),
		ready: condition{name + " has its NIC", func() (bool, error) {
			out, err := pmc(name, "PORT_DATA_SET")
			return err == nil && portState.Match(out), nil
		}},
	}
}

// enough is how many messages of a kind a share is taken of.
const enough = 60

var measured = condition{fmt.Sprintf("%d Sync and as many Delay_Req", enough), func() (bool, error) {
	c, err := counters()
	return c.ReceivedSync >= enough && c.SentDelayReq >= enough, err
}}

var portState = regexp.MustCompile(`portState\s+(LISTENING|MASTER)`)

// pmc asks a ptp4l for a data set.
func pmc(name, dataset string) ([]byte, error) {
	out, err := exec.Command("/usr/sbin/pmc", "-u", "-b", "0", "-i", "/run/pmc", "-s", "/run/"+name, "GET "+dataset).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("pmc: %w: %s", err, out)
	}
	return out, nil
}

var counter = regexp.MustCompile(`(rx_Sync|tx_Delay_Req)\s+(\d+)`)

// counters asks the client what it received and sent.
func counters() (c hardware.Counters, err error) {
	out, err := pmc(client.name, "PORT_STATS_NP")
	if err != nil {
		return c, err
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
