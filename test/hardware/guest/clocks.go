//go:build linux && amd64

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// client is a ptp4l that measures and leaves its clock alone: its servo does
// not settle on an emulated one.
var client = ptp4l("client", hardware.ClientNIC, "--clientOnly=1", "--free_running=1")

// grandmaster adds the first to when it sent a Sync and takes the second from
// when it received a Delay_Req.
var grandmaster = ptp4l("grandmaster", hardware.GrandmasterNIC,
	fmt.Sprintf("--egressLatency=-%d", hardware.ForwardDelay.Nanoseconds()),
	fmt.Sprintf("--ingressLatency=-%d", hardware.ReverseDelay.Nanoseconds()))

// ptp4l is a clock that stamps in hardware. PTP rides on Ethernet here, so its
// frames leave by the NIC they are given to and need no namespaces for it.
func ptp4l(name, nic string, options ...string) program {
	return program{
		name: name,
		args: append([]string{"/usr/sbin/ptp4l", "-2", "-H", "-m", "-i", nic,
			"--uds_address=/run/" + name, "--uds_ro_address=/run/" + name + "ro",
			"--logAnnounceInterval=0", "--logSyncInterval=-3", "--logMinDelayReqInterval=-3",
			"--tx_timestamp_timeout=200"}, options...),
		ready: condition{name + " has its NIC", func() (bool, error) {
			values, err := pmc(name, "PORT_DATA_SET")
			return err == nil && values["portState"] == "LISTENING", nil
		}},
	}
}

// pmc asks a ptp4l for data sets and returns their values by name.
func pmc(name string, datasets ...string) (map[string]string, error) {
	cmd := exec.Command("/usr/sbin/pmc", "-u", "-b", "0", "-i", "/run/pmc", "-s", "/run/"+name)
	for _, d := range datasets {
		cmd.Args = append(cmd.Args, "GET "+d)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("pmc: %w: %s", err, out)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) == 2 {
			values[fields[0]] = fields[1]
		}
	}
	return values, nil
}

// askClient asks the client how it fares.
func askClient() (hardware.Client, error) {
	values, err := pmc(client.name, "PORT_STATS_NP", "CURRENT_DATA_SET")
	number := func(key string) float64 {
		n, wrong := strconv.ParseFloat(values[key], 64)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("pmc: %s: %w", key, wrong))
		}
		return n
	}
	c := hardware.Client{
		ReceivedSync: int(number("rx_Sync")), SentDelayReq: int(number("tx_Delay_Req")),
		OffsetFromMaster: number("offsetFromMaster"), MeanPathDelay: number("meanPathDelay"),
	}
	return c, err
}

// enough is how many messages of a kind a share is taken of.
const enough = 60

var measured = condition{fmt.Sprintf("%d Sync and as many Delay_Req", enough), func() (bool, error) {
	c, err := askClient()
	return c.ReceivedSync >= enough && c.SentDelayReq >= enough, err
}}
