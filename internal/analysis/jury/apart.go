package jury

import "math"

// apartBlocks is how many blocks Apart is the mean of, of which half must be
// there.
const apartBlocks = 16

// Apart is how far a clock's time, as it is heard, has moved ahead of the others'
// since they were learned, in seconds: the mean of the last minutes, with one
// sigma. The clock that hears them cancels. False while that is not known.
func (p *Panel) Apart(k Key) (ahead, sigma float64, ok bool) {
	j := p.find(k)
	if j == nil || j.heard != p.calls || !j.settled || !j.verdict.Known {
		return 0, 0, false
	}
	r := &j.trail.levels[0]
	var n, sum, squares float64
	for i := range int64(apartBlocks) {
		if v := r.at(p.number - i); !math.IsNaN(v) {
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	if n < apartBlocks/2 {
		return 0, 0, false
	}
	ahead = sum / n
	return ahead, math.Sqrt(max(squares/n-ahead*ahead, 0) / (n - 1)), true
}
