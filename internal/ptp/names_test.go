package ptp

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{
		{Sync, "sync"}, {DelayReq, "delay_req"}, {PdelayReq, "pdelay_req"}, {PdelayResp, "pdelay_resp"},
		{FollowUp, "follow_up"}, {DelayResp, "delay_resp"}, {PdelayRespFollowUp, "pdelay_resp_follow_up"},
		{AnnounceMessage, "announce"}, {Signaling, "signaling"}, {ManagementMessage, "management"},
		{MessageType(4), "MessageType(0x4)"}, {MessageType(0xff), "MessageType(0xff)"},
		{SdoID(0), "0x000"}, {SdoID(1), "0x001"}, {SdoID(0x100), "0x100"}, {SdoID(0xfff), "0xfff"},
		{TLVPathTrace, "PATH_TRACE"}, {TLVAuthentication, "AUTHENTICATION"}, {TLVType(0x3abc), "TLVType(0x3abc)"}, {TLVType(0), "TLVType(0x0)"},
		{TimeSourceGNSS, "GNSS"}, {TimeSourceSerialTimeCode, "SERIAL_TIME_CODE"}, {TimeSourceInternalOscillator, "INTERNAL_OSCILLATOR"},
		{TimeSource(0x33), "TimeSource(0x33)"}, {TimeSource(0), "TimeSource(0x0)"}, {TimeSource(0xf0), "TimeSource(0xf0)"},
		{ActionGet, "GET"}, {ActionSet, "SET"}, {ActionAcknowledge, "ACKNOWLEDGE"}, {ManagementAction(9), "ManagementAction(0x9)"},
		{ManagementID(0x2005), "PRIORITY1"}, {ManagementID(0), "NULL_PTP_MANAGEMENT"}, {ManagementID(0xc000), "TIME_STATUS_NP"},
		{ManagementID(0x2abc), "ManagementID(0x2abc)"},
		{ManagementErrorID(2), "NO_SUCH_ID"}, {ManagementErrorID(0xfffe), "GENERAL_ERROR"}, {ManagementErrorID(0), "ManagementErrorID(0x0)"},
		{PortState(9), "SLAVE"}, {PortState(0), "PortState(0x0)"}, {DelayMechanism(0xfe), "NO_MECHANISM"}, {DelayMechanism(7), "DelayMechanism(0x7)"},
		{NetworkProtocol(3), "IEEE_802_3"}, {NetworkProtocol(0), "NetworkProtocol(0x0)"},
		{ControlV1(3), "delay_resp"}, {ControlV1(9), "ControlV1(0x9)"}, {OUIIEEE8021, "00-80-C2"},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%T: %q, want %q", c.value, got, c.want)
		}
	}
}

// No value of any enumeration prints as nothing.
func TestNamesNeverEmpty(t *testing.T) {
	for v := range 1 << 16 {
		for _, s := range []fmt.Stringer{
			MessageType(v), SdoID(v), TLVType(v), TimeSource(v), ManagementAction(v), ManagementID(v),
			ManagementErrorID(v), PortState(v), DelayMechanism(v), NetworkProtocol(v), ControlV1(v),
		} {
			if s.String() == "" {
				t.Errorf("%T %#x prints as nothing", s, v)
			}
		}
		if ClockAccuracyName(ClockAccuracy(v)) == "" {
			t.Errorf("clock accuracy %#x prints as nothing", v)
		}
	}
}

func TestClockAccuracy(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		accuracy ClockAccuracy
		limit    float64
		name     string
	}{
		{0x00, none, "ClockAccuracy(0x0)"}, {0x16, none, "ClockAccuracy(0x16)"}, {0x17, 1e-12, "1 ps"}, {0x18, 2.5e-12, "2.5 ps"},
		{0x1b, 100e-12, "100 ps"}, {0x1d, 1e-9, "1 ns"}, {0x1f, 10e-9, "10 ns"}, {0x20, 25e-9, "25 ns"}, {0x21, 100e-9, "100 ns"},
		{0x22, 250e-9, "250 ns"}, {0x23, 1e-6, "1 us"}, {0x29, 1e-3, "1 ms"}, {0x2f, 1, "1 s"}, {0x30, 10, "10 s"},
		{0x31, none, "> 10 s"}, {0x32, none, "ClockAccuracy(0x32)"}, {0x80, none, "ClockAccuracy(0x80)"},
		{0xfe, none, "unknown"}, {0xff, none, "ClockAccuracy(0xff)"},
	} {
		limit, ok := ClockAccuracyLimit(c.accuracy)
		if !ok {
			limit = none
		}
		if limit != c.limit || ClockAccuracyName(c.accuracy) != c.name {
			t.Errorf("%#x: %g s, %q; want %g s, %q", uint8(c.accuracy), limit, ClockAccuracyName(c.accuracy), c.limit, c.name)
		}
	}
}

// The names of the limits and the limits are one another's.
func TestClockAccuracyTable(t *testing.T) {
	units := map[string]float64{"ps": 1e-12, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}
	for _, a := range clockAccuracies {
		var number float64
		digits, unit, _ := strings.Cut(a.name, " ")
		if _, err := fmt.Sscan(digits, &number); err != nil || math.Abs(number*units[unit]/a.limit-1) > 1e-12 {
			t.Errorf("%s is not %g s", a.name, a.limit)
		}
	}
}
