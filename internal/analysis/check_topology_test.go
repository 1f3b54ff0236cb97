package analysis

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// traced adds a PATH_TRACE TLV.
func traced(path ...ptp.ClockIdentity) func(*ptp.Message) {
	var value []byte
	for _, id := range path {
		value = binary.BigEndian.AppendUint64(value, uint64(id))
	}
	return func(m *ptp.Message) { m.TLVs = ptp.AppendRawTLV(nil, ptp.TLVPathTrace, value) }
}

func TestUnexpectedTopology(t *testing.T) {
	var (
		gm     = soundFrom(gmA)
		relay  = relayedBy(port1(0xD0), gm, 3)
		second = relayedBy(ptp.PortIdentity{ClockIdentity: 0xD0, PortNumber: 2}, gm, 3)
		other  = relayedBy(port1(0xD1), gm, 1)
	)
	steps := func(n uint16) func(*ptp.Message) {
		return func(m *ptp.Message) { m.Announce.StepsRemoved = n }
	}
	var long []ptp.ClockIdentity
	for i := range ptp.ClockIdentity(maxPath + 1) {
		long = append(long, i)
	}
	tests := []struct {
		name       string
		cfg        Config
		learn, say []ptp.Message
		want       string
	}{
		{"what was learned", Config{}, []ptp.Message{gm, relay, other}, []ptp.Message{gm, relay, other}, ""},
		{"a new relay", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, relay, other}, "warning new_relay certain d1-1"},
		{"a new port of a known clock", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, relay, second}, "info new_port certain d0-2"},
		{"a new port of the grandmaster", Config{}, []ptp.Message{gm}, []ptp.Message{gm, relayedBy(ptp.PortIdentity{ClockIdentity: 0xA0, PortNumber: 2}, gm, 0)}, "info new_port certain a0-2"},
		{"a listed grandmaster that comes up", known, []ptp.Message{gm}, []ptp.Message{gm, soundFrom(gmB)}, ""},
		{"a stranger's relay", Config{}, []ptp.Message{gm}, []ptp.Message{gm, relayedBy(port1(0xD0), with(soundFrom(gmB), func(m *ptp.Message) { m.Announce.GrandmasterPriority1 = 200 }), 1)}, ""},
		{"a new relay while nobody judges", domainOf(func(d *DomainConfig) { d.Baseline = BaselineOff }), []ptp.Message{gm}, []ptp.Message{gm, other}, ""},
		{"a relay that went to the other grandmaster", known, []ptp.Message{gm, soundFrom(gmB), relay}, []ptp.Message{gm, soundFrom(gmB), relayedBy(port1(0xD0), soundFrom(gmB), 1)}, ""},

		{"nearer than it was", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, with(relay, steps(2))}, "warning steps_removed certain d0-1"},
		{"farther than it was", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, with(relay, steps(4))}, ""},
		{"another port of it, nearer than it was", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, relay, with(second, steps(1))}, "warning steps_removed certain d0-2"},
		{"a relay that is no step away", Config{LearnFor: 1 << 40}, []ptp.Message{gm}, []ptp.Message{gm, with(relay, steps(0))}, "warning steps_removed certain d0-1"},
		{"a grandmaster that is a step away from itself", Config{}, []ptp.Message{gm}, []ptp.Message{with(gm, steps(1))}, "warning steps_removed certain a0-1"},
		{"255 steps", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, with(relay, steps(255))}, "warning steps_removed certain d0-1"},

		{"a path", Config{}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, ""},
		{"a path in a circle", Config{}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0, 0xD5, 0xD0))}, "warning path_trace_loop certain d0-1"},
		{"a path longer than any", Config{}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, []ptp.Message{gm, with(relay, traced(long...))}, "warning path_trace_length certain d0-1"},
		{"a path that is gone", Config{}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, []ptp.Message{gm, relay}, "warning path_trace_gone certain d0-1"},
		{"a path that comes", Config{}, []ptp.Message{gm, relay}, []ptp.Message{gm, with(relay, traced(0xA0, 0xD0))}, ""},
		{"a path that not every clock is in", Config{}, []ptp.Message{gm, with(relay, traced(0xA0))}, []ptp.Message{gm, with(relay, traced(0xA0))}, ""},
		{"but in gPTP every clock is", profiled("gptp"), []ptp.Message{with(gm, traced(0xA0))}, []ptp.Message{with(gm, traced(0xA0, 0xD0))}, "warning path_trace_length certain a0-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			b.seconds(10, tt.learn...)
			b.wantTold(AlertUnexpectedTopology)
			b.seconds(10, tt.say...)
			if got := strings.Join(b.told(AlertUnexpectedTopology), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			b.seconds(71, tt.learn...)
			b.wantTold(AlertUnexpectedTopology, tt.want+" ended")
		})
	}
}

// Two boundary clock ports that relay one grandmaster are the normal redundant
// design: learned, they stay silent when one falls silent and returns.
func TestRedundantRelays(t *testing.T) {
	b := newBench(t, Config{})
	x, y := relayedBy(port1(0xD0), soundFrom(gmA), 1), relayedBy(port1(0xD1), soundFrom(gmA), 1)
	b.seconds(10, x, y)
	b.seconds(30, x)
	b.seconds(700, y)
	b.seconds(30, x, y)
	b.wantTold(AlertUnexpectedTopology)
	b.wantTold(AlertGrandmasterDatasetChanged)
}
