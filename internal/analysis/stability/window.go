package stability

import (
	"math"
	"slices"
)

const (
	// windowLength is the selection window where the network supports PTP in
	// part or not at all (ITU-T G.8271.2 7.3.2, G.8261.1), in ns. Windows follow
	// one another without overlap.
	windowLength = 200e9
	// fastestPart of a window's packets are believed (ITU-T G.8271.2 7.3.2).
	fastestPart = 0.0025
	// fastestKept bounds them: they are a quarter percent of 128 packets a
	// second. Of more packets, a smaller part is taken.
	fastestKept = 64

	// floorCluster is how much slower than the floor a packet may be that counts
	// as of it (ITU-T G.8261.1: delta of 150 us).
	floorCluster = 150e-6
	// floorCells is how many cells that is counted in, so that a floor may fall
	// when packets were counted: what is of it is told to one part in so many.
	floorCells = 16
)

// Window is what a selection window of one direction gave.
type Window struct {
	Number  int64  // the window's: its start in units of 200 s
	Packets uint64 // in it
	// Selected is the mean delay of the fastest 0.25 % of them, one at least, in
	// seconds (percentile average packet selection, ITU-T G.8260 I.3.2.2).
	Selected float64
	// FloorPacketPercentage of them, if HasFloor, came within 150 us of the
	// floor, the least delay of this window and the one before (FPP of ITU-T
	// G.8260 I.5, G.8261.1). It is not known where the floor itself moved: with
	// a tap that runs free, or another route.
	FloorPacketPercentage float64
	HasFloor              bool
}

// Windows selects from one direction, window by window. The zero value is ready.
type Windows struct {
	number  int64
	begun   bool // any value has come
	partial bool // the window is: it had begun before the first value
	packets uint64
	fastest []float64 // heap, slowest on top
	least   int64     // cell of the least delay
	cells   [floorCells + 1]uint32
	before  int64 // cell of the least delay of the window before
	hasOne  bool  // before is of the window right before
}

// add takes a delay at a time in ns; the window that ended before it is given,
// if it was seen from its start on. Times go forward: what is of an earlier
// window is left out.
func (w *Windows) add(at int64, v float64) (Window, bool) {
	n := floorDiv(at, windowLength)
	var ended Window
	complete := false
	switch {
	case !w.begun:
		w.open(n, true)
	case n < w.number:
		return Window{}, false
	case n > w.number:
		ended, complete = w.close(n)
	}
	w.packets++
	w.keep(v)
	w.count(int64(math.Floor(v / (floorCluster / floorCells))))
	return ended, complete
}

func (w *Windows) open(n int64, partial bool) {
	*w = Windows{number: n, begun: true, partial: partial, fastest: w.fastest[:0], before: w.least, hasOne: w.begun && n == w.number+1}
}

// close ends the window, as a value of window n has come.
func (w *Windows) close(n int64) (Window, bool) {
	ended := Window{Number: w.number, Packets: w.packets}
	slices.Sort(w.fastest)
	k := min(lowest(fastestPart, int(w.packets)), len(w.fastest))
	ended.Selected = mean(w.fastest[:k])
	if moved := w.least - w.before; w.hasOne && moved <= floorCells/8 && moved >= -floorCells/8 {
		of := uint64(0)
		for i := 0; i < floorCells-int(max(moved, 0)); i++ {
			of += uint64(w.cells[i])
		}
		ended.FloorPacketPercentage, ended.HasFloor = 100*float64(of)/float64(w.packets), true
	}
	complete := !w.partial
	w.open(n, n != w.number+1)
	return ended, complete
}

// keep keeps the delay if it is among the least.
func (w *Windows) keep(v float64) {
	h := w.fastest
	if len(h) < fastestKept {
		if h == nil {
			h = make([]float64, 0, fastestKept)
		}
		h = append(h, v)
		for i := len(h) - 1; i > 0 && h[i] > h[(i-1)/2]; i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		w.fastest = h
		return
	}
	if v >= h[0] {
		return
	}
	h[0] = v
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1] > h[child] {
			child++
		}
		if child >= len(h) || h[child] <= h[i] {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// count takes the cell of a delay: those up to floorCells above the least have
// a counter each.
func (w *Windows) count(cell int64) {
	if w.packets == 1 {
		w.least = cell
	}
	if cell < w.least {
		var moved [floorCells + 1]uint32
		for i, c := range w.cells {
			if to := int64(i) + w.least - cell; to < int64(len(moved)) {
				moved[to] = c
			}
		}
		w.cells, w.least = moved, cell
	}
	if above := cell - w.least; above < int64(len(w.cells)) {
		w.cells[above]++
	}
}
