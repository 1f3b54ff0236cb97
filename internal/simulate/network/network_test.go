package network

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// sink is a host that keeps what it gets.
type sink struct {
	n    *Network
	port *Port
	got  []arrival
}

type arrival struct {
	At       event.Time
	Sequence uint16
}

func newSink(n *Network, mac byte) *sink {
	s := &sink{n: n}
	s.port = &Port{Node: s, MAC: packet.MAC{5: mac}}
	return s
}

func (s *sink) Wants(*Port, *Frame) bool { return true }
func (s *sink) Receive(_ *Port, f *Frame) {
	s.got = append(s.got, arrival{s.n.now, f.Message.SequenceID})
}

// send sends a numbered frame to somebody, or to all.
func (s *sink) send(sequence uint16, to packet.MAC) {
	f := s.n.Frame()
	*f = Frame{network: s.n, holders: 1, Source: s.port.MAC, Destination: to}
	f.Message.SequenceID = sequence
	s.port.Send(f, s.port.Departure(s.n.now))
	f.Release()
}

var everyone = packet.MAC{0x01, 0x1B, 0x19}

// record is a tap's list of what it saw.
func record(n *Network, name string) (*Tap, *[]arrival) {
	perfect, _ := oscillator.Named("perfect")
	clock := oscillator.NewClock(oscillator.New(perfect, 1, name), 0)
	var got []arrival
	return n.NewTap(name, oscillator.NewStamper(clock, 0, 0, 1, name), func(ns int64, f *Frame) {
		got = append(got, arrival{event.Time(ns) * event.Nanosecond, f.Message.SequenceID})
	}), &got
}

func TestLinkDelaysAndTaps(t *testing.T) {
	n := New(1)
	a, b := newSink(n, 1), newSink(n, 2)
	l := n.Join("link", a.port, b.port)
	l.SetDelay(1000*event.Nanosecond, 600*event.Nanosecond)
	tap, seen := record(n, "tap")
	l.AddTap(tap, 0.25, 0, 1)
	a.send(1, everyone)
	b.send(2, everyone)
	n.Run(event.Second)
	if diff := cmp.Diff([]arrival{{1000 * event.Nanosecond, 1}}, b.got); diff != "" {
		t.Errorf("there: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]arrival{{600 * event.Nanosecond, 2}}, a.got); diff != "" {
		t.Errorf("back: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]arrival{{250 * event.Nanosecond, 1}, {450 * event.Nanosecond, 2}}, *seen); diff != "" {
		t.Errorf("tap: -want +got:\n%s", diff)
	}
}

// holdUp is a device that delays all it sees and renumbers it.
type holdUp struct{ by event.Time }

func (d holdUp) Pass(f *Frame, _ event.Time) (*Frame, event.Time) {
	g := f.Copy()
	g.Message.SequenceID += 100
	return g, d.by
}

// A tap before a device sees the frame as it was, one behind it as it is.
func TestDeviceBetweenTaps(t *testing.T) {
	n := New(1)
	a, b := newSink(n, 1), newSink(n, 2)
	l := n.Join("link", a.port, b.port)
	l.SetDelay(event.Microsecond, event.Microsecond)
	before, seenBefore := record(n, "before")
	behind, seenBehind := record(n, "behind")
	l.AddTap(behind, 0.9, 0)
	l.AddTap(before, 0.1, 0)
	remove := l.AddDevice(holdUp{50 * event.Nanosecond}, 0.5, 0)
	a.send(1, everyone)
	n.Run(event.Millisecond)
	remove()
	a.send(2, everyone)
	n.Run(2 * event.Millisecond)
	later := event.Millisecond
	for _, c := range []struct {
		name      string
		want, got []arrival
	}{
		{"before", []arrival{{100 * event.Nanosecond, 1}, {later + 100*event.Nanosecond, 2}}, *seenBefore},
		{"behind", []arrival{{950 * event.Nanosecond, 101}, {later + 900*event.Nanosecond, 2}}, *seenBehind},
		{"end", []arrival{{1050 * event.Nanosecond, 101}, {later + 1000*event.Nanosecond, 2}}, b.got},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
	if len(n.spare) == 0 || n.spare[0].holders != 0 {
		t.Errorf("frames are not given back: %d spare", len(n.spare))
	}
}

// Frames leave a port one after the other, and keep their order in a queue.
func TestOrderIsKept(t *testing.T) {
	n := New(1)
	a, b := newSink(n, 1), newSink(n, 2)
	l := n.Join("link", a.port, b.port)
	l.SetLoad(0, Load{Mean: 0.9, Packet: 12 * event.Microsecond, Correlation: event.Microsecond, Limit: event.Millisecond})
	for i := range uint16(1000) {
		a.send(i, everyone)
		n.Run(n.now + 3*event.Microsecond)
	}
	n.Run(n.now + event.Second)
	if len(b.got) != 1000 {
		t.Fatalf("%d of 1000 came", len(b.got))
	}
	for i, g := range b.got[1:] {
		if g.Sequence != b.got[i].Sequence+1 || g.At < b.got[i].At+frameTime {
			t.Fatalf("%v after %v", g, b.got[i])
		}
	}
}

func TestLoss(t *testing.T) {
	n := New(1)
	a, b := newSink(n, 1), newSink(n, 2)
	l := n.Join("link", a.port, b.port)
	l.SetLoss(0.25)
	tap, seen := record(n, "tap")
	l.AddTap(tap, 0.5, 0)
	const frames = 20_000
	for i := range frames {
		a.send(uint16(i), everyone)
		n.Run(n.now + event.Millisecond)
	}
	// Half of those that are lost were lost behind the tap.
	if got := float64(len(b.got)) / frames; got < 0.74 || got > 0.76 {
		t.Errorf("%.3f arrive", got)
	}
	if got := float64(len(*seen)) / frames; got < 0.865 || got > 0.885 {
		t.Errorf("%.3f pass the tap", got)
	}
	l.SetLoss(0)
	l.SetDown(true)
	arrived := len(b.got)
	a.send(1, everyone)
	n.Run(n.now + event.Second)
	if len(b.got) != arrived {
		t.Error("a frame came over a link that is down")
	}
}

func TestSwitch(t *testing.T) {
	n := New(1)
	s := n.NewSwitch("switch")
	s.Residence = 2 * event.Microsecond
	hosts := []*sink{newSink(n, 1), newSink(n, 2), newSink(n, 3)}
	for _, h := range hosts {
		n.Join(string('a'+rune(h.port.MAC[5])), h.port, s.AddPort()).SetDelay(event.Microsecond, event.Microsecond)
	}
	counts := func() (c [3]int) {
		for i, h := range hosts {
			c[i] = len(h.got)
			h.got = nil
		}
		return c
	}
	for _, c := range []struct {
		name string
		from int
		to   packet.MAC
		want [3]int
	}{
		{"multicast floods", 0, everyone, [3]int{0, 1, 1}},
		{"unknown floods", 0, hosts[2].port.MAC, [3]int{0, 1, 1}},
		{"back to the known", 2, hosts[0].port.MAC, [3]int{1, 0, 0}},
		{"now known", 0, hosts[2].port.MAC, [3]int{0, 0, 1}},
		{"link-local stays", 0, packet.MAC{0x01, 0x80, 0xC2, 0, 0, 0x0E}, [3]int{0, 0, 0}},
		{"to its own side", 0, hosts[0].port.MAC, [3]int{0, 0, 0}},
	} {
		hosts[c.from].send(1, c.to)
		n.Run(n.now + event.Second)
		if got := counts(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	begun := n.now
	hosts[0].send(7, hosts[2].port.MAC)
	n.Run(n.now + event.Second)
	if got := hosts[2].got[0].At - begun; got != 4*event.Microsecond {
		t.Errorf("two links and a switch take %d ps", got)
	}
}

func TestRouter(t *testing.T) {
	n := New(1)
	r := n.NewRouter("router")
	a, b := newSink(n, 1), newSink(n, 2)
	near, far := r.AddPort(), r.AddPort()
	near.MAC, far.MAC = packet.MAC{5: 8}, packet.MAC{5: 9}
	n.Join("near", a.port, near)
	n.Join("far", far, b.port)
	to := netip.MustParseAddr("10.0.0.2")
	r.Route(to, far, b.port.MAC)
	var through *Frame
	tap := n.NewTap("tap", perfectStamper(), func(_ int64, f *Frame) { through = f.Copy() })
	b.port.Link().AddTap(tap, 0.5, 0, 1)
	for _, c := range []struct {
		name string
		ip   string
		ttl  uint8
		mac  packet.MAC
		want int
	}{
		{"routed", "10.0.0.2", 64, near.MAC, 1},
		{"no route", "10.0.0.3", 64, near.MAC, 0},
		{"expired", "10.0.0.2", 1, near.MAC, 0},
		{"not for the router", "10.0.0.2", 64, packet.MAC{5: 77}, 0},
	} {
		b.got = nil
		f := n.Frame()
		*f = Frame{network: n, holders: 1, Source: a.port.MAC, Destination: c.mac, Transport: packet.UDPv4,
			SourceIP: netip.MustParseAddr("10.0.0.1"), DestinationIP: netip.MustParseAddr(c.ip), TTL: c.ttl}
		a.port.Send(f, a.port.Departure(n.now))
		f.Release()
		n.Run(n.now + event.Second)
		if len(b.got) != c.want {
			t.Errorf("%s: %d came", c.name, len(b.got))
		}
	}
	if through == nil || through.TTL != 63 || through.Source != far.MAC || through.Destination != b.port.MAC {
		t.Errorf("behind the router: %+v", through)
	}
}

func perfectStamper() *oscillator.Stamper {
	perfect, _ := oscillator.Named("perfect")
	return oscillator.NewStamper(oscillator.NewClock(oscillator.New(perfect, 1, "p"), 0), 0, 0, 1, "p")
}

// A timer fires at the latest time that it was set to, and only then.
func TestTimer(t *testing.T) {
	n := New(1)
	var fired []event.Time
	timer := n.NewTimer(func() { fired = append(fired, n.now) })
	timer.Set(10)
	timer.Set(30) // put off
	n.Run(20)
	timer.Set(40)
	timer.Set(25) // brought forward
	n.Run(50)
	timer.Set(60)
	timer.Stop()
	n.Run(70)
	timer.Set(80)
	n.Run(90)
	if diff := cmp.Diff([]event.Time{25, 80}, fired); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A copy's TLVs are its own once they are changed.
func TestFrameCopies(t *testing.T) {
	n := New(1)
	f := n.Frame()
	f.AppendTLV(&ptp.Pad{Octets: ptp.Octets{1, 2}})
	g := f.Copy()
	g.AppendTLV(&ptp.PathTrace{PathSequence: []ptp.ClockIdentity{7}})
	f.RemoveTLV(ptp.TLVPad)
	if f.HasTLV(ptp.TLVPad) || !g.HasTLV(ptp.TLVPad) || !g.HasTLV(ptp.TLVPathTrace) {
		t.Errorf("f has %x, g has %x", f.Message.TLVs, g.Message.TLVs)
	}
	g.RemoveTLV(ptp.TLVPad)
	if g.HasTLV(ptp.TLVPad) || !g.HasTLV(ptp.TLVPathTrace) {
		t.Errorf("g has %x", g.Message.TLVs)
	}
}
