package ptp

import (
	"encoding/binary"
	"iter"
)

const tlvHeadSize = 4

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

// AppendRawTLV appends a TLV of any type whose value is given as octets. A
// value of odd length is padded with a zero octet, as lengthField must be even
// (IEEE 1588-2019 14.1.1); one beyond 65534 octets is cut there.
func AppendRawTLV(dst []byte, t TLVType, value []byte) []byte {
	start := len(dst)
	dst = binary.BigEndian.AppendUint16(dst, uint16(t))
	dst = append(dst, 0, 0)
	dst = append(dst, value[:min(len(value), 0xFFFE)]...)
	return closeTLV(dst, start)
}

// closeTLV pads the TLV that begins at start to an even length and sets its
// lengthField.
func closeTLV(dst []byte, start int) []byte {
	if (len(dst)-start)%2 != 0 {
		dst = append(dst, 0)
	}
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
	return b, ""
}
