package stability

import "slices"

// Figures are what a Monitor had at a moment. What is not known is nil, or has
// Count 0.
type Figures struct {
	// Floor is the mean path delay of the fastest packets, from the last sixteen
	// Envelopes of 16 s at most; Count is how many Envelopes there were.
	Floor struct {
		Count         uint64
		MeanPathDelay float64
	}
	Selected *Selected  // of the last window that both directions have
	Windows  [2]*Window // the last of each direction
	Blocks   [Kinds]struct{ Floor, Median Figure }
	// Of the offset, at those of Taus at which there is one.
	TimeError        *TimeError
	TDEV, ADEV, MTIE []Metric
	MinTDEV          [delays][]Metric // of Forward, Reverse and MeanPath
	Records          [Kinds]*Records
}

// floorRank is the part of Bottoms that lie below the floor: waiting only adds
// to a mean path delay, and errors of stamps to either side.
const floorRank = 0.25

// Figures sums up. Shift tells what to add to values of a kind that are less
// base nanoseconds, in seconds, or that it makes no sense to add anything.
func (m *Monitor) Figures(shift func(k Kind, base int64) (float64, bool)) *Figures {
	f := new(Figures)
	for k := range Kinds {
		by, ok := shift(k, m.bases[k].ns)
		if !ok {
			continue
		}
		f.Blocks[k].Floor, f.Blocks[k].Median = m.blocks[k].Floors().plus(by), m.blocks[k].Medians().plus(by)
		if h := m.history[k]; h != nil {
			r := h.records(by)
			f.Records[k] = &r
		}
	}
	for k, minima := range m.minima {
		if minima != nil {
			f.MinTDEV[k] = metricsOf(minima.MinTDEV)
		}
	}
	by, ok := shift(Offset, m.bases[Offset].ns)
	if m.offset != nil {
		f.TDEV, f.ADEV, f.MTIE = metricsOf(m.offset.TDEV), metricsOf(m.offset.ADEV), metricsOf(m.offset.MTIE)
		if t := m.offset.TimeError().plus(by); ok && t.Count > 0 {
			f.TimeError = &t
		}
	}
	if m.floor != nil {
		m.floor.figures(f, by, ok)
	}
	return f
}

func (fl *floor) figures(f *Figures, offset float64, known bool) {
	if n := min(fl.count, bottomsKept); n > 0 {
		var values [bottomsKept]float64
		for i, b := range fl.bottoms[:n] {
			values[i] = b.MeanPathDelay
		}
		slices.Sort(values[:n])
		f.Floor.Count, f.Floor.MeanPathDelay = fl.count, values[int(floorRank*float64(n))]
	}
	for i, w := range fl.ended {
		if fl.has[i] {
			f.Windows[i] = &w
		}
	}
	if s := fl.selected; known && s.Count > 0 {
		s.Offset += offset
		s.Min += offset
		s.Max += offset
		f.Selected = &s
	}
}

func (f Figure) plus(by float64) Figure {
	if f.Count > 0 {
		f.Centre += by
	}
	return f
}

func (t TimeError) plus(by float64) TimeError {
	t.Min += by
	t.Max += by
	if t.HasConstant {
		t.Constant += by
	}
	return t
}

// MaxAbs is max|TE|.
func (t *TimeError) MaxAbs() float64 { return max(t.Max, -t.Min) }

// metricsOf are those that there are.
func metricsOf(at func(i int) Metric) (list []Metric) {
	for i := range Taus {
		if m := at(i); m.Count > 0 {
			list = append(list, m)
		}
	}
	return list
}

// Bottom is what the last Envelope found; Count is how many there were.
func (m *Monitor) Bottom() (b Bottom, count uint64) {
	if m.floor == nil || m.floor.count == 0 {
		return Bottom{}, 0
	}
	return m.floor.bottoms[(m.floor.count-1)%bottomsKept], m.floor.count
}
