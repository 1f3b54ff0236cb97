package jury

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// hall is a hall of clocks that one clock hears, which gains 20 ppm and is set
// now and then.
type hall struct {
	Panel
	random *rand.Rand
	block  int64
	clocks int
	// What clocks do in a block, in seconds: how far each is ahead of the truth, by
	// how much its path is longer there and back, what it claims; false: it is not
	// heard.
	ahead     func(i int, block int64) float64
	path      func(i int, block int64) (there, back float64)
	claim     func(i int, block int64) (float64, bool)
	reference bool
	pathless  bool
	last      map[Key]Verdict
}

func newHall(clocks int) *hall {
	return &hall{
		random: rand.New(rand.NewPCG(5, 6)), clocks: clocks, block: 1000,
		ahead: func(int, int64) float64 { return 0 },
		path:  func(i int, _ int64) (float64, float64) { return float64(i+1) * 2e-6, float64(i+1) * 1.9e-6 },
		claim: func(int, int64) (float64, bool) { return 100e-9, true },
	}
}

func key(i int) Key {
	return Key{Network: "eth0", Domain: uint8(i), Grandmaster: ptp.ClockIdentity(i + 1), Port: ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(i + 1), PortNumber: 1}}
}

var reference = Key{Reference: true}

// sit has so many blocks judged.
func (h *hall) sit(blocks int) {
	for range blocks {
		theta := float64(h.block) * BlockSeconds * 20e-6
		if h.reference {
			theta = 0
		}
		if h.block%11 == 0 && !h.reference {
			theta += 1e-3
		}
		var list []Testimony
		for i := range h.clocks {
			accuracy, heard := h.claim(i, h.block)
			if !heard {
				continue
			}
			there, back := h.path(i, h.block)
			t := Testimony{
				Key: key(i), Base: int64(37e9) * int64(i+1), Error: 2e-9, Mean: (there + back) / 2, Resolution: 1e-9,
				Accuracy: accuracy, Asymmetry: 250e-9,
			}
			t.Offset = theta - h.ahead(i, h.block) + (there-back)/2 + 2e-9*h.random.NormFloat64() - float64(t.Base)/1e9
			if h.pathless {
				t.Mean = 0
			}
			list = append(list, t)
		}
		if h.reference {
			list = append(list, Testimony{Key: reference, Accuracy: 100e-9})
		}
		h.last = make(map[Key]Verdict)
		for _, v := range h.Judge(h.block, list) {
			h.last[v.Key] = v
		}
		h.block++
	}
}

// states is what is said of each clock.
func (h *hall) states() (out []string) {
	for i := range h.clocks {
		v := h.last[key(i)]
		word := v.State.String()
		if v.Drifting != Steady {
			word += fmt.Sprintf(" drifting %d", v.Drifting)
		}
		out = append(out, word)
	}
	return out
}

func TestPanel(t *testing.T) {
	const start = 1000 + 10 // the block in which something happens
	only := func(who int, what func(at int64) float64) func(int, int64) float64 {
		return func(i int, at int64) float64 {
			if i == who && at >= start {
				return what(at)
			}
			return 0
		}
	}
	step := func(by float64) func(int64) float64 { return func(int64) float64 { return by } }
	drift := func(rate float64) func(int64) float64 {
		return func(at int64) float64 { return rate * float64(at-start) * BlockSeconds }
	}
	for _, c := range []struct {
		name   string
		clocks int
		set    func(*hall)
		blocks int // after start
		want   []string
	}{
		{"three that agree", 3, func(*hall) {}, 90, []string{"agrees", "agrees", "agrees"}},
		{"one alone", 1, func(*hall) {}, 90, []string{"unvouched"}},
		{"one alone and a reference", 1, func(h *hall) { h.reference = true }, 90, []string{"agrees"}},
		{"two blocks are not enough", 3, func(h *hall) { h.ahead = only(1, step(300e-9)) }, 2, []string{"agrees", "agrees", "agrees"}},
		{"the first steps", 3, func(h *hall) { h.ahead = only(0, step(300e-9)) }, 3, []string{"outvoted", "agrees", "agrees"}},
		{"the second steps", 3, func(h *hall) { h.ahead = only(1, step(-300e-9)) }, 3, []string{"agrees", "outvoted", "agrees"}},
		{"the third steps by 37 s", 3, func(h *hall) { h.ahead = only(2, step(37)) }, 30, []string{"agrees", "agrees", "outvoted"}},
		{"what is legal", 3, func(h *hall) { h.ahead = only(2, step(180e-9)) }, 30, []string{"agrees", "agrees", "agrees"}},
		{"and comes back", 3, func(h *hall) {
			h.ahead = func(i int, at int64) float64 {
				if i == 1 && at >= start && at < start+20 {
					return 1e-6
				}
				return 0
			}
		}, 23, []string{"agrees", "agrees", "agrees"}},
		{"one of two steps", 2, func(h *hall) { h.ahead = only(1, step(300e-9)) }, 3, []string{"disagrees", "disagrees"}},
		{"two of three, apart", 3, func(h *hall) {
			h.ahead = func(i int, at int64) float64 {
				if at < start {
					return 0
				}
				return float64(i) * 500e-9
			}
		}, 3, []string{"disagrees", "disagrees", "disagrees"}},
		{"two of five", 5, func(h *hall) {
			h.ahead = func(i int, at int64) float64 {
				if at < start || i < 3 {
					return 0
				}
				return 1e-6
			}
		}, 3, []string{"agrees", "agrees", "agrees", "outvoted", "outvoted"}},
		{"its Syncs are held up", 3, func(h *hall) {
			h.path = func(i int, at int64) (float64, float64) {
				if i == 1 && at >= start {
					return 25e-6, 5e-6
				}
				return 5e-6, 5e-6
			}
		}, 30, []string{"agrees", "agrees", "agrees"}},
		{"and the answers come sooner", 3, func(h *hall) {
			h.path = func(i int, at int64) (float64, float64) {
				if i == 1 && at >= start {
					return 5.5e-6, 4.5e-6
				}
				return 5e-6, 5e-6
			}
		}, 3, []string{"agrees", "outvoted", "agrees"}},
		{"one drifts", 3, func(h *hall) { h.ahead = only(2, drift(1e-9)) }, 12, []string{"agrees", "agrees", "agrees drifting 2"}},
		{"and away", 3, func(h *hall) { h.ahead = only(2, drift(1e-9)) }, 30, []string{"agrees", "agrees", "outvoted drifting 2"}},
		{"ten times slower", 3, func(h *hall) { h.ahead = only(0, drift(-1e-10)) }, 160, []string{"outvoted drifting 2", "agrees", "agrees"}},
		{"a hundred times slower", 3, func(h *hall) { h.ahead = only(0, drift(1e-11)) }, 1000, []string{"agrees drifting 2", "agrees", "agrees"}},
		{"one of two drifts", 2, func(h *hall) { h.ahead = only(1, drift(1e-9)) }, 30, []string{"disagrees drifting 1", "disagrees drifting 1"}},
		{"one of two, a hundred times slower", 2, func(h *hall) { h.ahead = only(1, drift(1e-11)) }, 1000, []string{"agrees drifting 1", "agrees drifting 1"}},
		{"one drifts from a reference", 1, func(h *hall) { h.reference, h.ahead = true, only(0, drift(1e-9)) }, 30, []string{"disagrees drifting 1"}},
		{"a step is no drift", 3, func(h *hall) { h.ahead = only(1, step(300e-9)) }, 300, []string{"agrees", "outvoted", "agrees"}},
		{"holdover allows more", 3, func(h *hall) {
			h.ahead = only(1, drift(1e-9))
			h.claim = func(i int, at int64) (float64, bool) {
				if i == 1 && at >= start {
					return 1.1e-6, true
				}
				return 100e-9, true
			}
		}, 25, []string{"agrees", "agrees", "agrees"}},
		{"one claims nothing any more", 3, func(h *hall) {
			h.ahead = only(1, step(1))
			h.claim = func(i int, at int64) (float64, bool) { return 100e-9, i != 1 || at < start }
		}, 25, []string{"agrees", "unvouched", "agrees"}},
		{"one comes later, off by 2 us", 3, func(h *hall) {
			h.ahead = only(2, step(2e-6))
			h.claim = func(i int, at int64) (float64, bool) { return 100e-9, i != 2 || at >= start }
		}, 25, []string{"agrees", "agrees", "outvoted"}},
		{"one comes later and steps", 3, func(h *hall) {
			h.ahead = func(i int, at int64) float64 {
				if i == 2 && at >= start+10 {
					return 300e-9
				}
				return 0
			}
			h.claim = func(i int, at int64) (float64, bool) { return 100e-9, i != 2 || at >= start }
		}, 14, []string{"agrees", "agrees", "outvoted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall(c.clocks)
			c.set(h)
			h.sit(10)
			h.sit(c.blocks)
			if diff := cmp.Diff(c.want, h.states()); diff != "" {
				t.Errorf("-want +got\n%s\n%+v", diff, h.last)
			}
		})
	}
}

// What is said of the one that is off.
func TestVerdict(t *testing.T) {
	h := newHall(3)
	h.ahead = func(i int, at int64) float64 {
		if i == 1 && at >= 1010 {
			return 300e-9
		}
		return 0
	}
	h.sit(20)
	v := h.last[key(1)]
	if math.Abs(v.Deviation-300e-9) > 15e-9 || v.Allowed < 200e-9 || v.Allowed > 250e-9 || !v.Settled || v.Always || v.Vouched != 0 {
		t.Errorf("%+v", v)
	}
	if diff := cmp.Diff([]Key{key(0), key(2)}, v.With); diff != "" {
		t.Errorf("with (-want +got)\n%s", diff)
	}
	if v := h.last[key(0)]; v.Vouched != 1 || math.Abs(v.Deviation) > 15e-9 {
		t.Errorf("of one that agrees: %+v", v)
	}
}

// With a tap that is disciplined by itself two grandmasters are three voices.
func TestReferenceVotes(t *testing.T) {
	h := newHall(2)
	h.reference = true
	h.ahead = func(i int, at int64) float64 {
		if i == 1 && at >= 1010 {
			return 300e-9
		}
		return 0
	}
	h.sit(20)
	if diff := cmp.Diff([]string{"agrees", "outvoted"}, h.states()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A tap that runs free is no reference, whatever is said of it.
func TestFreeRunningReference(t *testing.T) {
	h := newHall(1)
	h.reference = true
	h.ahead = func(_ int, at int64) float64 { return 20e-6 * BlockSeconds * float64(at) }
	h.sit(100)
	if diff := cmp.Diff([]string{"unvouched"}, h.states()); diff != "" || h.last[key(0)].Settled {
		t.Errorf("-want +got\n%s\n%+v", diff, h.last)
	}
}

// What was learned counts after a restart, and until an operator resets it.
func TestKnown(t *testing.T) {
	h := newHall(3)
	h.path = func(i int, _ int64) (float64, float64) { return float64(i) * 5e-6, float64(i) * 4.5e-6 }
	h.sit(10)
	known := h.Known()
	if len(known) != 3 {
		t.Fatalf("%+v", known)
	}
	again := func() *hall {
		n := newHall(3)
		n.path = h.path
		n.block = 5000
		n.ahead = func(i int, _ int64) float64 { return float64(i%2) * 300e-9 }
		n.Resume(known)
		return n
	}
	n := again()
	n.sit(3)
	if diff := cmp.Diff([]string{"agrees", "outvoted", "agrees"}, n.states()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	n = again()
	n.Forget(func(Key) bool { return true })
	n.sit(30)
	if diff := cmp.Diff([]string{"agrees", "agrees", "agrees"}, n.states()); diff != "" {
		t.Errorf("after a reset: -want +got\n%s", diff)
	}
}

// However many come and go, no more are remembered than there is room for, and
// nonsense is left out.
func TestRoom(t *testing.T) {
	var p Panel
	for n := range int64(100) {
		var list []Testimony
		for i := range Seats + 5 {
			list = append(list, Testimony{Key: key(int(n)*3 + i), Offset: math.Inf(i%3 - 1)})
		}
		for i := range Seats {
			list[i].Offset = float64(i)
		}
		list[3].Error = math.NaN()
		if got := p.Judge(n, list); len(got) > Seats+1 {
			t.Fatalf("%d verdicts", len(got))
		}
		if len(p.jurors) > remembered {
			t.Fatalf("%d are remembered", len(p.jurors))
		}
	}
}

// The hat tells each clock's own restlessness, with nothing to compare it with.
func TestHat(t *testing.T) {
	own := []float64{2e-9, 10e-9, 40e-9}
	h := newHall(3)
	h.ahead = func(i int, _ int64) float64 { return own[i] * h.random.NormFloat64() }
	h.sit(kept)
	hat := h.Hat(h.Verdicts())
	for i := 1; i < 3; i++ {
		if len(hat[i]) == 0 || hat[i][0].Tau != BlockSeconds {
			t.Fatalf("%+v", hat)
		}
		// White phase noise: TDEV(tau0) is its sigma, ADEV sqrt(3) sigma / tau0.
		if got := hat[i][0].TDEV; math.Abs(got/own[i]-1) > 0.25 {
			t.Errorf("TDEV of %d: %g, want %g", i, got, own[i])
		}
		if got := hat[i][0].ADEV * BlockSeconds / math.Sqrt(3); math.Abs(got/own[i]-1) > 0.25 {
			t.Errorf("ADEV of %d: %g, want %g", i, got, own[i])
		}
	}
	if two := h.Hat(h.Verdicts()[:2]); two[0] != nil || two[1] != nil {
		t.Errorf("of two: %+v", two)
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{3, Seats} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := newHall(n)
			h.sit(200)
			b.ReportAllocs()
			for b.Loop() {
				h.sit(1)
			}
		})
	}
}
