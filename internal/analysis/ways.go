package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// WayView is the way from one tap to another: what messages that both saw took.
// The same clock stamps at both, or two that were read beside each other.
type WayView struct {
	transit.Figures
	Age float64 // how long ago the last message went, seconds
}

// cross tells of an exchange that a tap has seen, in case another has seen it,
// too. On which network that was does not matter: each tap may be one.
func (t *Tracker) cross(p *port, client ptp.PortIdentity, seq uint16, told ptp.Timestamp, by stamp, s transit.Sighting) {
	if by.own || t.ways.Alone(s.Tap) {
		return
	}
	at, ok := ptp.Nanoseconds(told)
	if !ok {
		return
	}
	s.Clock, s.Stamp = by.clock, int64(by.at)
	s.Key = transit.Key{
		Scope: uint32(p.domain.scope.SdoID)<<8 | uint32(p.domain.scope.DomainNumber),
		Port:  p.id, Client: client, Sequence: seq, Time: at,
	}
	t.ways.Add(s, int64(t.now))
	t.judgeWays(p, by, s.Request)
}

func (t *Tracker) wayViews() []WayView {
	var list []WayView
	for _, f := range t.ways.Figures() {
		list = append(list, WayView{f, time.Duration(int64(t.now) - f.Last).Seconds()})
	}
	return list
}
