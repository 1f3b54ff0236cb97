package detect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// site is a path with noise of a standard deviation of 1 ns on the floor of
// either direction, seen by a tap whose clock runs 1 ppm fast.
type site struct {
	path             Path
	settings         Settings
	rng              *rand.Rand
	block            int64 // length, ns
	at               int64
	forward, reverse func(at float64) float64 // what is added, in ns, at a time in seconds
	clock            func(at float64) float64 // what the tap is ahead
	changes          []Change
}

const testSigma = 1.0

func nothing(float64) float64 { return 0 }

func newSite(seed uint64) *site {
	return &site{
		settings: Settings{
			Budget:    Budget{Alarms: 1, Period: 30 * 86400, Streams: 1, Tests: 3},
			StepLeast: 2e-9, ShiftLeast: 0.5e-9, Guard: 20e-9,
		},
		rng: rand.New(rand.NewPCG(seed, 3)), block: 1e9, at: 1e18,
		forward: nothing, reverse: nothing, clock: func(at float64) float64 { return 1000 * at },
	}
}

// run goes on to a time in seconds since the start.
func (s *site) run(until float64) {
	for s.seconds() < until {
		s.at += s.block
		t := s.seconds()
		a := 5000 + s.forward(t) + s.clock(t) + testSigma*s.rng.NormFloat64()
		b := 5000 + s.reverse(t) - s.clock(t) + testSigma*s.rng.NormFloat64()
		block := Block{
			At: s.at, Now: s.at, Length: float64(s.block) / 1e9, Forward: a * 1e-9, Reverse: b * 1e-9,
			Spread: 5e-9 * (1 + 0.2*s.rng.Float64()), Count: 48,
		}
		if c, ok := s.path.Add(block, &s.settings); ok {
			s.changes = append(s.changes, c)
		}
	}
}

func (s *site) seconds() float64 { return float64(s.at-1e18) / 1e9 }

// from is a step of so many ns at a time.
func from(at, by float64) func(float64) float64 {
	return func(t float64) float64 {
		if t < at {
			return 0
		}
		return by
	}
}

func kindsOf(changes []Change) (list []string) {
	for _, c := range changes {
		list = append(list, c.Kind.String())
	}
	return list
}

// A delay of one direction of three standard deviations of its floor is found and
// rightly named, in 99 of 100 cases; so is every other kind of change.
func TestNames(t *testing.T) {
	const runs = 100
	for _, tt := range []struct {
		name    string
		arrange func(s *site, by float64)
		by      float64
		want    Kind
	}{
		{"forward, 3 sigma", func(s *site, by float64) { s.forward = from(300, by) }, 3, Forward},
		{"forward, shorter by 3 sigma", func(s *site, by float64) { s.forward = from(300, -by) }, 3, Forward},
		{"reverse, 3 sigma", func(s *site, by float64) { s.reverse = from(300, by) }, 3, Reverse},
		{"both, 3 sigma each", func(s *site, by float64) { s.forward, s.reverse = from(300, by), from(300, by) }, 3, Both},
		{"a clock, 5 sigma", func(s *site, by float64) {
			s.clock = func(t float64) float64 { return 1000*t + from(300, by)(t) }
		}, 5, Time},
		{"forward, 1 ms", func(s *site, by float64) { s.forward = from(300, by) }, 1e6, Forward},
		{"a clock, 1 s", func(s *site, by float64) {
			s.clock = func(t float64) float64 { return 1000*t + from(300, by)(t) }
		}, 1e9, Time},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			right := 0
			for seed := range runs {
				s := newSite(uint64(seed))
				tt.arrange(s, tt.by)
				s.run(600)
				if len(s.changes) > 0 && s.changes[0].Kind == tt.want && float64(s.changes[0].Since-1e18)/1e9 > 270 {
					right++
				} else if t.Failed() || seed < 20 {
					t.Logf("seed %d: %v", seed, kindsOf(s.changes))
				}
			}
			if right < runs*97/100 {
				t.Errorf("%d of %d found and rightly named", right, runs)
			}
		})
	}
}

// What comes back is not there any more.
func TestReturns(t *testing.T) {
	s := newSite(1)
	s.forward = func(at float64) float64 { return from(300, 100)(at) - from(500, 100)(at) }
	s.run(480)
	if got := s.path.Moved(Forward); math.Abs(got-50e-9) > 2e-9 {
		t.Errorf("moved by %g s, want the mean to have moved by half of 100 ns", got)
	}
	s.run(1200)
	if got := s.path.Moved(Forward); got != 0 || len(s.changes) != 2 {
		t.Errorf("moved by %g s after %v, want nothing after two changes", got, kindsOf(s.changes))
	}
}

// What other traffic does is no step: four of five messages wait, each for a time
// of its own, for ten minutes.
func TestCongestionIsNoStep(t *testing.T) {
	for seed := range uint64(10) {
		s := newSite(seed)
		busy := rand.New(rand.NewPCG(seed, 9))
		var g Gather
		for i := range 1800 * 2 {
			at := s.at + int64(i)*500e6
			waits := func() float64 {
				if i > 600 && i < 1800 && busy.Float64() < 0.8 {
					return 3000 * busy.ExpFloat64()
				}
				return busy.NormFloat64()
			}
			theta := float64(i) * 500
			if b, ok := g.Add(at, at, (5000+theta+waits())*1e-9, (5000-theta+waits())*1e-9); ok {
				if c, ok := s.path.Add(b, &s.settings); ok && (math.Abs(c.Mean) > 125e-9 || c.Kind == Time) {
					t.Errorf("seed %d: after %d s %+v", seed, i/2, c)
				}
			}
		}
	}
}

// Days of nothing, of noise that goes on and of a wander that comes again each
// day give nothing.
func TestQuietDays(t *testing.T) {
	const days = 4
	for _, tt := range []struct {
		name   string
		wander float64 // in standard deviations, either way
	}{{"noise", 0}, {"a wander of two standard deviations", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(5)
			s.block = 4e9
			s.both(func(at float64) float64 { return tt.wander * meanSigma * math.Sin(2*math.Pi*at/86400) })
			s.run(days * 86400)
			if len(s.changes) > 0 {
				t.Errorf("%v: %+v", kindsOf(s.changes), s.changes)
			}
		})
	}
}

// meanSigma is the standard deviation of a block's mean of both directions.
const meanSigma = testSigma / math.Sqrt2

// both has both directions wander alike.
func (s *site) both(by func(float64) float64) { s.forward, s.reverse = by, by }

// A ramp of half a standard deviation a day is found within two days where the
// path wanders by as much; where it wanders by two, one of one deviation within the
// time that it needs for three times as much: whatever the time of the day at which
// it begins. What comes back every day is nothing.
func TestRamps(t *testing.T) {
	for _, tt := range []struct{ wander, ramp, most float64 }{{0.5, 0.5, 2}, {2, 1, 6}, {2, 0, 5}} {
		for _, onset := range []float64{1.1, 1.6} {
			s := newSite(7)
			s.block, s.settings.ShiftLeast = 7e9, 0.1e-9
			began := onset * 86400
			s.both(func(at float64) float64 {
				return meanSigma * (tt.wander*math.Sin(2*math.Pi*at/86400) + tt.ramp*max(0, at-began)/86400)
			})
			s.run(began)
			if len(s.changes) > 0 {
				t.Errorf("wander %g: %+v before the ramp", tt.wander, s.changes)
			}
			for day := 0.0; len(s.changes) == 0 && day < max(tt.most, 5); day += 0.1 {
				s.run(began + day*86400)
			}
			took := (s.seconds() - began) / 86400
			if tt.ramp == 0 && len(s.changes) > 0 {
				t.Errorf("wander %g: %+v after %.1f days, want nothing", tt.wander, s.changes, took)
			}
			if tt.ramp > 0 && (len(s.changes) == 0 || took > tt.most) {
				t.Errorf("wander %g from %.2f days: %+v after %.1f days, want one within %g", tt.wander, onset, s.changes, took, tt.most)
			}
		}
	}
}

// An attack that is on while the path is learned, and ends, is told as a change
// and no nonsense: the path is commissioned as it was.
func TestAttackWhileLearning(t *testing.T) {
	s := newSite(3)
	s.forward = func(at float64) float64 { return 500 - from(40, 500)(at) }
	s.run(900)
	if len(s.changes) > 0 {
		t.Errorf("%+v", s.changes)
	}
	if f, ok := s.path.Frozen(); !ok || math.Abs(f.Mean-5000e-9) > 2e-9 {
		t.Errorf("commissioned at %+v, want 5 µs", f)
	}
}

// A frozen baseline outlives a restart, and what has moved with it.
func TestResume(t *testing.T) {
	s := newSite(2)
	s.forward = from(300, 400)
	s.run(600)
	state := s.path.State(&s.settings)
	s.path = Resume(state)
	s.changes = nil
	s.run(1200)
	if got := s.path.Moved(Forward); math.Abs(got-200e-9) > 2e-9 || len(s.changes) > 0 {
		t.Errorf("moved by %g after a restart, with %+v", got, s.changes)
	}
	if f, _ := s.path.Frozen(); *state.Frozen != f {
		t.Errorf("baseline %+v, want %+v", f, *state.Frozen)
	}
}

// A clock that steps leaves the mean alone: epochs do not compare in offsets, and
// a delay across them has no direction.
func TestEpochs(t *testing.T) {
	s := newSite(4)
	s.run(300)
	s.path.epoch++ // as if the blocks before had been of another
	s.forward = func(float64) float64 { return 100 }
	s.run(400)
	if len(s.changes) != 1 || s.changes[0].Kind != Unnamed || math.Abs(s.changes[0].Mean-50e-9) > 2e-9 {
		t.Errorf("%+v, want one change of 50 ns without a name", s.changes)
	}
}

func BenchmarkAdd(b *testing.B) {
	s := newSite(1)
	s.run(1000)
	b.ReportAllocs()
	for b.Loop() {
		s.run(s.seconds() + 1)
	}
}

// Queues that come and go are no change, and none that is over: what comes after
// them is judged as before.
func TestShortQueues(t *testing.T) {
	for seed := range uint64(40) {
		s := newSite(seed)
		s.clock = func(at float64) float64 { return 16 * at }
		queues := rand.New(rand.NewPCG(seed, 8))
		until, level := 0.0, 0.0
		s.forward = func(at float64) float64 {
			if at < 400 {
				return 0
			}
			if at >= until {
				until = at + 1 + 59*queues.Float64()
				level = 0
				if queues.Float64() < 0.3 {
					until, level = at+1+5*queues.Float64(), 20e3*queues.ExpFloat64()
				}
			}
			return level * (0.7 + 0.6*queues.Float64())
		}
		s.run(3600)
		for _, c := range s.changes {
			if c.Kind == Time {
				t.Errorf("seed %d: a clock stepped: %+v", seed, c)
			}
		}
	}
}

// Of a delay that lasts for some blocks only nothing is left when it is over, however
// soon that is. The first block that it is in, and the last, have it in part, and
// some messages wait.
func TestShortDelay(t *testing.T) {
	for blocks := 1; blocks < 16; blocks++ {
		for seed := range uint64(30) {
			s := newSite(seed)
			parts := rand.New(rand.NewPCG(seed, 4))
			first, last, by := parts.Float64(), parts.Float64(), []float64{20, 12, 30}[seed%3]
			tail := func() float64 {
				if parts.Float64() < 0.05 {
					return 5 * parts.ExpFloat64()
				}
				return 0
			}
			s.forward = func(at float64) float64 {
				switch i := int(at) - 400; {
				case i < 0 || i > blocks:
					return tail()
				case i == 0:
					return tail() + by*first
				case i == blocks:
					return tail() + by*last
				}
				return tail() + by
			}
			s.reverse = func(float64) float64 { return tail() }
			s.run(1200)
			if left := s.path.Moved(Forward); left != 0 {
				t.Errorf("%d blocks, seed %d: %v is left, of %+v", blocks, seed, left, s.changes)
			}
		}
	}
}
