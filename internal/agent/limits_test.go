package agent

import (
	"io"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Ten million Announces, each of a clock that was never seen before, while two
// real grandmasters go on announcing.
func TestInventedClocksStayWithinBounds(t *testing.T) {
	announces := 10_000_000
	if raceDetector {
		announces = 200_000 // the size is tested without the race detector
	}
	r, w := io.Pipe()
	go func() {
		wire := newWire(t, w)
		for i := range announces {
			if i%4096 == 0 {
				wire.send(0, announce(gm1, 128, uint16(i/4096)))
				wire.send(0, announce(gm2, 129, uint16(i/4096)))
			}
			invented := ptp.PortIdentity{ClockIdentity: 0xF000_0000_0000_0000 + ptp.ClockIdentity(i), PortNumber: 1}
			wire.send(30*time.Microsecond, announce(invented, 200, 0))
		}
		wire.flush()
		w.Close()
	}()

	var peak atomic.Uint64
	watch := func(done, _ int64) { peak.Store(max(peak.Load(), mapped())) }
	result, err := Replay(t.Context(), ReplayOptions{
		Captures: []string{"-"}, Stdin: r, Config: config.Default(Alerts()), Progress: watch,
	})
	if err != nil {
		t.Fatal(err)
	}
	store := &export.Store{}
	store.Publish(&export.Snapshot{View: result.View, Captures: result.Captures})
	if n := series(t, store); n >= 20_000 {
		t.Errorf("%d series, want fewer than 20,000", n)
	} else {
		t.Logf("%d series", n)
	}
	watch(0, 0)
	if p := peak.Load() >> 20; p >= 200 && !raceDetector {
		t.Errorf("memory reached %d MiB, want less than 200", p)
	} else {
		t.Logf("memory reached %d MiB", p)
	}
	d := result.View.Domains[0]
	if d.Best != gm1.ClockIdentity || d.GrandmasterChanges != 0 {
		t.Errorf("best is %s after %d changes, want %s after none", d.Best, d.GrandmasterChanges, gm1.ClockIdentity)
	}
	want := uint64(1 + (announces-1)/4096)
	for _, gm := range []ptp.PortIdentity{gm1, gm2} {
		i := slices.IndexFunc(d.Ports, func(p analysis.PortView) bool { return p.Port == gm })
		if i < 0 || d.Ports[i].Messages[ptp.AnnounceMessage] != want {
			t.Errorf("%s: not tracked from first to last, want %d Announces counted", gm, want)
		}
	}
}

// mapped is all the memory the Go runtime has from the system, in octets.
func mapped() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

func series(t *testing.T, store *export.Store) (n int) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(export.NewCollector(store))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		n += len(f.Metric)
	}
	return n
}
