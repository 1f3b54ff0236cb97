package capture

import (
	"strings"
	"testing"

	"github.com/google/gopacket/layers"
	"golang.org/x/net/bpf"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// filterCase is a frame and whether the filter passes it.
type filterCase struct {
	name  string
	frame []byte
	want  bool
}

func filterCases() []filterCase {
	const passes, dropped = true, false
	const protocolTCP = 6
	sync := message(ptp.Sync, 1)
	event, general := udp4(319, 319, sync), udp4(320, 320, message(ptp.AnnounceMessage, 1))
	v4, v6 := ip4(0, nil, event), ip6(protocolUDP, event)
	tcp := ip4(0, nil, event)
	tcp[9] = protocolTCP
	ext := func(next byte, octets int, rest []byte) []byte {
		return join([]byte{next, byte(octets/8 - 1)}, make([]byte, octets-2), rest)
	}
	frag := func(next byte, offset int, rest []byte) []byte {
		return join([]byte{next, 0}, u16(offset), u32(1), rest)
	}
	return []filterCase{
		{"ieee802_3", eth(0x88F7, sync), passes},
		{"ieee802_3 tagged", eth(0x8100, tag(100, 0x88F7, sync)), passes},
		{"ieee802_3 priority tag", eth(0x8100, tag(0xE000, 0x88F7, sync)), passes},
		{"ieee802_3 802.1ad and 802.1Q", eth(0x88A8, tag(200, 0x8100, tag(100, 0x88F7, sync))), passes},
		{"ieee802_3 802.1Q twice", eth(0x8100, tag(200, 0x8100, tag(100, 0x88F7, sync))), passes},
		{"ieee802_3 0x9100 and 802.1Q", eth(0x9100, tag(200, 0x8100, tag(100, 0x88F7, sync))), passes},
		{"ipv4 event", eth(0x0800, v4), passes},
		{"ipv4 general", eth(0x0800, ip4(0, nil, general)), passes},
		{"ipv4 options", eth(0x0800, ip4(0, make([]byte, 24), event)), passes},
		{"ipv4 do not fragment", eth(0x0800, ip4(0x4000, nil, event)), passes},
		{"ipv4 first fragment", eth(0x0800, ip4(moreFragments, nil, event)), passes},
		{"ipv4 second fragment", eth(0x0800, ip4(moreFragments|1, nil, event)), dropped},
		{"ipv4 last fragment", eth(0x0800, ip4(185, nil, event)), dropped},
		{"ipv4 tagged", eth(0x8100, tag(100, 0x0800, v4)), passes},
		{"ipv4 tagged twice", eth(0x88A8, tag(200, 0x8100, tag(100, 0x0800, v4))), passes},
		{"ipv4 from 320", eth(0x0800, ip4(0, nil, udp4(320, 40000, sync))), passes},
		{"ipv4 to 319", eth(0x0800, ip4(0, nil, udp4(40000, 319, sync))), passes},
		{"ipv4 other ports", eth(0x0800, ip4(0, nil, udp4(318, 321, sync))), dropped},
		{"ipv4 tcp to 319", eth(0x0800, tcp), dropped},
		{"ipv6 event", eth(0x86DD, v6), passes},
		{"ipv6 tagged", eth(0x8100, tag(100, 0x86DD, v6)), passes},
		{"ipv6 tagged twice", eth(0x88A8, tag(200, 0x8100, tag(100, 0x86DD, v6))), passes},
		{"ipv6 hop by hop", eth(0x86DD, ip6(0, ext(protocolUDP, 8, event))), passes},
		{"ipv6 routing", eth(0x86DD, ip6(43, ext(protocolUDP, 24, event))), passes},
		{"ipv6 hop by hop, long destination options", eth(0x86DD, ip6(0, ext(60, 8, ext(protocolUDP, 264, event)))), passes},
		{"ipv6 three extension headers", eth(0x86DD, ip6(0, ext(60, 8, ext(43, 8, ext(protocolUDP, 8, event))))), passes},
		{"ipv6 four extension headers", eth(0x86DD, ip6(0, ext(60, 8, ext(43, 8, ext(60, 8, ext(protocolUDP, 8, event)))))), dropped},
		{"ipv6 first fragment", eth(0x86DD, ip6(44, frag(protocolUDP, 1, event))), passes},
		{"ipv6 second fragment", eth(0x86DD, ip6(44, frag(protocolUDP, 1<<3|1, event))), dropped},
		{"ipv6 hop by hop, first fragment", eth(0x86DD, ip6(0, ext(44, 8, frag(protocolUDP, 1, event)))), passes},
		{"ipv6 other ports", eth(0x86DD, ip6(protocolUDP, udp4(53, 53, sync))), dropped},
		{"ipv6 tcp", eth(0x86DD, ip6(protocolTCP, event)), dropped},
		{"mpls ipv4", eth(0x8847, mplsLabel(16, true, v4)), passes},
		{"mpls two labels ipv6", eth(0x8847, mplsLabel(16, false, mplsLabel(17, true, v6))), passes},
		{"mpls three labels", eth(0x8847, mplsLabel(16, false, mplsLabel(17, false, mplsLabel(18, true, v4)))), dropped},
		{"mpls neither ip", eth(0x8847, mplsLabel(16, true, sync)), dropped},
		{"mpls tagged", eth(0x8100, tag(100, 0x8847, mplsLabel(16, true, v4))), passes},
		{"pppoe ipv4", eth(0x8864, pppoeSession(0x0021, v4)), passes},
		{"pppoe ipv6", eth(0x8864, pppoeSession(0x0057, v6)), passes},
		{"pppoe lcp", eth(0x8864, pppoeSession(0xC021, v4)), dropped},
		{"arp", eth(0x0806, make([]byte, 46)), dropped},
		{"lldp", eth(0x88CC, make([]byte, 46)), dropped},
		{"802.3 length, LLC", eth(38, make([]byte, 46)), dropped},
		{"ipv4 cut in its header", eth(0x0800, v4)[:30], dropped},
		{"cut in the tag", eth(0x8100, tag(100, 0x88F7, sync))[:16], dropped},
	}
}

func newFilterVM(t testing.TB) *bpf.VM {
	t.Helper()
	program, err := ptpFilter()
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

func TestFilter(t *testing.T) {
	vm := newFilterVM(t)
	for _, c := range filterCases() {
		n, err := vm.Run(c.frame)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if (n > 0) != c.want {
			t.Errorf("%s: passed %d octets, want it passed: %v", c.name, n, c.want)
		}
	}
}

func TestAssemblyRefuses(t *testing.T) {
	far := newAssembly()
	far.equal(1, "end")
	for range 256 {
		far.emit(bpf.TAX{})
	}
	far.label("end")
	far.emit(bpf.RetConstant{})
	nowhere := newAssembly()
	nowhere.always("nowhere")
	back := newAssembly()
	back.label("start")
	back.emit(bpf.TAX{})
	back.always("start")
	for want, a := range map[string]*assembly{"longer than 255": far, `"nowhere": no such label`: nowhere, `"start": no such label ahead`: back} {
		if _, err := a.assemble(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to contain %q", err, want)
		}
	}
}

// FuzzFilter: what the decoder takes for PTP, the filter passes, as far down
// as it looks.
func FuzzFilter(f *testing.F) {
	for _, c := range filterCases() {
		f.Add(c.frame)
	}
	vm, d := newFilterVM(f), NewDecoder()
	f.Fuzz(func(t *testing.T, frame []byte) {
		var o packet.Observation
		n, err := vm.Run(frame)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Decode(Frame{LinkEthernet, frame, len(frame)}, &o) || n > 0 {
			return
		}
		if o.VLANs.Count <= filterTags && (o.Transport != packet.UDPv6 || d.extensions(frame) <= filterExtensions) {
			t.Errorf("dropped, and the decoder says %v, %v, fault %q", o.Transport, o.Message.Type, o.Malformed)
		}
	})
}

// extensions counts the extension headers of the frame decoded last: those
// between IPv6's header and the ports.
func (d *Decoder) extensions(frame []byte) int {
	n, at := 0, cap(frame)-cap(d.ipv6.Payload)
	for next := d.ipv6.next; next != protocolUDP; n++ {
		length := 8
		if next != 44 {
			length = 8 * (int(frame[at+1]) + 1)
		}
		next = layers.IPProtocol(frame[at])
		at += length
	}
	return n
}
