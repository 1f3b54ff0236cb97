package audit

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ptpwatch/ptpwatch/internal/words"
)

// WriteText writes a Report for a terminal.
func WriteText(out io.Writer, r *Report) error {
	b := bufio.NewWriter(out)
	w := &printer{tabwriter.NewWriter(b, 0, 0, 2, ' ', 0), r}
	w.head()
	for i := range r.Domains {
		w.domain(&r.Domains[i])
	}
	if len(r.Domains) == 0 {
		w.line("\nNo domain is on record in this period.")
	}
	w.gaps()
	w.alerts()
	w.acts()
	w.inputs()
	if err := w.Flush(); err != nil {
		return err
	}
	return b.Flush()
}

type printer struct {
	*tabwriter.Writer
	r *Report
}

// line writes one; tabs part its columns.
func (w *printer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// title begins a part.
func (w *printer) title(text string) {
	_ = w.Flush()
	w.line("\n%s", strings.ToUpper(text))
}

func (w *printer) head() {
	r := w.r
	w.line("PTP from %s to %s (%s)", clockTime(r.From), clockTime(r.To), lasts(r.Seconds()))
	w.line("")
	for _, l := range disclaimer {
		w.line("%s", l)
	}
	w.line("")
	w.line("journal: %s", r.Journal.state())
	for _, d := range r.Domains {
		for i := range d.Verdicts {
			w.line("%s: %s: %s", d.where(), d.Verdicts[i].rule(), d.Verdicts[i].Word())
		}
	}
}

// state says in a line what is to be made of a journal.
func (j *Journal) state() string {
	switch {
	case !j.Whole():
		return fmt.Sprintf("BROKEN: %d breaks of its chain, %d records that make no sense: what follows proves nothing", len(j.Breaks), len(j.Faults))
	case j.Last == 0:
		return "empty"
	case j.First > 1:
		return fmt.Sprintf("whole from record %d on; older ones were removed, as it is kept to a size and an age", j.First)
	}
	return "whole from its first record on"
}

func (w *printer) domain(d *Domain) {
	period := w.r.Seconds()
	w.title("domain")
	w.line("%s", d.where())
	w.line("watched\t%s\t%s", percent(d.Coverage.Watched, period), lasts(d.Coverage.Watched))
	w.line("not heard\t%s\t%s", percent(d.Coverage.Deaf, period), lasts(d.Coverage.Deaf))
	w.line("not on record\t%s\t%s", percent(d.Coverage.Unrecorded, period), lasts(d.Coverage.Unrecorded))
	for i := range d.Verdicts {
		w.verdict(&d.Verdicts[i])
	}
	w.masters(d)
	w.ports(d)
	w.power(d)
}

func (w *printer) verdict(v *Verdict) {
	_ = w.Flush()
	w.line("\n%s: %s", v.rule(), strings.ToUpper(v.Word()))
	for _, l := range v.source() {
		w.line("  %s", l)
	}
	for _, s := range v.shares() {
		name := "  " + s.Name
		if s.Of {
			if s.Seconds == 0 {
				continue
			}
			name = "    of that, " + s.Name
		}
		w.line("%s\t%s\t%s", name, percent(s.Seconds, w.r.Seconds()), lasts(s.Seconds))
	}
	_ = w.Flush()
	if v.Readings == 0 {
		w.line("  no readings")
		return
	}
	w.line("  error in %d readings of 16 s: mean %s, from %s to %s; bound up to %s; error and bound up to %s",
		v.Readings, words.Fixed(v.Error.Mean), words.Fixed(v.Error.Min), words.Fixed(v.Error.Max), words.Fixed(v.Bound), words.Fixed(v.Most))
}

func (w *printer) masters(d *Domain) {
	_ = w.Flush()
	w.line("\nbest masters (%d changes)", d.Changes)
	for _, m := range d.Masters {
		w.line("  %s\t%s\t%s\t%s", clockTime(m.From), clockTime(m.To), lasts(m.To.Sub(m.From).Seconds()), clockWord(m.Grandmaster, m.Name))
	}
}

func (w *printer) ports(d *Domain) {
	if len(d.Ports) == 0 {
		return
	}
	_ = w.Flush()
	w.line("\nmeasured, single packets (offset: the tap's time less the port's)")
	w.line("  grandmaster\tport\ttap\tstamps\tvalue\tcount\tmean\tleast\tmost")
	for i := range d.Ports {
		p := &d.Ports[i]
		for _, s := range p.series() {
			w.line("  %s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s", clockWord(p.Grandmaster, p.Name), p.Port, p.Tap, p.Stamps, s.name, s.Count, words.Fixed(s.Mean), words.Fixed(s.Min), words.Fixed(s.Max))
		}
		for _, basis := range slices.Sorted(maps.Keys(p.Bounds)) {
			w.line("  %s\t%s\t%s\t%s\tbound of the offset, %s\t\t\t\t%s", clockWord(p.Grandmaster, p.Name), p.Port, p.Tap, p.Stamps, basis, words.Fixed(p.Bounds[basis]))
		}
	}
}

// power says what would have been found on the paths that were judged.
func (w *printer) power(d *Domain) {
	_ = w.Flush()
	for i := range d.Ports {
		if p := &d.Ports[i]; p.Power != nil {
			w.line("\nfound on the path to %s at %s, in its worst quarter of an hour: %s", p.Port, p.Tap, p.Power.words())
		}
		if p := &d.Ports[i]; len(p.Jury) > 0 {
			w.line("other grandmasters on %s at %s, quarters of an hour: %s", clockWord(p.Grandmaster, p.Name), p.Tap, p.said())
		}
	}
}

type named struct {
	name string
	*Statistics
}

// series are those that there are.
func (p *Port) series() (list []named) {
	for _, s := range []named{{"offset", p.Offset}, {"mean path delay", p.MeanPathDelay}, {"mean link delay", p.MeanLinkDelay}} {
		if s.Statistics != nil {
			list = append(list, s)
		}
	}
	return list
}

// most is how many lines a list in the text has: the other formats have all.
const most = 40

// rest says how many there are beyond most.
func (w *printer) rest(n int) {
	if n > most {
		w.line("  and %d more: see --format csv or html", n-most)
	}
}

func (w *printer) gaps() {
	w.title("gaps")
	if len(w.r.Gaps) == 0 {
		w.line("none")
	}
	for _, g := range w.r.Gaps[:min(most, len(w.r.Gaps))] {
		w.line("  %s\t%s\t%s\t%s", clockTime(g.From), clockTime(g.To), lasts(g.To.Sub(g.From).Seconds()), g.what())
	}
	w.rest(len(w.r.Gaps))
	for _, c := range w.r.Clocks {
		w.line("  %s\t%s\t%d steps\tthe clock %q of %s stamps; the last by %s", clockTime(c.From), clockTime(c.To), c.Steps, c.Clock, c.Source, words.Fixed(c.Last))
	}
	if w.r.Omitted > 0 {
		w.line("  %d times a record had no room for a domain or a port", w.r.Omitted)
	}
}

func (w *printer) alerts() {
	w.title(fmt.Sprintf("alerts (%d, in %d incidents)", len(w.r.Alerts), w.r.incidents()))
	for i := range w.r.Alerts[:min(most, len(w.r.Alerts))] {
		a := &w.r.Alerts[i]
		w.line("  %s\t%s\t%s\t%s\t%s\t%s", clockTime(a.Raised), lasts(a.held(w.r.To)), a.Severity, a.Alert, a.where(), strings.TrimSpace(a.Grandmaster+" "+a.Reason))
	}
	w.rest(len(w.r.Alerts))
}

// incidents is how many the alerts belong to.
func (r *Report) incidents() int {
	seen := map[uint64]bool{}
	for _, a := range r.Alerts {
		if a.Incident != nil {
			seen[*a.Incident] = true
		}
	}
	return len(seen)
}

func (w *printer) acts() {
	w.title(fmt.Sprintf("operators' acts (%d)", len(w.r.Acts)))
	for _, a := range w.r.Acts[:min(most, len(w.r.Acts))] {
		w.line("  %s\t%s\t%s\t%s", clockTime(a.At), a.Act, a.By, strings.Join(slices.DeleteFunc([]string{a.Accepted, a.Reason, a.Changes, a.Error}, func(s string) bool { return s == "" }), "; "))
	}
	w.rest(len(w.r.Acts))
}

func (w *printer) inputs() {
	r := w.r
	w.title("inputs")
	w.line("made by %s", r.Program)
	for _, o := range r.Runs {
		w.line("ran\t%s\tto %s\tptpwatch %s on %s", clockTime(o.Start), o.end(), o.Version, strings.Join(o.Interfaces, ", "))
	}
	for _, c := range r.Configs {
		w.line("configuration\t%s\tSHA-256 %s", clockTime(c.At), c.SHA256)
	}
	j := &r.Journal
	w.line("journal\t%s\trecords %d to %d, the first of %s", j.Dir, j.First, j.Last, clockTime(j.Begins))
	if j.Head != "" {
		w.line("last record\t\tSHA-256 %s", j.Head)
	}
	for _, f := range j.Files {
		w.line("file\t%s\tSHA-256 %s", f.Name, f.SHA256)
	}
	for _, e := range r.Evidence {
		w.line("evidence\t%s\tSHA-256 %s", e.File, e.SHA256)
	}
	if j.Torn > 0 {
		w.line("%d octets of half a line at its end were not read: it is being written, or was cut off", j.Torn)
	}
	if j.Lost > 0 {
		w.line("%d records of the period were lost: the disk could not be written to", j.Lost)
	}
	for _, b := range j.Breaks {
		w.line("broken: %s", b)
	}
	for _, f := range j.Faults {
		w.line("not counted: %s", f)
	}
}
