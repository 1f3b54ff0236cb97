package capture

import (
	"encoding/binary"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// The two headers that Linux puts in place of the link's own when it captures
// on "any". gopacket has only the first and reads its address length unchecked.

const outgoing = 4 // packet type: sent by this host

type linuxSLL struct {
	layers.BaseLayer
	protocol layers.EthernetType
	source   packet.MAC
	egress   bool
}

func (l *linuxSLL) CanDecode() gopacket.LayerClass { return layers.LayerTypeLinuxSLL }

func (l *linuxSLL) NextLayerType() gopacket.LayerType { return afterEtherType(l.protocol) }

// DecodeFromBytes reads packet type, ARPHRD type, address length, address and
// protocol (LINKTYPE_LINUX_SLL).
func (l *linuxSLL) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const size = 16
	if len(b) < size {
		df.SetTruncated()
		return errShort
	}
	l.egress = binary.BigEndian.Uint16(b) == outgoing
	l.source = macAddress(binary.BigEndian.Uint16(b[4:]), b[6:])
	l.protocol = layers.EthernetType(binary.BigEndian.Uint16(b[14:]))
	l.BaseLayer = layers.BaseLayer{Contents: b[:size], Payload: b[size:]}
	return nil
}

type linuxSLL2 struct {
	layers.BaseLayer
	protocol layers.EthernetType
	index    uint32 // of the interface
	source   packet.MAC
	egress   bool
}

func (l *linuxSLL2) CanDecode() gopacket.LayerClass { return layerTypeLinuxSLL2 }

func (l *linuxSLL2) NextLayerType() gopacket.LayerType { return afterEtherType(l.protocol) }

// DecodeFromBytes reads protocol, interface index, ARPHRD type, packet type,
// address length and address (LINKTYPE_LINUX_SLL2).
func (l *linuxSLL2) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const size = 20
	if len(b) < size {
		df.SetTruncated()
		return errShort
	}
	l.protocol = layers.EthernetType(binary.BigEndian.Uint16(b))
	l.index = binary.BigEndian.Uint32(b[4:])
	l.egress = b[10] == outgoing
	l.source = macAddress(uint16(b[11]), b[12:])
	l.BaseLayer = layers.BaseLayer{Contents: b[:size], Payload: b[size:]}
	return nil
}

func macAddress(length uint16, b []byte) packet.MAC {
	if length != 6 {
		return packet.MAC{}
	}
	return packet.MAC(b)
}
