package tamper

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Whatever comes, no more is kept than there is room for, what is found is
// within reason, and the same comes of it when the tap's clock shows another
// time: what it shows is nobody's doing.
func FuzzWay(f *testing.F) {
	seed := make([]byte, 0, 4096)
	for i := range 300 {
		seed = binary.LittleEndian.AppendUint16(seed, uint16(i*7919))
		seed = append(seed, byte(i%5), byte(i%3), byte(i))
	}
	f.Add(seed, int64(1e9), false)
	f.Add(seed, int64(-1), true)
	f.Fuzz(func(t *testing.T, data []byte, start int64, wild bool) {
		start %= 1 << 40
		var w, other Way
		at := start
		for len(data) >= 5 {
			delay, told := float64(int16(binary.LittleEndian.Uint16(data))), float64(int8(data[2]))*100
			at += int64(data[4]) << 24
			s := Sample{At: at, Delay: delay, Correction: told, From: ptp.PortIdentity{PortNumber: uint16(data[3])}}
			if wild && data[3] > 250 {
				s.At, s.Delay, s.Correction = int64(binary.LittleEndian.Uint64(append(data[:5:5], 0, 0, 0))), math.Exp(float64(data[2])), -math.Exp(float64(data[3]))
			}
			data = data[5:]
			full := w.Add(s, 0)
			s.At += 4e12
			s.Delay += 1 << 40 // a power of two, so that nothing is rounded
			if other.Add(s, 0) != full {
				t.Fatal("a block ends at another time")
			}
			if !full {
				continue
			}
			a, b := w.Found(), other.Found()
			if !wild && (a.Untrue != b.Untrue || a.Held != b.Held || a.From != b.From || math.Abs(a.By-b.By) > 1) {
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
