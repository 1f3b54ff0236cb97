package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// losses tells the analysis, in capture time, what capture files say of lost
// frames.
type losses struct {
	tracker    *analysis.Tracker
	emit       func(analysis.Finding)
	interfaces map[string]*loss
	last       *loss // of the interface of the message before
}

// loss is what is known of one interface.
type loss struct {
	analysis.Health
	told time.Time
}

func newLosses(t *analysis.Tracker, emit func(analysis.Finding)) *losses {
	return &losses{tracker: t, emit: emit, interfaces: make(map[string]*loss)}
}

// count takes in a message that is about to be handled.
func (l *losses) count(o *packet.Observation) {
	if l.last == nil || l.last.Interface != o.Interface {
		if l.last = l.interfaces[o.Interface]; l.last == nil {
			l.last = &loss{Health: analysis.Health{Interface: o.Interface, Up: true}}
			l.interfaces[o.Interface] = l.last
		}
	}
	l.last.Frames += 1 + uint64(o.Others)
	l.last.Drops += uint64(o.Lost)
	if o.At.Sub(l.last.told).Abs() >= time.Second {
		l.last.told = o.At
		l.tracker.HandleHealth(l.last.Health, o.At, l.emit)
	}
}

// end takes in what the files told of after their last message: nobody knows
// when that was lost.
func (l *losses) end(files []packet.CaptureStats, at time.Time) {
	for _, f := range files {
		for _, name := range slices.Sorted(maps.Keys(f.LostAfter)) {
			h := l.interfaces[name]
			if h == nil {
				h = &loss{Health: analysis.Health{Interface: name, Up: true, Frames: f.Frames}}
				l.interfaces[name] = h
			}
			h.Drops += f.LostAfter[name]
			h.Undated = true
			l.tracker.HandleHealth(h.Health, at, l.emit)
		}
	}
}
