package audit

import (
	_ "embed"
	"html/template"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/words"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"time": clockTime, "lasts": lasts, "value": words.Fixed, "percent": percent, "limit": limitWord, "clock": clockWord,
	"between":    func(from, to time.Time) string { return lasts(to.Sub(from).Seconds()) },
	"disclaimer": func() []string { return disclaimer },
	// The methods are those of pointers.
	"domain":  func(d Domain) *Domain { return &d },
	"verdict": func(v Verdict) *Verdict { return &v },
	"port":    func(p Port) *Port { return &p },
	"bases":   func(m map[string]float64) []string { return slices.Sorted(maps.Keys(m)) },
}).Parse(pageText))

// WriteHTML writes a Report as one page of HTML that needs nothing else: no
// script, no other file.
func WriteHTML(out io.Writer, r *Report) error { return page.Execute(out, r) }

// What the page asks of a Report.

// Where names the domain.
func (d *Domain) Where() string { return d.where() }

// Said is what other grandmasters said of it.
func (p *Port) Said() string { return p.said() }

// Words say what would have been found.
func (w *Power) Words() string { return w.words() }

// Named are the values that were measured.
func (p *Port) Named() []Named {
	var list []Named
	for _, s := range p.series() {
		list = append(list, Named{s.name, s.Statistics})
	}
	return list
}

// Named are statistics with a name.
type Named struct {
	Name string
	*Statistics
}

// Strip is a picture of what was shown, by time.
func (r *Report) Strip(d *Domain, v *Verdict) template.HTML { return r.strip(d, v) }

// Errors is a picture of errors, by time.
func (r *Report) Errors(d *Domain, v *Verdict) template.HTML { return r.errors(d, v) }

// WatchedStrip is a picture of what was watched, by time.
func (r *Report) WatchedStrip(d *Domain) template.HTML { return r.strip(d, nil) }

// RuleWord names the rule and the limit.
func (v *Verdict) RuleWord() string { return v.rule() }

// Source says whom the limit binds, and where that is said.
func (v *Verdict) Source() []string { return v.source() }

// Shares are the lines of a verdict.
func (v *Verdict) Shares() []share { return v.shares() }

// Class is the word of a verdict as a style has it.
func (v *Verdict) Class() string {
	return map[string]string{WordExceeded: "exceeded", WordWithin: "within", WordNotShown: "undecided"}[v.Word()]
}

// State says what is to be made of the journal.
func (j *Journal) State() string { return j.state() }

// What says what a gap is.
func (g Gap) What() string { return g.what() }

// Incidents is how many the alerts belong to.
func (r *Report) Incidents() int { return r.incidents() }

// Held is for how long an alert did.
func (r *Report) Held(a Alert) string { return lasts(a.held(r.To)) }

// Place is where an alert is about.
func (a Alert) Place() string { return a.where() }

// End is how a run ended.
func (o Run) End() string { return o.end() }
