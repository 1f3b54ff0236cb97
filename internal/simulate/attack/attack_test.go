package attack

import (
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
)

func frame(n *network.Network, t ptp.MessageType, from ptp.ClockIdentity) *network.Frame {
	f := n.Frame()
	f.CopyFrom(&network.Frame{})
	f.Message = ptp.Message{Type: t, SourcePortIdentity: ptp.PortIdentity{ClockIdentity: from, PortNumber: 1}, Timestamp: ptp.NewTimestamp(1e18)}
	return f
}

func all() Match { return Match{Share: 1, Rand: rand.New(rand.NewPCG(1, 1)), Mark: Mark{Episode: 3}} }

func TestMatch(t *testing.T) {
	n := network.New(1)
	response := frame(n, ptp.DelayResp, 1)
	response.Message.PortIdentity.ClockIdentity = 9
	raw := frame(n, ptp.Sync, 1)
	raw.Raw = []byte{1}
	for _, c := range []struct {
		name  string
		match Match
		frame *network.Frame
		want  bool
	}{
		{"all", Match{}, frame(n, ptp.Sync, 1), true},
		{"a type", Match{Messages: []ptp.MessageType{ptp.Sync}}, frame(n, ptp.Sync, 1), true},
		{"another type", Match{Messages: []ptp.MessageType{ptp.Sync}}, frame(n, ptp.FollowUp, 1), false},
		{"a source", Match{Source: 1}, frame(n, ptp.Sync, 1), true},
		{"another source", Match{Source: 2}, frame(n, ptp.Sync, 1), false},
		{"a client's request", Match{Client: 1}, frame(n, ptp.DelayReq, 1), true},
		{"the answer to it", Match{Client: 9}, response, true},
		{"another client", Match{Client: 2}, frame(n, ptp.DelayReq, 1), false},
		{"no message", Match{}, raw, false},
	} {
		c.match.Share = 1
		if got := c.match.matches(c.frame); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	some := all()
	some.Share = 0.3
	hits := 0
	for range 10_000 {
		if some.matches(response) {
			hits++
		}
	}
	if hits < 2800 || hits > 3200 {
		t.Errorf("%d of 10000 with a share of 0.3", hits)
	}
}

func TestDelay(t *testing.T) {
	n := network.New(1)
	f := frame(n, ptp.Sync, 1)
	for _, c := range []struct {
		name string
		d    Delay
		at   event.Time
		want event.Time
	}{
		{"at once", Delay{By: 500}, 0, 500},
		{"shorter", Delay{By: -500}, 0, -500},
		{"ramp", Delay{By: 5 * event.Microsecond, Ramp: 1e-9, Start: event.Second}, 11 * event.Second, 10 * event.Nanosecond},
		{"ramp's end", Delay{By: 5 * event.Nanosecond, Ramp: 1e-9}, 11 * event.Second, 5 * event.Nanosecond},
		{"ramp down", Delay{By: -5 * event.Microsecond, Ramp: 1e-9}, 3 * event.Second, -3 * event.Nanosecond},
		{"sine", Delay{By: 4 * event.Microsecond, Period: 8 * event.Second, Start: event.Second}, 3 * event.Second, 4 * event.Microsecond},
		{"sine's other half", Delay{By: 4 * event.Microsecond, Period: 8 * event.Second, Start: event.Second}, 7 * event.Second, -4 * event.Microsecond},
		{"ramp's start", Delay{By: 5, Ramp: 1e-9}, 0, 0},
	} {
		c.d.Match = all()
		g, by := c.d.Pass(f, c.at)
		if by != c.want {
			t.Errorf("%s: %d ps, want %d", c.name, by, c.want)
		}
		if touched := by != 0; (g != f) != touched || touched && g.Episode != 3 || f.Episode != 0 {
			t.Errorf("%s: the frame is not marked as it should", c.name)
		}
	}
}

func TestDrop(t *testing.T) {
	n := network.New(1)
	touched := 0
	d := Drop{all()}
	d.Touched = func(event.Time) { touched++ }
	if g, _ := d.Pass(frame(n, ptp.Sync, 1), 0); g != nil || touched != 1 {
		t.Errorf("%v, %d touched", g, touched)
	}
}

func TestModify(t *testing.T) {
	n := network.New(1)
	no, minor, log := false, uint8(0), ptp.LogInterval(9)
	f := frame(n, ptp.Sync, 1)
	f.Message.Flags, f.Message.MinorVersionPTP = ptp.FlagTwoStep|ptp.FlagUnicast, 1
	f.AppendTLV(&ptp.Authentication{SPP: 1})
	f.AppendTLV(&ptp.Pad{Octets: ptp.Octets{0, 0}})
	d := Modify{Match: all(), Correction: 1.5, Shift: 7, TwoStep: &no, LogInterval: &log, Minor: &minor, Strip: ptp.TLVAuthentication}
	g, by := d.Pass(f, 0)
	m := &g.Message
	ns, _ := ptp.Nanoseconds(m.Timestamp)
	if by != 0 || m.CorrectionField != 98304 || ns != 1e18+7 || m.Flags != ptp.FlagUnicast || m.LogMessageInterval != 9 || m.MinorVersionPTP != 0 {
		t.Errorf("%+v", m)
	}
	if g.HasTLV(ptp.TLVAuthentication) || !g.HasTLV(ptp.TLVPad) || !f.HasTLV(ptp.TLVAuthentication) {
		t.Error("the wrong TLV is gone, or of the wrong frame")
	}
}

// Each defect is one that a decoder finds, noise aside.
func TestDefects(t *testing.T) {
	p, _ := node.ProfileNamed("default")
	h := NewHost(network.New(1), Settings{Name: "pc", Profile: p, Identity: 1})
	want := map[Defect]ptp.Malformation{
		Truncated: ptp.Truncated, Version: ptp.BadVersion, Length: ptp.BadLength, Type: ptp.BadMessageType,
		Nanoseconds: ptp.BadNanoseconds, TLV: ptp.BadTLV,
	}
	for _, d := range Defects {
		for range 200 {
			m := ptp.Message{Type: ptp.AnnounceMessage, VersionPTP: 2, MinorVersionPTP: 1}
			b := h.spoil(ptp.AppendMessage(nil, &m), d)
			var got ptp.Message
			err := ptp.Decode(b, &got)
			fault := got.Fault
			if err != nil {
				fault, _ = err.(ptp.Malformation)
			}
			if d != Noise && fault != want[d] {
				t.Fatalf("%s: found %q in %x", d, fault, b)
			}
		}
	}
}

// A host sends as itself, or as strangers one after the other.
func TestSender(t *testing.T) {
	h := NewHost(network.New(1), Settings{Identity: 5, Stranger: func(n int) Stranger { return Stranger{Identity: ptp.ClockIdentity(100 + n)} }})
	h.Wire().MAC = packet.MAC{5: 1}
	for _, c := range []struct {
		n, of int
		want  ptp.ClockIdentity
	}{{0, 0, 5}, {0, 1, 5}, {0, 2, 100}, {1, 2, 101}} {
		if got := h.sender(c.n, c.of); got.Identity != c.want {
			t.Errorf("sender %d of %d is %v, want %v", c.n, c.of, got.Identity, c.want)
		}
	}
}
