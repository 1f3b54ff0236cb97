package bmca

import (
	"encoding/binary"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func traceOf(ids ...ptp.ClockIdentity) (trace []byte) {
	for _, id := range ids {
		trace = binary.BigEndian.AppendUint64(trace, uint64(id))
	}
	return trace
}

func TestCheckPath(t *testing.T) {
	long := make([]ptp.ClockIdentity, 256)
	for i := range long {
		long[i] = ptp.ClockIdentity(i + 1)
	}
	direct := Dataset{Grandmaster: 1, Sender: ptp.PortIdentity{ClockIdentity: 1, PortNumber: 1}}
	second := Dataset{Grandmaster: 1, StepsRemoved: 2, Sender: ptp.PortIdentity{ClockIdentity: 3, PortNumber: 1}}
	tests := []struct {
		name      string
		d         Dataset
		trace     []byte
		gptp, any PathFault
	}{
		{"the grandmaster itself", direct, traceOf(1), "", ""},
		{"two relays", second, traceOf(1, 2, 3), "", ""},
		{"a loop through the sender", second, traceOf(1, 3, 3), PathLoop, PathLoop},
		{"a loop through the grandmaster", second, traceOf(1, 2, 1), PathLoop, PathLoop},
		{"a relay without the option", second, traceOf(1, 3), PathLength, ""},
		{"nobody", direct, nil, PathLength, ""},
		{"more than the steps", direct, traceOf(1, 2), PathLength, ""},
		{"begins elsewhere", second, traceOf(9, 2, 3), PathStart, ""},
		{"ends elsewhere", second, traceOf(1, 2, 9), PathEnd, ""},
		{"an odd octet at the end", second, append(traceOf(1, 2, 3), 7), "", ""},
		{"255 clocks", Dataset{Grandmaster: 1, StepsRemoved: 254, Sender: ptp.PortIdentity{ClockIdentity: 255}}, traceOf(long[:255]...), "", ""},
		{"256 clocks", Dataset{Grandmaster: 1, StepsRemoved: 255, Sender: ptp.PortIdentity{ClockIdentity: 256}}, traceOf(long...), PathLength, PathLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := GPTP.CheckPath(tt.d, tt.trace); got != tt.gptp {
				t.Errorf("gPTP: CheckPath = %q, want %q", got, tt.gptp)
			}
			if got := Default.CheckPath(tt.d, tt.trace); got != tt.any {
				t.Errorf("default: CheckPath = %q, want %q", got, tt.any)
			}
		})
	}
}

func TestInPath(t *testing.T) {
	trace := traceOf(1, 2)
	for clock, want := range map[ptp.ClockIdentity]bool{1: true, 2: true, 3: false, 0: false} {
		if got := InPath(clock, trace); got != want {
			t.Errorf("InPath(%s) = %t, want %t", clock, got, want)
		}
	}
}

func FuzzCheckPath(f *testing.F) {
	f.Add(uint16(1), traceOf(1, 2))
	f.Add(uint16(2), traceOf(1, 1))
	f.Fuzz(func(t *testing.T, steps uint16, trace []byte) {
		seen, loop := make(map[ptp.ClockIdentity]bool), false
		for id := range ptp.PathSequence(trace) {
			loop = loop || seen[id]
			seen[id] = true
		}
		d := Dataset{Grandmaster: 1, StepsRemoved: steps, Sender: ptp.PortIdentity{ClockIdentity: 2}}
		got := GPTP.CheckPath(d, trace)
		switch {
		case len(trace)/8 > 255:
			if got != PathLength {
				t.Errorf("CheckPath = %q for %d clocks, want %q", got, len(trace)/8, PathLength)
			}
		case loop != (got == PathLoop):
			t.Errorf("CheckPath = %q, loop %t", got, loop)
		case got == "" && len(seen) != int(steps)+1:
			t.Errorf("CheckPath = %q for %d clocks at %d steps", got, len(seen), steps)
		}
	})
}
