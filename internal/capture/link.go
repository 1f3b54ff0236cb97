package capture

import (
	"encoding/binary"
	"errors"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// The layers between the wire and IP. They are gopacket's where it has them,
// with our own answer to what comes next: gopacket's stands in tables shared by
// the whole process, knows nothing of 0x9100 nor of PTP, and starts protocols
// that we do not want.

var layerTypeLinuxSLL2 = gopacket.RegisterLayerType(1589, gopacket.LayerTypeMetadata{Name: "LinuxSLL2"})

var (
	errShort = errors.New("header cut short")
	errOther = errors.New("not a header that leads to PTP")
)

// The EtherTypes that lead to PTP.
const (
	etherTypePTP   layers.EthernetType = 0x88F7 // IEEE 1588-2019 E.2
	etherType9100  layers.EthernetType = 0x9100 // stacked tags before 802.1ad
	etherTypeMPLS                      = layers.EthernetTypeMPLSUnicast
	etherTypePPPoE                     = layers.EthernetTypePPPoESession
)

func afterEtherType(t layers.EthernetType) gopacket.LayerType {
	switch t {
	case etherTypePTP:
		return layerTypePTP
	case layers.EthernetTypeIPv4:
		return layers.LayerTypeIPv4
	case layers.EthernetTypeIPv6:
		return layers.LayerTypeIPv6
	case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ, etherType9100:
		return layers.LayerTypeDot1Q
	case etherTypeMPLS:
		return layers.LayerTypeMPLS
	case etherTypePPPoE:
		return layers.LayerTypePPPoE
	}
	return gopacket.LayerTypeZero
}

// ipVersion is the IP layer that a packet begins with, by its first nibble.
func ipVersion(b []byte) gopacket.LayerType {
	switch {
	case len(b) == 0:
		return gopacket.LayerTypeZero
	case b[0]>>4 == 4:
		return layers.LayerTypeIPv4
	case b[0]>>4 == 6:
		return layers.LayerTypeIPv6
	}
	return gopacket.LayerTypeZero
}

type ethernet struct{ layers.Ethernet }

func (e *ethernet) NextLayerType() gopacket.LayerType { return afterEtherType(e.EthernetType) }

// vlanTags decodes one tag after the other and keeps the outer two.
type vlanTags struct {
	layers.Dot1Q
	vlans packet.VLANs
}

func (t *vlanTags) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	if err := t.Dot1Q.DecodeFromBytes(b, df); err != nil {
		return err
	}
	v := &t.vlans
	if int(v.Count) < len(v.IDs) {
		v.IDs[v.Count] = t.VLANIdentifier
	}
	if v.Count < 255 {
		v.Count++
	}
	return nil
}

func (t *vlanTags) NextLayerType() gopacket.LayerType { return afterEtherType(t.Type) }

// mpls takes up to two labels (RFC 3032 2.1), as many as the kernel's filter
// will pass; what is under the last is known by its first nibble only.
type mpls struct {
	layers.MPLS
	labels int
}

const maxLabels = 2

func (m *mpls) CanDecode() gopacket.LayerClass { return layers.LayerTypeMPLS }

func (m *mpls) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	if len(b) < 4 {
		df.SetTruncated()
		return errShort
	}
	if m.labels++; m.labels > maxLabels {
		return errOther
	}
	m.StackBottom = b[2]&1 != 0
	m.BaseLayer = layers.BaseLayer{Contents: b[:4], Payload: b[4:]}
	return nil
}

func (m *mpls) NextLayerType() gopacket.LayerType {
	if !m.StackBottom {
		return layers.LayerTypeMPLS
	}
	return ipVersion(m.Payload)
}

// pppoe is a PPPoE session and the PPP header in it (RFC 2516 4, 7).
type pppoe struct {
	layers.PPPoE
	protocol layers.PPPType
}

func (p *pppoe) CanDecode() gopacket.LayerClass { return layers.LayerTypePPPoE }

func (p *pppoe) DecodeFromBytes(b []byte, df gopacket.DecodeFeedback) error {
	const header = 6
	if len(b) < header+2 {
		df.SetTruncated()
		return errShort
	}
	if b[0] != 0x11 || b[1] != byte(layers.PPPoECodeSession) {
		return errOther
	}
	p.protocol = layers.PPPType(binary.BigEndian.Uint16(b[header:]))
	end := min(header+int(binary.BigEndian.Uint16(b[4:])), len(b)) // the rest is padding
	if end < header+2 {
		return errShort
	}
	p.BaseLayer = layers.BaseLayer{Contents: b[:header+2], Payload: b[header+2 : end]}
	return nil
}

func (p *pppoe) NextLayerType() gopacket.LayerType {
	switch p.protocol {
	case layers.PPPTypeIPv4:
		return layers.LayerTypeIPv4
	case layers.PPPTypeIPv6:
		return layers.LayerTypeIPv6
	}
	return gopacket.LayerTypeZero
}

type loopback struct{ layers.Loopback }

func (l *loopback) NextLayerType() gopacket.LayerType {
	switch l.Family {
	case layers.ProtocolFamilyIPv4:
		return layers.LayerTypeIPv4
	case layers.ProtocolFamilyIPv6BSD, layers.ProtocolFamilyIPv6FreeBSD, layers.ProtocolFamilyIPv6Darwin, layers.ProtocolFamilyIPv6Linux:
		return layers.LayerTypeIPv6
	}
	return gopacket.LayerTypeZero
}
