package capture

import (
	"io"
	"math/bits"
)

// The magic numbers of pcap, in the writer's order (draft-ietf-opsawg-pcap 4).
const (
	magicMicroseconds = 0xA1B2C3D4
	magicNanoseconds  = 0xA1B23C4D

	pcapHeaderSize   = 24
	packetHeaderSize = 16
)

// pcap reads the classic format.
type pcap struct {
	in     *input
	order  order
	scale  int64 // nanoseconds of a unit of the fraction
	iface  Interface
	number uint64
}

// pcapMagic says what the first four octets of a pcap file tell.
func pcapMagic(b []byte) (o order, scale int64, ok bool) {
	magic := order(false).u32(b)
	for _, o := range []order{false, true} {
		switch magic {
		case magicMicroseconds:
			return o, 1000, true
		case magicNanoseconds:
			return o, 1, true
		}
		magic = bits.ReverseBytes32(magic)
	}
	return false, 0, false
}

func newPcap(in *input) (*pcap, error) {
	h, err := in.peek(pcapHeaderSize)
	if err != nil {
		return nil, in.cut(0, int64(len(h)), pcapHeaderSize, "a pcap file header")
	}
	p := &pcap{in: in}
	p.order, p.scale, _ = pcapMagic(h)
	if major, minor := p.order.u16(h[4:]), p.order.u16(h[6:]); major != 2 || minor < 4 {
		return nil, in.faultf(4, "pcap version %d.%d: accepted is 2.4", major, minor)
	}
	// The upper half of the field tells of a frame check sequence, which no
	// message reaches.
	p.iface.Link = LinkType(p.order.u32(h[20:]))
	in.advance(pcapHeaderSize)
	return p, nil
}

func (p *pcap) next(r *Record) error {
	h, err := p.in.peek(packetHeaderSize)
	if err != nil {
		if err == io.EOF && len(h) == 0 {
			return io.EOF
		}
		return p.in.cut(p.in.offset(), int64(len(h)), packetHeaderSize, "a packet header")
	}
	seconds, fraction := p.order.u32(h), p.order.u32(h[4:])
	kept, length := p.order.u32(h[8:]), p.order.u32(h[12:])
	if kept > maxPacket {
		return p.in.faultf(p.in.offset()+8, "a packet of %d octets: at most %d are accepted", kept, maxPacket)
	}
	n := packetHeaderSize + int(kept)
	b, err := p.in.peek(n)
	if err != nil {
		return p.in.cut(p.in.offset(), int64(len(b)), int64(n), "a packet and its header")
	}
	p.in.advance(n)
	p.number++
	*r = Record{
		Number:    p.number,
		Time:      int64(seconds)*1e9 + int64(fraction)*p.scale,
		Interface: &p.iface,
		Data:      b[packetHeaderSize:n:n],
		Length:    int(length),
	}
	return nil
}

func (p *pcap) drops() uint64 { return 0 }
