package bmca

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func base() Dataset {
	return Dataset{
		Priority1:    128,
		ClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
		Priority2:    128,
		Grandmaster:  0x1000,
		Sender:       ptp.PortIdentity{ClockIdentity: 0x1000, PortNumber: 1},
	}
}

func TestCompareFollowsFigures34And35(t *testing.T) {
	other := func(change func(*Dataset)) Dataset {
		d := base()
		d.Grandmaster, d.Sender.ClockIdentity = 0x2000, 0x2000
		change(&d)
		return d
	}
	same := func(change func(*Dataset)) Dataset {
		d := base()
		d.Sender.ClockIdentity = 0x3000
		change(&d)
		return d
	}
	tests := []struct {
		name string
		b    Dataset
		want int // of base() against b
		by   Field
	}{
		{"priority1 outranks class", other(func(d *Dataset) { d.Priority1 = 127; d.ClockQuality.ClockClass = 248 }), 1, Priority1},
		{"class outranks accuracy", other(func(d *Dataset) { d.ClockQuality.ClockClass = 7; d.ClockQuality.ClockAccuracy = 0x20 }), -1, ClockClass},
		{"accuracy outranks variance", other(func(d *Dataset) { d.ClockQuality.ClockAccuracy = 0x20; d.ClockQuality.OffsetScaledLogVariance = 0xFFFF }), 1, ClockAccuracy},
		{"variance outranks priority2", other(func(d *Dataset) { d.ClockQuality.OffsetScaledLogVariance = 0xFFFF; d.Priority2 = 1 }), -1, Variance},
		{"priority2 outranks identity", other(func(d *Dataset) { d.Priority2 = 127 }), 1, Priority2},
		{"identity is the last resort", other(func(*Dataset) {}), -1, Identity},
		{"steps removed do not count between grandmasters", other(func(d *Dataset) { d.Priority2 = 127; d.StepsRemoved = 200 }), 1, Priority2},
		{"same grandmaster: data sets do not count", same(func(d *Dataset) { d.Priority1 = 1; d.StepsRemoved = 2 }), -1, StepsRemoved},
		{"same grandmaster: one step nearer", same(func(d *Dataset) { d.StepsRemoved = 1 }), -1, StepsRemoved},
		{"same grandmaster: lower sender", same(func(*Dataset) {}), -1, Sender},
		{"same clock: lower port", same(func(d *Dataset) { d.Sender = ptp.PortIdentity{ClockIdentity: 0x1000, PortNumber: 2} }), -1, Sender},
		{"the port itself", base(), 0, Same},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, by := Compare(base(), tt.b)
			if sign(got) != tt.want || by != tt.by {
				t.Errorf("Compare(base, b) = %d by %s, want %d by %s", got, by, tt.want, tt.by)
			}
			back, by := Compare(tt.b, base())
			if sign(back) != -tt.want || by != tt.by {
				t.Errorf("Compare(b, base) = %d by %s, want %d by %s", back, by, -tt.want, tt.by)
			}
		})
	}
}

// Subtracting identities as signed integers gives the wrong winner for this
// pair, and real identities do start with b8.
func TestCompareIdentitiesAsOctets(t *testing.T) {
	a, b := base(), base()
	a.Grandmaster, b.Grandmaster = 0xb8cef6fffe5e6afa, 0x0c42a1fffe000001
	if c, by := Compare(a, b); c <= 0 || by != Identity {
		t.Errorf("Compare = %d by %s, want b8cef6... to lose against 0c42a1... by identity", c, by)
	}
}

// A comparison that is not transitive would make the winner hang on the order
// in which Announces arrive.
func TestCompareIsTransitive(t *testing.T) {
	var all []Dataset
	for _, gm := range []ptp.ClockIdentity{1, 2} {
		for _, p1 := range []uint8{1, 2} {
			for _, steps := range []uint16{0, 1, 2} {
				for _, sender := range []ptp.ClockIdentity{1, 9} {
					d := base()
					// One grandmaster has one data set, whoever relays it.
					d.Grandmaster, d.Priority1 = gm*10+ptp.ClockIdentity(p1), p1
					d.StepsRemoved, d.Sender.ClockIdentity = steps, sender
					all = append(all, d)
				}
			}
		}
	}
	less := func(a, b Dataset) bool { c, _ := Compare(a, b); return c < 0 }
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				if less(a, b) && less(b, c) && !less(a, c) {
					t.Fatalf("%+v < %+v < %+v but not first < last", a, b, c)
				}
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
