package node

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// hub is a switch that instances hang on, and that keeps what passes.
type hub struct {
	*bench
	s    *network.Switch
	seen []*network.Frame
	at   []event.Time
}

func newHub(t *testing.T, is ...func(b *bench) *Instance) (*hub, []*Instance) {
	t.Helper()
	h := &hub{bench: newBench(t)}
	h.s = h.NewSwitch("hub")
	perfect := oscillator.NewClock(oscillator.New(h.class("perfect"), 1, "tap"), 0)
	tap := h.NewTap("tap", oscillator.NewStamper(perfect, 0, 0, 1, "tap"), func(ns int64, f *network.Frame) {
		h.seen, h.at = append(h.seen, f.Copy()), append(h.at, event.Time(ns)*event.Nanosecond)
	})
	tap.Mirror(h.s, 0, network.Load{})
	var made []*Instance
	for _, make := range is {
		i := make(h.bench)
		made = append(made, i)
		h.Join(i.Name, i.Ports[0].Wire(), h.s.AddPort()).SetDelay(event.Microsecond, event.Microsecond)
	}
	return h, made
}

func one(name, profile string, change func(*Settings)) func(b *bench) *Instance {
	return func(b *bench) *Instance { return b.instance(name, profile, "perfect", 1, change) }
}

// of are the frames of a type from a clock since some time.
func (h *hub) of(t ptp.MessageType, i *Instance, since event.Time) (found []*network.Frame) {
	for n, f := range h.seen {
		if f.Message.Type == t && f.Message.SourcePortIdentity.ClockIdentity == i.Identity && h.at[n] >= since {
			found = append(found, f)
		}
	}
	return found
}

func better1(s *Settings) { grandmaster(s); s.Priority1 = 1 }

// A foreign master must be heard twice before anybody follows it (IEEE
// 1588-2019 9.3.2.5); in gPTP once (IEEE 802.1AS-2020 10.3.11).
func TestQualification(t *testing.T) {
	for _, c := range []struct {
		profile string
		heard   int
	}{{"default", 2}, {"g8275.1", 2}} {
		h, is := newHub(t, one("gm", c.profile, grandmaster), one("client", c.profile, slaveOnly),
			one("rogue", c.profile, func(s *Settings) { better1(s); s.Quality.ClockAccuracy = 0x20 }))
		gm, client, rogue := is[0], is[1], is[2]
		gm.Start()
		client.Start()
		h.Run(30 * event.Second)
		rogue.Start()
		for client.Grandmaster() == gm.Identity && h.Now() < 60*event.Second {
			h.Run(h.Now() + event.Millisecond)
		}
		if got := len(h.of(ptp.AnnounceMessage, rogue, 0)); got != c.heard || client.Grandmaster() != rogue.Identity {
			t.Errorf("%s: client follows %v after %d Announces, want %d", c.profile, client.Grandmaster(), got, c.heard)
		}
	}
	b := newBench(t)
	gm, rogue := b.instance("gm", "gptp", "perfect", 1, grandmaster), b.instance("rogue", "gptp", "perfect", 1, better1)
	bridge := b.instance("bridge", "gptp", "perfect", 2, nil)
	b.Join("left", gm.Ports[0].Wire(), bridge.Ports[0].Wire()).SetDelay(100*event.Nanosecond, 100*event.Nanosecond)
	b.Join("right", rogue.Ports[0].Wire(), bridge.Ports[1].Wire()).SetDelay(100*event.Nanosecond, 100*event.Nanosecond)
	gm.Start()
	bridge.Start()
	b.Run(10 * event.Second)
	rogue.Start()
	begun := b.Now()
	for !bridge.Ports[1].capable() && b.Now() < 60*event.Second {
		b.Run(b.Now() + event.Millisecond)
	}
	for bridge.Grandmaster() == gm.Identity && b.Now() < 60*event.Second {
		b.Run(b.Now() + event.Millisecond)
	}
	// The link is measured within a second of the start, and the next Announce
	// comes within another.
	if took := b.Now() - begun; took > 2100*event.Millisecond {
		t.Errorf("gptp: the bridge follows %v after %v", bridge.Grandmaster(), took.Duration())
	}
	b.Run(b.Now() + event.Second)
	if gm.Grandmaster() != rogue.Identity {
		t.Errorf("gptp: the other grandmaster follows %v", gm.Grandmaster())
	}
}

// A clock that is silent for three announce intervals is replaced.
func TestReceiptTimeout(t *testing.T) {
	h, is := newHub(t, one("gm", "default", grandmaster), one("standby", "default", nil), one("client", "default", slaveOnly))
	for _, i := range is {
		i.Start()
	}
	h.Run(60 * event.Second)
	gm, standby, client := is[0], is[1], is[2]
	if standby.Ports[0].State() != Slave || client.Grandmaster() != gm.Identity {
		t.Fatalf("standby is in state %d, client follows %v", standby.Ports[0].State(), client.Grandmaster())
	}
	gm.Stop()
	stopped := h.Now()
	for standby.Ports[0].State() != Master && h.Now() < stopped+20*event.Second {
		h.Run(h.Now() + 10*event.Millisecond)
	}
	if took := h.Now() - stopped; took < 4*event.Second || took > 6100*event.Millisecond {
		t.Errorf("the standby is master after %v, want 3 intervals of 2 s after the last Announce", took.Duration())
	}
	h.Run(h.Now() + 10*event.Second)
	if client.Grandmaster() != standby.Identity {
		t.Errorf("client follows %v", client.Grandmaster())
	}
	gm.Start()
	h.Run(h.Now() + 20*event.Second)
	if client.Grandmaster() != gm.Identity || standby.Ports[0].State() != Slave {
		t.Errorf("after the return client follows %v, standby is in state %d", client.Grandmaster(), standby.Ports[0].State())
	}
}

// Of two clocks of classes up to 127 the worse is PASSIVE, not a slave
// (IEEE 1588-2019 figure 33, P1).
func TestPassive(t *testing.T) {
	h, is := newHub(t, one("a", "default", grandmaster), one("b", "default", grandmaster))
	is[0].Start()
	is[1].Start()
	h.Run(60 * event.Second)
	if a, b := is[0].Ports[0].State(), is[1].Ports[0].State(); a != Master || b != Passive {
		t.Errorf("states %d and %d", a, b)
	}
}

// A boundary clock hands its master's data set on, a step further, and says so
// when it has lost it.
func TestBoundary(t *testing.T) {
	b := newBench(t)
	gm := b.instance("gm", "g8275.1", "perfect", 1, grandmaster)
	bc := b.instance("bc", "g8275.1", "ocxo", 2, func(s *Settings) {
		s.Holdover = s.Quality
		s.Holdover.ClockClass = 135
	})
	client := b.instance("client", "g8275.1", "ocxo", 1, slaveOnly)
	b.Join("up", gm.Ports[0].Wire(), bc.Ports[0].Wire()).SetDelay(event.Microsecond, event.Microsecond)
	b.Join("down", bc.Ports[1].Wire(), client.Ports[0].Wire()).SetDelay(event.Microsecond, event.Microsecond)
	for _, i := range []*Instance{gm, bc, client} {
		i.Start()
	}
	b.Run(120 * event.Second)
	if p := client.parent; p == nil || p.grandmaster != gm.Identity || p.stepsRemoved != 1 || p.sender != bc.Ports[1].Identity() {
		t.Fatalf("client's parent: %+v", p)
	}
	if e := client.Clock().Error(b.Now()) / 1000; e < -20 || e > 20 {
		t.Errorf("client is off by %.1f ns", e)
	}
	gm.Stop()
	b.Run(130 * event.Second)
	if p := client.parent; p == nil || p.grandmaster != bc.Identity || p.Quality.ClockClass != 135 || p.stepsRemoved != 0 {
		t.Errorf("client's parent after the loss: %+v", p)
	}
}

// Unicast is asked for, granted for a time, renewed, refused when there is no
// room, and cancelled.
func TestUnicastNegotiation(t *testing.T) {
	short := func(s *Settings) { s.SlaveOnly, s.Profile.GrantSeconds = true, 60 }
	h, is := newHub(t, one("gm", "g8275.2", func(s *Settings) { grandmaster(s); s.MasterOnly, s.Grants = true, 3 }),
		one("first", "g8275.2", short), one("second", "g8275.2", short))
	gm := is[0]
	for _, i := range is[1:] {
		i.Follow(i.Ports[0].Wire(), Address{gm.Ports[0].Wire().MAC, gm.Ports[0].ip}, 1)
	}
	gm.Start()
	is[1].Start()
	h.Run(30 * event.Second)
	is[2].Start()
	h.Run(200 * event.Second) // three grants long
	first, second := is[1], is[2]
	if first.Ports[0].State() != Slave || second.Ports[0].State() != Listening {
		t.Errorf("states %d and %d", first.Ports[0].State(), second.Ports[0].State())
	}
	late := h.Now() - 10*event.Second
	if n := len(h.of(ptp.Sync, gm, late)); n < 155 || n > 165 {
		t.Errorf("%d Syncs in 10 s, want 160", n)
	}
	granted, denied := 0, 0
	for _, f := range h.of(ptp.Signaling, gm, 0) {
		for typ, value := range ptp.AllTLVs(f.Message.TLVs) {
			tlv, _ := ptp.ParseTLV(typ, value)
			switch g, ok := tlv.(*ptp.GrantUnicastTransmission); {
			case !ok:
			case g.DurationField == 60 && f.Destination == first.Ports[0].Wire().MAC:
				granted++
			case g.DurationField == 0 && f.Destination == second.Ports[0].Wire().MAC:
				denied++
			default:
				t.Errorf("a grant of %d s to %v", g.DurationField, f.Destination)
			}
		}
	}
	if granted < 9 || denied < 10 {
		t.Errorf("%d granted, %d denied", granted, denied)
	}
	second.Stop()
	h.Run(h.Now() + 20*event.Second)
	first.Ports[0].signal(Address{gm.Ports[0].Wire().MAC, gm.Ports[0].ip}, &ptp.CancelUnicastTransmission{MessageType: ptp.Sync})
	late = h.Now() + event.Second
	h.Run(h.Now() + 3*event.Second)
	if n := len(h.of(ptp.Sync, gm, late)); n != 0 {
		t.Errorf("%d Syncs after they were cancelled", n)
	}
}

// Two responders to one request: the link counts as none.
func TestSeveralPeers(t *testing.T) {
	p2p := func(s *Settings) { s.Profile.Mechanism = PeerToPeer }
	h, is := newHub(t, one("gm", "default", func(s *Settings) { grandmaster(s); p2p(s) }),
		one("client", "default", func(s *Settings) { slaveOnly(s); p2p(s) }), one("third", "default", func(s *Settings) { slaveOnly(s); p2p(s) }))
	is[0].Start()
	is[1].Start()
	h.Run(30 * event.Second)
	if !is[1].Ports[0].peer.measured {
		t.Fatal("the link was not measured")
	}
	is[2].Start()
	h.Run(60 * event.Second)
	if is[1].Ports[0].peer.measured {
		t.Error("the link still counts")
	}
}

// What is managed is done, and answered.
func TestManagement(t *testing.T) {
	h, is := newHub(t, one("gm", "default", grandmaster), one("other", "default", nil))
	is[0].Start()
	is[1].Start()
	h.Run(30 * event.Second)
	m := is[1].Ports[0].message(ptp.ManagementMessage)
	m.Message.PortIdentity = ptp.PortIdentity{ClockIdentity: is[0].Identity, PortNumber: 0xFFFF}
	m.Message.Management.Action = ptp.ActionSet
	m.AppendTLV(&ptp.ManagementTLV{ManagementID: idPriority1, Data: &ptp.Datum[uint8]{Value: 7}})
	is[1].Ports[0].send(m, h.Now())
	h.Run(h.Now() + 5*event.Second)
	answers := h.of(ptp.ManagementMessage, is[0], 0)
	if is[0].Priority1 != 7 || len(answers) != 1 || answers[0].Message.Management.Action != ptp.ActionResponse {
		t.Errorf("priority1 is %d, %d answers", is[0].Priority1, len(answers))
	}
	if a := h.of(ptp.AnnounceMessage, is[0], 30*event.Second); a[len(a)-1].Message.Announce.GrandmasterPriority1 != 7 {
		t.Error("it is not announced")
	}
}

// An ICV is what HMAC-SHA256-128 makes of the octets before it.
func TestSigned(t *testing.T) {
	key := []byte("secret")
	h, is := newHub(t, one("gm", "default", func(s *Settings) { grandmaster(s); s.Key = key }))
	is[0].Start()
	h.Run(20 * event.Second)
	for _, f := range h.seen {
		plain := f.Message
		plain.CorrectionField = 0
		octets := ptp.AppendMessage(nil, &plain)
		mac := hmac.New(sha256.New, key)
		mac.Write(octets[:len(octets)-16])
		if !hmac.Equal(mac.Sum(nil)[:16], octets[len(octets)-16:]) {
			t.Fatalf("%v: the ICV is wrong", f.Message.Type)
		}
	}
	if len(h.seen) < 20 {
		t.Errorf("%d messages", len(h.seen))
	}
}

// What goes to many goes to the addresses of IEEE 1588-2019 C.3, D.4 and E.3.
func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		profile   string
		transport packet.Transport
		message   ptp.MessageType
		mac, ip   string
	}{
		{"default", packet.UDPv4, ptp.Sync, "01:00:5e:00:01:81", "224.0.1.129"},
		{"default", packet.UDPv4, ptp.PdelayReq, "01:00:5e:00:00:6b", "224.0.0.107"},
		{"default", packet.UDPv6, ptp.AnnounceMessage, "33:33:00:00:01:81", "ff0e::181"},
		{"default", packet.UDPv6, ptp.PdelayResp, "33:33:00:00:00:6b", "ff02::6b"},
		{"g8275.1", packet.IEEE8023, ptp.Sync, "01:1b:19:00:00:00", "invalid IP"},
		{"power", packet.IEEE8023, ptp.PdelayReq, "01:80:c2:00:00:0e", "invalid IP"},
		{"gptp", packet.IEEE8023, ptp.Sync, "01:80:c2:00:00:0e", "invalid IP"},
	} {
		p, _ := ProfileNamed(c.profile)
		p.Transport = c.transport
		var f network.Frame
		f.Message.Type = c.message
		p.Address(&f)
		if f.Destination.String() != c.mac || f.DestinationIP.String() != c.ip {
			t.Errorf("%s %v: %v %v", c.profile, c.message, f.Destination, f.DestinationIP)
		}
	}
}
