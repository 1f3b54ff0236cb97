package jury

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAgree(t *testing.T) {
	for _, c := range []struct {
		name     string
		votes    []Vote
		agree    int
		in       []bool
		majority bool
	}{
		{"nobody", nil, 0, []bool{}, false},
		{"one", []Vote{{0, 1, 1}}, 1, []bool{true}, true},
		{"two agree", []Vote{{0, 1, 1}, {1.5, 1, 2}}, 2, []bool{true, true}, true},
		{"two disagree", []Vote{{0, 1, 1}, {3, 1, 2}}, 1, []bool{true, true}, false},
		{"one of three", []Vote{{0, 1, 1}, {9, 1, 2}, {0.5, 1, 3}}, 2, []bool{true, false, true}, true},
		{"all three apart", []Vote{{0, 1, 1}, {9, 1, 2}, {-9, 1, 3}}, 1, []bool{true, true, true}, false},
		// B agrees with both, A and C do not with each other: either may be wrong.
		{"a chain", []Vote{{0, 1, 1}, {1.5, 1, 2}, {3, 1, 3}}, 2, []bool{true, true, true}, true},
		{"two against two", []Vote{{0, 1, 1}, {0, 1, 2}, {9, 1, 3}, {9, 1, 4}}, 2, []bool{true, true, true, true}, false},
		{"two of five", []Vote{{0, 1, 1}, {.1, 1, 2}, {.2, 1, 3}, {9, 1, 4}, {-9, 1, 5}}, 3, []bool{true, true, true, false, false}, true},
		// A clock heard twice has one vote: it does not outvote another.
		{"one heard twice", []Vote{{9, 1, 1}, {9, 1, 1}, {0, 1, 2}}, 1, []bool{true, true, true}, false},
		{"touching", []Vote{{0, 1, 1}, {2, 1, 2}}, 2, []bool{true, true}, true},
		// Who is not sure is not outvoted, and decides nothing.
		{"a wide one", []Vote{{0, 1, 1}, {50, 1, 2}, {0, 100, 3}}, 2, []bool{true, true, true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Agree(c.votes)
			if got.Agree != c.agree || got.Majority() != c.majority {
				t.Errorf("%d of %d agree, majority %v; want %d, %v", got.Agree, got.Groups, got.Majority(), c.agree, c.majority)
			}
			if diff := cmp.Diff(c.in, got.In); diff != "" {
				t.Errorf("in (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the votes: as many agree as the largest set of which each two overlap,
// by trying all sets, and who is in is in one of those.
func FuzzAgree(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Add(uint64(7), uint8(9))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		votes := make([]Vote, n%10)
		for i := range votes {
			votes[i] = Vote{Centre: float64(r.IntN(20)), Radius: float64(r.IntN(5)), Group: uint64(i)}
		}
		most, in := 0, make([]bool, len(votes))
		for set := range 1 << len(votes) {
			size, all := 0, true
			for i := range votes {
				if set>>i&1 == 0 {
					continue
				}
				size++
				for k := range i {
					d := votes[i].Centre - votes[k].Centre
					all = all && (set>>k&1 == 0 || max(d, -d) <= votes[i].Radius+votes[k].Radius)
				}
			}
			if !all || size < most {
				continue
			}
			if size > most {
				most = size
				clear(in)
			}
			for i := range votes {
				in[i] = in[i] || set>>i&1 == 1
			}
		}
		got := Agree(votes)
		if got.Agree != most || !cmp.Equal(in, got.In) {
			t.Errorf("%v: %+v, want %d, %v", votes, got, most, in)
		}
	})
}
