package attack

import (
	"encoding/binary"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// Defect is what is wrong with a message.
type Defect string

// The defects.
const (
	Truncated   Defect = "truncated"
	Version     Defect = "version"
	Length      Defect = "message_length"
	Type        Defect = "message_type"
	Nanoseconds Defect = "nanoseconds"
	TLV         Defect = "tlv"
	Noise       Defect = "noise"
)

// Defects are all of them.
var Defects = []Defect{Truncated, Version, Length, Type, Nanoseconds, TLV, Noise}

// Malformed sends messages that are none.
type Malformed struct {
	Mark
	Every   event.Time
	Defects []Defect // one after the other
}

// Malform begins to send.
func (h *Host) Malform(s Malformed) (stop func()) {
	n := 0
	types := []ptp.MessageType{ptp.Sync, ptp.AnnounceMessage, ptp.DelayReq, ptp.FollowUp, ptp.DelayResp}
	return h.repeat(s.Every, 0.3, func() {
		t := types[n/len(s.Defects)%len(types)]
		f := h.frame(t, h.Port(), h.next(t))
		if t == ptp.FollowUp || t == ptp.DelayResp || t == ptp.Sync && !h.Profile.TwoStep {
			f.Message.Timestamp = h.time(h.network.Now(), 0)
		}
		f.Raw = h.spoil(ptp.AppendMessage(nil, &f.Message), s.Defects[n%len(s.Defects)])
		n++
		h.send(f, h.network.Now(), &s.Mark)
	})
}

func (h *Host) spoil(b []byte, d Defect) []byte {
	switch d {
	case Truncated:
		return b[:1+h.rng.IntN(len(b)-1)]
	case Version:
		b[1] = b[1]&0xF0 | byte(3+h.rng.IntN(12))
	case Length:
		binary.BigEndian.PutUint16(b[2:], uint16(h.rng.IntN(44)))
	case Type:
		b[0] = b[0]&0xF0 | []byte{4, 5, 6, 7, 0xE, 0xF}[h.rng.IntN(6)]
	case Nanoseconds:
		binary.BigEndian.PutUint32(b[40:], 1_000_000_000+h.rng.Uint32()>>1)
	case TLV:
		b = append(b, 0, 3, 0xFF, byte(h.rng.Uint32())|1, 1, 2, 3, 4)
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	case Noise:
		for range 1 + h.rng.IntN(8) {
			b[h.rng.IntN(len(b))] = byte(h.rng.Uint32())
		}
	}
	return b
}
