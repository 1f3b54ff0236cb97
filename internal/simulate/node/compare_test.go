package node

import (
	"testing"

	"github.com/facebook/time/ptp/protocol"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// d makes a data set of a grandmaster as one port hears it from another.
func d(change ...func(*dataset)) dataset {
	v := dataset{
		Attributes:  Attributes{128, 128, 128, prtc},
		grandmaster: 0x10, sender: ptp.PortIdentity{ClockIdentity: 0x10, PortNumber: 1}, receiver: ptp.PortIdentity{ClockIdentity: 0x80, PortNumber: 1},
	}
	for _, c := range change {
		c(&v)
	}
	return v
}

func class(c uint8) func(*dataset) {
	return func(v *dataset) { v.Quality.ClockClass = protocol.ClockClass(c) }
}

func gm(id ptp.ClockIdentity) func(*dataset) {
	return func(v *dataset) { v.grandmaster, v.sender.ClockIdentity = id, id }
}

func priority1(p uint8) func(*dataset) { return func(v *dataset) { v.Priority1 = p } }
func priority2(p uint8) func(*dataset) { return func(v *dataset) { v.Priority2 = p } }
func local(p uint8) func(*dataset)     { return func(v *dataset) { v.LocalPriority = p } }
func steps(n uint16) func(*dataset)    { return func(v *dataset) { v.stepsRemoved = n } }

func from(id ptp.ClockIdentity, port uint16) func(*dataset) {
	return func(v *dataset) { v.sender = ptp.PortIdentity{ClockIdentity: id, PortNumber: port} }
}

func at(id ptp.ClockIdentity, port uint16) func(*dataset) {
	return func(v *dataset) { v.receiver = ptp.PortIdentity{ClockIdentity: id, PortNumber: port} }
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name string
		alg  Algorithm
		a, b dataset
		want verdict
	}{
		{"figure 34: priority1 first", DefaultBMCA, d(priority1(1), class(248)), d(gm(0x20)), better},
		{"figure 34: clockClass", DefaultBMCA, d(class(7)), d(gm(0x20)), worse},
		{"figure 34: priority2 after quality", DefaultBMCA, d(priority2(1), class(7)), d(gm(0x20)), worse},
		{"figure 34: priority2", DefaultBMCA, d(priority2(127)), d(gm(0x05)), better},
		{"figure 34: identity", DefaultBMCA, d(), d(gm(0x20)), better},
		{"figure 34: identities are unsigned", DefaultBMCA, d(gm(0xb8cef6fffe5e6afa)), d(gm(0x0c42a1fffe000001)), worse},
		{"figure 35: two steps nearer", DefaultBMCA, d(steps(1)), d(steps(3)), better},
		{"figure 35: two steps further", DefaultBMCA, d(steps(3)), d(steps(1)), worse},
		{"figure 35: one nearer, receiver below sender", DefaultBMCA, d(steps(1)), d(steps(2), from(0x90, 1)), better},
		{"figure 35: one nearer, receiver above sender", DefaultBMCA, d(steps(1)), d(steps(2), from(0x30, 1)), betterByTopology},
		{"figure 35: one nearer, receiver is sender", DefaultBMCA, d(steps(1)), d(steps(2), from(0x80, 2)), same},
		{"figure 35: one further, receiver above sender", DefaultBMCA, d(steps(2), from(0x30, 1)), d(steps(1)), worseByTopology},
		{"figure 35: sender", DefaultBMCA, d(from(0x11, 1)), d(from(0x12, 1)), betterByTopology},
		{"figure 35: sender's port", DefaultBMCA, d(from(0x11, 2)), d(from(0x11, 1)), worseByTopology},
		{"figure 35: receiver's port", DefaultBMCA, d(at(0x80, 1)), d(at(0x80, 2)), betterByTopology},
		{"figure 35: the same", DefaultBMCA, d(), d(), same},

		{"alternate: priority1 does not count", AlternateBMCA, d(priority1(200), priority2(1)), d(gm(0x20), priority1(1)), better},
		{"alternate: local priority after priority2", AlternateBMCA, d(local(1), priority2(129)), d(gm(0x20)), worse},
		{"alternate: local priority", AlternateBMCA, d(local(129)), d(gm(0x20)), worse},
		{"alternate: class 6 has several grandmasters", AlternateBMCA, d(gm(0x30), from(0x30, 1), steps(1)), d(gm(0x20), steps(3)), better},
		{"alternate: above 127 the identity decides", AlternateBMCA, d(gm(0x30), class(140), steps(1)), d(gm(0x20), class(140), steps(3)), worse},
		{"alternate: local priority of two ways to one", AlternateBMCA, d(local(127), steps(5)), d(steps(1)), better},
		{"alternate: what one grandmaster said last on two ways", AlternateBMCA, d(class(7), steps(1)), d(steps(5)), worse},
		{"alternate: two ways to one above 127", AlternateBMCA, d(class(140), steps(1)), d(class(140), steps(3)), better},

		{"BTCA: priority vector", BTCA, d(priority1(246)), d(gm(0x05), priority1(248)), better},
		{"BTCA: steps", BTCA, d(steps(2)), d(steps(1)), worseByTopology},
		{"BTCA: sender", BTCA, d(from(0x11, 1)), d(from(0x12, 1)), betterByTopology},
		{"BTCA: receiving port", BTCA, d(at(0x80, 2)), d(at(0x80, 1)), worseByTopology},

		{"quality level: class", QualityLevel, d(class(84), local(9)), d(gm(0x05), class(90), local(1)), better},
		{"quality level: local priority", QualityLevel, d(class(84), local(9)), d(gm(0x20), class(84), local(1)), worse},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.alg.compare(&c.a, &c.b); got != c.want {
				t.Errorf("a to b: %d, want %d", got, c.want)
			}
			if got := c.alg.compare(&c.b, &c.a); got != -c.want {
				t.Errorf("b to a: %d, want %d", got, -c.want)
			}
		})
	}
}
