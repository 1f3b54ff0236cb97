package network

import (
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Frame is a PTP message on its way, with its addresses. Whoever is handed one
// may look at it until it returns and must not change it: others may hold it
// too. A Copy may be changed.
type Frame struct {
	Source, Destination     packet.MAC
	VLAN                    uint16 // 0: untagged
	PCP                     uint8  // priority of the tag
	Transport               packet.Transport
	SourceIP, DestinationIP netip.Addr
	TTL, DSCP               uint8
	IPID                    uint16

	Message ptp.Message
	// Raw is the PTP payload instead of Message, if it is not nil.
	Raw []byte

	// Episode numbers, from 1, what the frame is a part of beside its sender's
	// ordinary work; 0 for nothing.
	Episode int

	network *Network
	holders int
	tlvs    []byte // room for Message.TLVs
}

// Frame returns an empty frame. It belongs to the caller until Release.
func (n *Network) Frame() *Frame {
	if last := len(n.spare) - 1; last >= 0 {
		f := n.spare[last]
		n.spare = n.spare[:last]
		f.holders = 1
		return f
	}
	return &Frame{network: n, holders: 1}
}

// Copy returns a frame like f that belongs to the caller until Release.
func (f *Frame) Copy() *Frame {
	c := f.network.Frame()
	c.CopyFrom(f)
	return c
}

// CopyFrom makes f, which must be the caller's alone, a frame like g. Its TLVs
// are g's until somebody sets others.
func (f *Frame) CopyFrom(g *Frame) {
	network, holders, tlvs := f.network, f.holders, f.tlvs
	*f = *g
	f.network, f.holders, f.tlvs = network, holders, tlvs
	if len(g.Message.TLVs) > 0 && len(g.tlvs) > 0 && &g.Message.TLVs[0] == &g.tlvs[0] {
		f.tlvs = append(f.tlvs[:0], g.tlvs...)
		f.Message.TLVs = f.tlvs
	}
}

// AppendTLV adds a TLV to the message, in memory that is the frame's own.
func (f *Frame) AppendTLV(tlv ptp.TLV) {
	f.tlvs = append(f.tlvs[:0], f.Message.TLVs...)
	f.tlvs = ptp.AppendTLV(f.tlvs, tlv)
	f.Message.TLVs = f.tlvs
}

func (f *Frame) retain() { f.holders++ }

// Release gives the frame up.
func (f *Frame) Release() {
	if f.holders--; f.holders == 0 {
		f.network.spare = append(f.network.spare, f)
	}
}

// Multicast says whether the frame is for many.
func (f *Frame) Multicast() bool { return f.Destination[0]&1 != 0 }

// linkLocal are the addresses that no bridge forwards (IEEE 802.1Q table 8-1).
func (f *Frame) linkLocal() bool {
	return f.Destination[0] == 0x01 && f.Destination[1] == 0x80 && f.Destination[2] == 0xC2 &&
		f.Destination[3] == 0 && f.Destination[4] == 0 && f.Destination[5]&0xF0 == 0
}

// HasTLV says whether the message has a TLV of a type.
func (f *Frame) HasTLV(t ptp.TLVType) bool {
	for have := range ptp.AllTLVs(f.Message.TLVs) {
		if have == t {
			return true
		}
	}
	return false
}

// RemoveTLV takes the TLVs of a type off the message.
func (f *Frame) RemoveTLV(t ptp.TLVType) {
	var kept []byte
	for have, value := range ptp.AllTLVs(slices.Clone(f.Message.TLVs)) {
		if have != t {
			kept = ptp.AppendRawTLV(kept, have, value)
		}
	}
	f.Message.TLVs = kept
}

// UDP ports of PTP (IEEE 1588-2019 C.2, D.2).
const (
	eventPort   = 319
	generalPort = 320
)

// Event says whether a message of the type is an event message, which is
// stamped as it leaves and arrives (IEEE 1588-2019 7.3.3).
func Event(t ptp.MessageType) bool { return t <= 3 }
