package bmca

import (
	"testing"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"

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

// other is another grandmaster, heard as directly as base is.
func other(change func(*Dataset)) Dataset {
	d := base()
	d.Grandmaster, d.Sender.ClockIdentity = 0x2000, 0x2000
	change(&d)
	return d
}

// relayed is base's grandmaster, by another clock.
func relayed(change func(*Dataset)) Dataset {
	d := base()
	d.Sender.ClockIdentity = 0x3000
	change(&d)
	return d
}

// compareTest is how base stands against b.
type compareTest struct {
	name string
	b    Dataset
	want Result
}

func runCompareTests(t *testing.T, alg Algorithm, tests []compareTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, signed(alg.Compare(base(), tt.b))); diff != "" {
				t.Errorf("Compare(base, b) (-want +got):\n%s", diff)
			}
			back := tt.want
			back.Order = -back.Order
			if diff := cmp.Diff(back, signed(alg.Compare(tt.b, base()))); diff != "" {
				t.Errorf("Compare(b, base) (-want +got):\n%s", diff)
			}
		})
	}
}

// signed is a result whose order is -1, 0 or 1.
func signed(r Result) Result {
	r.Order = max(-1, min(1, r.Order))
	return r
}

func TestDefaultFollowsFigure34(t *testing.T) {
	runCompareTests(t, Default, []compareTest{
		{"priority1 outranks class", other(func(d *Dataset) { d.Priority1 = 127; d.ClockQuality.ClockClass = 248 }), Result{Order: 1, By: Priority1}},
		{"class outranks accuracy", other(func(d *Dataset) { d.ClockQuality.ClockClass = 7; d.ClockQuality.ClockAccuracy = 0x20 }), Result{Order: -1, By: ClockClass}},
		{"accuracy outranks variance", other(func(d *Dataset) { d.ClockQuality.ClockAccuracy = 0x20; d.ClockQuality.OffsetScaledLogVariance = 0xFFFF }), Result{Order: 1, By: ClockAccuracy}},
		{"accuracies of 2019 are better ones", other(func(d *Dataset) { d.ClockQuality.ClockAccuracy = 0x17 }), Result{Order: 1, By: ClockAccuracy}},
		{"variance outranks priority2", other(func(d *Dataset) { d.ClockQuality.OffsetScaledLogVariance = 0xFFFF; d.Priority2 = 1 }), Result{Order: -1, By: Variance}},
		{"priority2 outranks identity", other(func(d *Dataset) { d.Priority2 = 127 }), Result{Order: 1, By: Priority2}},
		{"identity is the last resort", other(func(*Dataset) {}), Result{Order: -1, By: Identity}},
		{"steps removed do not count between grandmasters", other(func(d *Dataset) { d.Priority2 = 127; d.StepsRemoved = 200 }), Result{Order: 1, By: Priority2}},
	})
}

func TestDefaultFollowsFigure35(t *testing.T) {
	heardBy := func(receiver ptp.ClockIdentity, port uint16, steps uint16) Dataset {
		return relayed(func(d *Dataset) {
			d.StepsRemoved = steps
			d.Receiver = ptp.PortIdentity{ClockIdentity: receiver, PortNumber: port}
		})
	}
	runCompareTests(t, Default, []compareTest{
		{"of one grandmaster the data sets do not count", relayed(func(d *Dataset) { d.Priority1 = 1; d.StepsRemoved = 2 }), Result{Order: -1, By: StepsRemoved}},
		{"two steps nearer", relayed(func(d *Dataset) { d.StepsRemoved = 2 }), Result{Order: -1, By: StepsRemoved}},
		{"as far as can be", relayed(func(d *Dataset) { d.StepsRemoved = 65535 }), Result{Order: -1, By: StepsRemoved}},
		{"one step nearer, for some by topology only", relayed(func(d *Dataset) { d.StepsRemoved = 1 }), Result{Order: -1, By: StepsRemoved, ByTopology: true}},
		{"one step nearer, the receiver below the sender", heardBy(0x2FFF, 1, 1), Result{Order: -1, By: StepsRemoved}},
		{"one step nearer, the receiver above the sender", heardBy(0x3001, 1, 1), Result{Order: -1, By: StepsRemoved, ByTopology: true}},
		{"error-1: heard from itself", heardBy(0x3000, 1, 1), Result{By: Own}},
		{"lower sender", relayed(func(*Dataset) {}), Result{Order: -1, By: Sender, ByTopology: true}},
		{"lower port of one sender", relayed(func(d *Dataset) { d.Sender = ptp.PortIdentity{ClockIdentity: 0x1000, PortNumber: 2} }), Result{Order: -1, By: Sender, ByTopology: true}},
		{"one sender, heard once by a listener and once not", relayed(func(d *Dataset) { d.Sender = base().Sender; d.Receiver.PortNumber = 2 }), Result{By: Receiver, Hinges: Topology}},
		{"error-2: the message itself", base(), Result{By: Same}},
	})
}

func TestReceiversPortIsTheLastTieBreaker(t *testing.T) {
	a, b := base(), base()
	a.Receiver = ptp.PortIdentity{ClockIdentity: 0x5000, PortNumber: 1}
	b.Receiver = ptp.PortIdentity{ClockIdentity: 0x5000, PortNumber: 2}
	want := Result{Order: -1, By: Receiver, ByTopology: true}
	if diff := cmp.Diff(want, Default.Compare(a, b)); diff != "" {
		t.Errorf("Compare (-want +got):\n%s", diff)
	}
	want.ByTopology = false
	if diff := cmp.Diff(want, GPTP.Compare(a, b)); diff != "" {
		t.Errorf("gPTP Compare (-want +got):\n%s", diff)
	}
}

func TestTelecomIsTheAlternateAlgorithm(t *testing.T) {
	runCompareTests(t, Telecom, []compareTest{
		{"priority1 does not count", other(func(d *Dataset) { d.Priority1 = 1; d.ClockQuality.ClockClass = 7 }), Result{Order: -1, By: ClockClass}},
		{"accuracy", other(func(d *Dataset) { d.ClockQuality.ClockAccuracy = 0x20 }), Result{Order: 1, By: ClockAccuracy}},
		{"variance", other(func(d *Dataset) { d.ClockQuality.OffsetScaledLogVariance = 0x4B32 }), Result{Order: 1, By: Variance}},
		{"priority2", other(func(d *Dataset) { d.Priority2 = 1; d.StepsRemoved = 9 }), Result{Order: 1, By: Priority2}},
		{"of two class 6 the nearer, whatever the identity", other(func(d *Dataset) { d.Grandmaster = 1; d.StepsRemoved = 2 }), Result{Order: -1, By: StepsRemoved, Hinges: LocalPriority}},
		{"one step nearer", other(func(d *Dataset) { d.StepsRemoved = 1 }), Result{Order: -1, By: StepsRemoved, ByTopology: true, Hinges: LocalPriority}},
		{"of two as near the lower sender", other(func(d *Dataset) { d.Grandmaster = 1 }), Result{Order: -1, By: Sender, ByTopology: true, Hinges: LocalPriority}},
		{"one grandmaster, two ways", relayed(func(d *Dataset) { d.StepsRemoved = 3 }), Result{Order: -1, By: StepsRemoved, Hinges: LocalPriority}},
		{"a better data set by another way", relayed(func(d *Dataset) { d.ClockQuality.ClockClass = 7 }), Result{Order: -1, By: ClockClass}},
		{"the message itself", base(), Result{By: Same}},
	})
}

// Clocks that are not locked, nor in holdover of what was, are told apart by
// identity first.
func TestTelecomComparesIdentitiesAboveClass127(t *testing.T) {
	tests := []struct {
		class uint8
		want  Result
	}{
		{6, Result{Order: 1, By: StepsRemoved, Hinges: LocalPriority}},
		{127, Result{Order: 1, By: StepsRemoved, Hinges: LocalPriority}},
		{128, Result{Order: -1, By: Identity, Hinges: LocalPriority}},
		{165, Result{Order: -1, By: Identity, Hinges: LocalPriority}},
		{248, Result{Order: -1, By: Identity, Hinges: LocalPriority}},
	}
	for _, tt := range tests {
		a, b := base(), other(func(*Dataset) {})
		a.StepsRemoved = 5
		a.ClockQuality.ClockClass = protocol.ClockClass(tt.class)
		b.ClockQuality.ClockClass = protocol.ClockClass(tt.class)
		if diff := cmp.Diff(tt.want, signed(Telecom.Compare(a, b))); diff != "" {
			t.Errorf("class %d: Compare (-want +got):\n%s", tt.class, diff)
		}
	}
}

func TestGPTPComparesPriorityVectors(t *testing.T) {
	runCompareTests(t, GPTP, []compareTest{
		{"priority1", other(func(d *Dataset) { d.Priority1 = 127 }), Result{Order: 1, By: Priority1}},
		{"class", other(func(d *Dataset) { d.ClockQuality.ClockClass = 248 }), Result{Order: -1, By: ClockClass}},
		{"identity, then steps", other(func(d *Dataset) { d.StepsRemoved = 0 }), Result{Order: -1, By: Identity}},
		{"the vector counts even of one grandmaster", relayed(func(d *Dataset) { d.Priority1 = 1; d.StepsRemoved = 9 }), Result{Order: 1, By: Priority1}},
		{"steps", relayed(func(d *Dataset) { d.StepsRemoved = 1 }), Result{Order: -1, By: StepsRemoved}},
		{"sender", relayed(func(*Dataset) {}), Result{Order: -1, By: Sender}},
		{"the message itself", base(), Result{By: Same}},
	})
}

func TestQualityLevelHingesOnLocalPriority(t *testing.T) {
	runCompareTests(t, QualityLevel, []compareTest{
		{"better class", other(func(d *Dataset) { d.Priority1 = 1; d.ClockQuality.ClockClass = 84 }), Result{Order: -1, By: ClockClass}},
		{"nothing but the class counts", other(func(d *Dataset) { d.Priority1 = 1; d.ClockQuality.ClockAccuracy = 0x17; d.Priority2 = 1 }), Result{Order: -1, By: Identity, Hinges: LocalPriority}},
		{"one master heard twice", relayed(func(*Dataset) {}), Result{Order: -1, By: Sender, ByTopology: true, Hinges: LocalPriority}},
		{"the message itself", base(), Result{By: Same}},
	})
}

// Subtracting identities as signed integers gives the wrong winner for this
// pair, and real identities do start with b8.
func TestCompareIdentitiesAsOctets(t *testing.T) {
	a, b := base(), base()
	a.Grandmaster, b.Grandmaster = 0xb8cef6fffe5e6afa, 0x0c42a1fffe000001
	for _, alg := range []Algorithm{Default, GPTP, QualityLevel} {
		if r := alg.Compare(a, b); r.Order <= 0 || r.By != Identity {
			t.Errorf("%s: Compare = %d by %s, want b8cef6... to lose against 0c42a1... by identity", alg, r.Order, r.By)
		}
	}
	a.Sender.ClockIdentity, b.Sender.ClockIdentity = a.Grandmaster, b.Grandmaster
	if r := Telecom.Compare(a, b); r.Order <= 0 || r.By != Sender {
		t.Errorf("Telecom: Compare = %d by %s, want the sender b8cef6... to lose", r.Order, r.By)
	}
}

func TestFieldPrintsWhatWasCompared(t *testing.T) {
	d := base()
	d.Receiver.PortNumber = 7
	want := map[Field]string{
		Priority1: "128", ClockClass: "6", ClockAccuracy: "0x21", Variance: "0x4e5d", Priority2: "128",
		Identity: "000000.0000.001000", StepsRemoved: "0", Sender: "000000.0000.001000-1", Receiver: "7", Same: "", Own: "",
	}
	got := make(map[Field]string)
	for f := range want {
		got[f] = f.Of(d)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Of (-want +got):\n%s", diff)
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := base(), other(func(*Dataset) {})
	for b.Loop() {
		if Default.Compare(x, y).Order >= 0 {
			b.Fatal("the wrong one won")
		}
	}
}
