package capture

import (
	"encoding/binary"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// ipv4 goes on to UDP in the first fragment of a datagram too: that a message
// comes in fragments is a way past those who look at whole ones only.
type ipv4 struct{ layers.IPv4 }

func (ip *ipv4) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	if ipVersion(b) != layers.LayerTypeIPv4 {
		return errOther
	}
	return ip.IPv4.DecodeFromBytes(b, df)
}

func (ip *ipv4) more() bool { return ip.Flags&layers.IPv4MoreFragments != 0 }

func (ip *ipv4) NextLayerType() gopacket.LayerType {
	if ip.FragOffset != 0 || ip.Protocol != layers.IPProtocolUDP {
		return gopacket.LayerTypeZero
	}
	return layers.LayerTypeUDP
}

// ipv6 is the fixed header (RFC 8200 3). gopacket's own decodes the hop-by-hop
// header with it, which costs an allocation an option and lets the padding of
// the link into the payload behind.
type ipv6 struct {
	layers.BaseLayer
	trafficClass, hopLimit uint8
	next                   layers.IPProtocol
	source, destination    [16]byte
}

func (ip *ipv6) CanDecode() gopacket.LayerClass { return layers.LayerTypeIPv6 }

func (ip *ipv6) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const size = 40
	if ipVersion(b) != layers.LayerTypeIPv6 {
		return errOther
	}
	if len(b) < size {
		df.SetTruncated()
		return errShort
	}
	ip.trafficClass = uint8(binary.BigEndian.Uint16(b) >> 4)
	ip.next = layers.IPProtocol(b[6])
	ip.hopLimit = b[7]
	ip.source, ip.destination = [16]byte(b[8:]), [16]byte(b[24:])
	end := min(size+int(binary.BigEndian.Uint16(b[4:])), len(b))
	ip.BaseLayer = layers.BaseLayer{Contents: b[:size], Payload: b[size:end]}
	return nil
}

func (ip *ipv6) NextLayerType() gopacket.LayerType { return afterIPv6(ip.next) }

func afterIPv6(p layers.IPProtocol) gopacket.LayerType {
	switch p {
	case layers.IPProtocolUDP:
		return layers.LayerTypeUDP
	case layers.IPProtocolIPv6HopByHop:
		return layers.LayerTypeIPv6HopByHop
	case layers.IPProtocolIPv6Routing:
		return layers.LayerTypeIPv6Routing
	case layers.IPProtocolIPv6Destination:
		return layers.LayerTypeIPv6Destination
	case layers.IPProtocolIPv6Fragment:
		return layers.LayerTypeIPv6Fragment
	}
	return gopacket.LayerTypeZero
}

// ipv6Extension passes over the headers whose length is in their second octet.
type ipv6Extension struct{ layers.IPv6ExtensionSkipper }

func (e *ipv6Extension) NextLayerType() gopacket.LayerType { return afterIPv6(e.NextHeader) }

// ipv6Fragment is the fragment header (RFC 8200 4.5), which gopacket's skipper
// takes for one with a length.
type ipv6Fragment struct {
	layers.BaseLayer
	next layers.IPProtocol
	more bool
}

func (f *ipv6Fragment) CanDecode() gopacket.LayerClass { return layers.LayerTypeIPv6Fragment }

func (f *ipv6Fragment) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const size = 8
	if len(b) < size {
		df.SetTruncated()
		return errShort
	}
	offset := binary.BigEndian.Uint16(b[2:])
	if offset>>3 != 0 {
		return errOther
	}
	f.next, f.more = layers.IPProtocol(b[0]), offset&1 != 0
	f.BaseLayer = layers.BaseLayer{Contents: b[:size], Payload: b[size:]}
	return nil
}

func (f *ipv6Fragment) NextLayerType() gopacket.LayerType { return afterIPv6(f.next) }

// udp goes on to PTP where either port is PTP's (IEEE 1588-2019 C.2, D.2).
type udp struct {
	layers.UDP
	room int // octets the IP datagram has for this one
}

const (
	portEvent   = 319
	portGeneral = 320
)

func isPTP(port uint16) bool { return port == portEvent || port == portGeneral }

func (u *udp) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const size = 8
	if len(b) < size {
		df.SetTruncated()
		return errShort
	}
	if !isPTP(binary.BigEndian.Uint16(b)) && !isPTP(binary.BigEndian.Uint16(b[2:])) {
		return errOther
	}
	u.room = len(b)
	if err := u.UDP.DecodeFromBytes(b, df); err != nil {
		u.Payload = nil // the length is less than the header's: sound tells
	}
	return nil
}

// sound says whether the length agrees with the datagram's. A length of zero is
// a jumbogram's (RFC 2675 4), which PTP is not; of a partial datagram the rest
// is elsewhere.
func (u *udp) sound(partial bool) bool {
	return u.Length >= 8 && (int(u.Length) <= u.room || partial)
}

func (u *udp) NextLayerType() gopacket.LayerType { return layerTypePTP }
