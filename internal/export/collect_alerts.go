package export

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

const (
	// alertHold keeps a short alert at 1 long enough for any usual scrape
	// interval to see it.
	alertHold = 60 * time.Second
	// alertFade is how long an ended alert stays at 0.
	alertFade = 15 * time.Minute
)

func (p *page) putAlerts(v *analysis.View) {
	for _, c := range v.AlertsRaised {
		p.put(alertsTotal, float64(c.Count), c.Name, string(c.Severity))
	}
	for _, c := range v.AlertsSuppressed {
		p.put(alertSuppressed, float64(c.Count), c.Name)
	}
	shown := shownAlerts(v)
	if len(shown) > maxAlerts {
		shown = joinAlerts(shown)
	}
	for _, a := range shown {
		p.put(alertActive, a.value, a.labels...)
	}
}

// shownAlert is one series of alert_active.
type shownAlert struct {
	value    float64
	severity analysis.Severity
	labels   []string
}

// shownAlerts are the series of alert_active, what holds before what ended,
// the graver before the lesser, then the older before the newer.
func shownAlerts(v *analysis.View) []shownAlert {
	var shown []shownAlert
	index := map[string]int{}
	for i := range v.Alerts {
		a := &v.Alerts[i]
		value, ok := alertValue(a, v.At)
		if !ok {
			continue
		}
		labels := alertLabels(a)
		key := labelKey(labels)
		if at, ok := index[key]; ok { // raised again: the one that holds counts
			shown[at].value = max(shown[at].value, value)
			continue
		}
		index[key] = len(shown)
		shown = append(shown, shownAlert{value, a.Severity, labels})
	}
	slices.SortStableFunc(shown, func(a, b shownAlert) int {
		return cmp.Or(cmp.Compare(b.value, a.value), b.severity.Compare(a.severity))
	})
	return shown
}

// alertValue is what alert_active shows of one alert at a time; ok is false
// once it has faded.
func alertValue(a *analysis.Alert, at time.Time) (value float64, ok bool) {
	if a.Resolved.IsZero() {
		return 1, true
	}
	end := a.Raised.Add(alertHold)
	if a.Resolved.After(end) {
		end = a.Resolved
	}
	switch {
	case at.Before(end):
		return 1, true
	case at.Before(end.Add(alertFade)):
		return 0, true
	}
	return 0, false
}

// joinAlerts keeps the first series and joins the rest, one series for each
// alert and severity: a flood may hide who, but never what.
func joinAlerts(shown []shownAlert) []shownAlert {
	kinds := map[[2]string]bool{}
	for _, a := range shown {
		kinds[[2]string(a.labels[:2])] = true
	}
	keep := max(0, maxAlerts-len(kinds))
	joined := shown[:keep:keep]
	index := map[[2]string]int{}
	for _, a := range shown[keep:] {
		kind := [2]string(a.labels[:2])
		if _, ok := index[kind]; ok {
			continue // the first of its kind has the greatest value
		}
		index[kind] = len(joined)
		a.labels = []string{kind[0], kind[1], other, other, other, other, other, other}
		joined = append(joined, a)
	}
	return joined
}

func alertLabels(a *analysis.Alert) []string {
	return slices.Concat([]string{a.Name, string(a.Severity)}, scopeWords(a.Scope),
		[]string{clockWord(a.Grandmaster), portWord(a.Port), a.Interface})
}
