package score

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/score/reference"
)

// Product is the name of the detector that all of this is about.
const Product = "ptpwatch"

// Detectors are the names of all that are scored, the product first.
var Detectors = append([]string{Product}, reference.Detectors...)

// heard is what a replay gave: the alarms of every detector, and how much was
// watched.
type heard struct {
	raised  []Alarm
	open    map[identity]int // alarms that hold, by their place in raised
	watch   *reference.Watch
	streams map[analysis.Scope]*span
	last    *span // of the message before
	scope   analysis.Scope
}

// identity says which alarm a finding ends.
type identity struct {
	name        string
	scope       analysis.Scope
	grandmaster ptp.ClockIdentity
	port        ptp.PortIdentity
}

type span struct{ first, last time.Time }

func newHeard() *heard {
	return &heard{open: map[identity]int{}, watch: reference.NewWatch(), streams: map[analysis.Scope]*span{}}
}

// finding takes what the analysis tells. An alert is told of again when it has
// become graver, which is another alarm, or certain, which is not.
func (h *heard) finding(f analysis.Finding) {
	a := f.Alert
	if a == nil {
		return
	}
	key := identity{a.Name, a.Scope, a.Grandmaster, a.Port}
	i, holds := h.open[key]
	if holds && f.Event == analysis.AlertRaised && h.raised[i].Severity == a.Severity {
		return
	}
	if holds {
		h.raised[i].Until = f.At
		delete(h.open, key)
	}
	if f.Event == analysis.AlertRaised {
		h.open[key] = len(h.raised)
		h.raised = append(h.raised, alarmOf(a, f.At))
	}
}

func (h *heard) observation(o *packet.Observation) {
	h.watch.Handle(o)
	if o.Malformed != "" || o.V1 != nil || o.Message.Type != ptp.Sync {
		return
	}
	scope := analysis.Scope{Network: o.Network, DomainNumber: o.Message.DomainNumber, SdoID: o.Message.SdoID}
	if h.last == nil || scope != h.scope {
		s := h.streams[scope]
		if s == nil {
			s = &span{first: o.At}
			h.streams[scope] = s
		}
		h.last, h.scope = s, scope
	}
	h.last.last = o.At
}

// alarms are those of a detector, in order of time.
func (h *heard) alarms(detector string) []Alarm {
	out := []Alarm{}
	if detector == Product {
		out = append(out, h.raised...)
	} else {
		for _, a := range h.watch.Alarms() {
			if a.Detector == detector {
				out = append(out, referenceAlarm(&a))
			}
		}
	}
	inOrder(out)
	return out
}

// streamTime is for how long Sync was heard, of each network and domain by
// itself.
func (h *heard) streamTime() (sum time.Duration) {
	for _, s := range h.streams {
		sum += max(0, s.last.Sub(s.first))
	}
	return sum
}
