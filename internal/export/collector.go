package export

import (
	"cmp"
	"path/filepath"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Collector turns the newest Snapshot of a Store into metrics at each scrape.
// It keeps nothing between scrapes, so no series outlives what it describes.
type Collector struct {
	store *Store
	descs [familyCount]*prometheus.Desc
}

// NewCollector returns a Collector that reads store.
func NewCollector(store *Store) *Collector {
	c := &Collector{store: store}
	for id := range families {
		c.descs[id] = families[id].desc()
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	s := c.store.Load()
	var p page
	p.putBuild(s)
	p.putCaptures(s)
	p.putTables(s.view())
	p.putView(s.view())
	p.putAlerts(s.view())
	p.putMemory(s.Memory)
	p.putEvidence(s.Evidence)
	p.putSockets(s.Sockets)
	p.send(&c.descs, ch)
}

func (p *page) putBuild(s *Snapshot) {
	b := s.Build
	p.put(buildInfo, 1, b.Branch, runtime.GOARCH, runtime.GOOS, runtime.Version(), b.Revision, b.Tags, b.Version)
	p.put(configLastReloadSuccessful, number(!s.Reload.Failed))
	if !s.Reload.LastSuccess.IsZero() {
		p.put(configLastReloadSuccessTimestamp, unixSeconds(s.Reload.LastSuccess))
	}
}

// malformations are the reasons that are present from the start.
var malformations = []ptp.Malformation{
	ptp.Truncated, ptp.BadVersion, ptp.BadLength, ptp.BadMessageType, ptp.BadNanoseconds, ptp.BadTLV,
	packet.BadDatagram, packet.CutByCapture,
}

func (p *page) putCaptures(s *Snapshot) {
	for _, c := range s.Captures {
		name := cmp.Or(c.Interface, filepath.Base(c.File))
		p.put(captureFrames, float64(c.Frames), name)
		p.put(captureBytes, float64(c.Bytes), name)
		p.put(captureDrops, float64(c.Drops), name)
		for _, source := range []packet.StampSource{packet.StampHardware, packet.StampSoftware} {
			p.put(captureTimestamps, 0, name, source.String())
		}
		for source, n := range c.Stamps {
			p.put(captureTimestamps, float64(n), name, source.String())
		}
		p.put(captureEgressEvents, float64(c.EgressEvents), name)
		p.put(captureEgressStamped, float64(c.EgressStamped), name)
		for _, reason := range malformations {
			p.put(decodeErrors, 0, name, string(reason))
		}
		for reason, n := range c.Malformed {
			p.put(decodeErrors, float64(n), name, string(reason))
		}
	}
	for _, i := range s.Interfaces {
		p.put(captureInterfaceUp, number(i.Up), i.Name)
		p.put(captureHardwareTimestamping, number(i.HardwareTimestamping), i.Name)
	}
}

func (p *page) putMemory(m *Memory) {
	if m == nil {
		return
	}
	p.put(journalRecords, float64(m.JournalRecords))
	p.put(journalLost, float64(m.JournalLost))
	p.put(journalErrors, float64(m.JournalErrors))
	p.put(journalBytes, float64(m.JournalBytes))
	p.put(stateSaves, float64(m.Saves))
	p.put(stateSaveErrors, float64(m.SaveErrors))
}

func (p *page) putEvidence(e *Evidence) {
	if e == nil {
		return
	}
	p.put(evidenceWritten, float64(e.Written))
	p.put(evidenceLost, float64(e.Lost))
	p.put(evidenceErrors, float64(e.Errors))
	p.put(evidenceBytes, float64(e.Bytes))
	p.put(evidenceBuffered, e.Buffered.Seconds())
}

func (p *page) putTables(v *analysis.View) {
	for _, t := range v.Tables {
		p.put(tableEntries, float64(t.Entries), t.Name)
		p.put(tableLimit, float64(t.Limit), t.Name)
		p.put(tableEvictions, float64(t.Evictions), t.Name)
	}
}

// unixSeconds is good for "when was it seen": a float64 of today's Unix time
// resolves 0.24 us.
func unixSeconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/float64(time.Second)
}
