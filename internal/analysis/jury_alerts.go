package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
)

// The reasons of a jury's alerts.
const (
	reasonMoved    = "moved"      // since what its path adds was learned
	reasonApart    = "apart"      // by what clocks claim and paths allow
	reasonDrift    = "drift"      // along a straight line
	reasonOneOfTwo = "one_of_two" // and nothing says which
)

// tell raises what the verdicts come to. Alerts last as long as blocks confirm
// them: silence neither raises nor ends one sooner.
func (b *court) tell(t *Tracker, verdicts []jury.Verdict) {
	for i := range verdicts {
		v := &verdicts[i]
		if v.Key.Reference {
			continue
		}
		switch {
		case v.State == jury.Outvoted:
			b.accuse(t, v, AlertGrandmasterOutvoted, "", certaintyOf(v))
			b.accuse(t, v, AlertTraceabilityClaimInconsistent, "", certaintyOf(v))
		case v.State == jury.Disagrees:
			b.accuse(t, v, AlertTraceabilityClaimInconsistent, "", Possible)
		}
		if v.Drifting != jury.Steady {
			certainty, severity := certaintyOf(v), Warning
			if v.Drifting == jury.OneOfTwo {
				certainty = Possible
			}
			if v.Beyond {
				severity = Critical
			}
			b.accuse(t, v, AlertGrandmasterDrift, severity, certainty)
		}
	}
}

// certaintyOf is how sure what is said of a clock is: where nothing tells of its
// path, or what that adds was never learned, it may be the path.
func certaintyOf(v *jury.Verdict) Certainty {
	if v.Pathless || v.Always {
		return Possible
	}
	return Certain
}

// accuse raises an alert about a grandmaster or, where it is one of two, about
// its scope: then nobody is named but in words. Whom the operator's own
// reference contradicts is named.
func (b *court) accuse(t *Tracker, v *jury.Verdict, name string, severity Severity, certainty Certainty) {
	a := Alert{
		Name: name, Severity: severity, Raised: t.timeOf(t.now), Scope: scopeOf(v.Key), Grandmaster: v.Key.Grandmaster,
		Interface: b.ifaces[v.Key], Certainty: certainty, Reason: reasonMoved,
	}
	others, against, undecided := v.With, v.Against, v.State != jury.Outvoted
	if name == AlertGrandmasterDrift {
		against, undecided = v.Leaving, v.Drifting == jury.OneOfTwo
	}
	if undecided {
		others = against
	}
	words := keyWords(others)
	a.Expected = fmt.Sprintf("within %s of the time of %s", seconds(v.Allowed), words)
	a.Observed = fmt.Sprintf("%s %s", seconds(math.Abs(v.Deviation)), aheadWord(v.Deviation))
	if undecided && !slices.ContainsFunc(against, func(k jury.Key) bool { return k.Reference }) {
		a.Grandmaster = 0
		a.Expected = fmt.Sprintf("%s and %s within %s of each other", v.Key.Grandmaster, words, seconds(v.Allowed))
		a.Observed = "apart by " + seconds(math.Abs(v.Deviation))
	}
	switch {
	case a.Grandmaster == 0:
		a.Reason = reasonOneOfTwo
	case name == AlertGrandmasterDrift:
		a.Reason = reasonDrift
	case v.Always:
		a.Reason = reasonApart
	}
	if !v.Always {
		a.Observed += " of what was learned"
	}
	if name == AlertGrandmasterDrift {
		a.Observed += fmt.Sprintf(", moving by %s a second", seconds(math.Abs(v.Rate)))
	}
	t.alerts.confirm(a, t.now)
}

func scopeOf(k jury.Key) Scope {
	return Scope{Network: k.Network, DomainNumber: k.Domain, SdoID: k.SdoID}
}

func aheadWord(d float64) string {
	if d < 0 {
		return "behind"
	}
	return "ahead"
}

// keyWords names clocks; one that is heard twice once.
func keyWords(keys []jury.Key) string {
	var words []string
	for _, k := range keys {
		word := k.Grandmaster.String()
		if k.Reference {
			word = "the tap's reference"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}
