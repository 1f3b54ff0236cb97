package audit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/words"
)

// disclaimer is what stands above every report.
var disclaimer = []string{
	"What a passive tap shows is how far the time of a grandmaster was, as it arrived at the tap, from a reference.",
	"It does not show how far the clocks of hosts were from UTC: whether they followed is for their own logs.",
	"Time counts as within a limit only if it was measured, and the error with all that it can be wrong was within.",
	"Whatever was not watched or not measured is not shown: it is never compliant.",
}

// clockTime prints a time to the second.
func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// limitWord prints a limit, which has no digits to spare.
func limitWord(s float64) string {
	for _, u := range [...]struct {
		name string
		unit float64
	}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}} {
		if n := s / u.unit; n >= 0.9999 {
			return strconv.FormatFloat(math.Round(n*1e4)/1e4, 'f', -1, 64) + " " + u.name
		}
	}
	return words.Fixed(s)
}

// lasts prints how long something is: "23 h 45 min 10 s".
func lasts(seconds float64) string {
	n := int64(math.Round(seconds))
	if n == 0 {
		if seconds > 0 {
			return "under 1 s"
		}
		return "0 s"
	}
	var words []string
	for _, u := range [...]struct {
		name string
		unit int64
	}{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}} {
		if n >= u.unit {
			words = append(words, fmt.Sprintf("%d %s", n/u.unit, u.name))
			n %= u.unit
		}
	}
	return strings.Join(words, " ")
}

// percent prints a part of a whole. What is not all is never printed as all, and
// what is not nothing never as nothing.
func percent(part, whole float64) string {
	if whole <= 0 {
		return "-"
	}
	p := 100 * part / whole
	switch {
	case p > 0 && p < 0.01:
		return "< 0.01 %"
	case p < 100 && p > 99.99:
		return "> 99.99 %"
	}
	return strconv.FormatFloat(p, 'f', 2, 64) + " %"
}

// where names a domain: "eth0, domain 24", with the sdoId where it is not 0x000.
func where(network string, domain uint8, sdoID string) string {
	s := fmt.Sprintf("%s, domain %d", network, domain)
	if network == "" {
		s = fmt.Sprintf("any network, domain %d", domain)
	}
	if sdoID != "0x000" {
		s += ", sdoId " + sdoID
	}
	return s
}

func (d *Domain) where() string { return where(d.Network, d.Domain, d.SdoID) }

// clockWord is a grandmaster, with its name if it has one.
func clockWord(identity, name string) string {
	if name == "" {
		return identity
	}
	return identity + " (" + name + ")"
}

// rule is what a verdict is of.
func (v *Verdict) rule() string { return fmt.Sprintf("%s, %s", v.Profile, limitWord(v.Limit)) }

// source says whom the limit binds, and where that is said.
func (v *Verdict) source() []string {
	switch {
	case v.Rule == nil:
		return []string{"a rule that this program does not know"}
	case v.Tier == nil:
		return []string{v.Rule.Title + ": a limit of the operator's own, none of the rule's"}
	}
	t := v.Tier
	return []string{
		v.Rule.Title + ": " + t.Who,
		t.Source.Title + ", " + t.Clause,
		fmt.Sprintf("applies from: %s; the figure was checked %s", t.Source.Since, t.Checked),
	}
}

// share is a line of a verdict.
type share struct {
	Name    string
	Seconds float64
	Of      bool // part of the line before
}

// shares are all lines of a verdict; those that are not Of another add up to the
// period.
func (v *Verdict) shares() []share {
	return []share{
		{"within", v.Within, false},
		{"against other grandmasters only", v.Pair.Within, true},
		{"exceeded", v.Exceeded, false},
		{"against other grandmasters only", v.Pair.Exceeded, true},
		{"not shown", v.NotShown(), false},
		{"measured, and the limit within the bound", v.Undecided, true},
		{"watched, and not measured", v.Unread, true},
		{"not watched", v.Unheard, true},
	}
}

// words say what would have been found, at the worst time of the period.
func (w *Power) words() string {
	return fmt.Sprintf("a step of one direction of %s, given its name from %s on; a step of a clock of %s; a ramp of one direction of %s a day",
		words.Fixed(w.Unnamed), words.Fixed(w.Step), words.Fixed(w.Clock), words.Fixed(w.RampPerDay))
}

// said is what other grandmasters said of one, in how many quarters of an hour.
func (p *Port) said() string {
	var words []string
	for _, verdict := range slices.Sorted(maps.Keys(p.Jury)) {
		words = append(words, fmt.Sprintf("%s in %d", verdict, p.Jury[verdict]))
	}
	return strings.Join(words, ", ")
}

// what says what a gap is.
func (g *Gap) what() string {
	if g.Interface == "" {
		return "nothing on record: no agent ran"
	}
	return g.Interface + " could not be heard"
}

// held is for how long an alert did, in the period or beyond.
func (a *Alert) held(to time.Time) float64 {
	if a.Resolved.IsZero() {
		return to.Sub(a.Raised).Seconds()
	}
	return a.Resolved.Sub(a.Raised).Seconds()
}

func (a *Alert) where() string {
	if a.Domain == nil {
		return a.Interface
	}
	return where(a.Network, *a.Domain, a.SdoID)
}

// end is how a run ended.
func (o *Run) end() string {
	switch {
	case o.Killed:
		return "without a word, by " + clockTime(o.Stop)
	case o.Stop.IsZero():
		return "not on record"
	case o.Error != "":
		return clockTime(o.Stop) + ": " + o.Error
	}
	return clockTime(o.Stop)
}
