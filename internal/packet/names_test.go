package packet

import (
	"fmt"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{
		{UnknownTransport, "unknown"},
		{IEEE8023, "ieee802_3"},
		{UDPv4, "udp_ipv4"},
		{UDPv6, "udp_ipv6"},
		{Transport(9), "Transport(0x9)"},
		{StampUnknown, "unknown"},
		{StampCapture, "capture"},
		{StampSoftware, "software"},
		{StampHardware, "hardware"},
		{StampSource(0x40), "StampSource(0x40)"},
		{MAC{0x01, 0x1b, 0x19, 0, 0, 0xA}, "01:1b:19:00:00:0a"},
		{MAC{}, ""},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%T: got %q, want %q", c.value, got, c.want)
		}
	}
}
