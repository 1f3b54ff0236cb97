package export

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// maxTextRows bounds each list of the text report; the JSON report has all.
const maxTextRows = 40

// textReport gathers lines. Every word of a report passes through line or
// row, which let nothing unprintable by.
type textReport struct {
	out bytes.Buffer
}

// line writes one line of prose.
func (t *textReport) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.out.WriteString(strings.TrimRight(printable(text), " "))
	t.out.WriteByte('\n')
}

// rows writes a table, at most maxTextRows of it.
func (t *textReport) rows(indent string, head []string, rows [][]string) {
	var table bytes.Buffer
	tw := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, r := range slices.Concat([][]string{head}, rows[:min(len(rows), maxTextRows)]) {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = printable(c)
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	tw.Flush() // to a buffer: it cannot fail
	for text := range strings.Lines(table.String()) {
		t.line("%s%s", indent, strings.TrimSuffix(text, "\n"))
	}
	if more := len(rows) - maxTextRows; more > 0 {
		t.line("%s... and %d more; --format json has them all", indent, more)
	}
}

func writeText(w io.Writer, r *Report) error {
	var t textReport
	t.captures(r)
	for i := range r.Domains {
		t.domain(&r.Domains[i])
	}
	t.pairs(r)
	t.jury(r)
	t.ways(r)
	t.stampClocks(r)
	t.alerts(r)
	_, err := w.Write(t.out.Bytes())
	return err
}

func (t *textReport) captures(r *Report) {
	t.line("Captures%s", mark(len(r.Captures) == 0, ": none"))
	for _, c := range r.Captures {
		t.line("  %s: %d frames, %d PTP%s, %s", cmp.Or(c.File, c.Interface), c.Frames, c.PTPMessages, v1Words(c.V1Messages), malformedWords(c.Malformed))
		if c.Drops > 0 || c.Fragments > 0 || c.OutOfOrder > 0 {
			t.line("    %d dropped, %d fragments, %d out of order", c.Drops, c.Fragments, c.OutOfOrder)
		}
		for _, why := range slices.Sorted(maps.Keys(c.Skipped)) {
			t.line("    %d frames not looked into: %s", c.Skipped[why], why)
		}
		if !c.First.IsZero() {
			t.line("    %s to %s (%s)", clockTime(c.First), clockTime(c.Last), c.Last.Sub(c.First.Time))
		}
		if c.Fault != "" {
			t.line("    reading ended early: %s", c.Fault)
		}
	}
	for _, table := range r.Tables {
		if table.Evictions > 0 {
			t.line("  Table %s was full (%d): %d entries pushed out or refused", table.Table, table.Limit, table.Evictions)
		}
	}
	if len(r.Domains) == 0 {
		t.line("")
		t.line("No PTP message was seen.")
	}
}

func (t *textReport) domain(d *DomainReport) {
	profile := ""
	if d.Profile != "" {
		profile = ", profile " + d.Profile
	}
	if d.ProfileReason != "" {
		profile += " (" + d.ProfileReason + ")"
	}
	t.line("")
	t.line("Network %s, domain %d, sdoId %s%s", d.Network, d.Domain, d.SdoID, profile)
	if d.BestGrandmaster == nil {
		t.line("  No best grandmaster; %s", plural(d.GrandmasterChanges, "change"))
	} else {
		t.line("  Best grandmaster %s by %s, announced by %s; %s", *d.BestGrandmaster,
			cmp.Or(d.BestReason, "unknown"), orEmpty(d.BestPort), plural(d.GrandmasterChanges, "change"))
	}
	if d.BestHinges != "" {
		t.line("    for receivers with the default %s; others may choose another", d.BestHinges)
	}
	if d.NextGrandmaster != nil {
		t.line("  Next %s, worse by %s", *d.NextGrandmaster, d.NextReason)
	}
	if d.BaselineState != "" {
		t.line("  Baseline %s", d.BaselineState)
	}
	for i, c := range d.Contenders {
		if i == shownContenders {
			t.line("  and %d more that are heard but not qualified", len(d.Contenders)-i)
			break
		}
		t.line("  Contender %s by %s: %s", c.Grandmaster, c.Port, contenderWords(&c))
	}
	t.grandmasters(d)
	t.ports(d)
	t.delays(d)
	t.claims(d)
	for _, kind := range slices.Sorted(maps.Keys(d.Exchanges)) {
		if sumOf(d.Exchanges[kind]) > 0 {
			t.line("  Exchanges %s: %s", kind, countWords(d.Exchanges[kind]))
		}
	}
}

const shownContenders = 8

func contenderWords(c *ContenderReport) string {
	if c.Bar != "" {
		return "never qualifies, by its " + c.Bar
	}
	outcome := "would not win"
	if c.WouldWin {
		outcome = "would win"
	}
	return "qualifies at " + c.QualifiesAt.Format(timeLayout) + ", " + outcome
}

func (t *textReport) grandmasters(d *DomainReport) {
	if len(d.Grandmasters) == 0 {
		return
	}
	rows := make([][]string, 0, len(d.Grandmasters))
	for _, g := range bestFirst(d.Grandmasters) {
		set := g.Dataset
		rows = append(rows, []string{
			mark(g.Best, "*"), g.Identity, cmp.Or(g.Name, "-"), listWord(g.Acceptable),
			strconv.Itoa(int(set.Priority1)), strconv.Itoa(int(set.ClockClass)),
			fmt.Sprintf("0x%02x", set.ClockAccuracy), fmt.Sprintf("0x%04x", set.OffsetScaledLogVariance),
			strconv.Itoa(int(set.Priority2)), strconv.Itoa(int(set.StepsRemoved)), set.TimeSource, utcOffset(&set), flagWords(&set),
			(time.Duration(g.BestSeconds * float64(time.Second))).Round(time.Millisecond).String(),
		})
	}
	t.line("  Grandmasters (* best)")
	t.rows("    ", []string{"", "IDENTITY", "NAME", "ACCEPTED", "PRIO1", "CLASS", "ACC", "VAR", "PRIO2", "STEPS", "SOURCE", "UTC", "FLAGS", "BEST FOR"}, rows)
}

// bestFirst is the list with the best grandmaster, then the acceptable ones,
// in front.
func bestFirst(list []GrandmasterReport) []GrandmasterReport {
	listed := func(g GrandmasterReport) bool { return g.Acceptable != nil && *g.Acceptable }
	return slices.SortedStableFunc(slices.Values(list), func(a, b GrandmasterReport) int {
		return cmp.Or(cmp.Compare(number(b.Best), number(a.Best)), cmp.Compare(number(listed(b)), number(listed(a))))
	})
}

func (t *textReport) ports(d *DomainReport) {
	if len(d.Ports) == 0 {
		return
	}
	rows := make([][]string, 0, len(d.Ports))
	for _, p := range transmittersFirst(d.Ports) {
		rows = append(rows, []string{
			p.Port, p.Role, cmp.Or(orEmpty(p.IP), orEmpty(p.MAC), "-"), vlanWords(p.VLAN), p.Transport, stepWord(&p), delayMechanism(&p), countWords(p.Messages),
		})
	}
	t.line("  Ports")
	t.rows("    ", []string{"PORT", "ROLE", "SENDER", "VLAN", "TRANSPORT", "STEP", "DELAY", "MESSAGES"}, rows)
}

// transmittersFirst is the list with the ports that announce a grandmaster in
// front.
func transmittersFirst(list []PortReport) []PortReport {
	return slices.SortedStableFunc(slices.Values(list), func(a, b PortReport) int {
		return cmp.Compare(number(b.Grandmaster != nil), number(a.Grandmaster != nil))
	})
}

func (t *textReport) delays(d *DomainReport) {
	var rows [][]string
	for _, p := range transmittersFirst(d.Ports) {
		for _, t := range append([]TimingReport{p.TimingReport}, p.OtherTaps...) {
			for _, m := range t.rows() {
				rows = append(rows, []string{p.Port, t.Tap, m.name, strconv.FormatUint(m.Count, 10),
					words.Fixed(m.Min), words.Fixed(m.Median), words.Fixed(m.P99), words.Fixed(m.Max), t.stamps()})
			}
		}
	}
	if len(rows) > 0 {
		t.line("  Measured")
		t.rows("    ", []string{"PORT", "TAP", "", "COUNT", "MIN", "MEDIAN", "P99", "MAX", "STAMPS"}, rows)
	}
}

func (t *textReport) alerts(r *Report) {
	t.line("")
	if len(r.Alerts) == 0 {
		t.line("Alerts: none")
		return
	}
	bySeverity := map[string]uint64{}
	for _, a := range r.Alerts {
		bySeverity[a.Severity]++
	}
	t.line("Alerts: %d critical, %d warning, %d info", bySeverity["critical"], bySeverity["warning"], bySeverity["info"])
	gravest := slices.SortedStableFunc(slices.Values(r.Alerts), func(a, b AlertReport) int {
		return analysis.Severity(b.Severity).Compare(analysis.Severity(a.Severity))
	})
	for i := range gravest[:min(len(gravest), maxTextRows)] {
		t.alert(&gravest[i])
	}
	if more := len(gravest) - maxTextRows; more > 0 {
		t.line("")
		t.line("  ... and %d more; --format json has them all", more)
	}
}

func (t *textReport) alert(a *AlertReport) {
	until := "still holds"
	if !a.Resolved.IsZero() {
		until = "until " + clockTime(a.Resolved)
	}
	t.line("")
	t.line("  %s %s  %s, %s", strings.ToUpper(a.Severity), a.Alert, clockTime(a.Raised), until)
	t.line("    %s", a.Summary)
	if a.Expected != "" || a.Observed != "" {
		t.line("    expected %s", cmp.Or(a.Expected, "-"))
		t.line("    observed %s", cmp.Or(a.Observed, "-"))
	}
	t.line("    %s", strings.Join(a.where(), ", "))
	if len(a.References) > 0 {
		t.line("    see %s", strings.Join(a.References, "; "))
	}
}

// where says where an alert was raised and by what, leaving out what it does
// not know.
func (a *AlertReport) where() []string {
	var words []string
	say := func(name, value string) {
		if value != "" {
			words = append(words, strings.TrimSpace(name+" "+value))
		}
	}
	if a.Frame != nil {
		say("frame", strconv.FormatUint(a.Frame.Number, 10)+mark(a.Frame.File != "", " of "+a.Frame.File))
	} else {
		say("no frame:", "no single one raised it")
	}
	if a.Network != nil {
		say("network", *a.Network)
		say("domain", strconv.Itoa(int(*a.Domain)))
	}
	say("grandmaster", orEmpty(a.Grandmaster))
	say("port", orEmpty(a.Port))
	say("interface", a.Interface)
	say("reason", a.Reason)
	say("direction", a.Direction)
	say("", a.Certainty)
	if a.Count > 1 {
		say("met", plural(a.Count, "time"))
	}
	if a.Incident != nil {
		say("incident", strconv.FormatUint(*a.Incident, 10))
	}
	return words
}

func v1Words(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of version 1, not tracked)", n)
}
