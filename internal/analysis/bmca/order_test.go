package bmca

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var algorithms = []Algorithm{Default, Telecom, GPTP, QualityLevel}

// population is data sets that differ in every field that decides, and often
// agree in those before it.
func population() (all []Dataset) {
	qualities := []ptp.ClockQuality{
		{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
		{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0xFFFF},
		{ClockClass: 6, ClockAccuracy: 0x20, OffsetScaledLogVariance: 0xFFFF},
		{ClockClass: 248, ClockAccuracy: 0xFE, OffsetScaledLogVariance: 0xFFFF},
	}
	for _, gm := range []ptp.ClockIdentity{0x0c42a1fffe000001, 0xb8cef6fffe5e6afa} {
		for _, p1 := range []uint8{127, 128} {
			for _, q := range qualities {
				for _, steps := range []uint16{0, 1, 2} {
					for _, sender := range []ptp.ClockIdentity{1, 1 << 63} {
						all = append(all, Dataset{
							Priority1: p1, ClockQuality: q, Priority2: uint8(steps % 2), Grandmaster: gm, StepsRemoved: steps,
							Sender: ptp.PortIdentity{ClockIdentity: sender, PortNumber: 1},
						})
					}
				}
			}
		}
	}
	return all
}

// consistent leaves one data set to each grandmaster, whoever relays it, as
// when all relays have heard the latest.
func consistent(all []Dataset) []Dataset {
	type claims struct {
		p1, p2  uint8
		quality ptp.ClockQuality
	}
	identities := make(map[claims]ptp.ClockIdentity)
	for i := range all {
		d := &all[i]
		d.Priority2 = 128
		c := claims{d.Priority1, d.Priority2, d.ClockQuality}
		if identities[c] == 0 {
			identities[c] = ptp.ClockIdentity(len(identities)+1) << 56
		}
		d.Grandmaster += identities[c]
	}
	return all
}

// A comparison that is no total order would make the winner hang on the order
// in which Announces arrive.
func TestCompareIsATotalOrder(t *testing.T) {
	for _, alg := range algorithms {
		all := population()
		if alg == Default {
			all = consistent(all)
		}
		for _, a := range all {
			for _, b := range all {
				ab, ba := signed(alg.Compare(a, b)), signed(alg.Compare(b, a))
				if ab.Order != -ba.Order || ab.By != ba.By || ab.Hinges != ba.Hinges || ab.ByTopology != ba.ByTopology {
					t.Fatalf("%s: %+v and %+v compare as %+v and, the other way round, %+v", alg, a, b, ab, ba)
				}
				if order, _ := slowCompare(alg, a, b); ab.Order != order {
					t.Fatalf("%s: %+v against %+v is %d, want %d", alg, a, b, ab.Order, order)
				}
				for _, c := range all {
					if ab.Order <= 0 && alg.Compare(b, c).Order <= 0 && alg.Compare(a, c).Order > 0 {
						t.Fatalf("%s: %+v <= %+v <= %+v but not first <= last", alg, a, b, c)
					}
				}
			}
		}
	}
}

// The standard's own algorithm promises no order among data sets of which two
// speak of one grandmaster but tell of it differently, as relays do for a
// while after it changed: then each may beat the next.
func TestDefaultIsNoOrderWhileARelayLagsBehind(t *testing.T) {
	fresh := base()
	fresh.Priority1 = 200
	rival := other(func(d *Dataset) { d.Priority1 = 150 })
	stale := relayed(func(d *Dataset) { d.Priority1 = 100; d.StepsRemoved = 1 })
	for _, pair := range [][2]Dataset{{stale, rival}, {rival, fresh}, {fresh, stale}} {
		if r := Default.Compare(pair[0], pair[1]); r.Order >= 0 {
			t.Errorf("%+v does not beat %+v, by %s", pair[0], pair[1], r.By)
		}
	}
}

// slowCompare compares what the data sets would look like on a wire that has
// the fields in the order in which they count.
func slowCompare(alg Algorithm, a, b Dataset) (int, Field) {
	type row struct {
		by   Field
		of   func(Dataset) uint64
		size int
	}
	priority1 := row{Priority1, func(d Dataset) uint64 { return uint64(d.Priority1) }, 1}
	class := row{ClockClass, func(d Dataset) uint64 { return uint64(d.ClockQuality.ClockClass) }, 1}
	quality := []row{
		class,
		{ClockAccuracy, func(d Dataset) uint64 { return uint64(d.ClockQuality.ClockAccuracy) }, 1},
		{Variance, func(d Dataset) uint64 { return uint64(d.ClockQuality.OffsetScaledLogVariance) }, 2},
		{Priority2, func(d Dataset) uint64 { return uint64(d.Priority2) }, 1},
	}
	identity := row{Identity, func(d Dataset) uint64 { return uint64(d.Grandmaster) }, 8}
	steps := row{StepsRemoved, func(d Dataset) uint64 { return uint64(d.StepsRemoved) }, 2}
	sender := []row{
		{Sender, func(d Dataset) uint64 { return uint64(d.Sender.ClockIdentity) }, 8},
		{Sender, func(d Dataset) uint64 { return uint64(d.Sender.PortNumber) }, 2},
	}
	rows := []row{priority1}
	switch {
	case alg == QualityLevel:
		rows = append([]row{class, identity}, sender...)
	case alg == GPTP:
		rows = append(append(append(rows, quality...), identity, steps), sender...)
	case alg == Telecom && a.ClockQuality.ClockClass < 128:
		rows = append(append(quality, steps), sender...)
	case alg == Telecom:
		rows = append(append(quality, identity, steps), sender...)
	case a.Grandmaster == b.Grandmaster:
		rows = append([]row{steps}, sender...)
	default:
		rows = append(append(rows, quality...), identity)
	}
	for _, r := range rows {
		x := binary.BigEndian.AppendUint64(nil, r.of(a))[8-r.size:]
		y := binary.BigEndian.AppendUint64(nil, r.of(b))[8-r.size:]
		if c := bytes.Compare(x, y); c != 0 {
			return c, r.by
		}
	}
	return 0, Same
}

// octets are a data set but for its receiver, of a fixed size.
type octets struct {
	Priority1    uint8
	ClockQuality ptp.ClockQuality
	Priority2    uint8
	Grandmaster  ptp.ClockIdentity
	StepsRemoved uint16
	Sender       ptp.PortIdentity
}

// datasetOf makes a data set of as many octets as there are.
func datasetOf(t *testing.T, wire []byte) Dataset {
	t.Helper()
	var o octets
	if _, err := binary.Decode(append(wire, make([]byte, binary.Size(o))...), binary.BigEndian, &o); err != nil {
		t.Fatal(err)
	}
	return Dataset{
		Priority1: o.Priority1, ClockQuality: o.ClockQuality, Priority2: o.Priority2,
		Grandmaster: o.Grandmaster, StepsRemoved: o.StepsRemoved, Sender: o.Sender,
	}
}

func FuzzCompare(f *testing.F) {
	all := population()
	for i, d := range all {
		wire, err := binary.Append(nil, binary.BigEndian, octets{d.Priority1, d.ClockQuality, d.Priority2, d.Grandmaster, d.StepsRemoved, d.Sender})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), wire, wire)
	}
	f.Fuzz(func(t *testing.T, n uint8, x, y []byte) {
		alg, a, b := algorithms[int(n)%len(algorithms)], datasetOf(t, x), datasetOf(t, y)
		order, by := slowCompare(alg, a, b)
		got := signed(alg.Compare(a, b))
		if got.By == Receiver && got.Order == 0 {
			got.By = Same // for a listener it is the same
		}
		if got.Order != order || got.By != by {
			t.Errorf("%s: %+v against %+v is %+v, want %d by %s", alg, a, b, got, order, by)
		}
	})
}
