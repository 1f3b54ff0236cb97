package ptp

import (
	"encoding/binary"

	"github.com/facebook/time/ptp/protocol"
)

// The derived data types of IEEE 1588-2019 5.3 on the wire. The readers take
// b long enough; whoever calls has checked.

func clockIdentity(b []byte) ClockIdentity { return ClockIdentity(binary.BigEndian.Uint64(b)) }

func portIdentity(b []byte) PortIdentity {
	_ = b[9]
	return PortIdentity{ClockIdentity: clockIdentity(b), PortNumber: binary.BigEndian.Uint16(b[8:])}
}

func timestamp(b []byte) Timestamp {
	_ = b[9]
	return Timestamp{Seconds: [6]byte(b), Nanoseconds: binary.BigEndian.Uint32(b[6:])}
}

func clockQuality(b []byte) ClockQuality {
	_ = b[3]
	return ClockQuality{
		ClockClass:              protocol.ClockClass(b[0]),
		ClockAccuracy:           protocol.ClockAccuracy(b[1]),
		OffsetScaledLogVariance: binary.BigEndian.Uint16(b[2:]),
	}
}

func appendClockIdentity(dst []byte, c ClockIdentity) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(c))
}

func appendPortIdentity(dst []byte, p PortIdentity) []byte {
	return binary.BigEndian.AppendUint16(appendClockIdentity(dst, p.ClockIdentity), p.PortNumber)
}

func appendTimestamp(dst []byte, t Timestamp) []byte {
	return binary.BigEndian.AppendUint32(append(dst, t.Seconds[:]...), t.Nanoseconds)
}

func appendClockQuality(dst []byte, q ClockQuality) []byte {
	dst = append(dst, byte(q.ClockClass), byte(q.ClockAccuracy))
	return binary.BigEndian.AppendUint16(dst, q.OffsetScaledLogVariance)
}
