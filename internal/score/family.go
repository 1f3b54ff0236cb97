package score

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Family is what a score is restricted to, by names: of alerts ("PTPReplay") and
// of types of episodes ("sync-spoof"). An episode is of the alert that comes first
// among those that answer it: that one is made for it, the others may notice it
// too. A nil family is all.
type Family struct {
	names  []string
	alerts []string // that count as false
}

// NewFamily is the family of names; nil without names. It fails for a name that
// no episode of the results has, and that is no alert of this build.
func NewFamily(names []string, of []*Result) (*Family, error) {
	if len(names) == 0 {
		return nil, nil
	}
	f := &Family{names: names}
	known := map[string]bool{}
	for _, d := range analysis.Definitions {
		known[d.Name] = true
	}
	for _, r := range of {
		for _, a := range r.judgements[Product].Episodes {
			known[a.Episode.Type] = true
			for _, alert := range a.Episode.Alerts {
				known[alert] = true
			}
			if slices.Contains(names, a.Episode.Type) {
				f.alerts = append(f.alerts, a.Episode.Alerts...)
			}
		}
	}
	for _, name := range names {
		if !known[name] {
			return nil, fmt.Errorf("no episode is of type %q or to be answered by such an alert: there are %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		f.alerts = append(f.alerts, name) // or a type, which no alarm is called
	}
	return f, nil
}

// has says whether an episode is of the family: of one of its types, or of one of
// its alerts.
func (f *Family) has(e *truth.Episode) bool {
	return f == nil || slices.Contains(f.names, e.Type) || len(e.Alerts) > 0 && slices.Contains(f.names, e.Alerts[0])
}

// minds says whether an alarm counts if it is false: those of other families
// are not judged.
func (f *Family) minds(a *Alarm) bool {
	return f == nil || a.Name == "" || slices.Contains(f.alerts, a.Name)
}

// count is how many alarms it minds.
func (f *Family) count(alarms []Alarm) (n int) {
	for i := range alarms {
		if f.minds(&alarms[i]) {
			n++
		}
	}
	return n
}
