package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// table is one that WriteCSV can write.
type table struct {
	name   string
	header []string
	rows   func(r *Report, row func(cells ...any))
}

// Tables are the names of those that WriteCSV knows.
func Tables() []string {
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	return names
}

// WriteCSV writes one table of a Report (RFC 4180): a row of names, then values.
// Durations and errors are in seconds, times as of RFC 3339; what is not
// known is empty.
func WriteCSV(out io.Writer, r *Report, name string) error {
	i := slices.IndexFunc(tables, func(t table) bool { return t.name == name })
	if i < 0 {
		return fmt.Errorf("no table %q: there are %s", name, strings.Join(Tables(), ", "))
	}
	w := csv.NewWriter(out)
	_ = w.Write(tables[i].header) // Flush has the error
	tables[i].rows(r, func(cells ...any) {
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = cell(c)
		}
		_ = w.Write(texts)
	})
	w.Flush()
	return w.Error()
}

// cell is the text of a value. One that a spreadsheet would take for a formula
// gets an apostrophe: some of them come from strangers' packets.
func cell(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(femto(v), 'g', -1, 64)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339Nano)
	case string:
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(v)
}

var scopeColumns = []string{"network", "domain", "sdo_id"}

func columns(scope bool, names ...string) []string {
	if scope {
		return append(slices.Clone(scopeColumns), names...)
	}
	return names
}

var tables = []table{
	{"quarters", columns(true, "from", "to", "watched", "grandmaster", "profile", "limit", "within", "exceeded", "undecided", "pair_within", "pair_exceeded",
		"pair_undecided", "readings", "error_mean", "error_min", "error_max", "bound_max", "error_and_bound_max"), quarterRows},
	{"verdicts", columns(true, "profile", "limit", "verdict", "period", "within", "exceeded", "not_shown", "undecided", "not_measured", "not_watched",
		"pair_within", "pair_exceeded", "pair_undecided", "readings", "error_mean", "error_min", "error_max", "bound_max", "error_and_bound_max"), verdictRows},
	{"coverage", columns(true, "period", "watched", "not_heard", "not_on_record", "changes"), func(r *Report, row func(...any)) {
		for _, d := range r.Domains {
			c := d.Coverage
			row(d.Network, d.Domain, d.SdoID, r.Seconds(), c.Watched, c.Deaf, c.Unrecorded, d.Changes)
		}
	}},
	{"gaps", columns(false, "from", "to", "seconds", "interface", "what"), func(r *Report, row func(...any)) {
		for _, g := range r.Gaps {
			row(g.From, g.To, g.To.Sub(g.From).Seconds(), g.Interface, g.what())
		}
	}},
	{"masters", columns(true, "from", "to", "seconds", "grandmaster", "name"), func(r *Report, row func(...any)) {
		for _, d := range r.Domains {
			for _, m := range d.Masters {
				row(d.Network, d.Domain, d.SdoID, m.From, m.To, m.To.Sub(m.From).Seconds(), m.Grandmaster, m.Name)
			}
		}
	}},
	{"measurements", columns(true, "from", "to", "grandmaster", "name", "port", "tap", "stamps", "value", "count", "mean", "min", "max", "std_dev"), measurementRows},
	{"power", columns(true, "from", "to", "port", "tap", "step", "step_unnamed", "clock_step", "ramp_per_day"), powerRows},
	{"jury", columns(true, "from", "to", "grandmaster", "name", "port", "tap", "verdict", "vouched", "deviation", "allowed"), juryRows},
	{"alerts", columns(true, "raised", "resolved", "severity", "alert", "incident", "grandmaster", "port", "interface", "reason", "certainty", "expected", "observed"), alertRows},
	{"acts", columns(false, "at", "act", "by", "reason", "result", "changes", "error"), func(r *Report, row func(...any)) {
		for _, a := range r.Acts {
			row(a.At, a.Act, a.By, a.Reason, a.Accepted, a.Changes, a.Error)
		}
	}},
	{"inputs", columns(false, "kind", "at", "name", "sha256", "text"), inputRows},
}

func quarterRows(r *Report, row func(...any)) {
	for _, d := range r.Domains {
		for _, q := range d.Quarters {
			last := ""
			if n := len(q.Masters); n > 0 {
				last = q.Masters[n-1].Grandmaster
			}
			cells := []any{d.Network, d.Domain, d.SdoID, q.From, q.To, q.Watched, last}
			if c := q.Compliance; c != nil {
				cells = append(cells, c.Profile, c.Limit, c.Within, c.Exceeded, c.Undecided, c.Pair.Within, c.Pair.Exceeded, c.Pair.Undecided)
				cells = append(cells, readings(c.Readings, c.Error, c.Bound, c.Most)...)
			}
			row(filled(cells, 20)...)
		}
	}
}

// readings are the columns about them, empty where there are none.
func readings(n uint64, e Extent, bound, most float64) []any {
	if n == 0 {
		return []any{n, "", "", "", "", ""}
	}
	return []any{n, e.Mean, e.Min, e.Max, bound, most}
}

// filled has empty cells up to a number.
func filled(cells []any, n int) []any {
	for len(cells) < n {
		cells = append(cells, "")
	}
	return cells
}

func verdictRows(r *Report, row func(...any)) {
	for _, d := range r.Domains {
		for i := range d.Verdicts {
			v := &d.Verdicts[i]
			cells := []any{
				d.Network, d.Domain, d.SdoID, v.Profile, v.Limit, v.Word(), r.Seconds(), v.Within, v.Exceeded, v.NotShown(), v.Undecided, v.Unread, v.Unheard,
				v.Pair.Within, v.Pair.Exceeded, v.Pair.Undecided,
			}
			row(append(cells, readings(v.Readings, v.Error, v.Bound, v.Most)...)...)
		}
	}
}

func measurementRows(r *Report, row func(...any)) {
	for _, d := range r.Domains {
		for _, p := range d.Ports {
			for _, q := range p.Quarters {
				one := Port{Offset: q.Offset, MeanPathDelay: q.MeanPathDelay, MeanLinkDelay: q.MeanLinkDelay}
				for _, s := range one.series() {
					row(d.Network, d.Domain, d.SdoID, q.From, q.To, q.Grandmaster, q.Name, q.Port, q.Tap, q.Stamps,
						strings.ReplaceAll(s.name, " ", "_"), s.Count, s.Mean, s.Min, s.Max, s.StdDev)
				}
			}
		}
	}
}

func powerRows(r *Report, row func(...any)) {
	for _, d := range r.Domains {
		for _, p := range d.Ports {
			for _, q := range p.Quarters {
				if w := q.Power; w != nil {
					row(d.Network, d.Domain, d.SdoID, q.From, q.To, q.Port, q.Tap, w.Step, w.Unnamed, w.Clock, w.RampPerDay)
				}
			}
		}
	}
}

func juryRows(r *Report, row func(...any)) {
	for _, d := range r.Domains {
		for _, p := range d.Ports {
			for _, q := range p.Quarters {
				if j := q.Jury; j != nil {
					row(d.Network, d.Domain, d.SdoID, q.From, q.To, q.Grandmaster, q.Name, q.Port, q.Tap, j.Verdict, j.Vouched, j.Deviation, j.Allowed)
				}
			}
		}
	}
}

func alertRows(r *Report, row func(...any)) {
	for _, a := range r.Alerts {
		domain, incident := "", ""
		if a.Domain != nil {
			domain = strconv.Itoa(int(*a.Domain))
		}
		if a.Incident != nil {
			incident = strconv.FormatUint(*a.Incident, 10)
		}
		row(a.Network, domain, a.SdoID, a.Raised, a.Resolved, a.Severity, a.Alert, incident, a.Grandmaster, a.Port, a.Interface, a.Reason, a.Certainty, a.Expected, a.Observed)
	}
}

func inputRows(r *Report, row func(...any)) {
	row("report", r.From, r.Program, "", "to "+clockTime(r.To))
	for _, o := range r.Runs {
		row("run", o.Start, "ptpwatch "+o.Version, "", "to "+o.end())
	}
	for _, c := range r.Configs {
		row("configuration", c.At, "", c.SHA256, "")
	}
	j := &r.Journal
	row("journal", j.Begins, j.Dir, j.Head, j.state())
	for _, f := range j.Files {
		row("file", "", f.Name, f.SHA256, fmt.Sprintf("%d octets", f.Bytes))
	}
	for _, e := range r.Evidence {
		row("evidence", e.At, e.File, e.SHA256, "")
	}
	for _, b := range j.Breaks {
		row("broken", "", "", "", b)
	}
	for _, f := range j.Faults {
		row("not counted", "", "", "", f)
	}
}
