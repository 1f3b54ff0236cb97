package capture

import (
	"strconv"

	"github.com/google/gopacket/layers"
	"golang.org/x/net/bpf"
)

// How deep the filter looks. The outermost VLAN tag of a received frame is no
// longer in the frame, so it is one more.
const (
	filterTags       = 2
	filterExtensions = 3 // headers of IPv6
)

// filterAccept is how much of an accepted frame is kept: all of it.
const filterAccept = 1 << 18

const ethernetHeader = 14

// ptpFilter is the program that the kernel runs on every frame of an Ethernet
// interface. It passes what Decoder would take for PTP: EtherType 0x88F7, and
// UDP from or to port 319 or 320 over IPv4 and IPv6 (IEEE 1588-2019 Annexes C,
// D and E), behind VLAN tags, MPLS labels or a PPPoE session. Of a fragmented
// datagram the first fragment passes: a message in fragments is itself a sign
// of trouble.
//
// The index register counts the octets between the Ethernet header and the
// header under way, so that what lies just before that has no negative offset.
func ptpFilter() ([]bpf.Instruction, error) {
	a := newAssembly()
	a.ethernet()
	a.shims()
	a.ipv4()
	a.ipv6()
	a.label("ports")
	for _, offset := range []int{2, 0} { // destination, source
		a.emit(header(offset, 2))
		a.equal(portEvent, "accept")
		a.equal(portGeneral, "accept")
	}
	a.label("drop")
	a.emit(bpf.RetConstant{Val: 0})
	a.label("accept")
	a.emit(bpf.RetConstant{Val: filterAccept})
	return a.assemble()
}

// header loads from an offset in the header under way.
func header(offset, size int) bpf.Instruction {
	return bpf.LoadIndirect{Off: uint32(ethernetHeader + offset), Size: size}
}

// advance goes on to the header that many octets behind this one.
func (a *assembly) advance(octets uint32) {
	a.emit(bpf.TXA{}, bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: octets}, bpf.TAX{})
}

// ethernet follows the EtherType, through tags, the usual first.
func (a *assembly) ethernet() {
	for tags := range filterTags + 1 {
		tagged := uint32(4 * tags)
		a.label("tagged" + strconv.Itoa(tags))
		a.emit(bpf.LoadConstant{Dst: bpf.RegX, Val: tagged}, bpf.LoadAbsolute{Off: ethernetHeader - 2 + tagged, Size: 2})
		a.equal(uint32(layers.EthernetTypeIPv4), "ipv4")
		a.equal(uint32(etherTypePTP), "accept")
		a.equal(uint32(layers.EthernetTypeIPv6), "ipv6")
		if tags == filterTags {
			return
		}
		more := "tagged" + strconv.Itoa(tags+1)
		a.equal(uint32(layers.EthernetTypeDot1Q), more)
		a.equal(uint32(layers.EthernetTypeQinQ), more)
		a.jump(bpf.JumpEqual, uint32(etherType9100), more, "shims")
	}
}

// shims passes over what may stand between the EtherType and IP.
func (a *assembly) shims() {
	a.label("shims")
	a.equal(uint32(etherTypeMPLS), "mpls")
	a.jump(bpf.JumpEqual, uint32(etherTypePPPoE), "", "drop")
	a.advance(8) // PPPoE's six and PPP's two octets
	a.emit(header(-2, 2))
	a.equal(uint32(layers.PPPTypeIPv4), "ipv4")
	a.jump(bpf.JumpEqual, uint32(layers.PPPTypeIPv6), "ipv6", "drop")
	a.label("mpls")
	for range maxLabels {
		a.advance(4)
		a.emit(header(-2, 1))
		a.jump(bpf.JumpBitsSet, 1, "unlabelled", "") // bottom of stack (RFC 3032 2.1)
	}
	a.always("drop")
	a.label("unlabelled")
	a.emit(header(0, 1), bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4})
	a.equal(4, "ipv4")
	a.jump(bpf.JumpEqual, 6, "ipv6", "drop")
}

func (a *assembly) ipv4() {
	a.label("ipv4")
	a.emit(header(9, 1))
	a.jump(bpf.JumpEqual, uint32(layers.IPProtocolUDP), "", "drop")
	a.emit(header(6, 2))
	a.jump(bpf.JumpBitsSet, 0x1FFF, "drop", "") // fragment offset
	a.emit(header(0, 1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x0F}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2},
		bpf.ALUOpX{Op: bpf.ALUOpAdd}, bpf.TAX{})
	a.always("ports")
}

// ipv6 goes from header to header with the type of the next in scratch and the
// length of this one in the accumulator.
func (a *assembly) ipv6() {
	next := bpf.StoreScratch{Src: bpf.RegA, N: 0}
	a.label("ipv6")
	a.emit(header(6, 1), next, bpf.LoadConstant{Dst: bpf.RegA, Val: 40})
	for level := range filterExtensions + 1 {
		fragment, extension := "fragment"+strconv.Itoa(level), "extension"+strconv.Itoa(level)
		a.label("hop" + strconv.Itoa(level))
		a.emit(bpf.ALUOpX{Op: bpf.ALUOpAdd}, bpf.TAX{}, bpf.LoadScratch{Dst: bpf.RegA, N: 0})
		if level == filterExtensions {
			break
		}
		a.equal(uint32(layers.IPProtocolUDP), "ports")
		a.equal(uint32(layers.IPProtocolIPv6Fragment), fragment)
		a.equal(uint32(layers.IPProtocolIPv6HopByHop), extension)
		a.equal(uint32(layers.IPProtocolIPv6Destination), extension)
		a.jump(bpf.JumpEqual, uint32(layers.IPProtocolIPv6Routing), extension, "drop")
		a.label(fragment)
		a.emit(header(2, 2))
		a.jump(bpf.JumpBitsSet, 0xFFF8, "drop", "") // fragment offset
		a.emit(header(0, 1), next, bpf.LoadConstant{Dst: bpf.RegA, Val: 8})
		a.always("hop" + strconv.Itoa(level+1))
		a.label(extension)
		a.emit(header(0, 1), next, header(1, 1),
			bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 3})
	}
	a.jump(bpf.JumpEqual, uint32(layers.IPProtocolUDP), "ports", "drop")
}
