package score

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Family is what a score is restricted to, by names: of alerts ("PTPReplay") and
// of types of episodes ("sync-spoof"). A nil one is all.
type Family struct {
	names  []string
	alerts []string // that count as false
}

// NewFamily is the family of names; nil without names. It fails for a type that
// no episode of the results is of.
func NewFamily(names []string, of []*Result) (*Family, error) {
	if len(names) == 0 {
		return nil, nil
	}
	f := &Family{names: names}
	types := map[string]bool{}
	for _, r := range of {
		for _, a := range r.judgements[Product].Episodes {
			types[a.Episode.Type] = true
			if slices.Contains(names, a.Episode.Type) {
				f.alerts = append(f.alerts, a.Episode.Alerts...)
			}
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "PTP") {
			f.alerts = append(f.alerts, name)
		} else if !types[name] {
			return nil, fmt.Errorf("no episode is of type %q: an alert's name is accepted and %s", name, strings.Join(slices.Sorted(maps.Keys(types)), ", "))
		}
	}
	return f, nil
}

// has says whether an episode is of the family: of one of its types, or to be
// answered by one of its alerts.
func (f *Family) has(e *truth.Episode) bool {
	return f == nil || slices.Contains(f.names, e.Type) ||
		slices.ContainsFunc(e.Alerts, func(a string) bool { return slices.Contains(f.names, a) })
}

// minds says whether an alarm counts if it is false: those of other families
// are not judged.
func (f *Family) minds(a *Alarm) bool {
	return f == nil || a.Name == "" || slices.Contains(f.alerts, a.Name)
}
