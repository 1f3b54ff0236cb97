package transit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func quantize(ns float64) int64 { return int64(math.Floor(ns/8)) * 8 }

// segment is a transparent clock, or an ordinary switch, between two taps.
type segment struct {
	*rand.Rand
	cable     float64    // ns, each way
	added     [2]float64 // ns: by a device, to Syncs and to Delay_Reqs
	tells     bool       // it is a transparent clock ...
	misreport float64    // ... that adds so much to what it tells
}

// residence is what the segment takes, and what it tells of it: it queues.
func (s *segment) residence() (took, told float64) {
	took = 2000
	if s.IntN(2) == 0 {
		took += 12000 * s.Float64()
	}
	if s.tells {
		told = took + s.misreport
	}
	return took, told
}

func sub(ns float64) delay.Interval { return delay.Interval(math.Round(ns * (1 << 16))) }

// run sends Syncs from tap "up" to tap "down" and Delay_Reqs back, 16 a second
// for a minute; the clock of both taps began years ago and gains 20 ppm.
func (s *segment) run(w *Ways) {
	clock := delay.NewClock(packet.StampHardware, "ptp0")
	read := func(t float64) int64 { return quantize(t*(1+20e-6)) + 1e18 }
	for i := range 60 * 16 {
		now := float64(i) * 62.5e6
		key := Key{Port: ptp.PortIdentity{ClockIdentity: 1, PortNumber: 1}, Sequence: uint16(i), Time: int64(now)}

		took, told := s.residence()
		up := read(now + 500)
		down := read(now + 500 + s.cable + took + s.added[0])
		w.Add(Sighting{key, "up", clock, up, delay.Apart{Whole: up - int64(now)}, false}, int64(now))
		w.Add(Sighting{key, "down", clock, down, delay.Apart{Whole: down - int64(now), Part: -sub(told)}, false}, int64(now))

		took, told = s.residence()
		asked := now + 20e6
		key.Client = ptp.PortIdentity{ClockIdentity: 2, PortNumber: 1}
		down = read(asked)
		up = read(asked + s.cable + took + s.added[1])
		t4 := int64(asked + s.cable + took + s.added[1] + 500)
		key.Time = t4
		w.Add(Sighting{key, "up", clock, up, delay.Apart{Whole: t4 - up}, true}, int64(now))
		w.Add(Sighting{key, "down", clock, down, delay.Apart{Whole: t4 - down, Part: -sub(told)}, true}, int64(now))
	}
}

// What is added to one direction shows in it, and as half the asymmetry to the
// other; what a transparent clock tells wrong shows in what is left unexplained.
// Median of ten runs, with stamps of 8 ns and a load of 50 %.
func TestWays(t *testing.T) {
	const cable = 400.0
	for _, c := range []struct {
		name                   string
		added                  [2]float64
		tells                  bool
		misreport              float64
		there, back, asymmetry float64 // floor of what is not explained, ns
	}{
		{"a switch", [2]float64{}, false, 0, cable + 2000, cable + 2000, 0},
		{"a switch, 200 ns more one way", [2]float64{200, 0}, false, 0, cable + 2200, cable + 2000, 200},
		{"a transparent clock", [2]float64{}, true, 0, cable, cable, 0},
		{"a transparent clock, 200 ns more back", [2]float64{0, 200}, true, 0, cable, cable + 200, -200},
		{"a transparent clock that tells 100 ns too much", [2]float64{}, true, 100, cable - 100, cable - 100, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			miss := 0.0
			for seed := range uint64(10) {
				var w Ways
				s := &segment{rand.New(rand.NewPCG(seed, 1)), cable, c.added, c.tells, c.misreport}
				s.run(&w)
				list := w.Figures()
				if len(list) != 2 || list[0].From != "down" || list[1].From != "up" || list[0].Count < 950 || list[1].Count < 950 {
					t.Fatalf("seed %d: %+v", seed, list)
				}
				back, there := list[0], list[1]
				got := there.Unexplained.Centre
				if !c.tells {
					got = there.Floor.Centre
					back.Unexplained = back.Floor
				}
				for what, d := range map[string]float64{
					"there": got*1e9 - c.there, "back": back.Unexplained.Centre*1e9 - c.back, "asymmetry": there.Asymmetry*1e9 - c.asymmetry,
				} {
					if miss = math.Abs(d); miss > 20 {
						t.Errorf("seed %d: %s is off by %.1f ns", seed, what, d)
					}
				}
				if !there.HasAsymmetry || there.Asymmetry != -back.Asymmetry {
					t.Errorf("seed %d: asymmetry %g there, %g back", seed, there.Asymmetry, back.Asymmetry)
				}
				if want := there.Transit.Centre - there.Unexplained.Centre; c.tells && math.Abs(there.Residence.Centre-want) > 500e-9 {
					t.Errorf("seed %d: residence %g, want %g", seed, there.Residence.Centre, want)
				}
			}
		})
	}
}

// Only the same exchange, at another tap, by the same clock that has not
// stepped, makes a crossing.
func TestMatcher(t *testing.T) {
	one, other := delay.NewClock(packet.StampHardware, "ptp0"), delay.NewClock(packet.StampHardware, "ptp1")
	first := Sighting{Key: Key{Sequence: 7, Time: 100}, Tap: "a", Clock: one, Stamp: 1000, Delay: delay.Apart{Whole: 900}}
	for _, c := range []struct {
		name   string
		change func(*Sighting)
		want   string
	}{
		{"at another tap", func(*Sighting) {}, "a to b: 5e-08 s, 5e-08 s unexplained"},
		{"before", func(s *Sighting) { s.Stamp, s.Delay.Whole = 950, 850 }, "b to a: 5e-08 s, 5e-08 s unexplained"},
		{"explained in part", func(s *Sighting) { s.Delay.Part = -delay.Nanosecond * 30 }, "a to b: 5e-08 s, 2e-08 s unexplained"},
		{"at the same tap", func(s *Sighting) { s.Tap = "a" }, ""},
		{"another message", func(s *Sighting) { s.Key.Sequence++ }, ""},
		{"another request", func(s *Sighting) { s.Key.Client.PortNumber++ }, ""},
		{"another domain", func(s *Sighting) { s.Key.Scope++ }, ""},
		{"another kind", func(s *Sighting) { s.Request = true }, ""},
		{"by another clock", func(s *Sighting) { s.Clock = other }, ""},
		{"after a step", func(*Sighting) { one.Steps++ }, ""},
		{"much later", func(s *Sighting) { s.Stamp += 2e9 }, ""},
		{"beyond reckoning", func(s *Sighting) { s.Delay.Whole = math.MaxInt64 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Matcher
			m.Take(Sighting{Tap: "elsewhere", Clock: one})
			m.Take(first)
			s := first
			s.Tap, s.Stamp, s.Delay.Whole = "b", 1050, 950
			c.change(&s)
			got := ""
			if p := m.Take(s); p != nil {
				if x, ok := p.Cross(); ok {
					got = fmt.Sprintf("%s to %s: %.3g s, %.3g s unexplained", x.From, x.To, x.Transit, x.Unexplained)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever comes, no two exchanges are taken for one, and no more is kept than
// there is room for.
func TestMatcherAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	clock := delay.NewClock(packet.StampSoftware, "")
	var w Ways
	found := uint64(0)
	for i := range 20000 {
		s := Sighting{Tap: fmt.Sprint(r.IntN(20)), Clock: clock, Stamp: int64(i)}
		s.Key.Sequence, s.Key.Time = uint16(r.IntN(3000)), int64(r.IntN(2))
		s.Delay.Whole = int64(s.Key.Sequence)<<1 + s.Key.Time
		if p := w.Take(s); p != nil {
			found++
			if c, _ := p.Cross(); c.Unexplained != 0 || c.From == c.To {
				t.Fatalf("two exchanges for one: %+v", c)
			}
		}
		w.Add(s, int64(i))
	}
	if found == 0 || len(w.list) > MaxWays || len(w.seen) != slots {
		t.Errorf("%d found, %d ways, %d slots", found, len(w.list), len(w.seen))
	}
}

// One tap alone costs nothing.
func TestOneTap(t *testing.T) {
	var w Ways
	clock := delay.NewClock(packet.StampSoftware, "")
	for i := range 100 {
		w.Add(Sighting{Key: Key{Time: int64(i)}, Tap: "eth0", Clock: clock}, 0)
	}
	if w.seen != nil || len(w.Figures()) != 0 {
		t.Error("something is kept for a single tap")
	}
}
