package detect

import (
	"math"
	"slices"
)

// point is a block, or a longer unit, as it is kept.
type point struct {
	at, now      int64 // ns of the tap's clock, and of capture time
	mean, offset float64
	spread       float32
	epoch        uint32
}

// history keeps the last points, and learns how well the offset can be told in
// advance.
type history struct {
	ring  []point
	size  int
	count int // of all that ever were
	// sturdy lines do not mind what less than a quarter of the points are. They take
	// longer, and are for what is suspected.
	sturdy bool
	// fresh is the noise of a single offset, errors what predictions missed by, of
	// so many points as horizons says.
	fresh  scale
	errors [len(horizons)]scale
	told   [len(horizons)]prediction // that were made of late
}

// prediction is what was told of one horizon when so many points had come.
type prediction struct {
	count int
	shift shift
	ok    bool
}

// horizons are of how many points a mean is told in advance, from four times as
// many before.
var horizons = [...]int{3, 8, 16, 32, 64}

// basisMost is how many points a prediction is made from at most, basisLeast at
// least.
const (
	basisMost  = 448
	basisLeast = 8
)

// scale is a standard deviation that is learned as values come.
type scale struct {
	value float64
	count int
}

// scaleMemory is how many values a scale is from.
const scaleMemory = 512

// add takes a deviation. One beyond four times the usual counts as that.
func (s *scale) add(deviation float64) {
	d := math.Abs(deviation)
	if s.count >= 8 {
		d = min(d, 4*s.value)
	}
	s.count = min(s.count+1, scaleMemory)
	s.value += (d*normalMean - s.value) / float64(s.count)
}

// normalMean makes a mean absolute deviation the standard deviation of what is
// normally distributed.
const normalMean = 1.2533

func newHistory(size int) history { return history{size: size} }

func (h *history) add(p point) {
	if len(h.ring) < h.size {
		h.ring = append(h.ring, p)
	} else {
		h.ring[h.count%h.size] = p
	}
	h.count++
	if miss, ok := h.middle(); ok {
		h.fresh.add(miss)
	}
}

// middle is how far the last offset but one is from the line between its
// neighbours, as a single offset would be from the truth.
func (h *history) middle() (float64, bool) {
	n := h.count
	if n < h.first()+3 {
		return 0, false
	}
	a, b, c := h.at(n-3), h.at(n-2), h.at(n-1)
	if a.epoch != c.epoch || c.at <= b.at || b.at <= a.at {
		return 0, false
	}
	part := float64(b.at-a.at) / float64(c.at-a.at)
	miss := b.offset - a.offset - (c.offset-a.offset)*part
	return miss / math.Sqrt(1+part*part+(1-part)*(1-part)), true
}

// calibrate learns all scales anew from the points there are, none of which may
// have left the ring: by medians, for clocks that start up do not run smoothly.
func (h *history) calibrate() {
	count := h.count
	var fresh []float64
	var errors [len(horizons)][]float64
	for h.count = 1; h.count <= count; h.count++ {
		if miss, ok := h.middle(); ok {
			fresh = append(fresh, math.Abs(miss))
		}
		for i := range horizons {
			if s, ok := h.predict(i); ok {
				errors[i] = append(errors[i], math.Abs(s.offset))
			}
		}
	}
	h.count = count
	h.fresh = scaleOf(fresh, 1)
	for i, n := range horizons {
		h.errors[i] = scaleOf(errors[i], max(1, n/8))
	}
}

// scaleOf is the scale of deviations, of which one in so many counts.
func scaleOf(deviations []float64, each int) scale {
	if len(deviations) == 0 {
		return scale{}
	}
	return scale{normalMedian * medianOf(deviations), len(deviations) / each}
}

// first is the number of the oldest point that is kept.
func (h *history) first() int { return max(0, h.count-h.size) }

func (h *history) at(i int) *point { return &h.ring[i%h.size] }

// shift is by how much points lie off where those before them lead.
type shift struct {
	mean              float64  // level against level
	bend, offset      float64  // of mean and offset, against the lines that they were on
	first             recently // of the first point
	lately            recently // of the last few points
	extent, quartiles float64  // how far the offsets range, and their quartiles are apart
	straight          float64  // how far the quartiles are apart about the offsets' own line, if sturdy
	basis, count      int      // points that it is told from, and of
	rough             float64  // from one mean to the next, as a standard deviation
	missed            float64  // by offsets of the basis, likewise
	ok                bool
	offsetOK          bool // the offset is
}

// recently is by how much mean and offset of some points lie off, likewise.
type recently struct{ bend, offset float64 }

// shift compares the points from one on with those before another.
func (h *history) shift(before, from int) (s shift) {
	s.count = h.count - from
	epoch := h.at(h.count - 1).epoch
	low := max(h.first(), before-max(2*basisLeast, min(4*s.count, basisMost)))
	s.basis = before - low
	if s.count < 1 || s.basis < basisLeast {
		return s
	}
	s.ok = true
	var values [basisMost]float64
	for i := low; i < before; i++ {
		values[i-low] = h.at(i).mean
	}
	was := medianOf(values[:s.basis])
	quiet := calm{was, max(calmReach*spreadOf(values[:s.basis]), calmReach*scaleLeast)}
	fit, n := h.line(low, before, epoch, quiet)
	if h.sturdy {
		fit, n = h.sturdyLine(low, before, epoch, quiet)
	}
	last := min(s.count, basisMost)
	for i := range last {
		values[i] = h.at(h.count - last + i).mean
	}
	s.rough = max(h.rough(low, before), h.rough(h.count-last, h.count))
	s.mean = medianOf(values[:last]) - was
	if n < basisLeast-2 || h.at(from).epoch != epoch {
		return s
	}
	s.offsetOK, s.basis = true, n
	for i := low; i < before; i++ {
		if p := h.at(i); p.epoch == epoch && quiet.has(p) {
			s.missed += math.Abs(fit.miss(p)) * normalMean / float64(n)
		}
	}
	for i := range last {
		values[i] = fit.miss(h.at(h.count - last + i))
	}
	s.first.offset = values[0]
	if h.sturdy {
		s.straight = h.straight(values[:last])
	}
	few := min(last, jumpBlocks)
	var latest [jumpBlocks]float64
	copy(latest[:], values[last-few:last])
	s.offset, s.lately.offset = medianOf(values[:last]), medianOf(latest[:few])
	s.extent = values[last-1] - values[0]
	s.quartiles = values[3*last/4] - values[last/4]
	fit = h.fit(low, before, epoch, meanOf, quiet, math.Inf(1))
	for i := range last {
		p := h.at(h.count - last + i)
		values[i] = fit.off(p, meanOf(p))
	}
	s.first.bend = values[0]
	copy(latest[:], values[last-few:last])
	s.bend, s.lately.bend = medianOf(values[:last]), medianOf(latest[:few])
	return s
}

// straight is how far the quartiles of the last points' values are apart when the
// line through these is taken off.
func (h *history) straight(values []float64) float64 {
	var l line
	first := h.count - len(values)
	seconds := func(i int) float64 { return float64(h.at(first+i).at-h.at(first).at) / 1e9 }
	for i, v := range values {
		l.add(seconds(i), v)
	}
	_, slope := l.fit()
	var left [basisMost]float64
	for i, v := range values {
		left[i] = v - slope*seconds(i)
	}
	n := len(values)
	slices.Sort(left[:n])
	return left[3*n/4] - left[n/4]
}

// rough is how restless the means are, from one to the next.
func (h *history) rough(low, high int) float64 {
	sum := 0.0
	for i := low + 1; i < high; i++ {
		sum += math.Abs(h.at(i).mean - h.at(i-1).mean)
	}
	return sum * normalMean / math.Sqrt2 / float64(max(high-low-1, 1))
}

// level is the median of the means from a point on.
func (h *history) level(from int) float64 {
	n := min(h.count-from, basisMost)
	var values [basisMost]float64
	for i := range n {
		values[i] = h.at(h.count - n + i).mean
	}
	return medianOf(values[:n])
}

// now is the median of the last three means.
func (h *history) now() float64 {
	return h.level(max(h.first(), h.count-jumpBlocks))
}

// trend is a line through offsets.
type trend struct {
	origin int64
	base   float64
	middle float64 // seconds from the origin
	mean   float64
	slope  float64
	count  int
}

func (t *trend) miss(p *point) float64 { return t.off(p, p.offset) }

// off is how far a value at a point's time is from the line.
func (t *trend) off(p *point, v float64) float64 {
	return v - t.base - t.mean - t.slope*(float64(p.at-t.origin)/1e9-t.middle)
}

func meanOf(p *point) float64   { return p.mean }
func offsetOf(p *point) float64 { return p.offset }

// lineOutlier is what misses a line too far to count, in parts of the mean miss.
const lineOutlier = 3

// calm is where the means of most points lie. What is beyond waited for other
// traffic, and its offset is worth nothing.
type calm struct{ level, reach float64 }

// calmReach is how far it reaches, in scales.
const calmReach = 8

func (c calm) has(p *point) bool { return math.Abs(p.mean-c.level) <= c.reach }

// fit is the line through values of an epoch, but for those whose offset missed
// an earlier one by more than most.
func (h *history) fit(low, high int, epoch uint32, of func(*point) float64, quiet calm, most float64, earlier ...trend) trend {
	var l line
	last := h.at(high - 1)
	fit := trend{origin: last.at, base: of(last)}
	for i := low; i < high; i++ {
		p := h.at(i)
		if p.epoch == epoch && quiet.has(p) && (len(earlier) == 0 || math.Abs(earlier[0].miss(p)) <= most) {
			l.add(float64(p.at-fit.origin)/1e9, of(p)-fit.base)
		}
	}
	if fit.count = int(l.n); fit.count > 0 {
		fit.mean, fit.slope = l.fit()
		fit.middle = l.x / l.n
	}
	return fit
}

// line fits the offsets of an epoch, then again without what missed it far.
func (h *history) line(low, high int, epoch uint32, quiet calm) (trend, int) {
	first := h.fit(low, high, epoch, offsetOf, quiet, 0)
	missed := 0.0
	for i := low; i < high; i++ {
		if p := h.at(i); p.epoch == epoch && quiet.has(p) {
			missed += math.Abs(first.miss(p))
		}
	}
	fit := h.fit(low, high, epoch, offsetOf, quiet, lineOutlier*missed/float64(max(first.count, 1)), first)
	return fit, fit.count
}

// sturdyPoints is how many points a sturdy line is of at most, evenly chosen.
const sturdyPoints = 24

// sturdyLine has the median of the slopes between any two points (Theil-Sen), and
// then is fit to what does not miss that far.
func (h *history) sturdyLine(low, high int, epoch uint32, quiet calm) (trend, int) {
	var chosen [sturdyPoints]*point
	n, each := 0, max(1, (high-low+sturdyPoints-1)/sturdyPoints)
	for i := low; i < high; i += each {
		if p := h.at(i); p.epoch == epoch && quiet.has(p) {
			chosen[n] = p
			n++
		}
	}
	if n < basisLeast/2 {
		return h.line(low, high, epoch, quiet)
	}
	first := trend{origin: chosen[n-1].at, base: chosen[n-1].offset}
	var slopes [sturdyPoints * (sturdyPoints - 1) / 2]float64
	count := 0
	for i, a := range chosen[:n] {
		for _, b := range chosen[:i] {
			if a.at > b.at {
				slopes[count] = (a.offset - b.offset) / (float64(a.at-b.at) / 1e9)
				count++
			}
		}
	}
	if count == 0 {
		return h.line(low, high, epoch, quiet)
	}
	first.slope = medianOf(slopes[:count])
	var missed [sturdyPoints]float64
	for i, p := range chosen[:n] {
		missed[i] = first.miss(p)
	}
	first.mean = medianOf(missed[:n])
	most := 2 * lineOutlier * spreadOf(missed[:n])
	fit := h.fit(low, high, epoch, offsetOf, quiet, max(most, scaleLeast), first)
	return fit, fit.count
}

// learn takes into account how far off predictions are now, in which nothing has
// changed. Of long horizons one in so many is looked at.
func (h *history) learn() {
	for i, n := range horizons {
		if h.count%max(1, n/8) != 0 {
			continue
		}
		if s, ok := h.predict(i); ok {
			h.errors[i].add(s.offset)
		}
	}
}

// predict compares the last so many points with those before.
func (h *history) predict(i int) (shift, bool) {
	p := &h.told[i]
	if p.count == h.count {
		return p.shift, p.ok
	}
	*p = prediction{count: h.count}
	n := horizons[i]
	if from := h.count - n; from-h.first() >= basisLeast+2 {
		p.shift = h.shift(from-1, from)
		p.ok = p.shift.offsetOK && p.shift.basis >= min(basisMost, 2*n)
	}
	return p.shift, p.ok
}

// offsetError is the standard error of a shift's offset: what noise alone does,
// and what predictions of that length have missed by beyond it. Where none of
// that length were made yet, it is what shorter ones tell, grown as a clock that
// wanders in frequency goes astray.
func (h *history) offsetError(s *shift) float64 {
	theory := h.theory(s.count, s.basis)
	if s.missed > h.fresh.value {
		theory *= s.missed / h.fresh.value
	}
	known := -1
	for i, n := range horizons {
		if h.errors[i].count >= errorsLeast {
			known = i
		}
		if s.count <= n {
			break
		}
	}
	if known < 0 {
		return 2 * theory
	}
	e, n := &h.errors[known], horizons[known]
	usual := h.theory(n, min(basisMost, 4*n))
	astray := math.Sqrt(max(e.value*e.value-usual*usual, 0))
	if ratio := float64(s.count) / float64(n); ratio > 1 {
		astray = max(astray*math.Pow(ratio, 1.5), e.value*ratio/math.Sqrt(float64(e.count)))
	}
	return math.Hypot(theory, astray) * (1 + 2/float64(e.count))
}

// errorsLeast is how many predictions tell how far predictions miss.
const errorsLeast = 8

// theory is the error of a line through m points, taken on to the middle of the n
// after it, with the noise of a single offset.
func (h *history) theory(n, m int) float64 {
	count, basis := float64(n), float64(m)
	apart := (count + basis + 2) / 2
	return h.fresh.value * math.Sqrt(1/count+1/basis+12*apart*apart/(basis*basis*basis))
}

// flat is the error of the difference between the levels of n points and of m.
func (h *history) flat(n, m int) float64 {
	return h.fresh.value * math.Sqrt(1/float64(n)+1/float64(m))
}

// rebase takes a change out of the past: points before another are moved by it,
// and those between, which are neither, are as those that come.
func (h *history) rebase(before, from int, s *shift) {
	h.told = [len(horizons)]prediction{}
	fit, _ := h.line(max(h.first(), before-basisMost), before, h.at(h.count-1).epoch, calm{reach: math.Inf(1)})
	mean := 0.0
	if before > h.first() {
		mean = h.at(before - 1).mean
	}
	for i := h.first(); i < from; i++ {
		p := h.at(i)
		if i >= before {
			p.mean = mean
			p.offset -= fit.miss(p)
		}
		p.mean += s.mean
		p.offset += s.offset
	}
}

// forget has nothing told by the offsets before a point, and takes means there that
// are not calm for those of the level that is.
func (h *history) forget(from int, quiet calm) {
	h.told = [len(horizons)]prediction{}
	for i := h.first(); i < from; i++ {
		p := h.at(i)
		if p.epoch = forgotten; !quiet.has(p) {
			p.mean = quiet.level
		}
	}
}

// forgotten is the epoch of no point to come.
const forgotten = math.MaxUint32

// medianOf sorts values.
func medianOf(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return values[(n-1)/2] + (values[n/2]-values[(n-1)/2])/2
}
