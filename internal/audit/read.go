package audit

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// ErrPeriod says that a period is not one of whole quarters of an hour.
var ErrPeriod = errors.New("records are of quarters of an hour: a period begins and ends at one, and ends after it begins")

// Read makes the Report of a period from the journal in a folder. That the chain
// of the journal is broken is in the Report, and no error.
func Read(dir string, from, to time.Time) (*Report, error) {
	from, to = from.UTC(), to.UTC()
	if !from.Before(to) || !from.Truncate(QuarterLength).Equal(from) || !to.Truncate(QuarterLength).Equal(to) {
		return nil, ErrPeriod
	}
	r := &reader{Report: Report{From: from, To: to}, domains: map[domainKey]*Domain{}, alerts: map[string]*Alert{}}
	chain, err := journal.Verify(dir, r.record)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	r.Journal.Dir = dir
	r.Journal.First, r.Journal.Last, r.Journal.Torn = chain.First, chain.Last, chain.Torn
	if chain.Records > 0 {
		r.Journal.Head = chain.Head.String()
	}
	for _, f := range chain.Hashes {
		r.Journal.Files = append(r.Journal.Files, File{f.File, f.Bytes, f.SHA256.String()})
	}
	for _, b := range chain.Breaks {
		r.Journal.Breaks = append(r.Journal.Breaks, b.String())
	}
	r.finish()
	return &r.Report, nil
}

type domainKey struct {
	network string
	domain  uint8
	sdoID   string
}

// reader makes a Report of records as they come.
type reader struct {
	Report
	recorded time.Time // up to here quarters are counted
	on       []Span    // that quarters are of
	domains  map[domainKey]*Domain
	alerts   map[string]*Alert // by what tells them apart
	running  bool
}

// maxFaults bounds what is told of a journal that makes no sense.
const maxFaults = 100

func (r *reader) fault(record *journal.Record, format string, args ...any) {
	if len(r.Journal.Faults) < maxFaults {
		r.Journal.Faults = append(r.Journal.Faults, fmt.Sprintf("record %d (%s): %s", record.Seq, record.Kind, fmt.Sprintf(format, args...)))
	}
}

// during says whether a time is in the period.
func (r *reader) during(at time.Time) bool { return !at.Before(r.From) && at.Before(r.To) }

// record takes one in.
func (r *reader) record(record *journal.Record, _ journal.Hash) {
	if r.Journal.Begins.IsZero() {
		r.Journal.Begins = record.At
	}
	var err error
	switch record.Kind {
	case journal.Quarter:
		err = decode(record, func(q *Quarter) { r.quarter(record, q) })
	case journal.Config:
		err = decode(record, func(c *Configuration) { r.config(record.At, *c) })
	case journal.Start:
		err = decode(record, func(s *started) { r.start(record.At, s) })
	case journal.Stop:
		err = decode(record, func(s *stopped) { r.stop(record.At, s) })
	case journal.Reload:
		err = decode(record, func(l *reloaded) { r.reload(record.At, l) })
	case journal.Event:
		err = decode(record, func(e *event) { r.event(e) })
	case journal.Act:
		err = decode(record, func(a *acted) { r.act(record.At, a) })
	case journal.Evidence:
		err = decode(record, func(e *evidence) { r.evidence(record.At, e) })
	case journal.Lost:
		err = decode(record, func(l *lost) {
			if r.during(record.At) {
				r.Journal.Lost += l.Records
			}
		})
	}
	if err != nil {
		r.fault(record, "%v", err)
	}
}

// decode hands on what a record holds; fields that are not known are those of
// another version.
func decode[T any](record *journal.Record, take func(*T)) error {
	var v T
	if err := json.Unmarshal(record.Data, &v); err != nil {
		return err
	}
	take(&v)
	return nil
}

// quarter takes in one of the period that makes sense.
func (r *reader) quarter(record *journal.Record, q *Quarter) {
	q.From, q.To = q.From.UTC(), q.To.UTC()
	if err := q.check(); err != nil {
		r.fault(record, "%v", err)
		return
	}
	if q.From.Before(r.recorded) {
		r.fault(record, "it is of %s, of which one is on record up to %s", q.From.Format(time.RFC3339), r.recorded.Format(time.RFC3339))
		return
	}
	r.recorded = q.To
	if !r.during(q.From) {
		return
	}
	r.on = append(r.on, Span{q.From, q.To})
	r.Omitted += q.Omitted
	for _, i := range q.Interfaces {
		for _, s := range i.Blind {
			r.gap(Gap{s, i.Interface})
		}
	}
	for _, c := range q.Clocks {
		r.Clocks = append(r.Clocks, ClockStep{q.From, q.To, c})
	}
	for _, d := range q.Domains {
		o := r.domain(d.Network, d.Domain, d.SdoID)
		o.Quarters = append(o.Quarters, DomainAt{q.From, q.To, d})
	}
	for _, p := range q.Ports {
		r.domain(p.Network, p.Domain, p.SdoID).port(PortAt{q.From, q.To, p})
	}
}

// check says what makes no sense about a Quarter: nothing that it claims is more
// than the time that it is of.
func (q *Quarter) check() error {
	length := q.To.Sub(q.From).Seconds()
	if length <= 0 || q.To.After(q.From.Truncate(QuarterLength).Add(QuarterLength)) {
		return fmt.Errorf("%s to %s is not in one quarter of an hour", q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	}
	for _, i := range q.Interfaces {
		for _, s := range i.Blind {
			if !q.has(s) {
				return fmt.Errorf("%s was deaf at another time than the quarter is of", i.Interface)
			}
		}
	}
	most := length + 1 // rounding
	for _, d := range q.Domains {
		bad := d.Watched < 0 || d.Watched > most
		for _, m := range d.Masters {
			bad = bad || !q.has(Span{m.From, m.To})
		}
		if c := d.Compliance; c != nil {
			for _, s := range []Shown{c.Shown, c.Pair} {
				bad = bad || s.Within < 0 || s.Exceeded < 0 || s.Undecided < 0 || s.Within+s.Exceeded+s.Undecided > min(most, d.Watched+1)
			}
			bad = bad || c.Pair.Within > c.Within || c.Pair.Exceeded > c.Exceeded || c.Pair.Undecided > c.Undecided || c.Limit <= 0
		}
		if bad {
			return fmt.Errorf("domain %d of %s: it is of other times than the quarter, or of more than its %.0f s", d.Domain, d.Network, length)
		}
	}
	return nil
}

// has says whether a span is in a Quarter.
func (q *Quarter) has(s Span) bool {
	return !s.From.Before(q.From) && !s.To.After(q.To) && s.From.Before(s.To)
}

// gap adds one, or lengthens the one of the same kind that it goes on from.
func (r *reader) gap(g Gap) {
	for i := len(r.Gaps) - 1; i >= 0 && i >= len(r.Gaps)-64; i-- {
		if o := &r.Gaps[i]; o.Interface == g.Interface && o.To.Equal(g.From) {
			o.To = g.To
			return
		}
	}
	r.Gaps = append(r.Gaps, g)
}

func (r *reader) domain(network string, number uint8, sdoID string) *Domain {
	key := domainKey{network, number, sdoID}
	d := r.domains[key]
	if d == nil {
		d = &Domain{Network: network, Domain: number, SdoID: sdoID}
		r.domains[key] = d
	}
	return d
}

// finish sums up.
func (r *reader) finish() {
	r.dropUnheard()
	for _, d := range r.domains {
		d.sum(r.Seconds(), r.on)
		r.Domains = append(r.Domains, *d)
	}
	slices.SortFunc(r.Domains, func(a, b Domain) int {
		return cmp.Or(strings.Compare(a.Network, b.Network), cmp.Compare(a.Domain, b.Domain), strings.Compare(a.SdoID, b.SdoID))
	})
	at := r.From
	for _, s := range r.on {
		if s.From.After(at) {
			r.gap(Gap{Span{at, s.From}, ""})
		}
		at = s.To
	}
	if at.Before(r.To) {
		r.gap(Gap{Span{at, r.To}, ""})
	}
	slices.SortFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(a.From.Compare(b.From), strings.Compare(a.Interface, b.Interface))
	})
	for _, a := range r.alerts {
		if a.Raised.Before(r.To) && (a.Resolved.IsZero() || !a.Resolved.Before(r.From)) {
			r.Alerts = append(r.Alerts, *a)
		}
	}
	slices.SortFunc(r.Alerts, func(a, b Alert) int { return cmp.Or(a.Raised.Compare(b.Raised), strings.Compare(a.key(), b.key())) })
	r.Runs = slices.DeleteFunc(r.Runs, func(o Run) bool {
		return !o.Start.Before(r.To) || !o.Stop.IsZero() && o.Stop.Before(r.From)
	})
	r.Configs = r.configsOfPeriod()
}

// dropUnheard drops domains that were not heard yet on any network, where they
// were heard on one at another time: not to be heard is part of that one's
// coverage.
func (r *reader) dropUnheard() {
	heard := map[domainKey]bool{}
	for k := range r.domains {
		if k.network != "" {
			heard[domainKey{"", k.domain, k.sdoID}] = true
		}
	}
	for k := range heard {
		delete(r.domains, k)
	}
}

// configsOfPeriod are those that were in force in the period.
func (r *reader) configsOfPeriod() []ConfigAt {
	first := 0
	for i, c := range r.Configs {
		if !c.At.After(r.From) {
			first = i
		}
	}
	return slices.DeleteFunc(r.Configs[min(first, len(r.Configs)):], func(c ConfigAt) bool { return !c.At.Before(r.To) })
}

// recorded is for how long something is on record.
func recorded(on []Span) (seconds float64) {
	for _, s := range on {
		seconds += s.To.Sub(s.From).Seconds()
	}
	return seconds
}
