//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/lab"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// up brings up a network until ctx ends:
//
//	gm1, gm2, attacker, monitor --- hub eth0 --- up device down --- client
func up(ctx context.Context, args []string) (err error) {
	if len(args) > 0 {
		return fmt.Errorf("up: %q: it takes no arguments", args[0])
	}
	n, err := lab.NewNetwork()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := lay(n); err != nil {
		return err
	}
	clocks, err := start(n)
	if err != nil {
		return err
	}
	tell(n, clocks)
	<-ctx.Done()
	return nil
}

// grandmasters are the identities of gm1 and gm2, which ptp4l makes of the
// addresses that the first two nodes on the first segment have.
var grandmasters = [...]ptp.ClockIdentity{0x025054_fffe_000101, 0x025054_fffe_000102}

func lay(n *lab.Network) error {
	return errors.Join(
		n.Hub("eth0", "gm1", "gm2", "attacker", "monitor"),
		n.Bridge("device", "br0"),
		n.Plug("device", "up", "eth0"),
		n.Cable("client", "eth0", "device", "down"),
		n.Enslave("device", "up", "br0"),
		n.Enslave("device", "down", "br0"),
	)
}

func start(n *lab.Network) (clocks map[string]*lab.Clock, err error) {
	clocks = map[string]*lab.Clock{}
	for _, c := range []struct{ node, options string }{
		{"gm1", "--priority1 100 --unicast_listen 1"},
		{"gm2", "--priority1 110 --unicast_listen 1"},
		{"client", "--slaveOnly 1"},
	} {
		options := "-i eth0 --logAnnounceInterval 0 --logSyncInterval -3 --logMinDelayReqInterval -3 " + c.options
		if clocks[c.node], err = n.Clock(c.node, strings.Fields(options)...); err != nil {
			return nil, err
		}
	}
	return clocks, nil
}

func tell(n *lab.Network, clocks map[string]*lab.Clock) {
	for _, node := range []string{"gm1", "gm2", "client"} {
		fmt.Printf("%-9s ip netns exec %s pmc -u -b 0 -s %s 'GET CURRENT_DATA_SET'\n", node, n.Namespace(node), clocks[node].Socket())
	}
	fmt.Printf(`%-9s ip netns exec %s bin/ptpwatch run -i eth0
%-9s bin/labtool rogue -node %s
%-9s bin/labtool in-path -node %s -sync -delay 1ms

Ctrl-C takes it all down.
`, "monitor", n.Namespace("monitor"), "attacker", n.Namespace("attacker"), "device", n.Namespace("device"))
}
