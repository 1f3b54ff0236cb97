package analysis

import (
	"cmp"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// JuryKept is what was learned of the paths to the grandmasters that one clock
// hears.
type JuryKept struct {
	StampSource packet.StampSource `json:"stamp_source"`
	StampClock  string             `json:"stamp_clock"`
	Known       []jury.Known       `json:"known"`
}

func (t *Tracker) juryStates() (list []JuryKept) {
	for _, b := range t.juries {
		if known := b.panel.Known(); len(known) > 0 {
			list = append(list, JuryKept{b.source, b.clock, known})
		}
	}
	slices.SortFunc(list, func(a, b JuryKept) int {
		return cmp.Or(cmp.Compare(a.StampSource, b.StampSource), cmp.Compare(a.StampClock, b.StampClock))
	})
	return list
}

func (t *Tracker) resumeJuries(list []JuryKept) {
	for _, s := range list[:min(len(list), maxStampClocks)] {
		b := &court{source: s.StampSource, clock: s.StampClock, ifaces: make(map[jury.Key]string), sat: longAgo}
		b.panel.Resume(s.Known)
		t.juries = append(t.juries, b)
	}
}
