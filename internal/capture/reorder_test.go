package capture

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// arrange sends times through a window of 20 and returns them as they leave,
// each with its position on arrival.
func arrange(times []int64) (left []int64, order []uint64) {
	r := newReorder(20)
	leave := func() {
		for r.ready() {
			s := r.pop()
			left = append(left, s.at)
			order = append(order, s.observation.Frame.Number)
		}
	}
	for i, at := range times {
		s := &slot{at: at}
		s.observation.Frame.Number = uint64(i)
		r.push(s)
		leave()
	}
	r.closed = true
	leave()
	return left, order
}

func TestReorder(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []int64
		want []int64
	}{
		{"nothing", nil, nil},
		{"in order", []int64{1, 2, 3, 30, 60}, []int64{1, 2, 3, 30, 60}},
		{"out of order within the window", []int64{10, 20, 12, 30, 15, 11, 50}, []int64{10, 11, 12, 15, 20, 30, 50}},
		{"too late goes on at once", []int64{10, 20, 41, 15, 42}, []int64{10, 20, 15, 41, 42}},
		{"too late leaves the others in order", []int64{100, 130, 125, 95, 127, 200}, []int64{100, 95, 125, 127, 130, 200}},
		{"clock set back", []int64{1000, 1010, 5, 15, 8, 40, 30, 90}, []int64{1000, 1010, 5, 8, 15, 30, 40, 90}},
		{"clock set back twice", []int64{1000, 500, 510, 505, 100, 90, 120}, []int64{1000, 500, 505, 510, 90, 100, 120}},
		{"one frame of the future", []int64{1, 2, 9000, 3, 40, 30, 60}, []int64{1, 2, 3, 30, 40, 60, 9000}},
		{"before 1970", []int64{-5, -30, 3, -20}, []int64{-5, -30, -20, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := arrange(c.in); !slices.Equal(got, c.want) {
				t.Errorf("%v\ngot  %v\nwant %v", c.in, got, c.want)
			}
		})
	}
}

func TestReorderKeepsTies(t *testing.T) {
	_, got := arrange([]int64{5, 7, 5, 7, 5, 100})
	if want := []uint64{0, 2, 4, 1, 3, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestReorderSorts: what is no more out of order than the window comes out
// sorted, and nothing is lost or doubled, however much out of order it is.
func TestReorderSorts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1588))
	for range 200 {
		disorder := random.Int64N(60)
		type frame struct{ at, arrival int64 }
		frames := make([]frame, 3000)
		for i := range frames {
			at := int64(i) / 2
			frames[i] = frame{at, at + random.Int64N(disorder+1)}
		}
		slices.SortStableFunc(frames, func(a, b frame) int { return cmp.Compare(a.arrival, b.arrival) })
		in := make([]int64, len(frames))
		for i, f := range frames {
			in[i] = f.at
		}
		out, _ := arrange(in)
		if disorder < 20 && !slices.IsSorted(out) {
			t.Fatalf("disorder %d: not sorted: %v", disorder, out)
		}
		slices.Sort(in)
		slices.Sort(out)
		if !slices.Equal(in, out) {
			t.Fatalf("disorder %d: not what went in", disorder)
		}
	}
}

// TestReorderEpoch: what is held when the clock is set back does not wait for
// the clock to come by again.
func TestReorderEpoch(t *testing.T) {
	r := newReorder(20)
	for _, at := range []int64{1000, 1030} {
		r.push(&slot{at: at})
	}
	r.pop()
	if r.ready() {
		t.Fatal("the younger one is ready at once")
	}
	r.push(&slot{at: 5})
	if !r.ready() || r.pop().at != 1030 || r.ready() {
		t.Error("the one held is not what leaves first, alone")
	}
}

// TestReorderFull: without room the oldest leaves before its time is up.
func TestReorderFull(t *testing.T) {
	r := newReorder(1 << 40)
	for i := range int64(5000) {
		r.push(&slot{at: -i})
		if want := min(i+1, maxHeld); int64(r.size) != want || r.ready() != (r.size == maxHeld) {
			t.Fatalf("after %d: %d are held, ready %t, want %d", i+1, r.size, r.ready(), want)
		}
		if r.ready() {
			if s := r.pop(); s.at != -i {
				t.Fatalf("after %d: got %d, want the oldest, %d", i+1, s.at, -i)
			}
		}
	}
}
