package score

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// power is what was found of changes of some sizes.
type power struct {
	Curve  []powerPoint `json:"curve"`
	Claims []powerClaim `json:"claims"`
}

// powerPoint is of changes of one size at one site.
type powerPoint struct {
	Site   string  `json:"site"`
	Change string  `json:"change"` // step, or ramp: by so much a day
	Sigmas float64 `json:"sigmas"` // in spreads of the floors of a block
	*Tried
}

// powerClaim is of changes as large as the site said that it would find.
type powerClaim struct {
	Site  string `json:"site"`
	Claim string `json:"claim"` // a field of the report's detection.power
	*Tried
}

// Tried is what became of some changes.
type Tried struct {
	Runs     int     `json:"runs"`
	Detected int     `json:"detected"`
	Named    int     `json:"rightly_named"`
	Wrong    int     `json:"wrongly_named"`
	Size     float64 `json:"size_median_seconds"`
	// Median is how long it took to detect those that were.
	Median float64 `json:"time_to_detect_median_seconds"`
	// Kept, of a claim, is how many were found as it says.
	Kept int `json:"kept,omitempty"`

	sizes, times []float64
}

func (f *Tried) add(o *outcome) {
	f.Runs++
	f.sizes = append(f.sizes, o.size)
	if o.detected {
		f.Detected++
		f.times = append(f.times, o.after.Seconds())
	}
	if o.named {
		f.Named++
	}
	if o.wrong {
		f.Wrong++
	}
}

func (f *Tried) sum() {
	f.Size = Quantile(f.sizes, 0.5)
	if len(f.times) > 0 {
		f.Median = Quantile(f.times, 0.5)
	}
}

// outcome is what was told of one change.
type outcome struct {
	detected, named, wrong bool
	after                  time.Duration
	size                   float64
	said                   detect.Power // by the path, before
}

// errEnough ends a replay in which there is nothing left to find out.
var errEnough = errors.New("enough")

// watched replays a scenario in which the delay of a direction changes at a time
// after its start, by size.
func watched(t *testing.T, s *simulate.Scenario, seed uint64, onset time.Duration, direction string, size float64) outcome {
	t.Helper()
	o := outcome{size: size}
	begun := start.Add(onset)
	ctx, enough := context.WithCancelCause(t.Context())
	defer enough(nil)
	_, err := replayedWhile(ctx, t, s, seed, agent.ReplayOptions{
		Every: onset / 52, // the last half hour of a day has the day's wander in it
		OnView: func(at time.Time, v *analysis.View) {
			if at.Before(begun) {
				o.said = powerSaid(v)
			}
		},
		OnFinding: func(f analysis.Finding) {
			if o.named || f.Event != analysis.AlertRaised || f.Alert.Severity == analysis.Info {
				return // once it is named, all ends
			}
			if o.told(f.Alert, f.At.Sub(begun), direction) {
				enough(errEnough)
			}
		},
	})
	if err != nil && !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return o
}

// told takes an alert, so long after the change, and says whether it names the
// direction.
func (o *outcome) told(a *analysis.Alert, after time.Duration, direction string) bool {
	asymmetry := a.Name == analysis.AlertPathAsymmetry
	if after < 0 || !asymmetry || a.Direction != "" && a.Direction != direction {
		o.wrong = true
	}
	if after >= 0 && !o.detected {
		o.detected, o.after = true, after
	}
	o.named = o.named || after >= 0 && asymmetry && a.Direction == direction
	return o.named
}

// powerSaid is what the only path of a view says.
func powerSaid(v *analysis.View) (said detect.Power) {
	for _, d := range v.Domains {
		for _, p := range d.Ports {
			for _, tm := range p.Timings {
				if tm.Path != nil && tm.Path.Power.Step > 0 {
					said = tm.Path.Power
				}
			}
		}
	}
	return said
}

const (
	stepOnset = 6 * time.Minute // as oneWay has it
	// rampOnset leaves a day to see how a path wanders, rampDays is how long a ramp
	// may go on unseen.
	rampOnset, rampDays = 26 * time.Hour, 4
	// rampWithin is how long one of one spread a day may take.
	rampWithin = 48 * time.Hour
	// rampBreath is how far a path wanders either way each day, in spreads.
	rampBreath = 0.5
)

// Sizes in spreads of the floors of the direction's blocks; of ramps, a day.
var (
	stepSigmas = []float64{0.5, 1, 1.5, 2, 3, 4, 6}
	rampSigmas = []float64{0.25, 0.5, 1, 2, 4}
)

// TestPower finds out what changes of one direction's delay are found at two
// sites, and whether what the site says of itself is true: of changes as large as
// it says that it would find, 95 in 100 are to be found. POWER_RUNS is of how many
// seeds, POWER_SEED the first, POWER_RESULT where the outcome goes; without,
// fewer sizes are tried.
func TestPower(t *testing.T) {
	runs, err := strconv.Atoi(cmp.Or(os.Getenv("POWER_RUNS"), "2"))
	if err != nil {
		t.Fatalf("POWER_RUNS: %v", err)
	}
	first, err := strconv.ParseUint(cmp.Or(os.Getenv("POWER_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatalf("POWER_SEED: %v", err)
	}
	result := os.Getenv("POWER_RESULT")
	steps, ramps := stepSigmas, rampSigmas
	if result == "" {
		steps, ramps = []float64{3}, []float64{1}
	}
	p := &prover{points: map[powerPoint]*Tried{}, claims: map[powerClaim]*Tried{}}
	t.Run("runs", func(t *testing.T) {
		for _, s := range []*site{&quiet, &loaded} {
			for i := range runs {
				seed := first + uint64(i)
				name := s.Name + " " + strconv.FormatUint(seed, 10)
				t.Run(name+" steps", func(t *testing.T) { t.Parallel(); p.steps(t, s, seed, steps) })
				// Days take long to play: an eighth of the seeds have all ramps.
				sizes := ramps
				if i%8 > 0 {
					sizes = nil
				}
				t.Run(name+" ramps", func(t *testing.T) { t.Parallel(); p.ramps(t, s, seed, sizes) })
			}
		}
	})
	out := p.sum()
	for _, c := range out.Claims {
		t.Logf("%s %s of %.1f ns: %d of %d", c.Site, c.Claim, c.Size*1e9, c.Kept, c.Runs)
		if 100*c.Kept < 95*c.Runs {
			t.Errorf("at a %s site %d of %d changes were found that are as large as the %s that it says", c.Site, c.Kept, c.Runs, c.Claim)
		}
	}
	for _, c := range out.Curve {
		t.Logf("%s %s of %g sigma, %.1f ns: %d detected, %d named, %d wrongly, of %d, after %.0f s", c.Site, c.Change, c.Sigmas, c.Size*1e9, c.Detected, c.Named, c.Wrong, c.Runs, c.Median)
		if c.Change == "step" && c.Sigmas == 3 && 100*c.Named < 95*c.Runs {
			t.Errorf("at a %s site %d of %d steps of three sigma were named", c.Site, c.Named, c.Runs)
		}
		if c.Change == "ramp" && c.Sigmas == 1 && (c.Detected < c.Runs || slices.Max(c.times) > rampWithin.Seconds()) {
			t.Errorf("at a %s site %d of %d ramps of one sigma a day were found, after %.0f s, want all within %v", c.Site, c.Detected, c.Runs, c.times, rampWithin)
		}
	}
	if result == "" {
		return
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(result, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// prover gathers outcomes.
type prover struct {
	sync.Mutex
	points map[powerPoint]*Tried
	claims map[powerClaim]*Tried
}

func (p *prover) point(of powerPoint, o outcome) {
	p.Lock()
	defer p.Unlock()
	if p.points[of] == nil {
		p.points[of] = &Tried{}
	}
	p.points[of].add(&o)
}

func (p *prover) claim(of powerClaim, o outcome, kept bool) {
	p.Lock()
	defer p.Unlock()
	if p.claims[of] == nil {
		p.claims[of] = &Tried{}
	}
	p.claims[of].add(&o)
	if kept {
		p.claims[of].Kept++
	}
}

// steps sets delays of either way in at once.
func (p *prover) steps(t *testing.T, s *site, seed uint64, sigmas []float64) {
	spreads := floorSpreads(t, s.oneWay(t, 0, [2]float64{}), seed)
	for k, direction := range []string{"forward", "reverse"} {
		step := func(size float64) outcome {
			return watched(t, s.oneWay(t, 1+k, [2]float64{size, size}), seed, stepOnset, direction, size)
		}
		var said detect.Power
		for _, n := range sigmas {
			o := step(n * spreads[k])
			said = o.said // before it sets in all are alike
			p.point(powerPoint{Site: s.Name, Change: "step", Sigmas: n}, o)
		}
		o := step(said.Step)
		p.claim(powerClaim{Site: s.Name, Claim: "step"}, o, o.named && !o.wrong)
		o = step(said.StepUnnamed)
		p.claim(powerClaim{Site: s.Name, Claim: "step_unnamed"}, o, o.detected)
	}
}

// ramps lets the way there become longer day by day.
func (p *prover) ramps(t *testing.T, s *site, seed uint64, sigmas []float64) {
	spread := s.stillSpread(t, seed)
	ramp := func(size float64, days float64) outcome {
		length := rampOnset + time.Duration(24*days*float64(time.Hour))
		return watched(t, s.slowRamp(t, 1, spread*rampBreath, size/86400, 10e-6, length, rampOnset), seed, rampOnset, "forward", size)
	}
	for _, n := range sigmas {
		p.point(powerPoint{Site: s.Name, Change: "ramp", Sigmas: n}, ramp(n*spread, rampDays))
	}
	o := ramp(ramp(0, 1.0/24).said.Ramp, 1)
	p.claim(powerClaim{Site: s.Name, Claim: "ramp_per_day"}, o, o.detected)
}

func (p *prover) sum() (out power) {
	for at, f := range p.points {
		f.sum()
		at.Tried = f
		out.Curve = append(out.Curve, at)
	}
	for at, f := range p.claims {
		f.sum()
		at.Tried = f
		out.Claims = append(out.Claims, at)
	}
	slices.SortFunc(out.Curve, func(a, b powerPoint) int {
		return cmp.Or(-cmp.Compare(a.Site, b.Site), -cmp.Compare(a.Change, b.Change), cmp.Compare(a.Sigmas, b.Sigmas))
	})
	slices.SortFunc(out.Claims, func(a, b powerClaim) int {
		return cmp.Or(-cmp.Compare(a.Site, b.Site), -cmp.Compare(a.Claim, b.Claim))
	})
	return out
}
