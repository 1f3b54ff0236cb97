package score

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// played is a result in which the product has raised some alarms, and the first
// reference detector others.
func played(capture string, seed uint64, streams time.Duration, t *truth.Truth, alarms, reference []Alarm) *Result {
	r := &Result{Capture: capture, Seed: seed, Streams: streams, judgements: map[string]Judgement{}}
	for _, d := range Detectors {
		r.judgements[d] = Judge(t, nil)
	}
	r.judgements[Product], r.judgements[Detectors[1]] = Judge(t, alarms), Judge(t, reference)
	return r
}

// Four attacks, of which two are found; one change to be silent about; and a
// quiet day. Three false alarms in two and a half days.
func results() []*Result {
	attack := truth.Episode{Kind: truth.Attack, Type: "replay", Size: "recent", Clocks: []string{gm}, Alerts: []string{"PTPReplay", "PTPSyncInjection"}, FirstFrame: 17}
	lost := truth.Episode{Kind: truth.Fault, Type: "gm-lost", Clocks: []string{gm}, Alerts: []string{"PTPGrandmasterLost"}}
	change := truth.Episode{Kind: truth.Operator, Type: "new-client"}
	warning := alarm("PTPGrandmasterChanged", 105, gm)
	warning.Severity = analysis.Warning
	first := alarm("PTPReplay", 121, gm)
	first.Frame = 17
	another := alarm("PTPReplay", 400, gm)
	const half = 12 * time.Hour
	return []*Result{
		played("replay/recent", 7, half, told(attack), []Alarm{warning, first}, []Alarm{alarm("", 111, gm)}),
		played("replay/recent", 8, half, told(attack), []Alarm{alarm("PTPReplay", 131, rogue)}, nil),
		played("replay/recent", 9, 0, milder(told(attack)), nil, nil),
		played("gm-lost", 7, half, told(lost), []Alarm{alarm("PTPGrandmasterLost", 111, gm)}, nil),
		played("new-client", 7, half, told(change), []Alarm{alarm("PTPReplay", 120, rogue), another}, []Alarm{alarm("", 120, gm)}),
		played("healthy-default/short", 7, half, &truth.Truth{Start: start}, nil, nil),
	}
}

// milder is with less harm done.
func milder(t *truth.Truth) *truth.Truth {
	t.Episodes[0].MaxError["client-1"] = 500
	return t
}

func TestBoard(t *testing.T) {
	b := NewBoard(results(), nil)
	row := Row{
		Episodes: 4, Found: 2, Recall: new(0.5), Interval: Wilson(2, 4), AtOnce: 1,
		LatencyMedian: new(15.0), LatencyP95: new(19.5), ErrorMedian: new(15e-6), ErrorMax: new(20e-6),
		Attributed: 2, AttributedOf: 3, Notifications: new(1.5), NotificationsMost: 2,
	}
	got := b.Detectors[0]
	if diff := cmp.Diff(row, got.Row, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	var of []string
	for _, r := range append(got.Kinds, got.Types...) {
		of = append(of, strings.TrimSpace(r.Kind+r.Type+" "+r.Size)+" "+share(r.Found, r.Episodes))
	}
	if diff := cmp.Diff([]string{"attack 1/3", "fault 1/1", "replay recent 1/3", "gm-lost 1/1"}, of); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	i := Poisson(3)
	if diff := cmp.Diff(Rate{3, new(3 / 2.5), &Interval{i.Low / 2.5, i.High / 2.5}}, got.FalseAlarms); diff != "" {
		t.Errorf("false alarms (-want +got):\n%s", diff)
	}
	i = Poisson(0)
	if diff := cmp.Diff(Rate{0, new(0.0), &Interval{0, i.High / 0.5}}, got.HealthyFalseAlarms); diff != "" {
		t.Errorf("where nothing happens (-want +got):\n%s", diff)
	}
	if r := b.Detectors[1]; r.Found != 1 || r.FalseAlarms.Count != 1 || *r.LatencyMedian != 10 {
		t.Errorf("%s: %+v", r.Detector, r)
	}
	if b.Captures != 6 || b.StreamDays != 2.5 || b.Healthy != 0.5 || b.Silent != 1 || b.Answerable != 1 {
		t.Errorf("%+v", b)
	}
	missed := []Missed{{
		Capture: "replay/recent", Episode: "it", Due: []string{"PTPReplay", "PTPSyncInjection"}, Named: 1, Seeds: []uint64{8, 9}, Of: 3, Error: new(99e-6),
	}}
	if diff := cmp.Diff(missed, b.Missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	falsely := []False{
		{Capture: "replay/recent", Alert: "PTPReplay", Clocks: []string{rogue}, Count: 1, Seeds: []uint64{8}, First: at(131)},
		{Capture: "new-client", Alert: "PTPReplay", Clocks: []string{rogue}, Count: 2, Seeds: []uint64{7}, First: at(120)},
	}
	if diff := cmp.Diff(falsely, b.False); diff != "" {
		t.Errorf("false (-want +got):\n%s", diff)
	}
}

// The product found one replay of three, with one false alarm in their captures;
// the other one too, with none; the product alone found the lost grandmaster.
func TestCompare(t *testing.T) {
	replay, lost := Category{Type: "replay", Size: "recent"}, Category{Type: "gm-lost"}
	none := []Category{}
	got := NewBoard(results(), nil).Against
	if diff := cmp.Diff([]Against{
		{Detectors[1], none, []Category{lost}, []Category{replay}, none},
		{Detectors[2], none, []Category{replay, lost}, []Category{replay}, none},
	}, got[:2]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	swapped := results()
	for _, r := range swapped {
		r.judgements[Product], r.judgements[Detectors[2]] = r.judgements[Detectors[2]], r.judgements[Product]
	}
	if diff := cmp.Diff(Against{Detectors[2], []Category{replay, lost}, none, none, []Category{replay}}, NewBoard(swapped, nil).Against[1]); diff != "" {
		t.Errorf("worse (-want +got):\n%s", diff)
	}
}

func TestFamily(t *testing.T) {
	for _, c := range []struct {
		names                    []string
		episodes, found, falsely int
		silent                   int
	}{
		{nil, 4, 2, 3, 1},
		{[]string{"PTPReplay"}, 3, 1, 3, 0},
		{[]string{"replay"}, 3, 1, 3, 0},
		{[]string{"PTPSyncInjection"}, 0, 0, 0, 0}, // which may notice it, too
		{[]string{"PTPGrandmasterLost"}, 1, 1, 0, 0},
		{[]string{"gm-lost", "new-client"}, 1, 1, 0, 1},
		{[]string{"gm-lost", "PTPReplay"}, 4, 2, 3, 0},
	} {
		f, err := NewFamily(c.names, results())
		if err != nil {
			t.Fatal(err)
		}
		b := NewBoard(results(), f)
		if d := b.Detectors[0]; d.Episodes != c.episodes || d.Found != c.found || d.FalseAlarms.Count != c.falsely || b.Silent != c.silent || (len(b.False) > 0) != (c.falsely > 0) || b.Detectors[1].FalseAlarms.Count != 1 {
			t.Errorf("%v: %d of %d found, %d false, %d to be silent about; want %+v", c.names, d.Found, d.Episodes, d.FalseAlarms.Count, b.Silent, c)
		}
	}
	if _, err := NewFamily([]string{"PTPRepay"}, results()); err == nil || !strings.Contains(err.Error(), `"PTPRepay"`) || !strings.Contains(err.Error(), "PTPReplay") {
		t.Errorf("a name that nothing has: %v", err)
	}
}

func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		value float64
		want  string
	}{
		{0, "0 ns"}, {1e-9, "1 ns"}, {999e-9, "999 ns"}, {1.2345e-6, "1.23 us"}, {0.0415, "41.5 ms"}, {-0.5, "-500 ms"}, {37, "37 s"}, {86400, "86400 s"},
	} {
		if got := seconds(&c.value); got != c.want {
			t.Errorf("%g: %q, want %q", c.value, got, c.want)
		}
	}
	if got := seconds(nil); got != "-" {
		t.Errorf("none: %q", got)
	}
}

func TestSeedList(t *testing.T) {
	for want, seeds := range map[string][]uint64{"seed 3": {3}, "seeds 1..4": {1, 2, 3, 4}, "seeds 1, 3, 5..6, 9": {1, 3, 5, 6, 9}} {
		if got := seedList(seeds); got != want {
			t.Errorf("%v: %q, want %q", seeds, got, want)
		}
	}
}

// Every row of a Markdown table has as many cells as its head.
func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	if err := NewBoard(results(), nil).Write(&out, Markdown); err != nil {
		t.Fatal(err)
	}
	cells, tables := 0, 0
	for line := range strings.Lines(out.String()) {
		switch n := strings.Count(line, "|"); {
		case n == 0:
			cells = 0
		case cells == 0:
			cells, tables = n, tables+1
		case n != cells:
			t.Errorf("%d cells of %d: %s", n, cells, line)
		}
	}
	if tables != 7 {
		t.Errorf("%d tables, want 7", tables)
	}
}
