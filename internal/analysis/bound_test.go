package analysis

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// The bound on an offset takes the newest mean path delay, of a grandmaster
// that is heard itself, and a way that is no longer than was measured.
func TestBounds(t *testing.T) {
	const mean = 700 * time.Nanosecond // listen's way to the first grandmaster
	for _, c := range []struct {
		name                string
		least, commissioned time.Duration
		of                  ptp.PortIdentity
		want                [2]BoundView
	}{
		{"nobody says", 0, 0, gmA, [2]BoundView{}},
		{"a route", 600 * time.Nanosecond, 0, gmA, [2]BoundView{{"route", 100e-9}}},
		{"both", 690 * time.Nanosecond, 650 * time.Nanosecond, gmA, [2]BoundView{{"route", 10e-9}, {"commissioned", 50e-9}}},
		{"longer than it is", 800 * time.Nanosecond, 0, gmA, [2]BoundView{}},
		{"of another", 600 * time.Nanosecond, 0, gmB, [2]BoundView{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{Domains: []DomainConfig{{Network: "eth0", Grandmasters: []GrandmasterConfig{
				{Identity: c.of.ClockIdentity, LeastDelay: c.least, CommissionedDelay: c.commissioned},
			}}}, Timescales: map[string]Timescale{"eth0": delay.TAI}})
			listen(b, 0, [2]ptp.Flags{ptp.FlagPTPTimescale, ptp.FlagPTPTimescale}, [2]string{"ptp0", "ptp0"})
			for _, p := range b.View().Domains[0].Ports {
				if p.Port != gmA {
					continue
				}
				v := p.Timings[0]
				if math.Abs(v.MeanPathDelay.Last-mean.Seconds()) > 2e-9 || v.Offset.Count == 0 {
					t.Fatalf("timing %+v", v)
				}
				if diff := cmp.Diff(c.want, v.Bounds, cmpopts.EquateApprox(0, 2e-9)); diff != "" {
					t.Errorf("bounds (-want +got):\n%s", diff)
				}
				return
			}
			t.Fatal("nothing was heard")
		})
	}
}
