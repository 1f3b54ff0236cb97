package analysis

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestConfigInJSON is whole: what a judgement hangs on must not be lost on the
// way to whoever looks into it later.
func TestConfigInJSON(t *testing.T) {
	alerts := map[string]AlertConfig{AlertGrandmasterLost: {Disabled: true, Severity: Info, Thresholds: map[string]int64{"after": 1}}}
	want := Config{
		Limits: Limits{1, 2, 3, 4, 5}, ForgetAfter: time.Minute, LearnFor: time.Hour, Distrust: true, LeapTable: leap.Embedded(), Alerts: alerts,
		Timescales: map[string]Timescale{"eth0": "tai"},
		References: map[string]bool{"eth0": true}, ReferenceErrors: map[string]time.Duration{"eth0": 100},
		Domains: []DomainConfig{{
			Network: "plant", DomainNumber: 24, SdoID: 0x100, Profile: "g8275.1", Baseline: BaselineListed, LearnFor: time.Second, Alerts: alerts,
			Compliance: "us-cat", ComplianceLimit: time.Second,
			Grandmasters: []GrandmasterConfig{{Identity: 0xffffffffffffffff, Name: "north", MAC: packet.MAC{1, 2, 3, 4, 5, 6}, IP: netip.MustParseAddr("2001:db8::1"), LeastDelay: time.Microsecond, CommissionedDelay: time.Millisecond}},
		}},
		Baselines: []Baseline{{
			Scope: Scope{Network: "plant", DomainNumber: 24, SdoID: 0x100}, Profile: "g8275.1", Pinned: time.Unix(1, 2).UTC(),
			Grandmasters: []BaselineGrandmaster{{Identity: 1, Dataset: ptp.Announce{CurrentUTCOffset: 37}, Flags: ptp.FlagPTPTimescale}},
			Senders:      []BaselineSender{{Port: ptp.PortIdentity{ClockIdentity: 1, PortNumber: 2}, VLANs: packet.VLANs{IDs: [2]uint16{3, 4}, Count: 2}}},
		}},
	}
	for _, v := range []any{want, want.Limits, want.Domains[0], want.Domains[0].Grandmasters[0], alerts[AlertGrandmasterLost]} {
		for f, value := range reflect.ValueOf(v).Fields() {
			if f.IsExported() && value.IsZero() {
				t.Errorf("%T.%s is not in the test", v, f.Name)
			}
		}
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Config
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{}, DomainConfig{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("-want +got\n%s\n%s", diff, text)
	}
}
