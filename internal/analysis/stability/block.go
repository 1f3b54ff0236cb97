package stability

import (
	"math"
	"slices"
)

const (
	// blockSize is how many values are a block: where every node on the way
	// supports PTP, and packets wait little.
	blockSize = 16
	// floorPart is the part of a block, its least, that its floor is the mean of
	// (percentile average packet selection, ITU-T G.8260 I.3.2.2).
	floorPart = 0.1
	// blocksKept is how many blocks are summed up.
	blocksKept = 32
)

// Block is what sixteen values in a row are taken for.
type Block struct {
	Floor  float64 // mean of the least tenth
	Median float64
}

// Blocks selects from a series, block by block. The zero value is ready.
type Blocks struct {
	values []float64 // of the block that is not full yet
	kept   []Block   // around
	Count  uint64    // blocks so far
}

// Add takes a value, and gives the block that it has filled.
func (b *Blocks) Add(v float64) (Block, bool) {
	if b.values == nil {
		b.values = make([]float64, 0, blockSize)
	}
	b.values = append(b.values, v)
	if len(b.values) < blockSize {
		return Block{}, false
	}
	slices.Sort(b.values)
	full := Block{Floor: mean(b.values[:lowest(floorPart, blockSize)]), Median: middle(b.values)}
	b.values = b.values[:0]
	if len(b.kept) < blocksKept {
		b.kept = append(b.kept, full)
	} else {
		b.kept[b.Count%blocksKept] = full
	}
	b.Count++
	return full, true
}

// lowest is how many of n values a part of them is, one at least.
func lowest(part float64, n int) int { return max(1, int(math.Ceil(part*float64(n)))) }

// Figure is where a series lies and how far it spreads, in seconds; Count 0
// where that is not known.
type Figure struct {
	Count          uint64
	Centre, Spread float64 // as Robust has them
}

// Floors and Medians sum up the last 32 blocks.
func (b *Blocks) Floors() Figure { return b.figure(func(k Block) float64 { return k.Floor }) }

// Medians is as Floors, of the blocks' medians.
func (b *Blocks) Medians() Figure { return b.figure(func(k Block) float64 { return k.Median }) }

func (b *Blocks) figure(of func(Block) float64) Figure {
	var values [blocksKept]float64
	for i, k := range b.kept {
		values[i] = of(k)
	}
	centre, spread, ok := Robust(values[:len(b.kept)])
	if !ok {
		return Figure{}
	}
	return Figure{b.Count, centre, spread}
}

// Newest is the last block; false while there is none.
func (b *Blocks) Newest() (Block, bool) {
	if b.Count == 0 {
		return Block{}, false
	}
	return b.kept[(b.Count-1)%blocksKept], true
}
