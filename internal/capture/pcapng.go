package capture

import (
	"fmt"
	"io"
	"math/bits"
)

// Block types (draft-ietf-opsawg-pcapng 4 and appendix A).
const (
	blockSection    = 0x0A0D0D0A
	blockInterface  = 1
	blockOldPacket  = 2
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6

	// These carry no frame of a network, but Wireshark numbers them as frames.
	blockJournal        = 9 // systemd journal export
	blockCustom         = 0xBAD
	blockCustomPersonal = 0x40000BAD // not to be copied

	byteOrderMagic = 0x1A2B3C4D
	blockOverhead  = 12 // type, and length at both ends
)

// What a block of each type has at least, overhead and all.
const (
	minSection    = 28
	minInterface  = 20
	minSimple     = 16
	minStatistics = 24
	minPacket     = 32 // enhanced and obsolete packet blocks
)

// pcapng reads the block format. Blocks that carry no frame and describe no
// interface are passed over, however long they say they are.
type pcapng struct {
	in         *input
	order      order
	interfaces []*Interface // of this section
	number     uint64
	last       int64 // the time of the last frame that had one
	dropped    uint64
}

func newPcapng(in *input) *pcapng { return &pcapng{in: in} }

func (p *pcapng) drops() uint64 { return p.dropped }

func (p *pcapng) next(r *Record) error {
	for {
		found, err := p.block(r)
		if found || err != nil {
			return err
		}
	}
}

// block reads one block; found says that it held a frame.
func (p *pcapng) block(r *Record) (found bool, err error) {
	h, err := p.in.peek(blockOverhead)
	if err != nil {
		if err == io.EOF && len(h) == 0 {
			return false, io.EOF
		}
		return false, p.in.cut(p.in.offset(), int64(len(h)), blockOverhead, "a block header")
	}
	typ := p.order.u32(h)
	if typ == blockSection { // reads the same in both byte orders
		if err := p.section(h); err != nil {
			return false, err
		}
	}
	length := p.order.u32(h[4:])
	if length < blockOverhead || length%4 != 0 {
		return false, p.in.faultf(p.in.offset()+4, "a block of %d octets: accepted are multiples of 4 from %d", length, blockOverhead)
	}
	switch typ {
	case blockEnhanced:
		return p.packet(r, length, (*pcapng).enhanced)
	case blockSimple:
		return p.packet(r, length, (*pcapng).simple)
	case blockOldPacket:
		return p.packet(r, length, (*pcapng).old)
	case blockInterface:
		return false, p.described(length, minInterface, (*pcapng).addInterface)
	case blockStatistics:
		return false, p.described(length, minStatistics, (*pcapng).statistics)
	case blockSection:
		return false, p.described(length, minSection, (*pcapng).checkSection)
	case blockJournal, blockCustom, blockCustomPersonal:
		p.number++
	}
	return false, p.skip(length)
}

// section starts a new section: its byte order, no interfaces.
func (p *pcapng) section(h []byte) error {
	switch magic := order(false).u32(h[8:]); magic {
	case byteOrderMagic:
		p.order = false
	case bits.ReverseBytes32(byteOrderMagic):
		p.order = true
	default:
		return p.in.faultf(p.in.offset()+8, "byte-order magic %#08x: accepted is %#08x in either order", magic, uint32(byteOrderMagic))
	}
	p.interfaces = nil
	return nil
}

func (p *pcapng) checkSection(body []byte) error {
	if major := p.order.u16(body[4:]); major != 1 {
		return fmt.Errorf("pcapng version %d.%d: accepted is 1", major, p.order.u16(body[6:]))
	}
	return nil
}

// whole peeks a block and checks the length at its end.
func (p *pcapng) whole(length uint32) ([]byte, error) {
	if length > maxBlock {
		return nil, p.in.faultf(p.in.offset()+4, "a block of %d octets: at most %d are accepted of its type", length, maxBlock)
	}
	b, err := p.in.peek(int(length))
	if err != nil {
		return nil, p.in.cut(p.in.offset(), int64(len(b)), int64(length), "a block")
	}
	if end := p.order.u32(b[length-4:]); end != length {
		return nil, p.in.faultf(p.in.offset()+int64(length)-4, "a block of %d octets that says %d at its end", length, end)
	}
	return b, nil
}

// skip consumes a block nobody reads.
func (p *pcapng) skip(length uint32) error {
	start := p.in.offset()
	if err := p.in.skip(int64(length)); err != nil {
		return p.in.cut(start, p.in.offset()-start, int64(length), "a block")
	}
	return nil
}

// described consumes a block that describes what the packets refer to. A fault
// in one is a fault of the file: it would make the packets mean something else.
func (p *pcapng) described(length, least uint32, read func(*pcapng, []byte) error) error {
	if length < least {
		return p.in.faultf(p.in.offset()+4, "a block of %d octets: one of its type has at least %d", length, least)
	}
	b, err := p.whole(length)
	if err != nil {
		return err
	}
	if err := read(p, b[8:length-4]); err != nil {
		return p.in.faultf(p.in.offset(), "%w", err)
	}
	p.in.advance(int(length))
	return nil
}

func (p *pcapng) addInterface(body []byte) error {
	if len(p.interfaces) == maxInterfaces {
		return fmt.Errorf("interface %d of a section: at most %d are accepted", maxInterfaces+1, maxInterfaces)
	}
	i := &Interface{ID: len(p.interfaces), Link: LinkType(p.order.u16(body)), snapLength: p.order.u32(body[4:])}
	tsresol, tsoffset := uint8(6), int64(0)
	for o := (options{p.order, body[8:]}); ; {
		code, value, more, err := o.next()
		switch {
		case err != nil:
			return fmt.Errorf("interface %d: %w", i.ID, err)
		case !more:
			i.resolution, err = newResolution(tsresol, tsoffset)
			if err != nil {
				return fmt.Errorf("interface %d: %w", i.ID, err)
			}
			p.interfaces = append(p.interfaces, i)
			return nil
		case code == optInterfaceName:
			i.Name = printable(value)
		case code == optTimeResolution && len(value) == 1:
			tsresol = value[0]
		case code == optTimeOffset && len(value) == 8:
			tsoffset = int64(p.order.u64(value))
		case code == optTimeResolution, code == optTimeOffset:
			return fmt.Errorf("interface %d: option %d of %d octets", i.ID, code, len(value))
		}
	}
}

// statistics takes what the capture says it lost, if it does.
func (p *pcapng) statistics(body []byte) error {
	id := p.order.u32(body)
	if int64(id) >= int64(len(p.interfaces)) {
		return fmt.Errorf("statistics of interface %d: the section describes %d so far", id, len(p.interfaces))
	}
	i := p.interfaces[id]
	var lost uint64
	for o := (options{p.order, body[12:]}); ; {
		code, value, more, err := o.next()
		if err != nil || !more {
			break
		}
		if (code == optInterfaceDrops || code == optSystemDrops) && len(value) == 8 {
			lost += p.order.u64(value)
		}
	}
	before := i.drops()
	i.reported = max(i.reported, lost)
	p.dropped += i.drops() - before
	return nil
}
