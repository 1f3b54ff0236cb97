package analysis

import (
	"slices"
	"strings"
	"testing"
)

func TestDefinitions(t *testing.T) {
	names := map[string]bool{}
	for i, d := range Definitions {
		if i > 0 && Definitions[i-1].Name >= d.Name {
			t.Errorf("%s is not after %s", d.Name, Definitions[i-1].Name)
		}
		names[d.Name] = true
		if !strings.HasPrefix(d.Name, "PTP") {
			t.Errorf("%s: the name does not begin with PTP", d.Name)
		}
		if len(d.Severities) == 0 || !slices.IsSortedFunc(d.Severities, func(a, b Severity) int { return b.Compare(a) }) {
			t.Errorf("%s: severities %v, want some, the gravest first", d.Name, d.Severities)
		}
		for what, text := range map[string]string{"summary": d.Summary, "advice": d.Advice} {
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "{{") {
				t.Errorf("%s: the %s %q is no plain sentence", d.Name, what, text)
			}
		}
		if len(d.References) == 0 {
			t.Errorf("%s: no reference", d.Name)
		}
		for _, l := range d.Labels {
			if !slices.Contains([]string{"grandmaster", "port", "interface"}, l) {
				t.Errorf("%s: alerts have no label %s of their own", d.Name, l)
			}
		}
		for _, th := range d.Thresholds {
			if (th.Count > 0) == (th.Time > 0) || th.Name == "" || !strings.HasSuffix(th.Meaning, ".") {
				t.Errorf("%s: threshold %+v is neither a count nor a time, or says nothing", d.Name, th)
			}
		}
	}
	if len(names) != len(Definitions) {
		t.Errorf("%d names for %d alerts", len(names), len(Definitions))
	}
}

// silent are the reasons of alerts that no message decided.
var silent = []string{reasonSilence, reasonFailover, reasonReturn, reasonRelay, "changes", string(BasisReference), string(BasisPair), "step", "ramp", reasonMoved, reasonApart, reasonDrift, reasonOneOfTwo}

// checkEvidence holds what every raised alert must say; every scenario of this
// package's tests goes through it.
func checkEvidence(t testing.TB, f Finding) {
	t.Helper()
	a := f.Alert
	for what, text := range map[string]string{
		"summary": a.Summary, "expected": a.Expected, "observed": a.Observed, "reason": a.Reason, "certainty": string(a.Certainty),
	} {
		if text == "" {
			t.Errorf("%s at %s: no %s", a.Name, f.At, what)
		}
	}
	if len(a.References) == 0 || a.Count == 0 || a.Raised.IsZero() || a.LastSeen.IsZero() {
		t.Errorf("%s at %s: incomplete: %+v", a.Name, f.At, a)
	}
	if a.Frame.Number == 0 && a.Name != AlertWatchDegraded && !slices.Contains(silent, a.Reason) {
		t.Errorf("%s at %s: no frame, though its reason is %s", a.Name, f.At, a.Reason)
	}
	if a.Incident == 0 && a.Severity != Info {
		t.Errorf("%s at %s: no incident", a.Name, f.At)
	}
}
