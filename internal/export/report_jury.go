package export

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// JuryReport is what other grandmasters say of one's time, in seconds.
type JuryReport struct {
	// Verdict is agrees, outvoted, disagrees (with another, and nothing says which of
	// them is wrong) or unvouched (nobody else can tell).
	Verdict string `json:"verdict"`
	// VouchedBy is how many others agree with it: with 0 nobody can vouch for it.
	VouchedBy int  `json:"vouched_by"`
	Judged    bool `json:"judged"`  // a jury has heard it lately
	Learned   bool `json:"learned"` // what its path adds always
	// Ahead is how far its time is ahead of that of the others, or null.
	Ahead   *float64 `json:"ahead"`
	Allowed *float64 `json:"allowed"` // what Ahead may be, with either sign
	Drift   *float64 `json:"drift"`   // seconds a second; null where it does not drift
	// Own is how unsteady it is by itself (three-cornered hat); empty with fewer than
	// three.
	Own []JuryDeviation `json:"own"`
}

// JuryDeviation is how unsteady a grandmaster is by itself; null where the
// estimate is negative.
type JuryDeviation struct {
	Tau  int64    `json:"tau"` // seconds
	ADEV *float64 `json:"adev"`
	TDEV *float64 `json:"tdev"`
}

func newJuryReport(j *analysis.JuryView) JuryReport {
	r := JuryReport{
		Verdict: j.Verdict.String(), VouchedBy: j.Vouched, Judged: j.Heard, Learned: j.Settled, Drift: known(significant(j.Drift)),
		Own: each(j.Restless, func(o *analysis.Restlessness) JuryDeviation {
			return JuryDeviation{o.Tau, known(significant(o.ADEV)), known(significant(o.TDEV))}
		}),
	}
	if j.Compared {
		ahead, allowed := rounded(j.Deviation), rounded(j.Allowed)
		r.Ahead, r.Allowed = &ahead, &allowed
	}
	return r
}

// word says it in a sentence.
func (j *JuryReport) word() string {
	switch j.Verdict {
	case analysis.JuryAgrees.String():
		return fmt.Sprintf("vouched for by %s", plural(uint64(j.VouchedBy), "other"))
	case analysis.JuryOutvoted.String():
		return "outvoted by the others: " + j.aheadWord()
	case analysis.JuryDisagrees.String():
		return "disagrees with another, and nobody tells which is wrong: " + j.aheadWord()
	}
	return "nobody can vouch for its time"
}

func (j *JuryReport) aheadWord() string {
	switch {
	case j.Ahead == nil:
		return "-"
	case *j.Ahead < 0:
		return words.Fixed(-*j.Ahead) + " behind"
	}
	return words.Fixed(*j.Ahead) + " ahead"
}

// jury lists what was said of each grandmaster, where a jury has sat.
func (t *textReport) jury(r *Report) {
	var rows [][]string
	for i := range r.Domains {
		d := &r.Domains[i]
		for k := range d.Grandmasters {
			g := &d.Grandmasters[k]
			j := &g.Jury
			if !j.Judged {
				continue
			}
			tdev := "-"
			for _, o := range j.Own {
				if o.TDEV != nil {
					tdev = fmt.Sprintf("%s at %d s", words.Fixed(*o.TDEV), o.Tau)
				}
			}
			allowed := "-"
			if j.Allowed != nil {
				allowed = words.Fixed(math.Abs(*j.Allowed))
			}
			rows = append(rows, []string{
				fmt.Sprintf("%s domain %d %s", d.Network, d.Domain, g.Identity), cmp.Or(g.Name, "-"), j.Verdict,
				strconv.Itoa(j.VouchedBy), j.aheadWord(), allowed, tdev,
			})
		}
	}
	if len(rows) == 0 {
		return
	}
	t.line("")
	t.line("Jury of grandmasters")
	t.rows("  ", []string{"GRANDMASTER", "NAME", "VERDICT", "VOUCHED BY", "OFF", "ALLOWED", "OWN TDEV"}, rows)
	if len(rows) == 1 && rows[0][2] == analysis.JuryUnvouched.String() {
		t.line("  Nobody can vouch for its time: no other grandmaster is heard that could tell.")
	}
}
