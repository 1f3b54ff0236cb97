package capture

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// fakeNICs have hardware clocks, which veth has not.
type fakeNICs map[string]*fakeNIC

func (f fakeNICs) read(name string) (NIC, error) {
	if n, ok := f[name]; ok {
		return n.read(name)
	}
	return NIC{}, unix.ENODEV
}

func (f fakeNICs) config(name string) (HardwareConfig, error) {
	n, err := f.read(name)
	return n.Config, err
}

func (f fakeNICs) setConfig(name string, c HardwareConfig) error { return f[name].setConfig(name, c) }

func newFakeNICs(clocks map[string]string) fakeNICs {
	fakes := make(fakeNICs)
	for name, clock := range clocks {
		ice := families["ice"]
		n := ice.nic("ice", FilterNone)
		n.Name, n.Clock = name, clock
		fakes[name] = &fakeNIC{nic: n, grants: ice.grants}
	}
	return fakes
}

// openFake is a Live over interfaces whose NICs are fakes.
func openFake(t *testing.T, fakes fakeNICs, o LiveOptions) *Live {
	t.Helper()
	wanted := o.Interfaces
	o.Interfaces = nil
	l, err := OpenLive(o)
	if err != nil {
		t.Fatal(err)
	}
	l.nics = fakes
	if err := l.Reconfigure(wanted); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLiveStamps: which of a frame's stamps is used, of which clock, and that
// both are kept.
func TestLiveStamps(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	fakes := newFakeNICs(map[string]string{"right": "ptp1", "left": "ptp3"})
	l := openFake(t, fakes, LiveOptions{Interfaces: interfaces("right")})
	defer l.Close()
	l.round() // finds the NIC
	n := l.listeners[0]
	own := uint32(n.socket.index)
	left, err := interfaceIndex(l.kernel.fd, "left")
	if err != nil {
		t.Fatal(err)
	}
	const nobody = 1 << 20
	now := time.Now().Unix()
	software, hardware := time.Unix(now, 5).UTC(), time.Unix(now+37, 9).UTC()
	stamps := cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, words(now, 5, 0, 0, now+37, 9))
	by := func(index uint32) []byte {
		return cmsg(unix.SOL_SOCKET, unix.SCM_TIMESTAMPING_PKTINFO, words32(index, 60, 0, 0))
	}
	const in, out = unix.PACKET_MULTICAST, unix.PACKET_OUTGOING
	for _, c := range []struct {
		name     string
		options  StampOptions
		kind     uint8
		message  ptp.MessageType
		control  []byte
		source   packet.StampSource
		clock    string
		hardware bool // kept
		events   uint64
		stamped  uint64
	}{
		{"both", StampOptions{}, in, ptp.Sync, join(stamps, by(own)), packet.StampHardware, "ptp1", true, 0, 0},
		{"both, by a NIC that is not told", StampOptions{}, in, ptp.Sync, stamps, packet.StampHardware, "ptp1", true, 0, 0},
		{"both, by the NIC below", StampOptions{}, in, ptp.Sync, join(stamps, by(uint32(left))), packet.StampHardware, "ptp3", true, 0, 0},
		{"both, by a NIC that is gone", StampOptions{}, in, ptp.Sync, join(stamps, by(nobody)), packet.StampHardware, "#1048576", true, 0, 0},
		{"both, hardware wanted", StampOptions{Timestamping: TimestampingHardware}, in, ptp.Sync, stamps, packet.StampHardware, "ptp1", true, 0, 0},
		{"both, software wanted", StampOptions{Timestamping: TimestampingSoftware}, in, ptp.Sync, stamps, packet.StampSoftware, "", true, 0, 0},
		{"software, hardware wanted", StampOptions{Timestamping: TimestampingHardware}, in, ptp.Sync, cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, words(now, 5, 0, 0, 0, 0)), packet.StampSoftware, "", false, 0, 0},
		{"sent, with the transmit stamp", StampOptions{}, out, ptp.DelayReq, stamps, packet.StampHardware, "ptp1", true, 1, 1},
		{"sent, before the transmit stamp", StampOptions{}, out, ptp.DelayReq, cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, words(now, 5, 0, 0, 0, 0)), packet.StampSoftware, "", false, 1, 0},
		{"sent on by a bridge, with the receive stamp", StampOptions{}, out, ptp.Sync, join(stamps, by(uint32(left))), packet.StampSoftware, "", false, 1, 0},
		{"sent, no event message", StampOptions{}, out, ptp.AnnounceMessage, stamps, packet.StampHardware, "ptp1", true, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.options.StampOptions, n.egressEvents, n.egressStamped = c.options, 0, 0
			deliver(n.socket.batch, 0, c.kind, eth(0x88F7, message(c.message, 1)), c.control)
			n.socket.read(0, &l.frame)
			l.take(n, l.clock.now())
			o := l.merge.held[0].observation
			l.merge.held = nil
			type result struct {
				Stamp, Software, Hardware time.Time
				Source                    packet.StampSource
				Clock                     string
				Egress                    bool
				Events, Stamped           uint64
			}
			want := result{software, software, time.Time{}, c.source, c.clock, c.kind == out, c.events, c.stamped}
			if c.hardware {
				want.Hardware = hardware
			}
			if c.source == packet.StampHardware {
				want.Stamp = hardware
			}
			got := result{o.Stamp, o.Software, o.Hardware, o.StampSource, o.StampClock, o.Egress, n.egressEvents, n.egressStamped}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestLiveUnstamped: the first frames may come before the kernel stamps. They
// count as of the time they are read at, and do not get ahead of those read
// with them.
func TestLiveUnstamped(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	l, err := OpenLive(LiveOptions{Interfaces: interfaces("right")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n := l.listeners[0]
	time.Sleep(time.Millisecond)
	between := time.Now()
	stamp := cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, words(between.Unix(), int64(between.Nanosecond()), 0, 0, 0, 0))
	time.Sleep(time.Millisecond)
	for i, control := range [][]byte{nil, stamp} {
		deliver(n.socket.batch, i, unix.PACKET_HOST, eth(0x88F7, message(ptp.Sync, uint16(i))), control)
		n.socket.read(i, &l.frame)
		l.take(n, l.clock.now())
	}
	read := time.Now()
	first, second := l.merge.held[0].observation, l.merge.held[1].observation
	if first.Stamp.Before(between) || first.Stamp.After(read) || first.StampSource != packet.StampSoftware || !first.Hardware.IsZero() {
		t.Errorf("stamp %v of %v, want the time it was read at", first.Stamp, first.StampSource)
	}
	if !second.Stamp.Equal(between) || !first.At.Before(second.At) {
		t.Errorf("at %v, and the next at %v with stamp %v", first.At, second.At, second.Stamp)
	}
}

// TestLiveHardware: a NIC is switched on where that is asked for, what another
// program does to it is told, and at the end it is as it was, or as the other
// wants it.
func TestLiveHardware(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	fakes := newFakeNICs(map[string]string{"right": "ptp1", "left": "ptp3"})
	changes, sets := make(chan InterfaceState, 100), make(chan Setting, 100)
	enable := StampOptions{HWTstamp: HWTstampEnable}
	l := openFake(t, fakes, LiveOptions{
		Interfaces: []LiveInterface{{Name: "right", StampOptions: enable}, {Name: "left", StampOptions: enable}},
		OnChange:   func(_, after InterfaceState) { changes <- after },
		OnSet:      func(s Setting) { sets <- s },
	})
	step := func() (told []InterfaceState) {
		l.dirty = true
		_, _, list := l.round()
		for _, c := range list {
			told = append(told, c.after)
		}
		return told
	}
	told := step()
	expect := func(want ...Setting) {
		t.Helper()
		var got []Setting
		for len(sets) > 0 {
			got = append(got, <-sets)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("settings told (-want +got)\n%s", diff)
		}
	}
	all := HardwareConfig{RxFilter: FilterAll}
	want := []InterfaceState{
		{Interface: "right", Link: LinkUp, Hardware: true, Clock: "ptp1", Config: all, Reason: "the NIC is set to rx_filter all"},
		{Interface: "left", Link: LinkUp, Hardware: true, Clock: "ptp3", Config: all, Reason: "the NIC is set to rx_filter all"},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("switched on (-want +got)\n%s", diff)
	}
	expect(Setting{"right", HardwareConfig{}, all, false}, Setting{"left", HardwareConfig{}, all, false})
	if s := l.Stats()[1]; !s.HardwareStamp || s.Clock != "ptp3" {
		t.Errorf("%+v", s)
	}
	if told := step(); len(told) != 0 {
		t.Errorf("nothing changed, and told %+v", told)
	}
	ptp4l := HardwareConfig{TxType: 1, RxFilter: FilterPTPv2UDP}
	fakes["left"].nic.Config = ptp4l
	told = step()
	if len(told) != 1 || told[0].Config != ptp4l || !strings.Contains(told[0].Reason, "by another program") || told[0].Advice == "" {
		t.Errorf("ptp4l started, and told %+v", told)
	}
	expect() // what others set
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	expect(Setting{"right", all, HardwareConfig{}, true})
	if got := fakes["right"].nic.Config; got != (HardwareConfig{}) {
		t.Errorf("left behind %+v, want it restored", got)
	}
	if got := fakes["left"].nic.Config; got != ptp4l {
		t.Errorf("left behind %+v, want what ptp4l wants", got)
	}
}

// TestLiveObserves: by default nothing is changed, neither at the start nor at
// the end nor in between; switching over to it puts things back.
func TestLiveObserves(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	fakes := newFakeNICs(map[string]string{"right": "ptp1"})
	right := fakes["right"]
	l := openFake(t, fakes, LiveOptions{Interfaces: interfaces("right")})
	step := func() { l.dirty = true; l.round() }
	step()
	if s := l.States()[0]; len(right.settled) != 0 || s.Hardware || s.Clock != "" || s.Advice == "" {
		t.Errorf("observing: set to %v, state %+v", right.settled, s)
	}
	set := func(h HWTstamp) {
		t.Helper()
		if err := l.Reconfigure([]LiveInterface{{Name: "right", StampOptions: StampOptions{HWTstamp: h}}}); err != nil {
			t.Fatal(err)
		}
		step()
	}
	set(HWTstampEnable)
	if s := l.States()[0]; right.nic.Config.RxFilter != FilterAll || !s.Hardware {
		t.Errorf("enabled: set to %v, state %+v", right.nic.Config, s)
	}
	set(HWTstampObserve)
	if s := l.States()[0]; right.nic.Config.RxFilter != FilterNone || s.Hardware {
		t.Errorf("observing again: set to %v, state %+v", right.nic.Config, s)
	}
	if err := l.Close(); err != nil || len(right.settled) != 2 {
		t.Errorf("set %v (%v)", right.settled, err)
	}
}
