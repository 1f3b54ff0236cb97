package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// JuryKept is what was learned of the paths to the grandmasters that one clock
// hears. Detail is the whole of it.
type JuryKept struct {
	StampSource packet.StampSource `json:"stamp_source"`
	StampClock  string             `json:"stamp_clock"`
	Known       []jury.Known       `json:"known"`
	Detail      Detail             `json:"detail,omitempty"`
}

func (t *Tracker) juryStates() (list []JuryKept) {
	for _, b := range t.juries {
		if _, begun := b.panel.Last(); begun {
			list = append(list, JuryKept{b.source, b.clock, b.panel.Known(), detailOf(b)})
		}
	}
	slices.SortFunc(list, func(a, b JuryKept) int {
		return cmp.Or(cmp.Compare(a.StampSource, b.StampSource), cmp.Compare(a.StampClock, b.StampClock))
	})
	return list
}

func (t *Tracker) resumeJuries(list []JuryKept, detailed bool) error {
	for _, s := range list[:min(len(list), maxStampClocks)] {
		b := &court{source: s.StampSource, clock: s.StampClock, ifaces: make(map[jury.Key]string), sat: longAgo}
		if !detailed || s.Detail == nil {
			b.panel.Resume(s.Known)
		} else if err := s.Detail.into(b); err != nil {
			return fmt.Errorf("the jury of clock %q: %w", s.StampClock, err)
		}
		t.juries = append(t.juries, b)
	}
	return nil
}

// Kept implements keep.Keeper.
func (b *court) Kept() keep.Fields {
	return keep.Fields{{Name: "panel", Value: &b.panel}, {Name: "steps", Value: &b.steps}}
}
