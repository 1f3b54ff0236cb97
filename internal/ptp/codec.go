package ptp

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// A codec reads the fields of a TLV, writes them, or shows them by name,
// whichever it is set to. Each type lists its fields once, in the order of
// the wire, so that decoder, encoder and printer cannot disagree. Only reading
// changes what it is given.
type codec struct {
	op     operation
	b      []byte // what is left to read, or has been written
	short  bool   // reading ran out of octets
	fault  bool   // a part could not be read, and was kept raw
	show   func(name string, value any) bool
	prefix string // before each name shown, inside a list or a group
	datum  string // what the single octet of a Datum is called
	done   bool   // whoever looks at the fields has seen enough
}

type operation uint8

const (
	reading operation = iota
	writing
	showing
)

// fielder is what a codec works on.
type fielder interface{ fields(*codec) }

// Octets are octets that are not looked into. They print in hexadecimal.
type Octets []byte

func (o Octets) String() string { return hex.EncodeToString(o) }

// take returns the next n octets, or nil when there are fewer.
func (c *codec) take(n int) []byte {
	if n > len(c.b) {
		c.short, c.b = true, nil
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *codec) emit(name string, value any) {
	switch v := value.(type) { // whose own String would mislead
	case Timestamp:
		value = TimestampString(v)
	case ClockAccuracy:
		value = ClockAccuracyName(v)
	}
	c.done = c.done || !c.show(c.prefix+name, value)
}

type integer interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int8 | ~int16 | ~int32 | ~int64
}

// number is a big-endian integer of size octets.
func number[T integer](c *codec, name string, p *T, size int) {
	switch c.op {
	case reading:
		var v uint64
		for _, o := range c.take(size) {
			v = v<<8 | uint64(o)
		}
		*p = T(v)
	case writing:
		for i := size - 1; i >= 0; i-- {
			c.b = append(c.b, byte(uint64(*p)>>(8*i)))
		}
	case showing:
		c.emit(name, *p)
	}
}

func u8[T ~uint8 | ~int8](c *codec, name string, p *T)    { number(c, name, p, 1) }
func u16[T ~uint16 | ~int16](c *codec, name string, p *T) { number(c, name, p, 2) }
func u32[T ~uint32 | ~int32](c *codec, name string, p *T) { number(c, name, p, 4) }
func u48(c *codec, name string, p *uint64)                { number(c, name, p, 6) }
func u64[T ~uint64 | ~int64](c *codec, name string, p *T) { number(c, name, p, 8) }

// u64le is a little-endian integer that is not shown, one of linuxptp's
// counters.
func u64le(c *codec, p *uint64) {
	v := bits.ReverseBytes64(*p)
	u64(c, "", &v)
	if c.op == reading {
		*p = bits.ReverseBytes64(v)
	}
}

// f64 is a Float64 (IEEE 1588-2019 5.2).
func f64(c *codec, name string, p *float64) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	v := math.Float64bits(*p)
	u64(c, name, &v)
	if c.op == reading {
		*p = math.Float64frombits(v)
	}
}

// nibbles are two four-bit fields in one octet, the high one first.
func nibbles[H, L ~uint8](c *codec, highName string, high *H, lowName string, low *L) {
	if c.op == showing {
		c.emit(highName, *high)
		c.emit(lowName, *low)
		return
	}
	v := uint8(*high)<<4 | uint8(*low)&0xF
	u8(c, "", &v)
	if c.op == reading {
		*high, *low = H(v>>4), L(v&0xF)
	}
}

// octets are as many as p is long.
func (c *codec) octets(name string, p []byte) {
	switch c.op {
	case reading:
		copy(p, c.take(len(p)))
	case writing:
		c.b = append(c.b, p...)
	case showing:
		c.emit(name, Octets(p))
	}
}

// reserved octets are kept, and shown only when a sender set them.
func (c *codec) reserved(p ...*uint8) {
	for _, o := range p {
		if c.op != showing || *o != 0 {
			u8(c, "reserved", o)
		}
	}
}

// rest is everything up to the end.
func (c *codec) rest(name string, p *Octets) {
	if c.op == reading {
		*p = slices.Grow(*p, len(c.b))[:len(c.b)]
	}
	c.octets(name, *p)
}

// sized are octets after their own number, which has size octets.
func (c *codec) sized(name string, size int, p *Octets) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	n := uint16(min(len(*p), 1<<(8*size)-1))
	number(c, "", &n, size)
	if c.op == reading {
		*p = Octets(bytes.Clone(c.take(int(n))))
		return
	}
	c.octets("", (*p)[:n])
}

// Text is a sender's text (PTPText, IEEE 1588-2019 5.3.9): any octets.
type Text string

// text is a PTPText without padding.
func (c *codec) text(name string, p *string) {
	if c.op == showing {
		c.emit(name, Text(*p))
		return
	}
	o := Octets(*p)
	c.sized("", 1, &o)
	if c.op == reading {
		*p = string(o)
	}
}

func (c *codec) clockIdentity(name string, p *ClockIdentity) { u64(c, name, p) }

func (c *codec) clockIdentities(name string, p *[]ClockIdentity) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	list(c, "", p, 8, func(id *ClockIdentity) { c.clockIdentity("", id) })
}

func (c *codec) portIdentity(name string, p *PortIdentity) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	u64(c, "", &p.ClockIdentity)
	u16(c, "", &p.PortNumber)
}

func (c *codec) timestamp(name string, p *Timestamp) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	c.octets("", p.Seconds[:])
	u32(c, "", &p.Nanoseconds)
}

func (c *codec) clockQuality(name string, p *ClockQuality) {
	outer := c.prefix
	if c.op == showing {
		c.prefix += name + "."
	}
	u8(c, "clockClass", &p.ClockClass)
	u8(c, "clockAccuracy", &p.ClockAccuracy)
	u16(c, "offsetScaledLogVariance", &p.OffsetScaledLogVariance)
	c.prefix = outer
}

// group is the fields of a part, "parentDS.flags": parts have names in common.
func (c *codec) group(name string, part fielder) {
	outer := c.prefix
	c.prefix += name + "."
	part.fields(c)
	c.prefix = outer
}

// list is as many elements of size octets as there are whole ones left.
func list[E any](c *codec, name string, p *[]E, size int, fields func(*E)) {
	if c.op == reading {
		*p = slices.Grow(*p, len(c.b)/size)[:len(c.b)/size]
	}
	elements(c, name, *p, fields)
}

// table is a list after its own length, which has size octets, of elements of
// at least least octets: the octets at hand bound what is allocated.
func table[E any](c *codec, name string, size int, p *[]E, least int, fields func(*E)) {
	if c.op != showing {
		n := uint16(min(len(*p), 1<<(8*size)-1))
		number(c, "", &n, size)
		if c.op == reading {
			if int(n)*least > len(c.b) {
				c.short = true
				return
			}
			*p = slices.Grow(*p, int(n))[:n]
		}
	}
	elements(c, name, *p, fields)
}

func elements[E any](c *codec, name string, es []E, fields func(*E)) {
	outer := c.prefix
	for i := range es {
		if c.op == showing {
			c.prefix = fmt.Sprintf("%s%s[%d].", outer, name, i)
		}
		if fields(&es[i]); c.done {
			break
		}
	}
	c.prefix = outer
}
