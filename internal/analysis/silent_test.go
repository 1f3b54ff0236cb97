package analysis

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// part is what one sender says again and again in a play.
type part struct {
	every time.Duration
	say   ptp.Message
	as    func(o *packet.Observation, n int) // how its n-th message differs; may be nil
}

const playLasts = 5 * time.Minute

// play lets all parts speak for five minutes, in the order of time.
func (b *bench) play(parts ...part) {
	for at := time.Duration(0); at < playLasts; at += time.Second / 16 {
		for i, p := range parts {
			if at%p.every != 0 {
				continue
			}
			n := int(at / p.every)
			o := b.observation(p.say)
			o.At, o.Stamp = b.at.Add(time.Duration(i)*50*time.Microsecond), o.At
			o.Message.SequenceID = uint16(n)
			if p.as != nil {
				p.as(o, n)
			}
			if o.At.IsZero() {
				continue // left out
			}
			b.Handle(o, b.emit)
		}
		b.at = b.at.Add(time.Second / 16)
	}
	b.HandleTick(b.at, b.emit)
}

func leaveOut(o *packet.Observation) { o.At = time.Time{} }

// ethernet sends a part's messages in Ethernet frames.
func ethernet(mac byte) func(*packet.Observation, int) {
	return func(o *packet.Observation, _ int) {
		o.Transport, o.Source, o.Destination = packet.IEEE8023, netip.AddrPort{}, netip.AddrPort{}
		o.SourceMAC, o.DestinationMAC = packet.MAC{2, 0, 0, 0, 0, mac}, packet.MAC{0x01, 0x1B, 0x19}
	}
}

// to sends a part's messages to one client, with flags and fields as unicast has
// them.
func to(last byte) func(*packet.Observation, int) {
	return func(o *packet.Observation, _ int) {
		o.Destination = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, last}), 320)
		o.Message.Flags |= ptp.FlagUnicast
	}
}

// each combines ways in which messages differ.
func each(ways ...func(*packet.Observation, int)) func(*packet.Observation, int) {
	return func(o *packet.Observation, n int) {
		for _, way := range ways {
			way(o, n)
		}
	}
}

func every(l ptp.LogInterval) func(*ptp.Message) {
	return func(m *ptp.Message) { m.LogMessageInterval = l }
}

func granted(clientID ptp.PortIdentity, seconds byte) ptp.Message {
	return ptp.Message{
		Type: ptp.Signaling, SourcePortIdentity: gmA, PortIdentity: clientID, Flags: ptp.FlagUnicast, LogMessageInterval: ptp.NoInterval,
		TLVs: ptp.AppendRawTLV(nil, ptp.TLVGrantUnicastTransmission, []byte{0xB0, 0, 0, 0, 0, seconds, 0, 1}),
	}
}

// What must never raise anything, whatever it looks like: in what people have
// told us of other monitors each of these has been an alarm.
func TestSilence(t *testing.T) {
	free := with(withClass(announceFrom(gmA, 128), 248), func(m *ptp.Message) {
		m.Announce.GrandmasterClockQuality.ClockAccuracy = 0xFE
		m.Announce.TimeSource = ptp.TimeSourceInternalOscillator
	})
	sound, fast := soundFrom(gmA), with(soundFrom(gmA), every(-3))
	ask := with(delayReq(client, 0), every(ptp.NoInterval))
	second := func(m ptp.Message) part { return part{every: time.Second, say: m} }
	at8 := func(m ptp.Message, as func(*packet.Observation, int)) part { return part{time.Second / 8, m, as} }
	hidden := ptp.PortIdentity{ClockIdentity: 0xc45ab1ffff806085, PortNumber: 1}
	oldMAC := packet.MAC{0xc4, 0x5a, 0xb1, 0x80, 0x60, 0x8a}
	inDomain := func(d uint8) func(*packet.Observation, int) {
		return func(o *packet.Observation, n int) {
			o.Message.DomainNumber, o.Message.SequenceID = d, uint16(n+1000*int(d))
		}
	}
	gptp := func(mac byte) func(*packet.Observation, int) {
		return each(ethernet(mac), func(o *packet.Observation, _ int) {
			o.Message.SdoID, o.DestinationMAC = 0x100, packet.MAC{0x01, 0x80, 0xC2, 0, 0, 0x0E}
		})
	}
	peer := with(ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: gmA}, every(0))
	otherPeer := with(ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: client}, every(0))
	media := ptp.Message{
		Type: ptp.ManagementMessage, SourcePortIdentity: gmA, LogMessageInterval: ptp.NoInterval,
		Management: ptp.Management{Action: ptp.ActionCommand},
		TLVs:       ptp.AppendRawTLV(nil, ptp.TLVOrganizationExtension, append([]byte{0x68, 0x97, 0xE8, 0, 0, 1}, make([]byte, 42)...)),
	}
	tests := []struct {
		name    string
		cfg     Config
		domain  uint8
		parts   []part
		freeRun bool // told as information: so such a clock is, and always was
	}{
		{"a sound grandmaster", Config{}, 0, []part{second(sound)}, false},
		{"two class 6 grandmasters in G.8275.1", profiled("g8275.1"), 24, []part{
			at8(fast, ethernet(1)), at8(with(soundFrom(gmB), every(-3)), ethernet(2)),
		}, false},
		{"the same, where nobody has said that it is G.8275.1", Config{}, 24, []part{
			at8(fast, ethernet(1)), at8(with(soundFrom(gmB), every(-3)), ethernet(2)),
		}, false},
		{"two boundary clock ports relay one grandmaster", Config{}, 0, []part{
			second(sound), second(relayedBy(port1(0xD0), sound, 1)), second(relayedBy(ptp.PortIdentity{ClockIdentity: 0xD0, PortNumber: 2}, sound, 1)),
			second(relayedBy(port1(0xD1), sound, 2)),
		}, false},
		{"they alone, and the grandmaster is elsewhere", Config{}, 0, []part{
			second(relayedBy(port1(0xD0), sound, 1)), second(relayedBy(ptp.PortIdentity{ClockIdentity: 0xD0, PortNumber: 2}, sound, 1)),
		}, false},
		{"one port in two domains", Config{}, 0, []part{
			{time.Second, sound, inDomain(0)}, {time.Second, sound, inDomain(1)},
			{time.Second, with(syncFrom(gmA, 0), every(0)), inDomain(0)}, {time.Second, with(syncFrom(gmA, 0), every(0)), inDomain(1)},
		}, false},
		{"sequence numbers of their own for each unicast client", profiled("g8275.2"), 44, []part{
			{time.Second, sound, each(to(101), func(o *packet.Observation, n int) { o.Message.SequenceID = uint16(n) })},
			{time.Second, sound, each(to(102), func(o *packet.Observation, n int) { o.Message.SequenceID = uint16(40000 + n) })},
			{time.Second, with(syncFrom(gmA, 0), every(0)), each(to(101), func(o *packet.Observation, n int) { o.Message.SequenceID = uint16(7 * n) })},
			{time.Second, with(syncFrom(gmA, 0), every(0)), each(to(102), func(o *packet.Observation, n int) { o.Message.SequenceID = uint16(500 + n) })},
		}, false},
		{"a unicast client that leaves", profiled("g8275.2"), 44, []part{
			{playLasts, granted(client, 60), to(101)},
			{time.Second, sound, each(to(101), func(o *packet.Observation, n int) {
				if n >= 60 {
					leaveOut(o) // what it was granted has lapsed
				}
			})},
		}, false},
		{"a rebooted clock", Config{}, 0, []part{
			{time.Second, sound, func(o *packet.Observation, n int) {
				switch o.Message.SequenceID = uint16(20000 + n); {
				case n >= 160:
					o.Message.SequenceID = uint16(n - 160)
				case n > 155:
					leaveOut(o)
				}
			}},
			{time.Second, with(syncFrom(gmA, 0), every(0)), func(o *packet.Observation, n int) {
				switch o.Message.SequenceID = uint16(30000 + n); {
				case n >= 160:
					o.Message.SequenceID = uint16(n - 160)
				case n > 155:
					leaveOut(o)
				}
			}},
		}, false},
		{"v2.0 and from now on v2.1", Config{}, 0, []part{
			{time.Second, sound, func(o *packet.Observation, n int) { o.Message.MinorVersionPTP = uint8(n / 150) }},
		}, false},
		{"controlField 0 of v2.1, and 5 of v2.0", Config{}, 0, []part{
			{time.Second, sound, func(o *packet.Observation, n int) {
				o.Message.MinorVersionPTP, o.Message.ControlField = uint8(n/150), uint8(5*(1-n/150))
			}},
			{time.Second, with(syncFrom(gmA, 0), every(0)), func(o *packet.Observation, _ int) { o.Message.ControlField = 0 }},
		}, false},
		{"an identity that does not match the MAC address", Config{}, 0, []part{
			{time.Second, soundFrom(hidden), func(o *packet.Observation, _ int) { o.SourceMAC = oldMAC }},
			{time.Second, with(syncFrom(hidden, 0), every(0)), func(o *packet.Observation, _ int) { o.SourceMAC = oldMAC }},
		}, false},
		{"a master of class 248 in the default profile", profiled("default"), 0, []part{second(free)}, true},
		{"the same, where nobody has said which profile it is", Config{}, 0, []part{second(free)}, true},
		{"a gPTP network", Config{}, 0, []part{
			{time.Second, with(free, every(0), traced(0xA0)), gptp(1)},
			{time.Second / 8, with(syncFrom(gmA, 0), every(-3)), gptp(1)},
			{time.Second, peer, gptp(1)}, {time.Second, otherPeer, gptp(3)},
		}, true},
		{"an ST 2059-2 network", Config{}, 127, []part{
			{time.Second / 4, with(free, every(-2)), nil}, {time.Second / 8, with(syncFrom(gmA, 0), every(-3)), nil},
			{time.Second, media, nil}, {time.Second / 8, ask, nil},
		}, true},
		{"time flags all zero", Config{}, 0, []part{second(announceFrom(gmA, 128))}, false},
		{"logMessageInterval 0x7F", profiled("g8275.2"), 44, []part{
			{time.Second, with(sound, every(ptp.NoInterval)), to(101)}, {time.Second / 16, with(syncFrom(gmA, 0), every(ptp.NoInterval)), to(101)},
			{time.Second / 16, ask, to(1)}, {time.Second / 16, with(response(ptp.DelayResp, gmA, client, 0), every(ptp.NoInterval)), to(101)},
		}, false},
		{"offsetScaledLogVariance 0xFFFF with class 6", profiled("g8275.1"), 24, []part{at8(with(fast, func(m *ptp.Message) {
			m.Announce.GrandmasterClockQuality.OffsetScaledLogVariance = 0xFFFF
		}), ethernet(1))}, false},
		{"an offset from UTC that is not said to be valid", Config{}, 0, []part{second(with(sound, utcOffset(0), unflagged(ptp.FlagCurrentUTCOffsetValid)))}, false},
		{"alternate masters", Config{}, 0, []part{second(sound), second(with(relayedBy(port1(0xD0), sound, 1), flagged(ptp.FlagAlternateMaster)))}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			for i := range b.cfg.Domains {
				b.cfg.Domains[i].DomainNumber = tt.domain
			}
			b.domain = tt.domain
			b.play(tt.parts...)
			told := slices.DeleteFunc(b.View().Alerts, func(a Alert) bool {
				return tt.freeRun && a.Severity == Info && a.Name == AlertGrandmasterFreeRun && a.Reason == "never_traceable"
			})
			for _, a := range told {
				t.Errorf("%s %s %s: expected %s, observed %s", a.Severity, a.Name, a.Reason, a.Expected, a.Observed)
			}
			if v := b.View(); len(v.Domains) == 0 || v.Domains[0].Best != tt.parts[0].say.Announce.GrandmasterIdentity && tt.parts[0].say.Type == ptp.AnnounceMessage {
				t.Errorf("nothing was heard, or the wrong clock leads: %+v", v.Domains)
			}
		})
	}
}
