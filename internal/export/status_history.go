package export

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

const (
	historyEvery  = time.Second
	historyLength = 180 // samples
	historyPorts  = 64
	bridged       = 5 // samples without a measurement that are no gap: some clocks ask every two seconds
)

// history keeps what the newest delays and offsets were, second by second, for
// the ports on the status page. It is what the page's lines are drawn from, and
// no more than that: Prometheus keeps the rest.
type history struct {
	mu    sync.Mutex
	lines map[historyKey]*[historyLength]float64 // NaN where nothing was measured
	last  map[historyKey]uint64                  // how much had been measured
	next  int                                    // where the next sample goes, in all lines
}

type historyKey struct {
	scope analysis.Scope
	port  ptp.PortIdentity
	tap   string
	kind  string
}

// measure is a kind of measurement of a port at one tap, with its newest value.
type measure struct {
	Tap, Kind, Source string
	analysis.Summary
}

// measures are what a port has, absent ones left out.
func measures(p *analysis.PortView) (list []measure) {
	for i := range p.Timings {
		t := &p.Timings[i]
		for _, m := range []measure{
			{Kind: "mean path delay", Summary: t.MeanPathDelay}, {Kind: "mean link delay", Summary: t.MeanLinkDelay}, {Kind: "offset", Summary: t.Offset},
		} {
			if m.Count > 0 {
				m.Tap, m.Source = t.Tap, t.StampSource.String()
				list = append(list, m)
			}
		}
	}
	return list
}

func (m *measure) key(p portRef) historyKey {
	return historyKey{p.domain.Scope, p.Port, m.Tap, m.Kind}
}

// sample takes in the newest measurements. A port that is no longer there, or
// that others have pushed off the page, is forgotten.
func (h *history) sample(v *analysis.View) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines, last := map[historyKey]*[historyLength]float64{}, map[historyKey]uint64{}
	for _, p := range measuredPorts(v) {
		for _, m := range measures(p.PortView) {
			key := m.key(p)
			line := h.lines[key]
			if line == nil {
				line = new([historyLength]float64)
				for i := range line {
					line[i] = math.NaN()
				}
			}
			line[h.next] = m.Last
			if m.Count == h.last[key] { // nothing new is no measurement
				line[h.next] = math.NaN()
			}
			lines[key], last[key] = line, m.Count
		}
	}
	h.lines, h.last, h.next = lines, last, (h.next+1)%historyLength
}

// measuredPorts are the ports on the page that anything was measured of.
func measuredPorts(v *analysis.View) []portRef {
	chosen := choose(v, room{
		domains: onStatus.domains, grandmasters: onStatus.grandmasters, ports: historyPorts,
		eligible: func(p *analysis.PortView) bool { return len(measures(p)) > 0 },
	})
	return chosen.ports
}

// line is a line's samples, the oldest first; nil if there is none.
func (h *history) line(key historyKey) []float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	line := h.lines[key]
	if line == nil {
		return nil
	}
	return append(append([]float64{}, line[h.next:]...), line[:h.next]...)
}

// Size of a drawing, in its own units.
const (
	sparkWidth  = historyLength
	sparkHeight = 32
)

// spark is a line as the page draws it: strokes without gaps, each a list of
// points of an SVG polyline.
type spark struct {
	Strokes       []string
	Width, Height int
	Words         string // the same for who does not see it
}

// newSpark scales values to the drawing, the lowest at the bottom.
func newSpark(kind string, values []float64) spark {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	s := spark{Width: sparkWidth, Height: sparkHeight, Words: kind + ": nothing measured in the last 3 minutes"}
	if low > high {
		return s
	}
	s.Words = fmt.Sprintf("%s in the last 3 minutes: between %s and %s", kind, words.Fixed(low), words.Fixed(high))
	var stroke []string
	end := func() {
		if len(stroke) == 1 { // a point alone has no length to see
			stroke = append(stroke, stroke[0])
		}
		if len(stroke) > 0 {
			s.Strokes = append(s.Strokes, strings.Join(stroke, " "))
		}
		stroke = nil
	}
	before := 0
	for x, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if x-before > bridged {
			end()
		}
		before = x
		y := float64(sparkHeight) / 2
		if high > low {
			y = 2 + (sparkHeight-4)*(high-v)/(high-low)
		}
		stroke = append(stroke, fmt.Sprintf("%d,%.1f", x, y))
	}
	end()
	return s
}
