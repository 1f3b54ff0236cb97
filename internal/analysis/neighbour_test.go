package analysis

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Which of the ports that answer Pdelay_Reqs at a tap a Sync came from.
func TestUpstream(t *testing.T) {
	mac := func(n byte) packet.MAC { return packet.MAC{2, 0, 0, 0, 0, n} }
	down, up := direction{iface: "down"}, direction{iface: "up"}
	for _, c := range []struct {
		name string
		ends []neighbour // their port is that of their number
		sync syncHalf
		want int // number of the port; 0 for none
	}{
		{"nobody answers", nil, syncHalf{from: down, mac: mac(9)}, 0},
		{"an end each way", []neighbour{{mac: mac(1), from: down, apart: true}, {mac: mac(2), from: up, apart: true}}, syncHalf{from: down, mac: mac(9)}, 1},
		{"an end each way, backwards", []neighbour{{mac: mac(1), from: down, apart: true}, {mac: mac(2), from: up, apart: true}}, syncHalf{from: up, mac: mac(9)}, 2},
		{"ways not told apart", []neighbour{{mac: mac(1), from: down}, {mac: mac(2), from: down}}, syncHalf{from: down, mac: mac(9)}, 0},
		{"ways not told apart, one has answered so far", []neighbour{{mac: mac(2), from: down}}, syncHalf{from: down, mac: mac(9)}, 0},
		{"forwarded by its own address", []neighbour{{mac: mac(1), from: down}, {mac: mac(2), from: down}}, syncHalf{from: down, mac: mac(2)}, 2},
		{"an address before a direction", []neighbour{{mac: mac(1), from: down, apart: true}, {mac: mac(2), from: up, apart: true}}, syncHalf{from: down, mac: mac(2)}, 2},
		{"two by one address", []neighbour{{mac: mac(1), from: down}, {mac: mac(1), from: down}}, syncHalf{from: down, mac: mac(1)}, 0},
		{"two in one direction", []neighbour{{mac: mac(1), from: down, apart: true}, {mac: mac(2), from: down, apart: true}}, syncHalf{from: down, mac: mac(9)}, 0},
		{"no addresses", []neighbour{{from: down}, {from: down}}, syncHalf{from: down}, 0},
		{"the last answer long ago", []neighbour{{mac: mac(1), from: down, apart: true, last: -2 * 60e9}, {mac: mac(2), from: up, apart: true}}, syncHalf{from: down, mac: mac(1)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := New(Config{})
			tr.now = toInstant(epoch)
			d := tr.domain(Scope{Network: "eth0"})
			sender := tr.newPort(portKey{d, ptp.PortIdentity{ClockIdentity: 99, PortNumber: 1}})
			for i, n := range c.ends {
				n.port = tr.newPort(portKey{d, ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(i + 1), PortNumber: 1}})
				n.last += tr.now
				tr.timingOf(n.port, "link")
				tr.neighbours["link"] = append(tr.neighbours["link"], n)
			}
			c.sync.tap = "link"
			got := tr.upstream(sender, &c.sync)
			for i, n := range tr.neighbours["link"] {
				if is := got == &n.port.timings[0].Meter; is != (c.want == i+1) {
					t.Errorf("it is port %d: %v, want %d", i+1, is, c.want)
				}
			}
			for _, n := range tr.neighbours["link"] {
				tr.dropPort(n.port)
			}
			if got := tr.upstream(sender, &c.sync); got != nil {
				t.Error("a port that is forgotten")
			}
		})
	}
}

// However many ports answer at however many taps, what is kept of them is
// bounded, and those that are heard are among it.
func TestNeighboursAreBounded(t *testing.T) {
	tr := New(Config{})
	d := tr.domain(Scope{Network: "eth0"})
	var last *port
	for i := range 2000 {
		tr.now = toInstant(epoch.Add(time.Duration(i) * time.Second))
		last = tr.newPort(portKey{d, ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(i), PortNumber: 1}})
		for _, tap := range []string{"link", string(rune('a' + i))} {
			tr.noteNeighbour(last, &pdelay{tap: tap})
		}
	}
	list := tr.neighbours["link"]
	kept := false
	for i := range list {
		kept = kept || list[i].port == last
	}
	if len(list) != maxNeighbours || len(tr.neighbours) != maxLinks || !kept {
		t.Errorf("%d neighbours at a tap, %d taps, the newest is kept: %v", len(list), len(tr.neighbours), kept)
	}
}
