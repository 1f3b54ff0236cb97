package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// Every query of every panel, asked of a real Prometheus that has what a fleet's
// agents served on a good day and while one site is hijacked: what should have
// data has it, what should be empty is. -v shows what each panel would.
func TestPanels(t *testing.T) {
	t.Parallel()
	p := simulated(t)
	for _, d := range all() {
		t.Run(d.UID, func(t *testing.T) {
			var shown strings.Builder
			w := tabwriter.NewWriter(&shown, 0, 8, 2, ' ', 0)
			for _, phase := range []phases{calm, hijacked} {
				from, to := fleetBegan.Add(windows[phase][0]), fleetBegan.Add(windows[phase][1])
				fmt.Fprintf(w, "\n%s\tPANEL\tQUERY\tSERIES\tFIRST\tVALUE\n", map[phases]string{calm: "CALM", hijacked: "HIJACKED"}[phase])
				p.checkVariables(t, d, to.Sub(from))
				for _, panel := range d.Panels {
					for _, q := range panel.Targets {
						checkQuery(t, p, d, panel, q, phase, from, to, w)
					}
				}
			}
			w.Flush()
			t.Log(shown.String())
		})
	}
}

func (p *prometheus) checkVariables(t *testing.T, d *dashboard, window time.Duration) {
	t.Helper()
	for _, v := range d.Templating.List[1:] {
		if found, err := p.choices(&v, d.filled(window)); err != nil || len(found) == 0 {
			t.Errorf("variable %s offers %q: %v", v.Name, found, err)
		}
	}
}

// sometimes are labels that can be empty, which to Prometheus is to be absent.
var sometimes = []string{"clock", "egress", "revision"}

var legendLabel = regexp.MustCompile(`\{\{(\w+)\}\}`)

func checkQuery(t *testing.T, p *prometheus, d *dashboard, panel *panel, q *query, phase phases, from, to time.Time, w *tabwriter.Writer) {
	t.Helper()
	name := map[phases]string{calm: "calm", hijacked: "hijacked"}[phase]
	found, err := p.ask(d.filled(to.Sub(from)).Replace(q.Expr), from, to, q.Instant)
	if err != nil {
		t.Errorf("%s, %s: %v: %s", panel.Title, q.RefID, err, q.Expr)
		return
	}
	first, value := "-", "-"
	if len(found) > 0 {
		first, value = fmt.Sprint(found[0].Metric), found[0].last()
	}
	fmt.Fprintf(w, "\t%s\t%s\t%d\t%.70s\t%s\n", panel.Title, q.RefID, len(found), first, value)
	if want := q.in&phase != 0; want != (len(found) > 0) {
		t.Errorf("%s, %s, %s: %d series, data wanted: %t\n%s", name, panel.Title, q.RefID, len(found), want, q.Expr)
		return
	}
	if strings.HasSuffix(q.Expr, " or vector(0)") && (found[0].last() != "0") != (q.above&phase != 0) {
		t.Errorf("%s, %s: is %s\n%s", name, panel.Title, found[0].last(), q.Expr)
	}
	has := labels(found)
	for _, m := range legendLabel.FindAllStringSubmatch(q.LegendFormat, -1) {
		if len(found) > 0 && !has[m[1]] && !slices.Contains(sometimes, m[1]) {
			t.Errorf("%s, %s: no series has the label %s of the legend", panel.Title, q.RefID, m[1])
		}
	}
	if panel.Type != "table" || len(found) == 0 {
		return
	}
	for column := range panel.Transformations[0].Options["indexByName"].(map[string]int) {
		if column != "Value" && !has[column] && !slices.Contains(sometimes, column) {
			t.Errorf("%s: no series has the label %s of a column", panel.Title, column)
		}
	}
}
