package export

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

//go:embed web
var webFiles embed.FS

var statusTemplate = template.Must(template.New("status.html").Funcs(template.FuncMap{
	"ago": agoWords, "word": severityWords, "changes": func(n uint64) string { return plural(n, "change") }, "duration": words.Fixed,
}).ParseFS(webFiles, "web/status.html"))

// onStatus is the room of the status page: a site's clocks, and a page that a
// telephone can still show.
var onStatus = room{domains: 32, grandmasters: 128, ports: 512, alerts: 50}

// maxCards is how many alerts are shown.
const maxCards = 100

// sections are the parts of the page that are sent anew when they change, each
// a template of that name and an element with that id.
var sections = []string{"status", "alerts", "domains", "timing", "capture"}

// statusPage is the data of the status page.
type statusPage struct {
	Status
	Report     *Report
	Alerts     []alertCard // those that hold first, the gravest, the newest
	AlertsMore int         // that are not shown
	Domains    []domainCard
	Timing     []timingCard
	Claims     []claimRow
	ClaimsMore string // that are not shown
	Interfaces []Interface
	Reload     Reload
	Memory     *Memory
}

// alertCard is an alert with what to do about it.
type alertCard struct {
	AlertReport
	Holds  bool
	Advice string
}

// domainCard is a domain with its tree.
type domainCard struct {
	*DomainReport
	At           time.Time
	Grandmasters []grandmasterCard
	Tree         forest
}

// grandmasterCard is a grandmaster with the verdict on it.
type grandmasterCard struct {
	GrandmasterReport
	Verdict string
	Why     []string
	Suspect bool
	Flags   string
}

// timingCard is what is measured of one port.
type timingCard struct {
	Network  string
	Domain   uint8
	Port     string
	Measures []measureCard
}

type measureCard struct {
	measure
	Spark spark
}

func newStatusPage(s *Snapshot, status Status, h *history) *statusPage {
	page := &statusPage{
		Status: status, Report: newLimitedReport(s, onStatus),
		Interfaces: s.Interfaces, Reload: s.Reload, Memory: s.Memory,
	}
	for i := range page.Report.Domains {
		page.Domains = append(page.Domains, newDomainCard(&page.Report.Domains[i], s.view().At))
	}
	for _, a := range slices.Backward(page.Report.Alerts) {
		page.Alerts = append(page.Alerts, alertCard{a, a.Resolved.IsZero(), adviceOn(a.Alert)})
	}
	slices.SortStableFunc(page.Alerts, func(a, b alertCard) int { return rankOf(a) - rankOf(b) })
	if n := len(page.Alerts); n > maxCards {
		page.Alerts, page.AlertsMore = page.Alerts[:maxCards], n-maxCards
	}
	if o := page.Report.Omitted; o != nil {
		page.AlertsMore += o.Alerts
	}
	page.Claims, page.ClaimsMore = newClaimCards(page.Report)
	for _, p := range measuredPorts(s.view()) {
		card := timingCard{
			Network: p.domain.Scope.Network, Domain: p.domain.Scope.DomainNumber,
			Port: p.Port.String(),
		}
		for _, m := range measures(p.PortView) {
			card.Measures = append(card.Measures, measureCard{m, newSpark(m.Kind, h.line(m.key(p)))})
		}
		page.Timing = append(page.Timing, card)
	}
	return page
}

// rankOf orders alerts: those that hold by severity, then those that ended.
func rankOf(a alertCard) int {
	if !a.Holds {
		return 3
	}
	return slices.Index([]string{string(analysis.Critical), string(analysis.Warning), string(analysis.Info)}, a.Severity)
}

func adviceOn(alert string) string {
	for i := range analysis.Definitions {
		if d := &analysis.Definitions[i]; d.Name == alert {
			return d.Advice
		}
	}
	return ""
}

func newDomainCard(d *DomainReport, at time.Time) domainCard {
	card := domainCard{DomainReport: d, At: at, Tree: newForest(d, at)}
	for _, g := range d.Grandmasters {
		verdict, why := judge(d, &g)
		card.Grandmasters = append(card.Grandmasters, grandmasterCard{
			GrandmasterReport: g, Verdict: verdict, Why: append(why, g.Jury.word()), Flags: flagWords(&g.Dataset),
			Suspect: g.Acceptable != nil && !*g.Acceptable,
		})
	}
	slices.SortStableFunc(card.Grandmasters, func(a, b grandmasterCard) int { return int(number(b.Best) - number(a.Best)) })
	return card
}

// judge says what is thought of a grandmaster, and why.
func judge(d *DomainReport, g *GrandmasterReport) (verdict string, why []string) {
	verdict = "standby"
	if g.Best {
		verdict = "best"
		reason := "best by " + d.BestReason
		if d.BestReason == "only candidate" {
			reason = "the only candidate"
		}
		why = append(why, reason+mark(d.BestHinges != "", "; a receiver may decide otherwise by "+d.BestHinges))
	} else if d.NextGrandmaster != nil && *d.NextGrandmaster == g.Identity {
		why = append(why, "next: loses to the best by "+d.NextReason)
	}
	for _, c := range d.Contenders {
		if c.Grandmaster == g.Identity {
			why = append(why, candidateWords(&c))
		}
	}
	switch {
	case g.Acceptable == nil && d.BaselineState == string(analysis.StateLearning):
		return verdict + ", not judged yet", append(why, "the baseline is being learned")
	case g.Acceptable == nil:
		return verdict + ", not judged", append(why, "no baseline and no list says who is right")
	case *g.Acceptable:
		return verdict + ", acceptable", append(why, "listed, or pinned in the baseline")
	}
	return verdict + ", NOT acceptable", append(why, "neither listed nor pinned in the baseline")
}

func candidateWords(c *ContenderReport) string {
	switch {
	case c.Bar != "":
		return "announced by " + c.Port + ", which can never qualify: " + c.Bar
	case c.WouldWin:
		return "announced by " + c.Port + ", not qualified yet: its next Announce will make it the best"
	}
	return "announced by " + c.Port + ", not qualified yet, and would not win"
}

// agoWords is how long ago a time is, by the time of the analysis.
func agoWords(t Time, at time.Time) string {
	switch d := at.Sub(t.Time); {
	case t.IsZero():
		return "never"
	case d < 10*time.Second:
		return "just now"
	default:
		return d.Truncate(time.Second).String() + " ago"
	}
}

// severityWords are a severity's sign and word: colour alone says nothing.
func severityWords(severity string) string {
	switch severity {
	case string(analysis.Critical):
		return "✕ critical"
	case string(analysis.Warning):
		return "▲ warning"
	}
	return "● " + severity
}

// Headline is the status in a sentence.
func (p *statusPage) Headline() string {
	switch p.State {
	case StateStalled:
		return "OLD: the agent stands still"
	case StateCritical:
		return "CRITICAL: " + firstAlert(p.Alerts)
	case StateBlind:
		return "BLIND: not everything is watched"
	case StateWarning:
		return "WARNING: " + firstAlert(p.Alerts)
	case StateLearning:
		return "LEARNING: not judged yet"
	}
	return "OK: nothing to report"
}

// Sign is the headline's, for who does not see colours.
func (p *statusPage) Sign() string {
	return map[State]string{
		StateStalled: "✕", StateCritical: "✕", StateBlind: "?", StateWarning: "▲", StateLearning: "…", StateOK: "✓",
	}[p.State]
}

func firstAlert(list []alertCard) string {
	if len(list) == 0 || !list[0].Holds {
		return "see below"
	}
	return list[0].Alert
}

// Loss is what a capture lost, in words; "" for nothing.
func (c CaptureReport) Loss() string {
	var words []string
	if c.Drops > 0 {
		words = append(words, plural(c.Drops, "drop"))
	}
	if n := sumOf(c.Malformed); n > 0 {
		words = append(words, fmt.Sprintf("%d malformed (%s)", n, countWords(c.Malformed)))
	}
	if c.Fault != "" {
		words = append(words, c.Fault)
	}
	return strings.Join(words, ", ")
}

// render writes one template. What does not print is spelled out: names on the
// wire may hold what turns text around.
func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := statusTemplate.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	if text := b.String(); !printsAll(text) {
		return []byte(spellLines(text)), nil
	}
	return b.Bytes(), nil
}

func printsAll(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if !isPrintable(line) {
			return false
		}
	}
	return true
}

func spellLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
