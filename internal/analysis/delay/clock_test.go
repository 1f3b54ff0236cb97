package delay

import (
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A PHC against the system's receive time: what is a step, what is a busy
// system, and what is nothing.
func TestClockSteps(t *testing.T) {
	const second = int64(1e9)
	late := func(*rand.Rand, int64) int64 { return 0 }
	for _, tt := range []struct {
		name  string
		phc   func(at int64) int64                      // what it shows at a true time
		late  func(r *rand.Rand, at int64) (late int64) // by what the system is
		steps uint64
		step  int64 // ns, give or take 50 us
	}{
		{"true", func(at int64) int64 { return at }, late, 0, 0},
		{"of an epoch of its own", func(at int64) int64 { return at - 1.7e18 }, late, 0, 0},
		{"100 ppm fast", func(at int64) int64 { return at + at/1e4 }, late, 0, 0},
		{"steps a second", func(at int64) int64 {
			if at > 60*second {
				at += second
			}
			return at
		}, late, 1, second},
		{"steps back 200 us", func(at int64) int64 {
			if at > 60*second {
				at -= 200e3
			}
			return at
		}, late, 1, -200e3},
		{"steps to another year and on", func(at int64) int64 {
			switch {
			case at > 80*second:
				at += 2e17
			case at > 60*second:
				at += 1e17
			}
			return at
		}, late, 2, 1e17},
		{"system late by 20 us and more", func(at int64) int64 { return at }, func(r *rand.Rand, _ int64) int64 {
			return int64(r.ExpFloat64() * 20e3)
		}, 0, 0},
		{"system busy for half a second", func(at int64) int64 { return at }, func(_ *rand.Rand, at int64) int64 {
			if at > 60*second && at < 60*second+second/2 {
				return 60*second + second/2 - at
			}
			return 0
		}, 0, 0},
		{"one frame in ten is late", func(at int64) int64 { return at }, func(r *rand.Rand, _ int64) int64 {
			return r.Int64N(10) / 9 * 5e6
		}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			c := NewClock(packet.StampHardware, "ptp0")
			before, used := int64(0), 0
			for at := second; at < 120*second; at += second / 16 {
				seen := max(at+tt.late(r, at), before) // frames are taken in order
				before = seen
				if c.Note(tt.phc(at), seen) {
					used++
				}
			}
			if off := c.Step - tt.step; c.Steps != tt.steps || off > 50e3 || off < -50e3 {
				t.Errorf("%d steps, the last of %d ns; want %d of %d", c.Steps, c.Step, tt.steps, tt.step)
			}
			if used < 119*16*8/10 {
				t.Errorf("%d stamps of %d are used", used, 119*16)
			}
		})
	}
}

// A clock that is never twice as far from the system's is measured with all the
// same, after a while.
func TestRestlessClock(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c, used := NewClock(packet.StampSoftware, ""), 0
	for i := range int64(16 * 120) {
		at := i * 625e5
		if c.Note(at+r.Int64N(1e8), at) && i >= 16*60 {
			used++
		}
	}
	if used < 16*50 || c.Steps > 0 {
		t.Errorf("%d stamps of %d are used in the second minute, after %d steps", used, 16*60, c.Steps)
	}
}

// While a step is not sure, nothing is measured: neither by the old time nor by
// the new.
func TestNothingIsMeasuredInDoubt(t *testing.T) {
	c := NewClock(packet.StampHardware, "ptp0")
	for i := range int64(8) {
		c.Note(i*1e8, i*1e8)
	}
	for i := int64(8); c.Steps == 0; i++ {
		if c.Note(i*1e8+1e9, i*1e8) != (c.Steps == 1) {
			t.Fatalf("stamp %d, %d steps", i, c.Steps)
		}
		if i > 30 {
			t.Fatal("no step is found")
		}
	}
}

func TestResolution(t *testing.T) {
	for step, want := range map[int64]int64{1: 1, 8: 1, 10: 10, 1000: 1000, 25000: 1000, 1e6: 1e6} {
		c := NewClock(packet.StampCapture, "")
		for i := range int64(coarseSure) {
			if got := c.Resolution(); got != 0 {
				t.Fatalf("resolution %d after %d stamps", got, i)
			}
			c.Note((1000+i)*step, (1000+i)*step)
		}
		if got := c.Resolution(); got != want {
			t.Errorf("stamps of %d ns: resolution %d, want %d", step, got, want)
		}
	}
}

// What all grandmasters do at once, the tap's clock did; what one does, it did.
func TestJumpsOfAll(t *testing.T) {
	const step = 100_000 * Nanosecond
	for _, tt := range []struct {
		name  string
		jumps map[ptp.ClockIdentity]Interval
		alone bool // the second has fallen silent
		want  uint64
	}{
		{"both", map[ptp.ClockIdentity]Interval{1: step, 2: step}, false, 1},
		{"one", map[ptp.ClockIdentity]Interval{1: step}, false, 0},
		{"apart", map[ptp.ClockIdentity]Interval{1: step, 2: -step}, false, 0},
		{"the only one", map[ptp.ClockIdentity]Interval{1: step}, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewClock(packet.StampHardware, "ptp0")
			streams := map[ptp.ClockIdentity]*stream{}
			for id := range ptp.ClockIdentity(2) {
				streams[id+1] = &stream{grandmaster: id + 1, at: 100e9}
				c.join(streams[id+1])
			}
			if tt.alone {
				streams[2].at = 0
			}
			for id := range ptp.ClockIdentity(2) {
				if by, ok := tt.jumps[id+1]; ok {
					c.jump(streams[id+1], by, 101e9+int64(id))
				}
			}
			if c.Steps != tt.want {
				t.Errorf("%d steps, want %d", c.Steps, tt.want)
			}
		})
	}
}
