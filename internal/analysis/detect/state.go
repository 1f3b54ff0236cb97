package detect

import "math"

// State is what a Path was at a moment, to be read, and enough to begin from where
// Kept is of another build or not kept: all that is adaptive is learned anew then,
// the frozen baseline is not.
type State struct {
	Stage string `json:"stage"`
	// Frozen is the baseline of commissioning; nil while the path is learned for
	// the first time.
	Frozen *Frozen `json:"frozen,omitempty"`
	Noise  Noise   `json:"noise"`  // of the mean, as it is now
	Spread float64 `json:"spread"` // of the values of a block
	Block  float64 `json:"block"`  // length, seconds
	CUSUM  CUSUM   `json:"cusum"`
	// Decision is what the CUSUM must pass, Threshold what a minute must be off.
	Decision  float64 `json:"decision"`
	Threshold float64 `json:"threshold"`
	Quarter   float64 `json:"quarter"` // scale of a quarter of an hour
	// Moved is by how much changes that are not over have moved the mean, by kind;
	// Told by how much in all, of what the baseline was.
	Moved map[string]float64 `json:"moved,omitempty"`
	Told  float64            `json:"told,omitempty"`
	Power Power              `json:"power"`
}

// State pictures a Path.
func (p *Path) State(s *Settings) State {
	v := State{
		Stage: p.stage.String(), Noise: p.noise, Spread: p.spread, Block: p.block, CUSUM: p.cusum, Decision: p.h,
		Quarter: p.slow.own.value, Told: p.slow.told,
	}
	if f := p.slow.frozen; f.Since != 0 {
		v.Frozen, v.Threshold = &f, p.slow.threshold(s)
		v.Power = p.Power(s)
	}
	for k, by := range p.moved {
		if by != 0 {
			if v.Moved == nil {
				v.Moved = make(map[string]float64)
			}
			v.Moved[Kind(k).String()] = by
		}
	}
	return v
}

// Resume makes a Path that keeps to the frozen baseline of another.
func Resume(s State) Path {
	var p Path
	if s.Frozen == nil {
		return p
	}
	p.slow.frozen, p.slow.told = *s.Frozen, s.Told
	for k := range kinds {
		p.moved[k] = s.Moved[k.String()]
		p.peak[k] = math.Abs(p.moved[k])
	}
	return p
}

// Power is what would be found on a path as it is now.
type Power struct {
	// Step is the least delay of one direction, set in at once, that is found and
	// given its direction in 99 of 100 cases, in seconds; 0 while not known.
	Step float64 `json:"step"`
	// StepUnnamed is the same where no direction need be given.
	StepUnnamed float64 `json:"step_unnamed"`
	// Clock is the least step of a clock.
	Clock float64 `json:"clock"`
	// Ramp is the least growth of one direction's delay that is found within a day,
	// in seconds a day.
	Ramp float64 `json:"ramp"`
}

// powerBlocks is after how many blocks a step is to be found.
const powerBlocks = 64

// oneInHundred is how many standard errors noise exceeds once in a hundred times.
const oneInHundred = 2.33

// Power works it out of the noise that is measured.
func (p *Path) Power(s *Settings) Power {
	if p.stage == Learning || p.noise.Count == 0 {
		return Power{}
	}
	basis := min(4*powerBlocks, basisMost)
	mean := math.Hypot(p.noise.Error(powerBlocks), p.noise.Error(float64(basis))) * medianLoss
	offset := p.recent.offsetError(&shift{count: powerBlocks, basis: basis})
	// Both delays move by half of the step, so do the mean and the offset.
	// What has no direction must stand out by one more standard error.
	detected := max(s.ShiftLeast, (changeSure+1+oneInHundred)*mean, p.noise.Scale*(slack+(p.h+1.166)/powerBlocks))
	named := (kindSure + oneInHundred) / (1 - alone) * max(math.Hypot(offset, alone*mean), math.Hypot(alone*offset, mean))
	return Power{
		Step: 2 * max(detected, named), StepUnnamed: 2 * detected,
		Clock: max(s.StepLeast, (changeSure+oneInHundred)*offset, named),
		Ramp:  p.slow.ramp(s),
	}
}

// Probe says by how much the offset moved at a capture time, with its standard
// error, as far as the blocks since tell; count is how many these are.
func (p *Path) Probe(at int64) (offset, sigma float64, count int) {
	if l := p.step; l.Since != 0 && max(l.Since-at, at-l.Since) < int64(2*jumpBlocks*p.block*1e9) {
		return l.Offset, l.OffsetError, l.Blocks
	}
	h := &p.recent
	onset := h.count
	for onset > h.first() && h.at(onset-1).now >= at {
		onset--
	}
	if h.count-onset < 2 {
		return 0, 0, 0
	}
	d := h.shift(onset-1, onset+1)
	if !d.offsetOK {
		return 0, 0, 0
	}
	return d.offset, h.offsetError(&d), d.count
}

// Link says whether the mean is a link's delay.
func (p *Path) Link() bool { return p.link }

// Blocks is how many have been taken.
func (p *Path) Blocks() int { return p.recent.count }

// Frozen is the baseline of commissioning, false while there is none.
func (p *Path) Frozen() (Frozen, bool) { return p.slow.frozen, p.slow.frozen.Since != 0 }
