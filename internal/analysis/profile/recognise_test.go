package profile

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	group  = netip.MustParseAddrPort("224.0.1.129:319")
	client = netip.MustParseAddrPort("192.0.2.7:319")
)

// message is an observation of a message to all; change makes it another.
func message(transport packet.Transport, domain uint8, typ ptp.MessageType, log ptp.LogInterval, change ...func(*packet.Observation)) *packet.Observation {
	o := &packet.Observation{Transport: transport}
	if transport == packet.IEEE8023 {
		o.DestinationMAC = packet.MAC{0x01, 0x1B, 0x19}
	} else {
		o.Destination = group
	}
	o.Message = ptp.Message{Type: typ, DomainNumber: domain, LogMessageInterval: log}
	o.Message.Announce.GrandmasterClockQuality.ClockClass = 6
	for _, f := range change {
		f(o)
	}
	return o
}

func toOne(o *packet.Observation) {
	o.Destination = client
	o.DestinationMAC = packet.MAC{0x02}
}

func withTLV(typ ptp.TLVType, value ...byte) func(*packet.Observation) {
	tlv := binary.BigEndian.AppendUint16(nil, uint16(typ))
	tlv = binary.BigEndian.AppendUint16(tlv, uint16(len(value)))
	return func(o *packet.Observation) { o.Message.TLVs = append(tlv, value...) }
}

func withClass(class uint8) func(*packet.Observation) {
	return func(o *packet.Observation) { setClass(&o.Message.Announce, class) }
}

func withSdoID(id ptp.SdoID) func(*packet.Observation) {
	return func(o *packet.Observation) { o.Message.SdoID = id }
}

func organization(id ptp.OUI) []byte { return append(id[:], 0, 0, 1, 0, 0) }

func TestRecognise(t *testing.T) {
	const v4, v6, l2 = packet.UDPv4, packet.UDPv6, packet.IEEE8023
	tests := []struct {
		name      string
		messages  []*packet.Observation
		want, why string
	}{
		{"nothing", nil, "default", "nothing was heard"},
		{"a client alone", []*packet.Observation{message(v4, 24, ptp.DelayReq, ptp.NoInterval)}, "default", "domain 24, UDP over IPv4, no sign of another profile"},
		{"G.8275.1", []*packet.Observation{message(l2, 43, ptp.AnnounceMessage, -3)}, "g8275.1", "domain 43, Ethernet, Announce 8/s"},
		{"a stranger's TLV changes no algorithm", []*packet.Observation{
			message(l2, 24, ptp.AnnounceMessage, -3), message(l2, 24, ptp.AnnounceMessage, -3, withTLV(ptp.TLVOrganizationExtension, organization(ptp.OUIC37238)...)),
		}, "g8275.1", "domain 24, Ethernet, Announce 8/s"},
		{"its rates in another domain", []*packet.Observation{message(l2, 44, ptp.AnnounceMessage, -3)}, "default", "domain 44, Ethernet, no sign of another profile"},
		{"its domain at another rate", []*packet.Observation{message(l2, 24, ptp.AnnounceMessage, 0)}, "default", "domain 24, Ethernet, no sign of another profile"},
		{"its domain and rate by UDP", []*packet.Observation{message(v4, 24, ptp.AnnounceMessage, -3)}, "default", "domain 24, UDP over IPv4, no sign of another profile"},
		{"its domain and rate to one", []*packet.Observation{message(l2, 24, ptp.AnnounceMessage, -3, toOne)}, "default", "domain 24, Ethernet, no sign of another profile"},
		{"G.8275.2", []*packet.Observation{message(v6, 63, ptp.AnnounceMessage, ptp.NoInterval, toOne)}, "g8275.2", "domain 63, UDP over IPv6, unicast"},
		{"G.8275.2 by its requests", []*packet.Observation{message(v4, 44, ptp.Signaling, ptp.NoInterval, toOne, withTLV(ptp.TLVRequestUnicastTransmission, 0xB0, 0, 0, 0, 1, 0x2C))}, "g8275.2", "domain 44, UDP over IPv4, unicast"},
		{"its domain in multicast", []*packet.Observation{message(v4, 44, ptp.AnnounceMessage, 0)}, "default", "domain 44, UDP over IPv4, no sign of another profile"},
		{"G.8265.1", []*packet.Observation{message(v4, 4, ptp.AnnounceMessage, ptp.NoInterval, toOne, withClass(84))}, "g8265.1", "domain 4, UDP over IPv4, unicast, a quality level as clockClass"},
		{"its domain with a class that is no quality level", []*packet.Observation{message(v4, 4, ptp.AnnounceMessage, ptp.NoInterval, toOne, withClass(83))}, "default", "domain 4, UDP over IPv4, no sign of another profile"},
		{"its domain with class 6", []*packet.Observation{message(v4, 4, ptp.AnnounceMessage, ptp.NoInterval, toOne)}, "default", "domain 4, UDP over IPv4, no sign of another profile"},
		{"gPTP", []*packet.Observation{message(l2, 0, ptp.PdelayReq, 0, withSdoID(0x100))}, "gptp", "sdoId 0x100"},
		{"common link delay service", []*packet.Observation{message(l2, 0, ptp.PdelayReq, 0, withSdoID(0x200))}, "gptp", "sdoId 0x200"},
		{"another organisation's sdoId", []*packet.Observation{message(l2, 0, ptp.PdelayReq, 0, withSdoID(0x300))}, "default", "domain 0, sdoId 0x300, Ethernet, no sign of another profile"},
		{"enterprise", []*packet.Observation{
			message(v4, 0, ptp.AnnounceMessage, 0), message(v4, 0, ptp.Sync, 0), message(v4, 0, ptp.DelayReq, ptp.NoInterval, toOne),
		}, "enterprise", "domain 0, UDP over IPv4, Announce 1/s to all, Delay_Req to one"},
		{"default profile in mixed mode", []*packet.Observation{
			message(v4, 0, ptp.AnnounceMessage, 1), message(v4, 0, ptp.Sync, 0), message(v4, 0, ptp.DelayReq, ptp.NoInterval, toOne),
		}, "default", "domain 0, UDP over IPv4, no sign of another profile"},
		{"a NetSync monitor asks", []*packet.Observation{
			message(v4, 0, ptp.AnnounceMessage, 0), message(v4, 0, ptp.Sync, 0),
			message(v4, 0, ptp.DelayReq, ptp.NoInterval, toOne, withTLV(ptp.TLVNetSyncMonitorRequest)),
		}, "default", "domain 0, UDP over IPv4, no sign of another profile"},
		{"ST 2059-2 by its TLV", []*packet.Observation{message(v4, 0, ptp.ManagementMessage, ptp.NoInterval, withTLV(ptp.TLVOrganizationExtension, organization(ptp.OUISMPTE)...))}, "st2059-2", "a SMPTE TLV"},
		{"ST 2059-2 by its rates", []*packet.Observation{message(v4, 127, ptp.AnnounceMessage, -2), message(v4, 127, ptp.Sync, -3)}, "st2059-2", "domain 127, UDP over IPv4, Announce 4/s, Sync 8/s"},
		{"ST 2059-2 in mixed mode", []*packet.Observation{
			message(v4, 127, ptp.AnnounceMessage, -2), message(v4, 127, ptp.Sync, -3), message(v4, 127, ptp.DelayReq, ptp.NoInterval, toOne),
		}, "st2059-2", "domain 127, UDP over IPv4, Announce 4/s, Sync 8/s"},
		{"C37.238 by its TLV", []*packet.Observation{message(l2, 0, ptp.AnnounceMessage, 0, withTLV(ptp.TLVOrganizationExtension, organization(ptp.OUIC37238)...))}, "power", "an IEEE C37.238 TLV"},
		{"C37.238 by its domain", []*packet.Observation{
			message(l2, 254, ptp.AnnounceMessage, 0), message(l2, 254, ptp.Sync, 0), message(l2, 254, ptp.PdelayReq, 0),
		}, "power", "domain 254, Ethernet, peer delay, every message 1/s"},
		{"as IEC/IEEE 61850-9-3, in the default domain", []*packet.Observation{
			message(l2, 0, ptp.AnnounceMessage, 0), message(l2, 0, ptp.Sync, 0), message(l2, 0, ptp.PdelayReq, 0),
		}, "default", "domain 0, Ethernet, no sign of another profile"},
		{"an organisation's TLV cut short", []*packet.Observation{message(v4, 0, ptp.AnnounceMessage, 1, withTLV(ptp.TLVOrganizationExtension, append(ptp.OUISMPTE[:], 0)...))}, "default", "domain 0, UDP over IPv4, no sign of another profile"},
		{"an interval out of this world", []*packet.Observation{message(l2, 24, ptp.AnnounceMessage, 29)}, "default", "domain 24, Ethernet, no sign of another profile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Evidence
			for i, o := range tt.messages {
				if changed := e.Note(o); i == 0 && !changed {
					t.Errorf("Note of the first message says that nothing changed")
				}
			}
			for _, o := range tt.messages {
				if e.Note(o) {
					t.Errorf("Note of the same %s again says that something changed", o.Message.Type)
				}
			}
			p, why := Recognise(e)
			if p.Name != tt.want || why != tt.why {
				t.Errorf("Recognise = %s, %q; want %s, %q", p.Name, why, tt.want, tt.why)
			}
		})
	}
}

// What is recognised only ever gives way to a surer sign.
func FuzzRecogniseIsStable(f *testing.F) {
	f.Add(uint8(24), uint16(0), []byte{0x0B, 1, 0xFD, 0x0B, 2, 0, 0x00, 2, 0})
	f.Add(uint8(127), uint16(0), []byte{0x0B, 2, 0xFE, 0x00, 2, 0xFD, 0x01, 0x82, 0x7F})
	f.Add(uint8(4), uint16(0), []byte{0x0B, 0x82, 0x7F, 0x4B, 0x82, 0x7F})
	f.Fuzz(func(t *testing.T, domain uint8, sdoID uint16, script []byte) {
		var e Evidence
		last := len(signs)
		for ; len(script) >= 3; script = script[3:] {
			o := message(packet.Transport(script[1]&3), domain, ptp.MessageType(script[0]&0xF), ptp.LogInterval(script[2]))
			o.Message.SdoID = ptp.SdoID(sdoID)
			if script[1]&0x80 != 0 {
				toOne(o)
			}
			if script[0]&0x40 != 0 {
				setClass(&o.Message.Announce, 84)
			}
			before := e
			if changed := e.Note(o); changed != (e != before) {
				t.Fatalf("Note = %t, but %+v became %+v", changed, before, e)
			}
			now := firstSign(&e)
			if now > last {
				t.Fatalf("sign %d gave way to %d", last, now)
			}
			last = now
			if p, why := Recognise(e); p == nil || why == "" {
				t.Fatalf("Recognise = %v, %q", p, why)
			}
		}
	})
}

func firstSign(e *Evidence) int {
	for i, s := range signs {
		if s.shows(e) {
			return i
		}
	}
	return len(signs)
}

func TestEverySignNamesAProfile(t *testing.T) {
	for _, s := range signs {
		if _, ok := Lookup(s.profile); !ok {
			t.Errorf("a sign is of profile %q, which is none", s.profile)
		}
	}
}

func BenchmarkNote(b *testing.B) {
	var e Evidence
	o := message(packet.UDPv4, 0, ptp.Sync, 0)
	for b.Loop() {
		e.Note(o)
	}
}
