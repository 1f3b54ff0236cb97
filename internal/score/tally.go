package score

// tallies are one a category, in the order in which those came up.
type tallies []*tally

func (ts *tallies) of(c Category) *tally {
	for _, t := range *ts {
		if t.Category == c {
			return t
		}
	}
	t := &tally{Category: c}
	*ts = append(*ts, t)
	return t
}

func (ts tallies) rows() []Row {
	out := []Row{}
	for _, t := range ts {
		out = append(out, t.row())
	}
	return out
}

// tally gathers answers.
type tally struct {
	Category
	episodes, found, atOnce, named, right, notified, most, falsely int
	latencies, errors                                              []float64
}

func (t *tally) add(a *Answer) {
	t.episodes++
	if a.Named {
		t.named++
	}
	if a.Right {
		t.right++
	}
	if !a.Found {
		return
	}
	t.found++
	if a.AtOnce {
		t.atOnce++
	}
	t.notified += a.Notifications
	t.most = max(t.most, a.Notifications)
	t.latencies = append(t.latencies, a.Latency.Seconds())
	if a.Error >= 0 {
		t.errors = append(t.errors, a.Error.Seconds())
	}
}

func (t *tally) row() Row {
	r := Row{Category: t.Category, Episodes: t.episodes, Found: t.found, Interval: Wilson(t.found, t.episodes)}
	r.Recall, r.Notifications = ratio(t.found, t.episodes), ratio(t.notified, t.found)
	r.LatencyMedian, r.LatencyP95 = quantile(t.latencies, 0.5), quantile(t.latencies, 0.95)
	r.ErrorMedian, r.ErrorMax = quantile(t.errors, 0.5), quantile(t.errors, 1)
	r.AtOnce = t.atOnce
	r.Attributed, r.AttributedOf, r.NotificationsMost, r.FalseAlarms = t.right, t.named, t.most, t.falsely
	return r
}

func ratio(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	return new(float64(n) / float64(of))
}

func quantile(values []float64, share float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	return new(Quantile(values, share))
}
