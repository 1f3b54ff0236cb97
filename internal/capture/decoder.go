package capture

import (
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Frame is what a Decoder needs to know of a captured frame.
type Frame struct {
	Link   LinkType
	Data   []byte
	Length int // octets it had on the wire; more than len(Data) where the capture cut it
}

// Decoder walks a frame's headers down to PTP. It allocates nothing for a
// frame that is sound, and it is not safe for concurrent use.
type Decoder struct {
	layers gopacket.DecodingLayerArray

	ethernet  ethernet
	tags      vlanTags
	ipv4      ipv4
	ipv6      ipv6
	extension ipv6Extension
	fragment  ipv6Fragment
	udp       udp
	mpls      mpls
	pppoe     pppoe
	cooked    linuxSLL
	cooked2   linuxSLL2
	loopback  loopback
	ptp       ptpLayer
}

// NewDecoder returns a Decoder of every link type that LinkType.Decoded names.
func NewDecoder() *Decoder {
	d := &Decoder{}
	var c gopacket.DecodingLayerContainer = d.layers
	for _, l := range []gopacket.DecodingLayer{ // searched in this order: the usual first
		&d.ethernet, &d.ipv4, &d.udp, &d.ptp, &d.tags, &d.ipv6, &d.extension, &d.fragment,
		&d.mpls, &d.pppoe, &d.cooked, &d.cooked2, &d.loopback,
	} {
		c = c.Put(l)
	}
	d.layers = c.(gopacket.DecodingLayerArray)
	return d
}

// firstLayer is the layer that a frame begins with.
func firstLayer(link LinkType, data []byte) gopacket.LayerType {
	switch link {
	case LinkEthernet:
		return layers.LayerTypeEthernet
	case LinkLinuxSLL:
		return layers.LayerTypeLinuxSLL
	case LinkLinuxSLL2:
		return layerTypeLinuxSLL2
	case LinkRaw, LinkIPv4, LinkIPv6:
		return ipVersion(data)
	case LinkNull, LinkLoop:
		return layers.LayerTypeLoopback
	}
	return gopacket.LayerTypeZero
}

// Decode says whether f carries PTP, or claims to: EtherType 0x88F7, or a UDP
// port of 319 or 320 (IEEE 1588-2019 Annexes C, D and E). If so it fills in o
// what the frame tells: addresses, VLANs, transport, the message or why there
// is none. Everything else in o is zeroed, for the source to set. If not, o is
// left as it was.
//
// o.Message.TLVs points into f.Data and o.V1 into the Decoder.
func (d *Decoder) Decode(f Frame, o *packet.Observation) bool {
	d.tags.vlans, d.mpls.labels, d.fragment.more = packet.VLANs{}, 0, false
	d.ptp.into = o
	first := firstLayer(f.Link, f.Data)
	network, last := gopacket.LayerTypeZero, gopacket.LayerTypeZero
	var err error
	for typ, data := first, f.Data; typ != gopacket.LayerTypeZero && err == nil; {
		layer, ok := d.layers.Decoder(typ)
		if !ok {
			return false
		}
		if err = layer.DecodeFromBytes(data, gopacket.NilDecodeFeedback); err != nil && typ != layerTypePTP {
			return false
		}
		if typ == layers.LayerTypeIPv4 || typ == layers.LayerTypeIPv6 {
			network = typ
		}
		last = typ
		typ, data = layer.NextLayerType(), layer.LayerPayload()
	}
	if last != layerTypePTP {
		return false
	}
	o.Length = f.Length
	d.describeLink(first, o)
	d.describeNetwork(network, o)
	d.judge(f, err, o)
	return true
}

func (d *Decoder) describeLink(first gopacket.LayerType, o *packet.Observation) {
	o.VLANs = d.tags.vlans
	switch first {
	case layers.LayerTypeEthernet:
		o.SourceMAC = packet.MAC(d.ethernet.SrcMAC)
		o.DestinationMAC = packet.MAC(d.ethernet.DstMAC)
	case layers.LayerTypeLinuxSLL:
		o.SourceMAC, o.Egress = d.cooked.source, d.cooked.egress
	case layerTypeLinuxSLL2:
		o.SourceMAC, o.Egress = d.cooked2.source, d.cooked2.egress
	}
}

func (d *Decoder) describeNetwork(network gopacket.LayerType, o *packet.Observation) {
	var source, destination netip.Addr
	switch network {
	case layers.LayerTypeIPv4:
		o.Transport = packet.UDPv4
		o.TTL, o.DSCP, o.Fragment = d.ipv4.TTL, d.ipv4.TOS>>2, d.ipv4.more()
		source = netip.AddrFrom4([4]byte(d.ipv4.SrcIP))
		destination = netip.AddrFrom4([4]byte(d.ipv4.DstIP))
	case layers.LayerTypeIPv6:
		o.Transport = packet.UDPv6
		o.TTL, o.DSCP, o.Fragment = d.ipv6.hopLimit, d.ipv6.trafficClass>>2, d.fragment.more
		source = netip.AddrFrom16(d.ipv6.source)
		destination = netip.AddrFrom16(d.ipv6.destination)
	default:
		o.Transport = packet.IEEE8023
		return
	}
	o.Source = netip.AddrPortFrom(source, uint16(d.udp.SrcPort))
	o.Destination = netip.AddrPortFrom(destination, uint16(d.udp.DstPort))
}

// judge says what is wrong with a message, given the error of decoding it. What
// the capture cut off, or left to later fragments, is not held against it.
func (d *Decoder) judge(f Frame, err error, o *packet.Observation) {
	o.Malformed, _ = err.(ptp.Malformation) // decoding has no other errors
	cut := f.Length > len(f.Data)
	switch {
	case o.Transport != packet.IEEE8023 && !d.udp.sound(cut || o.Fragment):
		o.Malformed = packet.BadDatagram
	case cut && o.Malformed == ptp.Truncated:
		o.Malformed = packet.CutByCapture
	case cut && o.Message.Fault == ptp.Truncated:
		o.Message.Fault = packet.CutByCapture
	}
}

// InterfaceIndex is the interface number that the last frame decoded gives
// itself, which only Linux cooked v2 does; 0 otherwise.
func (d *Decoder) InterfaceIndex(link LinkType) uint32 {
	if link != LinkLinuxSLL2 {
		return 0
	}
	return d.cooked2.index
}
