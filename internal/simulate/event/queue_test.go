package event

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

type due struct {
	At Time
	N  int
}

// Items come back sorted by time and, within a time, in the order of pushing,
// while others are pushed in between.
func TestQueueOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var q Queue[int]
	var pushed, got []due
	var now Time
	for n := range 20_000 {
		at := now + Time(rng.IntN(50))
		q.Push(at, n)
		pushed = append(pushed, due{at, n})
		for q.Len() > 0 && rng.IntN(3) == 0 {
			if next := q.Next(); next < now {
				t.Fatalf("next is %d, now is %d", next, now)
			}
			at, n := q.Pop()
			now = at
			got = append(got, due{at, n})
		}
	}
	for q.Len() > 0 {
		at, n := q.Pop()
		got = append(got, due{at, n})
	}
	slices.SortStableFunc(pushed, func(a, b due) int { return cmp.Compare(a.At, b.At) })
	if diff := gocmp.Diff(pushed, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if q.Next() != Never {
		t.Errorf("an empty queue is due at %d", q.Next())
	}
}

func TestQueueOrderSurvivesTheCounter(t *testing.T) {
	q := Queue[int]{pushed: 1<<32 - 2}
	for n := range 4 {
		q.Push(7, n)
	}
	for want := range 4 {
		if _, got := q.Pop(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func BenchmarkQueue(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var q Queue[[3]uint64]
	for range 300 {
		q.Push(Time(rng.IntN(1e9)), [3]uint64{})
	}
	b.ReportAllocs()
	for b.Loop() {
		at, item := q.Pop()
		q.Push(at+Time(rng.IntN(1e9)), item)
	}
}
