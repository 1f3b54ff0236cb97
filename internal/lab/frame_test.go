//go:build linux

package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var testPort = Port{
	Name: "eth0", MAC: packet.MAC{2, 0, 0, 0, 0, 9},
	IPv4: netip.MustParseAddr("192.0.2.9"), IPv6: netip.MustParseAddr("fe80::9"),
}

func followUp(seconds int64) ptp.Message {
	return ptp.Message{
		Type: ptp.FollowUp, VersionPTP: 2, MessageLength: 44, DomainNumber: 24,
		SourcePortIdentity: ptp.PortIdentity{ClockIdentity: 7, PortNumber: 1},
		SequenceID:         99, Timestamp: ptp.NewTimestamp(seconds*1e9 + 5),
	}
}

// valid says whether the checksums of a frame's IPv4 header and datagram add up
// (RFC 1071), from the frame alone.
func valid(t *testing.T, frame []byte, tagged bool) bool {
	t.Helper()
	ip := frame[14:]
	if tagged {
		ip = frame[18:]
	}
	pseudo, udp := ip[8:40], ip[40:]
	if ip[0]>>4 == 4 {
		if add(ip[:20]) != 0xFFFF {
			return false
		}
		pseudo, udp = ip[12:20], ip[20:]
	}
	length := binary.BigEndian.AppendUint16([]byte{0, 17}, uint16(len(udp)))
	return add(slices.Concat(pseudo, length, udp)) == 0xFFFF
}

func add(b []byte) uint64 {
	var s uint64
	for i, v := range b {
		s += uint64(v) << (8 * (1 - i%2))
	}
	for s > 0xFFFF {
		s = s>>16 + s&0xFFFF
	}
	return s
}

func TestFrame(t *testing.T) {
	for _, transport := range []packet.Transport{packet.IEEE8023, packet.UDPv4, packet.UDPv6} {
		for _, vlan := range []uint16{0, 100} {
			e, err := testPort.Multicast(transport)
			do(t, err)
			e.VLAN = vlan
			want := followUp(1_700_000_000)
			frame := e.Frame(&want)
			var o packet.Observation
			if !capture.NewDecoder().Decode(capture.Frame{Link: capture.LinkEthernet, Data: frame, Length: len(frame)}, &o) {
				t.Fatalf("%v: no PTP in %x", transport, frame)
			}
			if diff := cmp.Diff(want, o.Message); diff != "" || o.Malformed != "" {
				t.Errorf("%v: %s (-want +got):\n%s", transport, o.Malformed, diff)
			}
			if diff := cmp.Diff(e, alike(&o), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("%v (-want +got):\n%s", transport, diff)
			}
			if transport != packet.IEEE8023 && !valid(t, frame, vlan != 0) {
				t.Errorf("%v: checksums of %x", transport, frame)
			}
		}
	}
}

func TestInPathTreats(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	oneStep, twoStep := followUp(100), followUp(100)
	oneStep.Type, twoStep.Type = ptp.Sync, ptp.Sync
	twoStep.Flags = ptp.FlagTwoStep
	request := followUp(100)
	request.Type = ptp.DelayReq
	for name, c := range map[string]*struct {
		device InPath
		m      ptp.Message
		after  time.Duration
		hold   time.Duration
		moved  time.Duration
	}{
		"before":             {InPath{Effect: Effect{Shift: time.Second}}, followUp(100), -time.Nanosecond, 0, 0},
		"follow_up":          {InPath{Effect: Effect{Shift: -1500 * time.Millisecond}}, followUp(100), 0, 0, -1500 * time.Millisecond},
		"one-step sync":      {InPath{Effect: Effect{Shift: time.Nanosecond}}, oneStep, 0, 0, time.Nanosecond},
		"two-step sync":      {InPath{Effect: Effect{Shift: time.Second}}, twoStep, 0, 0, 0},
		"delay_req":          {InPath{Effect: Effect{Shift: time.Second}}, request, 0, 0, 0},
		"half the ramp":      {InPath{Effect: Effect{Shift: time.Second, Ramp: time.Minute}}, followUp(100), 30 * time.Second, 0, time.Second / 2},
		"after the ramp":     {InPath{Effect: Effect{Shift: time.Second, Ramp: time.Minute}}, followUp(100), time.Hour, 0, time.Second},
		"before 1970":        {InPath{Effect: Effect{Shift: -200 * time.Second}}, followUp(100), 0, 0, 0},
		"hold sync":          {InPath{Effect: Effect{Sync: true, Delay: time.Second}}, twoStep, 0, time.Second, 0},
		"hold sync only":     {InPath{Effect: Effect{Sync: true, Delay: time.Second}}, request, 0, 0, 0},
		"hold half the ramp": {InPath{Effect: Effect{DelayReq: true, Delay: time.Second, Ramp: time.Minute}}, request, 30 * time.Second, time.Second / 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c.device.set(start)
			e, err := testPort.Multicast(packet.UDPv4)
			do(t, err)
			frame := e.Frame(&c.m)
			l, ok := locate(frame)
			if !ok {
				t.Fatal("no message")
			}
			if got := c.device.treat(l.message, start.Add(c.after)); got != c.hold {
				t.Errorf("held for %v, want %v", got, c.hold)
			}
			if c.moved != 0 && valid(t, frame, false) {
				t.Error("the checksum holds though the message was changed")
			}
			l.fixChecksum()
			var got ptp.Message
			do(t, ptp.Decode(l.message, &got))
			ns, _ := ptp.Nanoseconds(c.m.Timestamp)
			want := c.m
			want.Timestamp = ptp.NewTimestamp(ns + int64(c.moved))
			if diff := cmp.Diff(want, got); diff != "" || !valid(t, frame, false) {
				t.Errorf("checksum valid: %v (-want +got):\n%s", valid(t, frame, false), diff)
			}
		})
	}
}

// Whatever the frame, fixing the checksum leaves one that adds up.
func FuzzLocate(f *testing.F) {
	for _, transport := range []packet.Transport{packet.IEEE8023, packet.UDPv4, packet.UDPv6} {
		e, err := testPort.Multicast(transport)
		if err != nil {
			f.Fatal(err)
		}
		m := followUp(1)
		f.Add(e.Frame(&m))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		l, ok := locate(frame)
		if !ok {
			return
		}
		before := slices.Clone(frame)
		l.fixChecksum()
		if len(l.message) == 0 || l.udp == nil && !slices.Equal(before, frame) {
			t.Fatalf("a message of %d octets; %x became %x", len(l.message), before, frame)
		}
		if l.udp == nil {
			return
		}
		length := binary.BigEndian.AppendUint16([]byte{0, 17}, uint16(len(l.udp)))
		if add(slices.Concat(l.addresses, length, l.udp)) != 0xFFFF {
			t.Fatalf("the checksum of %x does not add up", frame)
		}
	})
}

func TestNothingWorksOutsideTheLab(t *testing.T) {
	for _, namespace := range []string{"", "default", "ptpw-../../proc/1/ns/net", "/run/netns/ptpw-x"} {
		if _, err := OpenPort(namespace, "lo"); err == nil || !strings.Contains(err.Error(), "nowhere else") {
			t.Errorf("%q: %v", namespace, err)
		}
		if _, err := StartClock(namespace); err == nil {
			t.Errorf("%q: ptp4l was started", namespace)
		}
	}
}

func TestPlansAndAttacksAreBounded(t *testing.T) {
	plan := Plan{Namespace: "ptpw-none", Interface: "eth0", For: time.Second}
	for name, c := range map[string]struct {
		plan   Plan
		attack Attack
		want   string
	}{
		"no time":    {Plan{Namespace: "ptpw-none"}, &Replay{Age: 1}, "attack for 0s"},
		"for ever":   {Plan{Namespace: "ptpw-none", For: 100 * time.Hour}, &Replay{Age: 1}, "at most 1h0m0s"},
		"no delay":   {plan, &InPath{Effect: Effect{Sync: true}}, "neither a delay nor a shift"},
		"of nothing": {plan, &InPath{Effect: Effect{Delay: 1}}, "say of what"},
		"long delay": {plan, &InPath{Effect: Effect{Sync: true, Delay: time.Hour}}, "0 to 10s are accepted"},
		"fast flood": {plan, &Flood{Rate: 1e6, Count: 1, Requesters: 1}, "1 to 5000 are accepted"},
		"long flood": {plan, &Flood{Rate: 1, Count: 1e9, Requesters: 1}, "1 to 50000 at"},
		"old replay": {plan, &Replay{Age: time.Hour}, "at most 10m0s"},
	} {
		if _, err := Run(t.Context(), c.plan, c.attack); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want ...%s...", name, err, c.want)
		}
	}
}
