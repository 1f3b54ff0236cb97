package tamper

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Whatever comes, no more is kept than there is room for, what is found is
// within reason, and the same comes of it when the tap's clock shows another
// time: what it shows is nobody's doing.
func FuzzWay(f *testing.F) {
	f.Add(uint64(1), uint16(20), uint16(3000), uint8(80), uint16(2000), uint8(0))
	f.Add(uint64(2), uint16(8), uint16(0), uint8(30), uint16(20000), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, noise, correction uint16, share uint8, by uint16, wild uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		var w, other Way
		at := int64(seed % (1 << 40))
		for i := range 30 * Size {
			at += int64(r.Uint32() >> r.IntN(8))
			s := Sample{At: at, From: ptp.PortIdentity{PortNumber: uint16(r.IntN(3))}}
			s.Delay = float64(r.IntN(int(noise) + 1))
			s.Correction = float64(r.IntN(int(correction) + 1))
			if i > 16*Size && uint8(r.Uint32()) < share {
				s.Delay += float64(by)
				s.Correction -= float64(by) * float64(share&1)
			}
			if uint8(r.Uint32()) < wild {
				s.At, s.Delay, s.Correction = int64(r.Uint64()), math.Exp(100*r.NormFloat64()), -math.Exp(300*r.NormFloat64())
			}
			full := w.Add(s, 0)
			s.At += 4e12
			s.Delay += 1 << 40 // a power of two, so that nothing is rounded
			if same := other.Add(s, 0) == full; wild == 0 && !same {
				t.Fatal("a block ends at another time")
			}
			if !full {
				continue
			}
			a, b := w.Found(), other.Found()
			if wild == 0 && (a.Untrue != b.Untrue || a.Held != b.Held || a.From != b.From || math.Abs(a.By-b.By) > 1) {
				t.Fatalf("%+v, and by another clock %+v", a, b)
			}
			if a.Held && (a.Share <= 0 || a.Share > 1 || !(a.By > 0)) {
				t.Fatalf("%+v", a)
			}
			if len(w.peak.sorted) > Sure*Size || len(w.peak.late[0]) > Size {
				t.Fatalf("%d late are kept", len(w.peak.sorted))
			}
		}
	})
}
