package capture

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/sys/unix"
)

// ancillary is what the kernel says of a frame beside its octets: packet(7)
// and Documentation/networking/timestamping.rst of the kernel.
type ancillary struct {
	software, hardware int64 // nanoseconds since the clock's epoch; 0 is no stamp
	stampedBy          int32 // index of the interface whose clock read hardware; 0 where it is not told
	length             int   // octets the frame had, without the tag below; 0 where it is not told
	tagged             bool  // the kernel took the outermost tag out of the frame
	tci, tpid          uint16
	drops              uint32 // frames this socket lost so far, modulo 2^32
}

// parse reads control messages as recvmsg(2) leaves them. What is cut short or
// of another kind is passed over.
func (a *ancillary) parse(b []byte) {
	*a = ancillary{}
	for len(b) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(b)
		if err != nil {
			return
		}
		switch header.Level {
		case unix.SOL_SOCKET:
			a.socketMessage(header.Type, data)
		case unix.SOL_PACKET:
			if header.Type == unix.PACKET_AUXDATA {
				a.auxiliary(data)
			}
		}
		b = rest
	}
}

func (a *ancillary) socketMessage(kind int32, b []byte) {
	switch kind {
	case unix.SO_TIMESTAMPING_NEW:
		a.stamps(b, 64)
	case unix.SO_TIMESTAMPING:
		a.stamps(b, bits.UintSize)
	case unix.SCM_TIMESTAMPING_PKTINFO:
		if len(b) >= 4 {
			a.stampedBy = int32(binary.NativeEndian.Uint32(b))
		}
	case unix.SO_RXQ_OVFL:
		if len(b) >= 4 {
			a.drops = binary.NativeEndian.Uint32(b)
		}
	}
}

// stamps reads struct scm_timestamping: software, nothing, hardware, each
// seconds and nanoseconds of a word.
func (a *ancillary) stamps(b []byte, word int) {
	size := 2 * word / 8
	if len(b) >= 3*size {
		a.software = stamp(b, word)
		a.hardware = stamp(b[2*size:], word)
	}
}

func stamp(b []byte, word int) int64 {
	var seconds, nanoseconds int64
	if word == 64 {
		seconds, nanoseconds = int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:]))
	} else {
		seconds, nanoseconds = int64(int32(binary.NativeEndian.Uint32(b))), int64(int32(binary.NativeEndian.Uint32(b[4:])))
	}
	const longest = 1<<63/1_000_000_000 - 1 // seconds that fit nanoseconds of 63 bits
	if seconds < 0 || seconds > longest || nanoseconds < 0 || nanoseconds >= 1e9 {
		return 0
	}
	return seconds*1e9 + nanoseconds
}

// auxiliary reads struct tpacket_auxdata.
func (a *ancillary) auxiliary(b []byte) {
	const size = 20
	if len(b) < size {
		return
	}
	status := binary.NativeEndian.Uint32(b)
	a.length = int(binary.NativeEndian.Uint32(b[4:]))
	if status&unix.TP_STATUS_VLAN_VALID == 0 {
		return
	}
	a.tagged, a.tci, a.tpid = true, binary.NativeEndian.Uint16(b[16:]), unix.ETH_P_8021Q
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		a.tpid = binary.NativeEndian.Uint16(b[18:])
	}
}
