package stability

import "slices"

// Blocks are the floors and medians of the last blocks of sixteen of a kind.
func (m *Monitor) Blocks(k Kind) *Blocks { return &m.blocks[k] }

// History are the records of a kind, nil where there are none.
func (m *Monitor) History(k Kind) *History { return m.history[k] }

// Series has the metrics of the offset, nil where there is none.
func (m *Monitor) Series() *Series { return m.offset }

// Minima has the minTDEV of a delay, nil where there is none.
func (m *Monitor) Minima(k Kind) *Minima {
	if int(k) >= delays {
		return nil
	}
	return m.minima[k]
}

// Selected is what the last window selected that both directions have, false
// before the first.
func (m *Monitor) Selected() (Selected, bool) {
	if m.floor == nil {
		return Selected{}, false
	}
	return m.floor.selected, m.floor.selected.Count > 0
}

// Window is the last window of one direction, false before the first.
func (m *Monitor) Window(k Kind) (Window, bool) {
	if m.floor == nil || k > Reverse {
		return Window{}, false
	}
	return m.floor.ended[k], m.floor.has[k]
}

// floorRank is the part of Bottoms that lie below the floor: waiting only adds
// to a mean path delay, and errors of stamps to either side.
const floorRank = 0.25

// Floor is the mean path delay of the fastest packets, from the last sixteen
// Envelopes, at most: of four minutes. Count is how many Envelopes there were.
func (m *Monitor) Floor() (seconds float64, count uint64) {
	if m.floor == nil || m.floor.count == 0 {
		return 0, 0
	}
	var values [bottomsKept]float64
	n := min(m.floor.count, bottomsKept)
	for i, b := range m.floor.bottoms[:n] {
		values[i] = b.MeanPathDelay
	}
	slices.Sort(values[:n])
	return values[int(floorRank*float64(n))], m.floor.count
}

// Bottom is what the last Envelope found; Count is how many there were.
func (m *Monitor) Bottom() (b Bottom, count uint64) {
	if m.floor == nil || m.floor.count == 0 {
		return Bottom{}, 0
	}
	return m.floor.bottoms[(m.floor.count-1)%bottomsKept], m.floor.count
}
