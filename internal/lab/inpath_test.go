//go:build linux

package lab

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// inPathLab puts a device between a grandmaster and a client.
func inPathLab(t *testing.T) *Network {
	t.Helper()
	n := testNetwork(t)
	do(t, n.Bridge("device", "br0"))
	do(t, n.Cable("gm", "eth0", "device", "up"))
	do(t, n.Cable("client", "eth0", "device", "down"))
	for _, name := range []string{"up", "down"} {
		do(t, n.Enslave("device", name, "br0"))
	}
	return n
}

// passage is how a message went through the device.
type passage struct {
	in, out *packet.Observation
	took    time.Duration
}

// passages pairs what came in with what went out, a type of message.
func passages(t *testing.T, all []packet.Observation, of ptp.MessageType) (through []passage) {
	t.Helper()
	came := map[key]*packet.Observation{}
	for i := range all {
		if o := &all[i]; o.Message.Type == of && !o.Egress {
			came[keyOf(o)] = o
		}
	}
	for i := range all {
		o := &all[i]
		if o.Message.Type != of || !o.Egress {
			continue
		}
		switch in := came[keyOf(o)]; {
		case in == nil && o.At.Sub(all[0].At) < 300*time.Millisecond:
			// One interface is recorded a little earlier than the other.
		case in == nil || in.Interface == o.Interface:
			t.Errorf("%v %d went out of %s at %v and had not come in on the other side", of, o.Message.SequenceID, o.Interface, o.At.Sub(all[0].At))
		default:
			through = append(through, passage{in, o, o.At.Sub(in.At)})
		}
	}
	return through
}

func median(p []passage) time.Duration {
	if len(p) == 0 {
		return -1
	}
	took := make([]time.Duration, len(p))
	for i := range p {
		took[i] = p[i].took
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// split parts passages by when the attack began.
func split(p []passage, e *truth.Episode) (before, during []passage) {
	for _, one := range p {
		switch {
		case one.in.At.Before(e.Start):
			before = append(before, one)
		case one.in.At.Before(e.End):
			during = append(during, one)
		}
	}
	return before, during
}

// near says whether a device added what it was told to add.
func near(t *testing.T, of ptp.MessageType, got, want time.Duration) {
	t.Helper()
	if tolerance := max(want/10, 50*time.Microsecond); (got - want).Abs() > tolerance {
		t.Errorf("%v: delayed by %v, want %v within %v", of, got, want, tolerance)
	}
}

func TestInPathDelays(t *testing.T) {
	n := inPathLab(t)
	_, client := pair(t, n)
	for name, c := range map[string]*struct {
		device    InPath
		direction string
		alert     string
	}{
		"sync":      {InPath{Effect: Effect{Sync: true, Delay: 2 * time.Millisecond}}, "forward", "PTPPathAsymmetry"},
		"delay_req": {InPath{Effect: Effect{DelayReq: true, Delay: 500 * time.Microsecond}}, "reverse", "PTPPathAsymmetry"},
		"both":      {InPath{Effect: Effect{Sync: true, DelayReq: true, Delay: 5 * time.Millisecond}}, "both", "PTPPathDelayShift"},
	} {
		t.Run(name, func(t *testing.T) {
			c.device.Upstream = "up"
			const after, last = 2 * time.Second, 3 * time.Second
			before, during := later(client, after-100*time.Millisecond), later(client, after+last-100*time.Millisecond)
			e, all := carryOut(t, Plan{Namespace: n.Namespace("device"), Interface: "down", After: after, For: last}, &c.device)
			if diff := cmp.Diff([]string{c.alert}, e.Alerts); diff != "" || e.Direction != c.direction || e.Network != "down" {
				t.Errorf("truth: direction %s, network %s, alerts (-want +got):\n%s", e.Direction, e.Network, diff)
			}
			grown := (added(t, all, e, ptp.Sync, c.device.Sync, c.device.Delay) +
				added(t, all, e, ptp.DelayReq, c.device.DelayReq, c.device.Delay)) / 2
			// A client takes half of the way there and back for its path delay
			// (IEEE 1588-2019 11.3.2).
			if got := (<-during).delay - (<-before).delay; got < grown*8/10-50*time.Microsecond || got > grown*12/10+50*time.Microsecond {
				t.Errorf("the client's path delay grew by %v, want about %v", got, grown)
			}
		})
	}
}

// added checks, and returns, by how much longer messages of a type took during
// the attack.
func added(t *testing.T, all []packet.Observation, e *truth.Episode, of ptp.MessageType, delayed bool, delay time.Duration) time.Duration {
	t.Helper()
	before, during := split(passages(t, all, of), e)
	if len(before) < 8 || len(during) < 24 {
		t.Fatalf("%v: %d and %d forwarded before and during the attack", of, len(before), len(during))
	}
	want := time.Duration(0)
	if delayed {
		want = delay
		if during[0].out.At.Before(e.First) {
			t.Errorf("%v at %v was delayed before the first frame, %v", of, during[0].out.At, e.First)
		}
		if e.Direction != "both" {
			checkFirst(t, e, during[0].out)
		}
	}
	near(t, of, median(during)-median(before), want)
	t.Logf("%v: median %v before, %v during the attack", of, median(before), median(during))
	return median(during) - median(before)
}

func TestInPathShiftsTimestamps(t *testing.T) {
	n := inPathLab(t)
	_, client := pair(t, n)
	const shift = -250 * time.Millisecond
	during := later(client, 3900*time.Millisecond)
	e, all := carryOut(t, Plan{Namespace: n.Namespace("device"), Interface: "down", After: time.Second, For: 3 * time.Second},
		&InPath{Upstream: "up", Effect: Effect{Shift: shift}})
	if diff := cmp.Diff([]string{"PTPTimeStep"}, e.Alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	var first *packet.Observation
	for _, of := range []ptp.MessageType{ptp.FollowUp, ptp.DelayResp, ptp.Sync, ptp.DelayReq, ptp.AnnounceMessage} {
		through := passages(t, all, of)
		before, attacked := split(through, e)
		want := shift
		if of != ptp.FollowUp && of != ptp.DelayResp {
			want = 0
		}
		for i, p := range slices.Concat(before, attacked) {
			if i == len(before) {
				t.Logf("%v: %d before, %d during", of, len(before), len(attacked))
			}
			in, _ := ptp.Nanoseconds(p.in.Message.Timestamp)
			out, _ := ptp.Nanoseconds(p.out.Message.Timestamp)
			moved := i >= len(before) && want != 0
			if got := time.Duration(out - in); moved && got != want || !moved && got != 0 {
				t.Fatalf("%v of %v: moved by %v", of, p.in.At, got)
			}
			if moved && (first == nil || p.out.At.Before(first.At)) {
				first = p.out
			}
		}
		if len(attacked) < 5 {
			t.Errorf("%v: only %d went through", of, len(during))
		}
	}
	checkFirst(t, e, first)
	// The client believed it: what it got was sound.
	if got := (<-during).offset; (got + shift).Abs() > 10*time.Millisecond {
		t.Errorf("the client was %v ahead of the grandmaster, want %v", got, -shift)
	}
}
