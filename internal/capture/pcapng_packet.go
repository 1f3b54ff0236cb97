package capture

import "fmt"

// packet consumes a block that holds a frame, which read takes out of it.
func (p *pcapng) packet(r *Record, length uint32, read func(*pcapng, []byte, *Record) error) (bool, error) {
	b, err := p.whole(length)
	if err != nil {
		return false, err
	}
	*r = Record{Number: p.number + 1}
	if err := read(p, b[8:length-4], r); err != nil {
		return false, p.in.faultf(p.in.offset(), "%w", err)
	}
	p.number++
	p.in.advance(int(length))
	return true, nil
}

// enhanced reads the block that is in use today (draft-ietf-opsawg-pcapng 4.3).
func (p *pcapng) enhanced(body []byte, r *Record) error {
	if len(body) < minPacket-blockOverhead {
		return tooShort(body, minPacket)
	}
	if err := p.from(p.order.u32(body), r); err != nil {
		return err
	}
	return p.timed(body, r)
}

// old reads the block it replaced (appendix A): the interface number shares
// its word with a count of the frames lost just before this one.
func (p *pcapng) old(body []byte, r *Record) error {
	if len(body) < minPacket-blockOverhead {
		return tooShort(body, minPacket)
	}
	if err := p.from(uint32(p.order.u16(body)), r); err != nil {
		return err
	}
	if lost := p.order.u16(body[2:]); lost != 0xFFFF { // not known
		p.lost(r.Interface, uint64(lost))
	}
	return p.timed(body, r)
}

// timed reads what both have after the interface.
func (p *pcapng) timed(body []byte, r *Record) error {
	count := uint64(p.order.u32(body[4:]))<<32 | uint64(p.order.u32(body[8:]))
	var ok bool
	if r.Time, ok = r.Interface.resolution.nanoseconds(count); !ok {
		return fmt.Errorf("a packet of interface %d: its time %#x is outside the years 1678 to 2261", r.Interface.ID, count)
	}
	r.Length = int(p.order.u32(body[16:]))
	rest, err := data(p.order.u32(body[12:]), body[20:], r)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		p.packetOptions(rest, r)
	}
	p.last = r.Time
	return nil
}

// simple reads the block that leaves out interface and time (4.4).
func (p *pcapng) simple(body []byte, r *Record) error {
	if len(body) < minSimple-blockOverhead {
		return tooShort(body, minSimple)
	}
	if err := p.from(0, r); err != nil {
		return err
	}
	length := p.order.u32(body)
	r.Length, r.Time, r.Untimed = int(length), p.last, true
	kept := min(length, uint32(len(body)-4))
	if snap := r.Interface.snapLength; snap > 0 {
		kept = min(kept, snap)
	}
	_, err := data(kept, body[4:], r)
	return err
}

func tooShort(body []byte, least int) error {
	return fmt.Errorf("a block of %d octets: one of its type has at least %d", len(body)+blockOverhead, least)
}

func (p *pcapng) from(id uint32, r *Record) error {
	if int64(id) >= int64(len(p.interfaces)) {
		return fmt.Errorf("a packet of interface %d: the section describes %d so far", id, len(p.interfaces))
	}
	r.Interface = p.interfaces[id]
	return nil
}

// data takes the kept octets of a frame and returns what follows its padding.
func data(kept uint32, b []byte, r *Record) ([]byte, error) {
	if kept > maxPacket {
		return nil, fmt.Errorf("a packet of %d octets: at most %d are accepted", kept, maxPacket)
	}
	if int(kept) > len(b) {
		return nil, fmt.Errorf("a packet of %d octets: its block has %d", kept, len(b))
	}
	r.Data = b[:kept:kept]
	return b[min(padded(int(kept)), len(b)):], nil
}

// packetOptions takes direction, comment and drops. The frame is good without
// them, so what is broken in them ends only them.
func (p *pcapng) packetOptions(b []byte, r *Record) {
	for o := (options{p.order, b}); ; {
		code, value, more, err := o.next()
		if err != nil || !more {
			return
		}
		switch {
		case code == optFlags && len(value) == 4:
			if d := Direction(p.order.u32(value) & 3); d <= Outbound {
				r.Direction = d
			}
		case code == optComment && r.Comment == nil:
			r.Comment = value
		case code == optDropCount && len(value) == 8:
			p.lost(r.Interface, p.order.u64(value))
		}
	}
}

func (p *pcapng) lost(i *Interface, n uint64) {
	before := i.drops()
	i.counted += n
	p.dropped += i.drops() - before
}
