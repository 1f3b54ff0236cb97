package capture

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var observed = cmp.Options{cmpopts.EquateComparable(netip.AddrPort{}), cmpopts.EquateEmpty()}

// What every hand-made frame of a kind says.
var (
	overEthernet = packet.Observation{
		SourceMAC: packet.MAC(sourceMAC), DestinationMAC: packet.MAC(multicastMAC), Transport: packet.IEEE8023,
	}
	overUDPv4 = packet.Observation{
		Transport: packet.UDPv4, TTL: 1, DSCP: 46,
		Source: netip.MustParseAddrPort("10.0.0.2:319"), Destination: netip.MustParseAddrPort("224.0.1.129:319"),
	}
	overUDPv6 = packet.Observation{
		Transport: packet.UDPv6, TTL: 64, DSCP: 46,
		Source: netip.MustParseAddrPort("[fe80::2]:319"), Destination: netip.MustParseAddrPort("[ff0e::181]:319"),
	}
)

// onEthernet is what the observation of a kind is with Ethernet and tags under it.
func onEthernet(o packet.Observation, vlans ...uint16) packet.Observation {
	o.SourceMAC, o.DestinationMAC = overEthernet.SourceMAC, overEthernet.DestinationMAC
	o.VLANs.Count = uint8(copy(o.VLANs.IDs[:], vlans))
	if len(vlans) > 2 {
		o.VLANs.Count = uint8(len(vlans))
	}
	return o
}

func with(o packet.Observation, change func(*packet.Observation)) packet.Observation {
	change(&o)
	return o
}

func egress(o packet.Observation) packet.Observation {
	return with(o, func(o *packet.Observation) { o.SourceMAC, o.Egress = packet.MAC(sourceMAC), true })
}

func fragment(o packet.Observation) packet.Observation {
	return with(o, func(o *packet.Observation) { o.Fragment = true })
}

func TestDecode(t *testing.T) {
	sync := message(ptp.Sync, 7)
	announce := message(ptp.AnnounceMessage, 8, pathTrace...)
	two := []byte{0, 0} // what UDP over IPv6 may add (IEEE 1588-2019 Annex D)
	v4 := ip4(0, nil, udp4(319, 319, sync))
	v6 := ip6(protocolUDP, udp4(319, 319, join(sync, two)))
	hopByHop := func(next byte, payload []byte) []byte {
		return join([]byte{next, 0, 5, 2, 0, 0, 1, 0}, payload)
	}
	for _, c := range []struct {
		name    string
		link    LinkType
		data    []byte
		message []byte
		want    packet.Observation
	}{
		{"Ethernet", LinkEthernet, eth(0x88F7, sync), sync, overEthernet},
		{"Ethernet, with a TLV", LinkEthernet, eth(0x88F7, announce), announce, overEthernet},
		{"UDP over IPv4", LinkEthernet, eth(0x0800, v4), sync, onEthernet(overUDPv4)},
		{"UDP over IPv6", LinkEthernet, eth(0x86DD, v6), sync, onEthernet(overUDPv6)},
		{"802.1Q", LinkEthernet, eth(0x8100, tag(0xE064, 0x88F7, sync)), sync, onEthernet(overEthernet, 100)},
		{"802.1Q priority tag", LinkEthernet, eth(0x8100, tag(0xE000, 0x88F7, sync)), sync, onEthernet(overEthernet, 0)},
		{"802.1ad", LinkEthernet, eth(0x88A8, tag(100, 0x8100, tag(200, 0x0800, v4))), sync, onEthernet(overUDPv4, 100, 200)},
		{"0x9100", LinkEthernet, eth(0x9100, tag(100, 0x9100, tag(200, 0x88F7, sync))), sync, onEthernet(overEthernet, 100, 200)},
		{"three tags", LinkEthernet, eth(0x88A8, tag(1, 0x8100, tag(2, 0x8100, tag(3, 0x88F7, sync)))), sync, onEthernet(overEthernet, 1, 2, 3)},
		{"MPLS, one label", LinkEthernet, eth(0x8847, mplsLabel(16, true, v4)), sync, onEthernet(overUDPv4)},
		{"MPLS, two labels", LinkEthernet, eth(0x8847, mplsLabel(16, false, mplsLabel(17, true, v6))), sync, onEthernet(overUDPv6)},
		{"PPPoE", LinkEthernet, eth(0x8864, pppoeSession(0x0021, v4)), sync, onEthernet(overUDPv4)},
		{"PPPoE, IPv6", LinkEthernet, eth(0x8864, pppoeSession(0x0057, v6)), sync, onEthernet(overUDPv6)},
		{"Linux cooked v1", LinkLinuxSLL, sll(4, 6, 0x88F7, sync), sync, egress(packet.Observation{Transport: packet.IEEE8023})},
		{"Linux cooked v1, address of 8 octets", LinkLinuxSLL, sll(0, 8, 0x0800, v4), sync, overUDPv4},
		{"Linux cooked v1, address length a lie", LinkLinuxSLL, sll(0, 0xFFFF, 0x0800, v4), sync, overUDPv4},
		{"Linux cooked v2", LinkLinuxSLL2, sll2(4, 3, 0x0800, v4), sync, egress(overUDPv4)},
		{"Linux cooked v2, tagged", LinkLinuxSLL2, sll2(4, 3, 0x8100, tag(5, 0x0800, v4)), sync,
			with(egress(overUDPv4), func(o *packet.Observation) { o.VLANs = packet.VLANs{IDs: [2]uint16{5}, Count: 1} })},
		{"raw IPv4", LinkRaw, v4, sync, overUDPv4},
		{"raw IPv6", LinkRaw, v6, sync, overUDPv6},
		{"IPv4", LinkIPv4, v4, sync, overUDPv4},
		{"IPv6", LinkIPv6, v6, sync, overUDPv6},
		{"BSD loopback, little-endian", LinkNull, join([]byte{2, 0, 0, 0}, v4), sync, overUDPv4},
		{"BSD loopback, big-endian IPv6", LinkNull, join([]byte{0, 0, 0, 30}, v6), sync, overUDPv6},
		{"OpenBSD loopback", LinkLoop, join([]byte{0, 0, 0, 24}, v6), sync, overUDPv6},
		{"IPv4 options", LinkRaw, ip4(0, []byte{7, 7, 4, 0, 0, 0, 0, 0}, udp4(319, 319, sync)), sync, overUDPv4},
		{"don't fragment", LinkRaw, ip4(0x4000, nil, udp4(319, 319, sync)), sync, overUDPv4},
		{"IPv4 first fragment", LinkRaw, ip4(moreFragments, nil, udp4(319, 319, sync)), sync, fragment(overUDPv4)},
		{"IPv4 first fragment, of a longer datagram", LinkRaw, ip4(moreFragments, nil, udp4(319, 319, join(sync, make([]byte, 60)))[:72]), sync, fragment(overUDPv4)},
		{"IPv6 hop-by-hop options", LinkRaw, ip6(0, hopByHop(17, udp4(319, 319, sync))), sync, overUDPv6},
		{"IPv6 three extension headers", LinkRaw, ip6(0, hopByHop(43, hopByHop(60, hopByHop(17, udp4(319, 319, sync))))), sync, overUDPv6},
		{"IPv6 first fragment", LinkRaw, ip6(44, join([]byte{17, 9, 0, 1, 1, 2, 3, 4}, udp4(319, 319, sync))), sync, fragment(overUDPv6)},
		{"IPv6 atomic fragment", LinkRaw, ip6(44, join([]byte{17, 0, 0, 0, 1, 2, 3, 4}, udp4(319, 319, sync))), sync, overUDPv6},
		{"source port alone", LinkRaw, ip4(0, nil, udp4(320, 50000, sync)), sync,
			with(overUDPv4, func(o *packet.Observation) {
				o.Source = netip.MustParseAddrPort("10.0.0.2:320")
				o.Destination = netip.MustParseAddrPort("224.0.1.129:50000")
			})},
		{"destination port alone, source another protocol's", LinkRaw, ip4(0, nil, udp4(53, 319, sync)), sync,
			with(overUDPv4, func(o *packet.Observation) { o.Source = netip.MustParseAddrPort("10.0.0.2:53") })},
		{"octets behind the datagram in the IP packet", LinkRaw, ip4(0, nil, join(udp4(319, 319, sync), []byte{1, 2, 3, 4})), sync, overUDPv4},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !c.link.Decoded() {
				t.Errorf("link type %v is decoded and does not say so", c.link)
			}
			want := c.want
			want.Length = len(c.data)
			if err := ptp.Decode(c.message, &want.Message); err != nil {
				t.Fatal(err)
			}
			got := packet.Observation{Egress: true, Malformed: "left over", V1: new(ptp.MessageV1), TTL: 9, Network: "left over"}
			if !NewDecoder().Decode(Frame{c.link, c.data, len(c.data)}, &got) {
				t.Fatal("not seen as PTP")
			}
			if diff := cmp.Diff(want, got, observed); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestDecodePadding: what Ethernet pads with is no part of the message, not
// even where messageLength says so.
func TestDecodePadding(t *testing.T) {
	sync := message(ptp.Sync, 7)
	sync[3] = 44 + 12 // as if it had a TLV; the padding would be one
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"IPv4", ip4(0, nil, udp4(319, 319, sync))},
		{"IPv6", ip6(protocolUDP, udp4(319, 319, sync))},
		{"IPv6 hop-by-hop", ip6(0, join([]byte{17, 0, 5, 2, 0, 0, 1, 0}, udp4(319, 319, sync)))},
	} {
		for _, link := range []string{"Ethernet", "PPPoE"} {
			etherType, protocol := 0x0800, 0x0021
			if c.name != "IPv4" {
				etherType, protocol = 0x86DD, 0x0057
			}
			data := join(eth(etherType, c.data), make([]byte, 20))
			if link == "PPPoE" {
				data = join(eth(0x8864, pppoeSession(protocol, c.data)), make([]byte, 20))
			}
			var o packet.Observation
			if !NewDecoder().Decode(Frame{LinkEthernet, data, len(data)}, &o) {
				t.Fatalf("%s in %s: not seen as PTP", c.name, link)
			}
			if o.Malformed != "" || o.Message.Fault != ptp.Truncated || len(o.Message.TLVs) != 0 {
				t.Errorf("%s in %s: got malformed %q, fault %q, TLVs % x, want the fault %q alone", c.name, link, o.Malformed, o.Message.Fault, o.Message.TLVs, ptp.Truncated)
			}
		}
	}
}

func TestDecodeMalformed(t *testing.T) {
	sync := message(ptp.Sync, 7)
	long := udp4(319, 319, sync)
	long[5] += 4
	short := udp4(319, 319, sync)
	short[4], short[5] = 0, 7
	none := udp4(319, 319, sync)
	none[4], none[5] = 0, 0
	reserved := message(ptp.Sync, 7)
	reserved[0] = 0x14
	datagram := ip4(0, nil, udp4(319, 319, sync))
	for _, c := range []struct {
		name   string
		link   LinkType
		data   []byte
		length int // on the wire; 0 is all of data
		want   ptp.Malformation
	}{
		{"nothing behind the EtherType", LinkEthernet, eth(0x88F7, nil)[:14], 0, ptp.Truncated},
		{"a header cut short", LinkEthernet, eth(0x88F7, sync)[:14+33], 0, ptp.Truncated},
		{"a body cut short", LinkEthernet, eth(0x88F7, sync)[:14+43], 0, ptp.Truncated},
		{"cut by the capture", LinkEthernet, eth(0x88F7, sync)[:14+43], 60, packet.CutByCapture},
		{"cut by the capture, UDP", LinkRaw, datagram[:60], 72, packet.CutByCapture},
		{"DNS", LinkRaw, ip4(0, nil, udp4(53, 319, make([]byte, 60))), 0, ptp.BadVersion},
		{"a reserved type", LinkEthernet, eth(0x88F7, reserved), 0, ptp.BadMessageType},
		{"an empty datagram", LinkRaw, ip4(0, nil, udp4(319, 319, nil)), 0, ptp.Truncated},
		{"a UDP length beyond the IP packet", LinkRaw, ip4(0, nil, long), 0, packet.BadDatagram},
		{"a UDP length beyond the IP packet, into the padding", LinkEthernet, join(eth(0x0800, ip4(0, nil, long)), make([]byte, 9)), 0, packet.BadDatagram},
		{"a UDP length beyond the IPv6 packet", LinkRaw, ip6(protocolUDP, long), 0, packet.BadDatagram},
		{"a UDP length beyond the IPv6 packet, into the padding", LinkEthernet, join(eth(0x86DD, ip6(protocolUDP, long)), make([]byte, 9)), 0, packet.BadDatagram},
		{"an IP length beyond the PPPoE session's, into the padding", LinkEthernet, eth(0x8864, join([]byte{0x11, 0, 0, 7, 0, 60, 0, 0x21}, datagram)), 0, packet.BadDatagram},
		{"a UDP length below its header", LinkRaw, ip4(0, nil, short), 0, packet.BadDatagram},
		{"a UDP length of none", LinkRaw, ip4(0, nil, none), 0, packet.BadDatagram},
		{"an IP length beyond the frame", LinkRaw, datagram[:70], 0, packet.BadDatagram},
		{"a first fragment too small", LinkRaw, ip4(moreFragments, nil, udp4(319, 319, sync)[:40]), 0, ptp.Truncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.length == 0 {
				c.length = len(c.data)
			}
			var o packet.Observation
			if !NewDecoder().Decode(Frame{c.link, c.data, c.length}, &o) {
				t.Fatal("not seen as PTP")
			}
			if o.Malformed != c.want {
				t.Errorf("got %q, want %q", o.Malformed, c.want)
			}
			if o.Transport == packet.UnknownTransport {
				t.Error("no transport")
			}
		})
	}
}

// TestDecodeCutTLV: the message is there, the capture cut its TLVs.
func TestDecodeCutTLV(t *testing.T) {
	data := eth(0x88F7, message(ptp.AnnounceMessage, 1, pathTrace...))
	var o packet.Observation
	for length, want := range map[int]ptp.Malformation{len(data): packet.CutByCapture, len(data) - 5: ptp.Truncated} {
		if !NewDecoder().Decode(Frame{LinkEthernet, data[:len(data)-5], length}, &o) || o.Malformed != "" || o.Message.Fault != want {
			t.Errorf("of %d octets: got malformed %q, fault %q, want the fault %q", length, o.Malformed, o.Message.Fault, want)
		}
	}
}

func TestDecodeNotPTP(t *testing.T) {
	sync := message(ptp.Sync, 7)
	v4 := ip4(0, nil, udp4(319, 319, sync))
	tcp := ip4(0, nil, udp4(319, 319, sync))
	tcp[9] = 6
	version5 := join(v4)
	version5[0] = 0x55
	for _, c := range []struct {
		name string
		link LinkType
		data []byte
	}{
		{"nothing", LinkEthernet, nil},
		{"nothing, raw", LinkRaw, nil},
		{"13 octets", LinkEthernet, eth(0x88F7, sync)[:13]},
		{"a link type nobody decodes", LinkType(105), eth(0x88F7, sync)},
		{"ARP", LinkEthernet, eth(0x0806, make([]byte, 46))},
		{"802.3 length", LinkEthernet, eth(46, make([]byte, 46))},
		{"half a tag", LinkEthernet, eth(0x8100, nil)[:16]},
		{"TCP", LinkRaw, tcp},
		{"other UDP", LinkRaw, ip4(0, nil, udp4(53, 123, sync))},
		{"a later fragment", LinkRaw, ip4(5, nil, udp4(319, 319, sync))},
		{"a later fragment of more", LinkRaw, ip4(moreFragments|5, nil, udp4(319, 319, sync))},
		{"a later IPv6 fragment", LinkRaw, ip6(44, join([]byte{17, 0, 0, 8, 1, 2, 3, 4}, udp4(319, 319, sync)))},
		{"IP version 5", LinkRaw, version5},
		{"IP version 4 in IPv6's EtherType", LinkEthernet, eth(0x86DD, v4)},
		{"IP version 6 in IPv4's EtherType", LinkEthernet, eth(0x0800, ip6(protocolUDP, udp4(319, 319, sync)))},
		{"an IPv4 header cut short", LinkRaw, v4[:19]},
		{"an IPv6 header cut short", LinkRaw, ip6(protocolUDP, nil)[:39]},
		{"an IPv6 extension cut short", LinkRaw, ip6(0, []byte{17, 1, 0, 0, 0, 0, 0, 0})},
		{"an IPv6 fragment header cut short", LinkRaw, ip6(44, []byte{17, 0, 0, 0, 0, 0, 0})},
		{"ICMPv6", LinkRaw, ip6(58, sync)},
		{"a UDP header cut short", LinkRaw, ip4(0, nil, udp4(319, 319, nil)[:7])},
		{"three MPLS labels", LinkEthernet, eth(0x8847, mplsLabel(1, false, mplsLabel(2, false, mplsLabel(3, true, v4))))},
		{"Ethernet over MPLS", LinkEthernet, eth(0x8847, mplsLabel(1, true, join(u32(0), eth(0x88F7, sync))))},
		{"an MPLS label cut short", LinkEthernet, eth(0x8847, nil)[:17]},
		{"PPPoE discovery", LinkEthernet, eth(0x8864, join([]byte{0x11, 9}, pppoeSession(0x0021, v4)[2:]))},
		{"PPPoE with a length below PPP's", LinkEthernet, eth(0x8864, []byte{0x11, 0, 0, 1, 0, 1, 0, 0x21, 0x45})},
		{"PPPoE cut short", LinkEthernet, eth(0x8864, nil)[:20]},
		{"PPP LCP", LinkEthernet, eth(0x8864, pppoeSession(0xC021, v4))},
		{"Linux cooked v1 cut short", LinkLinuxSLL, sll(0, 6, 0x0800, nil)[:15]},
		{"Linux cooked v2 cut short", LinkLinuxSLL2, sll2(0, 1, 0x0800, nil)[:19]},
		{"loopback of another family", LinkNull, join([]byte{7, 0, 0, 0}, v4)},
		{"loopback cut short", LinkNull, []byte{2, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := packet.Observation{Network: "as it was"}
			o := before
			if NewDecoder().Decode(Frame{c.link, c.data, len(c.data)}, &o) {
				t.Errorf("seen as PTP: %+v", o)
			}
			if diff := cmp.Diff(before, o, observed); diff != "" {
				t.Errorf("not left as it was, -want +got\n%s", diff)
			}
		})
	}
}

func TestDecodeV1(t *testing.T) {
	m := ptp.MessageV1{VersionPTP: 1, VersionNetwork: 1, MessageType: 1, SequenceID: 9, Control: ptp.SyncControlV1}
	data := ip4(0, nil, udp4(319, 319, ptp.AppendMessageV1(nil, &m)))
	var o packet.Observation
	if !NewDecoder().Decode(Frame{LinkRaw, data, len(data)}, &o) || o.Malformed != "" || o.V1 == nil {
		t.Fatalf("got malformed %q, %+v", o.Malformed, o.V1)
	}
	if diff := cmp.Diff(&m, o.V1); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestDecoderForgets: nothing of one frame shows in the next.
func TestDecoderForgets(t *testing.T) {
	sync := message(ptp.Sync, 7)
	frames := []Frame{
		{Link: LinkEthernet, Data: eth(0x9100, tag(1, 0x8100, tag(2, 0x86DD, ip6(44, join([]byte{17, 0, 0, 1, 1, 2, 3, 4}, udp4(320, 320, sync))))))},
		{Link: LinkEthernet, Data: eth(0x8847, mplsLabel(1, false, mplsLabel(2, true, ip4(moreFragments, nil, udp4(319, 319, sync)))))},
		{Link: LinkLinuxSLL2, Data: sll2(4, 3, 0x88F7, sync)},
		{Link: LinkEthernet, Data: eth(0x8847, mplsLabel(1, true, ip6(protocolUDP, udp4(319, 319, sync))))},
		{Link: LinkRaw, Data: ip4(0, nil, udp4(319, 320, message(ptp.AnnounceMessage, 1, pathTrace...)))},
		{Link: LinkRaw, Data: ip4(0, nil, udp4(319, 319, ptp.AppendMessageV1(nil, &ptp.MessageV1{VersionPTP: 1})))},
		{Link: LinkRaw, Data: ip4(0, nil, udp4(319, 319, []byte{1, 2, 3}))},
		{Link: LinkEthernet, Data: eth(0x88F7, sync)},
	}
	d := NewDecoder()
	for i := range frames {
		frames[i].Length = len(frames[i].Data)
	}
	for _, first := range frames {
		for _, second := range frames {
			var want, got packet.Observation
			NewDecoder().Decode(second, &want)
			d.Decode(first, &got)
			d.Decode(second, &got)
			if diff := cmp.Diff(want, got, observed); diff != "" {
				t.Errorf("% x\nafter % x\n-want +got\n%s", second.Data, first.Data, diff)
			}
		}
	}
}

func TestDecodeAllocates(t *testing.T) {
	d := NewDecoder()
	sync := message(ptp.Sync, 1)
	for name, data := range map[string][]byte{
		"ethernet":  eth(0x88F7, sync),
		"udp_ipv4":  eth(0x0800, ip4(0, nil, udp4(319, 319, sync))),
		"udp_ipv6":  eth(0x86DD, ip6(0, join([]byte{17, 0, 5, 2, 0, 0, 1, 0}, udp4(319, 319, sync)))),
		"malformed": eth(0x88F7, sync[:10])[:24],
		"other":     eth(0x0800, ip4(0, nil, udp4(53, 53, sync))),
	} {
		var o packet.Observation
		if n := testing.AllocsPerRun(100, func() { d.Decode(Frame{LinkEthernet, data, len(data)}, &o) }); n != 0 {
			t.Errorf("%s: %v allocations a frame, want none", name, n)
		}
	}
}
