package score

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// Board is the scoreboard. Times are in seconds; what cannot be known from what
// was scored is left out.
type Board struct {
	Captures   int      `json:"captures"`
	Seeds      []uint64 `json:"seeds"`
	Family     []string `json:"family,omitempty"`
	StreamDays float64  `json:"stream_days"`
	Healthy    float64  `json:"healthy_stream_days"` // of captures without any episode
	Silent     int      `json:"episodes_to_be_silent_about"`
	// KnownAlerts are those that this build can raise; Answerable counts the
	// episodes that one of them could answer.
	KnownAlerts []string `json:"known_alerts"`
	Answerable  int      `json:"episodes_answerable"`

	Detectors []Score   `json:"detectors"`
	Against   []Against `json:"against"` // of the product, each of the others
	Missed    []Missed  `json:"missed"`
	False     []False   `json:"false_alarms"`
}

// Score is what one detector has reached.
type Score struct {
	Detector string `json:"detector"`
	Row
	FalseAlarms        Rate  `json:"false_alarms"`
	HealthyFalseAlarms Rate  `json:"healthy_false_alarms"` // in captures without any episode
	Elsewhere          Rate  `json:"notifications_outside_episodes"`
	Kinds              []Row `json:"kinds"` // attack, fault, operator
	Types              []Row `json:"types"` // by type and size
}

// Row is about episodes that are to be answered.
type Row struct {
	Category
	Episodes int      `json:"episodes"`
	Found    int      `json:"found"`
	Recall   *float64 `json:"recall,omitempty"`
	Interval Interval `json:"recall_interval_95"`
	// Of the episodes that were found: from the first hostile frame to the alarm,
	// and how wrong the worst client was at the alarm.
	LatencyMedian *float64 `json:"latency_median_seconds,omitempty"`
	LatencyP95    *float64 `json:"latency_p95_seconds,omitempty"`
	AtOnce        int      `json:"at_first_frame"` // the first hostile frame of the capture was the alarm's
	ErrorMedian   *float64 `json:"error_at_alarm_median_seconds,omitempty"`
	ErrorMax      *float64 `json:"error_at_alarm_max_seconds,omitempty"`
	// Of the episodes in which an alarm of the right name came in time, those
	// where the first spoke of the right clock and direction.
	Attributed        int      `json:"attributed"`
	AttributedOf      int      `json:"attributed_of"`
	Notifications     *float64 `json:"notifications_mean,omitempty"` // of those found
	NotificationsMost int      `json:"notifications_max"`
	// FalseAlarms, of a type, are those in the captures that have such an episode.
	FalseAlarms int `json:"false_alarms_beside,omitempty"`
}

// Category is what the episodes of a row have in common.
type Category struct {
	Kind string `json:"kind,omitempty"`
	Type string `json:"type,omitempty"`
	Size string `json:"size,omitempty"`
}

// Rate is how often something came in so many stream-days.
type Rate struct {
	Count    int       `json:"count"`
	PerDay   *float64  `json:"per_stream_day,omitempty"`
	Interval *Interval `json:"interval_95,omitempty"`
}

// Missed is an episode that was not found under some of the seeds.
type Missed struct {
	Capture string   `json:"capture"` // a file, or a scenario
	Episode string   `json:"episode"`
	Due     []string `json:"alerts_due"`
	Known   bool     `json:"answerable"`    // by an alert of this build
	Named   int      `json:"misattributed"` // times the alert came and spoke of something else
	Seeds   []uint64 `json:"seeds"`
	Of      int      `json:"of"`                          // under how many seeds it was played
	Error   *float64 `json:"error_max_seconds,omitempty"` // the most that a client was wrong
}

// False is the false alarms of one name in one capture, under some of the seeds.
type False struct {
	Capture string   `json:"capture"`
	Alert   string   `json:"alert"`
	Count   int      `json:"count"`
	Seeds   []uint64 `json:"seeds"`
	// Of the first: when it was raised, by the capture's clock, by which frame,
	// 0 for silence, and the clocks that it names.
	First  time.Time `json:"first"`
	Frame  uint64    `json:"frame"`
	Clocks []string  `json:"clocks"`
}

// NewBoard sums results up.
func NewBoard(results []*Result, family *Family) *Board {
	b := &Board{Captures: len(results), Seeds: []uint64{}, Missed: []Missed{}, False: []False{}}
	if family != nil {
		b.Family = family.names
	}
	for _, d := range analysis.Definitions {
		b.KnownAlerts = append(b.KnownAlerts, d.Name)
	}
	for _, r := range results {
		if !slices.Contains(b.Seeds, r.Seed) {
			b.Seeds = append(b.Seeds, r.Seed)
		}
		days := r.Streams.Hours() / 24
		b.StreamDays += days
		if r.healthy() {
			b.Healthy += days
		}
	}
	slices.Sort(b.Seeds)
	for _, d := range Detectors {
		b.Detectors = append(b.Detectors, b.score(d, results, family))
	}
	b.Against = compare(b.Detectors)
	b.missed(results, family)
	b.falsely(results, family)
	return b
}

func (r *Result) healthy() bool { return len(r.judgements[Product].Episodes) == 0 }

func (b *Board) knows(alerts []string) bool {
	return slices.ContainsFunc(alerts, func(a string) bool { return slices.Contains(b.KnownAlerts, a) })
}

func (b *Board) score(detector string, results []*Result, family *Family) Score {
	s := Score{Detector: detector}
	total := &tally{}
	kinds, types := tallies{}, tallies{}
	falsely, healthy, elsewhere := 0, 0, 0
	for _, r := range results {
		j := r.judgements[detector]
		elsewhere += j.Elsewhere
		count := family.count(j.False)
		falsely += count
		if r.healthy() {
			healthy += count
		}
		var here []Category // the types of this capture's episodes
		for i := range j.Episodes {
			a := &j.Episodes[i]
			if !family.has(a.Episode) {
				continue
			}
			if detector == Product {
				b.count(a)
			}
			if e := a.Episode; a.Due {
				total.add(a)
				kinds.of(Category{Kind: string(e.Kind)}).add(a)
				c := Category{Type: e.Type, Size: e.Size}
				types.of(c).add(a)
				here = append(here, c)
			}
		}
		slices.SortFunc(here, func(a, b Category) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Size, b.Size)) })
		for _, c := range slices.Compact(here) {
			types.of(c).falsely += count
		}
	}
	s.Row, s.Kinds, s.Types = total.row(), kinds.rows(), types.rows()
	s.FalseAlarms, s.HealthyFalseAlarms, s.Elsewhere = rate(falsely, b.StreamDays), rate(healthy, b.Healthy), rate(elsewhere, b.StreamDays)
	return s
}

func (b *Board) count(a *Answer) {
	switch {
	case !a.Due:
		b.Silent++
	case b.knows(a.Episode.Alerts):
		b.Answerable++
	}
}

func rate(count int, days float64) Rate {
	r := Rate{Count: count}
	if days > 0 {
		i := Poisson(count)
		r.PerDay, r.Interval = new(float64(count)/days), &Interval{i.Low / days, i.High / days}
	}
	return r
}
