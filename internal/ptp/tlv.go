package ptp

import (
	"bytes"
	"encoding/binary"
	"iter"
)

const (
	tlvHeadSize = 4
	maxTLVValue = 0xFFFE // lengthField has 16 bits and is even
)

// TLV is a decoded TLV: one of the pointer types of this package. Each keeps
// what its sender put after the fields it is known to have in Surplus, and
// reserved octets, so that AppendTLV brings every octet back.
type TLV interface {
	fielder
	Type() TLVType
	surplus() *Octets
}

// Surplus is what a TLV's value holds beyond the fields it is known to have.
// A single zero octet that makes the length even is not counted.
type Surplus struct{ Surplus Octets }

func (s *Surplus) surplus() *Octets { return &s.Surplus }

// RawTLV is a TLV that is kept as it came: of a type not known here, or too
// short for its type.
type RawTLV struct {
	TLVType TLVType
	Value   Octets
	Surplus
}

// Type implements TLV.
func (t *RawTLV) Type() TLVType   { return t.TLVType }
func (t *RawTLV) fields(c *codec) { c.rest("value", &t.Value) }

// AllTLVs walks the TLVs in b, yielding each one's type and value, and stops
// before the first that is broken. The values point into b.
func AllTLVs(b []byte) iter.Seq2[TLVType, []byte] {
	return func(yield func(TLVType, []byte) bool) {
		for {
			n := tlvSize(b)
			if n == 0 || !yield(TLVType(binary.BigEndian.Uint16(b)), b[tlvHeadSize:n:n]) {
				return
			}
			b = b[n:]
		}
	}
}

// ParseTLV decodes the value of a TLV, whose octets it copies. The TLV
// returned is never nil: one of a type not known here is a *RawTLV, and so,
// with the error BadTLV, is one too short for its type. A ManagementTLV comes
// with BadTLV when its data is too short for its id. What is allocated is
// bounded by the length of value.
func ParseTLV(t TLVType, value []byte) (TLV, error) {
	tlv := newTLV(t, value)
	c := codec{op: reading, b: value}
	tlv.fields(&c)
	if c.short {
		return &RawTLV{TLVType: t, Value: bytes.Clone(value)}, BadTLV
	}
	if padding := len(value)%2 == 0 && len(c.b) == 1 && c.b[0] == 0; !padding && len(c.b) > 0 {
		*tlv.surplus() = bytes.Clone(c.b)
	}
	if c.fault {
		return tlv, BadTLV
	}
	return tlv, nil
}

// AppendTLV appends a TLV, padded to an even length (IEEE 1588-2019 14.1.1)
// and cut where its lengthField could not say how long it is.
func AppendTLV(dst []byte, tlv TLV) []byte {
	start := len(dst)
	c := codec{op: writing, b: openTLV(dst, tlv.Type())}
	tlv.fields(&c)
	return closeTLV(append(c.b, *tlv.surplus()...), start)
}

// AppendRawTLV appends a TLV of any type whose value is given as octets, as
// AppendTLV does.
func AppendRawTLV(dst []byte, t TLVType, value []byte) []byte {
	return closeTLV(append(openTLV(dst, t), value...), len(dst))
}

// Fields yields the fields of a TLV in the order of the wire by the names of
// the standard, those of the elements of a list as "record[0].sequenceId", for
// printing: fmt.Sprint of a value reads well. A string is the sender's text,
// any octets, unless it comes from TimestampString or ClockAccuracyName.
// Reserved octets are yielded when they are not zero.
func Fields(tlv TLV) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		c := codec{op: showing, show: yield}
		tlv.fields(&c)
		if s := *tlv.surplus(); len(s) > 0 {
			c.emit("surplus", s)
		}
	}
}

// openTLV begins a TLV that closeTLV ends.
func openTLV(dst []byte, t TLVType) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(t)), 0, 0)
}

// closeTLV ends the TLV that begins at start.
func closeTLV(dst []byte, start int) []byte {
	if (len(dst)-start)%2 != 0 {
		dst = append(dst, 0)
	}
	dst = dst[:min(len(dst), start+tlvHeadSize+maxTLVValue)]
	binary.BigEndian.PutUint16(dst[start+2:], uint16(len(dst)-start-tlvHeadSize))
	return dst
}

// tlvSize returns the size of the TLV that b starts with, head included, or 0
// when none does that is even and ends within b.
func tlvSize(b []byte) int {
	if len(b) < tlvHeadSize {
		return 0
	}
	n := tlvHeadSize + int(binary.BigEndian.Uint16(b[2:]))
	if n%2 != 0 || n > len(b) {
		return 0
	}
	return n
}

// soundTLVs returns the part of the suffix b that is whole TLVs, and BadTLV
// if that is not all of it.
func soundTLVs(b []byte) ([]byte, Malformation) {
	end := 0
	for end < len(b) {
		n := tlvSize(b[end:])
		if n == 0 {
			return b[:end:end], BadTLV
		}
		end += n
	}
	return b[:end:end], ""
}
