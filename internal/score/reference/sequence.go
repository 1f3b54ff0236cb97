package reference

import (
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// remembered is how many sequenceIds of a flow count as seen.
const remembered = 1000

// flow is what one port numbers in one go: messages of a type to a destination
// (IEEE 1588-2019 7.3.7).
type flow struct {
	source source
	typ    ptp.MessageType
	mac    packet.MAC
	to     netip.Addr
}

// sequence remembers the sequenceIds of a flow.
type sequence struct {
	seen []uint16 // a ring once it is full
	next int
	last uint16
}

// sequences is the per-packet heuristic: a sequenceId that is lower than the
// last and was seen. Of types whose sequenceId is the sender's own: responses
// have those of their requests.
func (w *Watch) sequences(o *packet.Observation) {
	m := &o.Message
	if m.Type != ptp.Sync && m.Type != ptp.FollowUp && m.Type != ptp.AnnounceMessage {
		return
	}
	from := sourceOf(o, m.SourcePortIdentity)
	s := room(w.flows, flow{from, m.Type, o.DestinationMAC, o.Destination.Addr()}, func() *sequence {
		return &sequence{seen: make([]uint16, 0, remembered)}
	})
	if s != nil && s.wrong(m.SequenceID) {
		w.alarm(Sequence, o.At, from)
	}
}

func (s *sequence) wrong(id uint16) bool {
	wrong := id < s.last && slices.Contains(s.seen, id)
	if len(s.seen) < remembered {
		s.seen = append(s.seen, id)
	} else {
		s.seen[s.next] = id
		s.next = (s.next + 1) % remembered
	}
	s.last = id
	return wrong
}
