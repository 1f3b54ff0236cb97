package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	// longest is how far looks may be apart: of a longer time nobody knows, the
	// agent was held up.
	longest = 5 * time.Second
	// maxSpans bounds what of one interface, or one domain, is kept apart.
	maxSpans = 32
	// maxDomains and maxPorts bound a Quarter to some 100 kB, whatever strangers
	// send.
	maxDomains, maxPorts = 64, 64
)

// Ear is an interface that is listened to.
type Ear struct {
	Interface string
	Blind     bool   // whatever happens there is not seen
	Drops     uint64 // frames lost since the start
}

// Held is a domain that the operator holds to a rule, heard or not.
type Held struct {
	Network string // "" is any
	Domain  uint8
	SdoID   ptp.SdoID
	Profile string
	Limit   time.Duration
}

// Recorder sums up what it is shown, a quarter of an hour at a time. It is for
// one goroutine.
type Recorder struct {
	held    []Held
	last    time.Time // when it looked last; zero before
	quarter Quarter
	domains map[analysis.Scope]*tally
	drops   map[string]uint64
	steps   map[clock]uint64
	view    *analysis.View // the last
}

type clock struct{ source, name string }

// NewRecorder returns one that has seen nothing.
func NewRecorder(held []Held) *Recorder {
	return &Recorder{held: held, domains: map[analysis.Scope]*tally{}, drops: map[string]uint64{}, steps: map[clock]uint64{}}
}

// Hold changes what domains are held to. Call it at the end of a Quarter: see
// Close.
func (r *Recorder) Hold(held []Held) { r.held = held }

// Look takes in how things are now. It is to be called once a second; what
// quarters have ended it returns.
func (r *Recorder) Look(at time.Time, v *analysis.View, ears []Ear) (ended []Quarter) {
	since := at.Sub(r.last)
	switch {
	case r.last.IsZero():
		r.begin(at)
	case since < 0 || since > longest: // set, or held up: nobody knows of the time between
		ended = r.end(ended, r.last)
		r.begin(at)
	default:
		if border := r.quarter.From.Truncate(QuarterLength).Add(QuarterLength); !at.Before(border) {
			r.take(border, v, ears)
			ended = r.end(ended, border)
			r.begin(border)
		}
		r.take(at, v, ears)
	}
	r.last, r.view = at, v
	r.note(v, ears)
	return ended
}

// Close ends the Quarter that goes on, where Look was called last.
func (r *Recorder) Close() []Quarter {
	if r.last.IsZero() {
		return nil
	}
	ended := r.end(nil, r.last)
	r.begin(r.last)
	return ended
}

func (r *Recorder) begin(at time.Time) {
	r.quarter = Quarter{From: at.UTC()}
	for _, t := range r.domains {
		t.begin()
	}
	r.last = at
}

// end gives the Quarter, unless it is of no time.
func (r *Recorder) end(list []Quarter, at time.Time) []Quarter {
	if !at.After(r.quarter.From) {
		return list
	}
	q := r.quarter
	q.To = at.UTC()
	for scope, t := range r.domains {
		if d, ok := t.quarter(scope); ok {
			q.Domains = append(q.Domains, d)
		} else {
			delete(r.domains, scope) // nothing was heard of it for the whole of it
		}
	}
	q.Ports, q.Omitted = portsOf(r.view, q.From)
	if n := len(q.Domains); n > maxDomains {
		slices.SortFunc(q.Domains, func(a, b DomainQuarter) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), a.compare(&b)) })
		q.Domains, q.Omitted = q.Domains[:maxDomains], q.Omitted+n-maxDomains
	}
	slices.SortFunc(q.Domains, func(a, b DomainQuarter) int { return a.compare(&b) })
	slices.SortFunc(q.Interfaces, func(a, b InterfaceQuarter) int { return cmp.Compare(a.Interface, b.Interface) })
	return append(list, q)
}

// take books the time since the last look.
func (r *Recorder) take(until time.Time, v *analysis.View, ears []Ear) {
	since := until.Sub(r.last)
	if since <= 0 {
		return // the look was at the border of two quarters
	}
	for _, e := range ears {
		i := r.quarter.ear(e.Interface)
		if !e.Blind {
			i.Heard += since.Seconds()
			continue
		}
		if n := len(i.Blind); n > 0 && i.Blind[n-1].To.Equal(r.last.UTC()) {
			i.Blind[n-1].To = until.UTC()
		} else if n < maxSpans {
			i.Blind = append(i.Blind, Span{r.last.UTC(), until.UTC()})
		}
	}
	for i := range v.Domains {
		d := &v.Domains[i]
		r.domain(d.Scope).take(r.last, until, d, hears(d, ears))
	}
	for _, h := range r.held {
		if !slices.ContainsFunc(v.Domains, func(d analysis.DomainView) bool { return h.is(d.Scope) }) {
			r.domain(analysis.Scope{Network: h.Network, DomainNumber: h.Domain, SdoID: h.SdoID}).silent(since, h, anyHeard(ears))
		}
	}
	r.last = until
}

func (h *Held) is(s analysis.Scope) bool {
	return (h.Network == "" || h.Network == s.Network) && h.Domain == s.DomainNumber && h.SdoID == s.SdoID
}

func (r *Recorder) domain(s analysis.Scope) *tally {
	t := r.domains[s]
	if t == nil {
		t = new(tally)
		r.domains[s] = t
	}
	return t
}

// hears says whether an interface that a domain was heard on can be heard.
func hears(d *analysis.DomainView, ears []Ear) bool {
	return slices.ContainsFunc(ears, func(e Ear) bool {
		return !e.Blind && slices.ContainsFunc(d.Messages, func(m analysis.MessageCount) bool { return m.Interface == e.Interface })
	})
}

func anyHeard(ears []Ear) bool {
	return slices.ContainsFunc(ears, func(e Ear) bool { return !e.Blind })
}

// ear finds or makes the record of an interface.
func (q *Quarter) ear(name string) *InterfaceQuarter {
	i := slices.IndexFunc(q.Interfaces, func(i InterfaceQuarter) bool { return i.Interface == name })
	if i < 0 {
		i = len(q.Interfaces)
		q.Interfaces = append(q.Interfaces, InterfaceQuarter{Interface: name})
	}
	return &q.Interfaces[i]
}

// note takes in what counts from one look to the next.
func (r *Recorder) note(v *analysis.View, ears []Ear) {
	for _, e := range ears {
		if before, known := r.drops[e.Interface]; known && e.Drops > before {
			r.quarter.ear(e.Interface).Drops += e.Drops - before
		}
		r.drops[e.Interface] = e.Drops
	}
	for _, c := range v.StampClocks {
		key := clock{c.Source.String(), c.Name}
		if before := r.steps[key]; c.Steps > before {
			r.quarter.clock(key, c.Steps-before, c.Step)
		}
		r.steps[key] = c.Steps
	}
}

func (q *Quarter) clock(key clock, steps uint64, last float64) {
	for i := range q.Clocks {
		if c := &q.Clocks[i]; c.Source == key.source && c.Clock == key.name {
			c.Steps += steps
			c.Last = last
			return
		}
	}
	q.Clocks = append(q.Clocks, ClockQuarter{key.source, key.name, steps, last})
}
