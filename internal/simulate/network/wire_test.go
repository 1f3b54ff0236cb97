package network

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// onesComplement is the sum of RFC 1071 the slow way.
func onesComplement(b []byte) uint16 {
	var s uint32
	for i, o := range b {
		s += uint32(o) << (8 * (1 - i%2))
	}
	for s>>16 != 0 {
		s = s>>16 + s&0xFFFF
	}
	return uint16(s)
}

func TestWire(t *testing.T) {
	n := New(1)
	for _, c := range []struct {
		name               string
		transport          packet.Transport
		vlan               uint16
		source             string
		length, etherType  int
		ipHeader, udpStart int
	}{
		{name: "ethernet", transport: packet.IEEE8023, length: 60, etherType: 0x88F7},
		{name: "vlan", transport: packet.IEEE8023, vlan: 100, length: 62, etherType: 0x88F7},
		{name: "ipv4", transport: packet.UDPv4, source: "10.0.0.1", length: 86, etherType: 0x0800, ipHeader: 20},
		{name: "ipv6", transport: packet.UDPv6, source: "2001:db8::1", length: 108, etherType: 0x86DD, ipHeader: 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := n.Frame()
			f.CopyFrom(&Frame{Source: packet.MAC{5: 1}, Destination: packet.MAC{1, 5: 2}, VLAN: c.vlan, PCP: 4, Transport: c.transport, TTL: 3, DSCP: 46, IPID: 77})
			if c.source != "" {
				f.SourceIP, f.DestinationIP = netip.MustParseAddr(c.source), netip.MustParseAddr(c.source)
			}
			f.Message = ptp.Message{Type: ptp.Sync, VersionPTP: 2, SequenceID: 5, DomainNumber: 24}
			b := f.AppendWire([]byte("before"))[6:]
			if len(b) != c.length {
				t.Errorf("%d octets, want %d", len(b), c.length)
			}
			at := 12
			if c.vlan != 0 {
				if got := binary.BigEndian.Uint32(b[at:]); got != 0x8100_8064 {
					t.Errorf("tag %#x", got)
				}
				at += 4
			}
			if got := int(binary.BigEndian.Uint16(b[at:])); got != c.etherType {
				t.Errorf("EtherType %#x, want %#x", got, c.etherType)
			}
			payload := b[at+2:]
			if c.ipHeader > 0 {
				payload = checkIP(t, payload, c.ipHeader)
			}
			var m ptp.Message
			if err := ptp.Decode(payload, &m); err != nil || m.SequenceID != 5 || m.DomainNumber != 24 {
				t.Errorf("decoded: %+v, %v", m, err)
			}
		})
	}
}

// checkIP checks the headers' checksums and lengths and returns the payload.
func checkIP(t *testing.T, b []byte, header int) []byte {
	t.Helper()
	pseudo := []byte{0, 17}
	length := binary.BigEndian.Uint16(b[4:])
	if header == 20 {
		length = binary.BigEndian.Uint16(b[2:]) - 20
		if got := onesComplement(b[:20]); got != 0xFFFF {
			t.Errorf("IPv4 header sums up to %#x", got)
		}
		pseudo = append(pseudo, b[12:20]...)
	} else {
		pseudo = append(pseudo, b[8:40]...)
	}
	udp := b[header:]
	if int(length) != len(udp) || int(binary.BigEndian.Uint16(udp[4:])) != len(udp) {
		t.Errorf("lengths %d and %d of %d", length, binary.BigEndian.Uint16(udp[4:]), len(udp))
	}
	pseudo = binary.BigEndian.AppendUint16(pseudo, uint16(len(udp)))
	if got := onesComplement(append(pseudo, udp...)); got != 0xFFFF {
		t.Errorf("UDP sums up to %#x", got)
	}
	if got := binary.BigEndian.Uint16(udp[2:]); got != 319 {
		t.Errorf("port %d", got)
	}
	return udp[8:]
}

func TestMulticastMAC(t *testing.T) {
	for group, want := range map[string]packet.MAC{
		"224.0.1.129": {0x01, 0x00, 0x5E, 0x00, 0x01, 0x81},
		"239.255.1.2": {0x01, 0x00, 0x5E, 0x7F, 0x01, 0x02},
		"ff0e::181":   {0x33, 0x33, 0x00, 0x00, 0x01, 0x81},
	} {
		if got := MulticastMAC(netip.MustParseAddr(group)); got != want {
			t.Errorf("%s: %v, want %v", group, got, want)
		}
	}
}
