package score

import (
	"fmt"
	"strings"
)

func (b *Board) totals() *table {
	t := &table{title: "Found", head: append([]string{"detector", "found"}, rowHead...)}
	for i := range b.Detectors {
		s := &b.Detectors[i]
		t.add(append([]string{s.Detector, share(s.Found, s.Episodes)}, s.cells()...)...)
	}
	return t
}

func (b *Board) rates() *table {
	t := &table{title: "Cried for nothing, per stream-day (95 %)", head: []string{
		"detector", "false alarms", "per day", "without any episode", "per day", "notifications outside of episodes",
	}}
	for i := range b.Detectors {
		s := &b.Detectors[i]
		t.add(s.Detector, fmt.Sprint(s.FalseAlarms.Count), s.FalseAlarms.String(),
			fmt.Sprint(s.HealthyFalseAlarms.Count), s.HealthyFalseAlarms.String(), number(s.Elsewhere.PerDay))
	}
	return t
}

// against says of how many types the product found more or fewer, and names where
// it did worse.
func (b *Board) against() *table {
	t := &table{title: Product + " against each, by type and size of " + fmt.Sprint(len(b.Detectors[0].Types)), head: []string{
		"detector", "higher recall", "lower recall", "fewer false alarms", "more false alarms", "where worse",
	}}
	for i := range b.Against {
		a := &b.Against[i]
		var worse []string
		for _, c := range append(a.Lower[:len(a.Lower):len(a.Lower)], a.MoreFalse...) {
			worse = append(worse, strings.TrimSpace(c.Type+" "+c.Size))
		}
		t.add(a.Detector, fmt.Sprint(len(a.Higher)), fmt.Sprint(len(a.Lower)), fmt.Sprint(len(a.FewerFalse)), fmt.Sprint(len(a.MoreFalse)), dash(strings.Join(worse, ", ")))
	}
	return t
}

func recall(r *Row) string {
	return fmt.Sprintf("%s (%s to %s)", percent(r.Recall), three(r.Interval.Low*100), three(r.Interval.High*100))
}

// when is how soon, at what cost, and whether the right clock was named.
func (r *Row) when() []string {
	return []string{
		seconds(r.LatencyMedian), seconds(r.LatencyP95), share(r.AtOnce, r.Found), seconds(r.ErrorMedian), seconds(r.ErrorMax), share(r.Attributed, r.AttributedOf),
	}
}

// String is the rate and its interval.
func (r Rate) String() string {
	if r.PerDay == nil {
		return "-"
	}
	return fmt.Sprintf("%s (%s to %s)", number(r.PerDay), three(r.Interval.Low), three(r.Interval.High))
}

var rowHead = []string{
	"recall (95 %)", "latency median", "p95", "by the first frame", "error at alarm median", "max", "attribution", "notifications mean", "max",
}

func (r *Row) cells() []string {
	return append(append([]string{recall(r)}, r.when()...), number(r.Notifications), fmt.Sprint(r.NotificationsMost))
}

func (b *Board) kinds() *table {
	t := &table{title: "By kind of episode: " + Product, head: append([]string{"kind", "found"}, rowHead...), empty: "None."}
	for _, r := range b.Detectors[0].Kinds {
		t.add(append([]string{r.Kind, share(r.Found, r.Episodes)}, r.cells()...)...)
	}
	return t
}

// types has the finds of every detector side by side, and how well the product
// has done.
func (b *Board) types() *table {
	head := []string{"type", "size", "episodes"}
	t := &table{title: "By type and size: found by each detector; the rest is " + Product + "'s", head: append(append(head, Detectors...), rowHead...), empty: "None."}
	for i, r := range b.Detectors[0].Types {
		cells := []string{r.Type, dash(r.Size), fmt.Sprint(r.Episodes)}
		for _, d := range b.Detectors {
			cells = append(cells, fmt.Sprint(d.Types[i].Found))
		}
		t.add(append(cells, r.cells()...)...)
	}
	return t
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (b *Board) missedTable() *table {
	t := &table{title: "Missed by " + Product, empty: "None.", head: []string{
		"capture", "episode", "missed", "largest client error", "misattributed", "alerts due", "under",
	}}
	for _, m := range b.Missed {
		due := strings.Join(m.Due, " ")
		if !m.Known {
			due += " (unknown to this build)"
		}
		t.add(m.Capture, m.Episode, share(len(m.Seeds), m.Of), seconds(m.Error), fmt.Sprint(m.Named), due, seedList(m.Seeds))
	}
	return t
}

func (b *Board) falseTable() *table {
	t := &table{title: "False alarms of " + Product, empty: "None.", head: []string{"capture", "alert", "count", "first", "frame", "clocks", "under"}}
	for _, f := range b.False {
		frame := "-"
		if f.Frame > 0 {
			frame = fmt.Sprint(f.Frame)
		}
		t.add(f.Capture, f.Alert, fmt.Sprint(f.Count), clockTime(f.First), frame, dash(strings.Join(f.Clocks, " ")), seedList(f.Seeds))
	}
	return t
}
