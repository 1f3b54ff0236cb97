package analysis

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// voice is a sender of a port's messages: from where, and how it counts them.
type voice struct {
	mac       byte
	ip        string
	iface     string
	vlan      uint16
	transport packet.Transport
	seq       uint16
	time      int64 // its clock's, in nanoseconds off
}

// speak sends what a voice says: a two-step Sync and every other time an
// Announce.
func (b *bench) speak(v *voice) {
	m := syncFrom(gmA, v.seq)
	m.Flags |= ptp.FlagTwoStep
	b.say(v, m)
	follow := followUp(gmA, v.seq)
	follow.Timestamp = ptp.NewTimestamp(b.at.UnixNano() + v.time)
	b.say(v, follow)
	if v.seq%2 == 0 {
		a := soundFrom(gmA)
		a.SequenceID, a.LogMessageInterval = v.seq/2, 1
		b.say(v, a)
	}
}

func (b *bench) say(v *voice, m ptp.Message) {
	o := b.observation(m)
	o.SourceMAC = packet.MAC{2, 0, 0, 0, 0, v.mac}
	o.Source, o.Destination, o.Transport = netip.AddrPort{}, netip.AddrPort{}, packet.IEEE8023
	if v.ip != "" {
		o.Source, o.Destination, o.Transport = netip.AddrPortFrom(netip.MustParseAddr(v.ip), 319), group, packet.UDPv4
	}
	if v.transport != packet.UnknownTransport {
		o.Transport = v.transport
	}
	if v.iface != "" {
		o.Interface, o.Tap = v.iface, v.iface
	}
	if v.vlan != 0 {
		o.VLANs = packet.VLANs{IDs: [2]uint16{v.vlan}, Count: 1}
	}
	b.Handle(o, b.emit)
}

// turns lets voices speak once a second, in turns, each counting for itself.
func (b *bench) turns(n int, voices ...*voice) {
	for range n {
		for _, v := range voices {
			b.speak(v)
			v.seq++
			b.at = b.at.Add(time.Second / time.Duration(len(voices)))
		}
	}
	b.HandleTick(b.at, b.emit)
}

func TestClockIdentityClone(t *testing.T) {
	const clone = "critical two_senders certain a0-1"
	tests := []struct {
		name string
		play func(*bench)
		want string
	}{
		{"another MAC on Ethernet", func(b *bench) {
			x, y := &voice{mac: 1, seq: 100}, &voice{mac: 2, seq: 7000}
			b.turns(10, x)
			b.turns(2, y, x)
		}, clone},
		{"another IP address", func(b *bench) {
			x, y := &voice{mac: 9, ip: "192.0.2.1", seq: 100}, &voice{mac: 9, ip: "192.0.2.2", seq: 7000}
			b.turns(10, x)
			b.turns(2, y, x)
		}, clone},
		{"the same IP address from another MAC", func(b *bench) {
			x, y := &voice{mac: 1, ip: "192.0.2.1", seq: 100}, &voice{mac: 2, ip: "192.0.2.1", seq: 7000}
			b.turns(10, x)
			b.turns(2, y, x)
		}, clone},
		{"one that is ten messages behind", func(b *bench) {
			x, y := &voice{mac: 1, seq: 100}, &voice{mac: 2, seq: 100}
			b.turns(10, x)
			b.turns(2, y, x)
		}, clone},
		{"one that counts as the true one does, a little off in time", func(b *bench) {
			x, y := &voice{mac: 1, seq: 100}, &voice{mac: 2, seq: 110, time: 1000}
			b.turns(10, x)
			b.turns(3, x, y)
		}, clone},

		{"only one speaks", func(b *bench) { b.turns(300, &voice{mac: 1, seq: 65400}) }, ""},
		{"a clock that is rebooted", func(b *bench) {
			x := &voice{mac: 1, seq: 9000}
			b.turns(10, x)
			x.seq = 0
			b.turns(30, x)
		}, ""},
		{"a new network card", func(b *bench) {
			b.turns(10, &voice{mac: 1, seq: 9000})
			b.turns(30, &voice{mac: 2})
		}, ""},
		{"a cold standby of one identity, and back", func(b *bench) {
			b.turns(10, &voice{mac: 1, seq: 9000})
			b.turns(30, &voice{mac: 2, seq: 50})
			b.turns(30, &voice{mac: 1, seq: 9100})
		}, ""},
		{"a bond that fails over and back", func(b *bench) {
			for i := range uint16(60) {
				b.turns(1, &voice{mac: byte(1 + i/3%2), seq: 100 + i})
			}
		}, ""},
		{"two routers in turns", func(b *bench) {
			for i := range uint16(60) {
				b.turns(1, &voice{mac: byte(1 + i%2), ip: "198.51.100.7", seq: 100 + i})
			}
		}, ""},
		{"every message twice, by PRP or over two routers", func(b *bench) {
			for i := range uint16(60) {
				b.speak(&voice{mac: 1, seq: 100 + i})
				b.speak(&voice{mac: 2, seq: 100 + i})
				b.sleep(time.Second)
			}
		}, ""},
		{"twice, the second late", func(b *bench) {
			for i := range uint16(600) {
				b.speak(&voice{mac: 1, seq: 100 + i})
				if i > 2 {
					b.at = b.at.Add(time.Millisecond)
					at := b.at
					b.at = at.Add(-301 * time.Millisecond) // what it was when the first was sent
					late := &voice{mac: 2, seq: 100 + i - 3}
					m := syncFrom(gmA, late.seq)
					m.Flags |= ptp.FlagTwoStep
					b.at = at
					b.say(late, m)
				}
				b.sleep(99 * time.Millisecond)
			}
		}, ""},
		{"two taps, a router between them", func(b *bench) {
			for i := range uint16(60) {
				b.speak(&voice{mac: 1, ip: "192.0.2.1", seq: 100 + i, iface: "eth0"})
				b.speak(&voice{mac: 2, ip: "192.0.2.1", seq: 100 + i, iface: "eth1"})
				b.sleep(time.Second)
			}
		}, ""},
		{"two sites that share nothing but the identity, at two taps", func(b *bench) {
			b.turns(30, &voice{mac: 1, seq: 100, iface: "eth0"}, &voice{mac: 2, seq: 7000, iface: "eth1"})
		}, ""},
		{"two VLANs", func(b *bench) {
			b.turns(30, &voice{mac: 1, seq: 100, vlan: 100}, &voice{mac: 2, seq: 7000, vlan: 200})
		}, ""},
		{"two transports", func(b *bench) {
			b.turns(30, &voice{mac: 1, seq: 100}, &voice{mac: 1, ip: "192.0.2.1", seq: 7000})
		}, ""},
		{"a clock that moves to another address for good, with its count", func(b *bench) {
			b.turns(10, &voice{mac: 1, ip: "192.0.2.1", seq: 100})
			b.turns(60, &voice{mac: 1, ip: "192.0.2.9", seq: 110})
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			tt.play(b)
			if got := strings.Join(b.told(AlertClockIdentityClone), "; "); got != tt.want {
				t.Errorf("told %q, want %q: %+v", got, tt.want, b.View().Alerts)
			}
			if tt.want == "" {
				return
			}
			a := b.alertNamed(AlertClockIdentityClone)
			if !strings.Contains(a.Expected, "02:00:00:00:00:0") || !strings.Contains(a.Observed, "02:00:00:00:00:0") || a.Grandmaster != gmA.ClockIdentity {
				t.Errorf("does not say who: %+v", a)
			}
			b.turns(62, &voice{mac: 1, seq: 500})
			b.wantTold(AlertClockIdentityClone, tt.want+" ended")
		})
	}
}

// A clone is told by the true clock's first message after the clone's first.
func TestCloneIsToldAtOnce(t *testing.T) {
	b := newBench(t, Config{})
	x, y := &voice{mac: 1, seq: 100}, &voice{mac: 2, seq: 7001}
	b.turns(10, x)
	b.speak(y)
	b.wantTold(AlertClockIdentityClone)
	b.sleep(time.Second / 2)
	frame := b.frame
	b.speak(x)
	if a := b.alertNamed(AlertClockIdentityClone); a.Frame.Number != frame+1 {
		t.Errorf("told by frame %d, want %d", a.Frame.Number, frame+1)
	}
}

// Unicast has a sequence for each destination: one sender, however many clients
// it has, and a sender that counts all of them together.
func TestUnicastSequencesAreNoClones(t *testing.T) {
	for name, together := range map[string]bool{"each": false, "together": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			count := uint16(0)
			for i := range uint16(60) {
				for client := range byte(8) {
					count++
					m := syncFrom(gmA, i+1000*uint16(client))
					if together {
						m.SequenceID = count
					}
					m.LogMessageInterval = 0
					o := b.observation(m)
					o.SourceMAC = packet.MAC{2, 0, 0, 0, 0, 1 + byte(i%2)} // over two routers
					o.Destination = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 100 + client}), 319)
					b.Handle(o, b.emit)
				}
				b.sleep(time.Second)
			}
			b.wantTold(AlertClockIdentityClone)
			b.wantTold(AlertMessageIntervalAnomaly)
			b.wantTold(AlertFlood)
		})
	}
}

// A spoofed answer is a second sender too.
func TestSpoofedResponse(t *testing.T) {
	b := newBench(t, Config{})
	x := &voice{mac: 1, seq: 100}
	b.turns(10, x)
	answer := response(ptp.DelayResp, gmA, client, 77)
	answer.Timestamp = ptp.NewTimestamp(1_000_000_000)
	b.say(x, answer)
	b.say(&voice{mac: 2}, answer)
	b.wantTold(AlertClockIdentityClone)
	answer.SequenceID++
	b.say(x, answer)
	answer.Timestamp = ptp.NewTimestamp(1_000_050_000)
	b.say(&voice{mac: 2}, answer)
	b.wantTold(AlertClockIdentityClone, "critical two_senders certain a0-1")
}

// A port that is heard from ever new addresses is remembered at eight.
func TestTalkersAreBounded(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 1000 {
		b.speak(&voice{mac: byte(i), seq: uint16(i * 777)})
		b.sleep(time.Second)
	}
	p := b.ports.get(portKey{b.scopes[Scope{Network: "eth0"}], gmA}).value
	if n := len(p.contest.talkers); n != maxTalkers {
		t.Errorf("%d talkers, want %d", n, maxTalkers)
	}
}
