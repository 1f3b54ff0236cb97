package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

func writeReport(t *testing.T, format Format, s *Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteReport(&b, format, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportGolden(t *testing.T) {
	golden(t, "testdata/report.txt", writeReport(t, Text, fixture()))
	golden(t, "testdata/report.json", writeReport(t, JSON, fixture()))
}

func TestReportOfNothing(t *testing.T) {
	golden(t, "testdata/empty.txt", writeReport(t, Text, &Snapshot{}))
	want := "{\n  \"captures\": [],\n  \"domains\": [],\n  \"alerts\": [],\n  \"tables\": [],\n  \"timestamp_clocks\": []\n}\n"
	if got := string(writeReport(t, JSON, &Snapshot{})); got != want {
		t.Errorf("got %s", got)
	}
}

// Maps have no order of their own; the report must.
func TestReportIsDeterministic(t *testing.T) {
	for _, format := range []Format{Text, JSON} {
		first := writeReport(t, format, fixture())
		for range 20 {
			if diff := cmp.Diff(string(first), string(writeReport(t, format, fixture()))); diff != "" {
				t.Fatalf("%s (-first +later)\n%s", format, diff)
			}
		}
	}
}

func TestReportJSONRoundTrip(t *testing.T) {
	text := writeReport(t, JSON, fixture())
	var back Report
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(NewReport(fixture()), &back); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A script may rely on these, whatever else is there.
func TestReportHasTheFieldsPromised(t *testing.T) {
	var r map[string]any
	if err := json.Unmarshal(writeReport(t, JSON, fixture()), &r); err != nil {
		t.Fatal(err)
	}
	at := func(list any, i int) map[string]any { return list.([]any)[i].(map[string]any) }
	domain := at(r["domains"], 0)
	a := at(domain["ports"], 2)
	for _, c := range []struct {
		name   string
		object map[string]any
		fields string
	}{
		{"capture", at(r["captures"], 0), "file frames ptp_messages malformed first last"},
		{"domain", domain, "network domain sdo_id profile best_grandmaster grandmasters ports exchanges"},
		{"grandmaster", at(domain["grandmasters"], 1), "identity name acceptable best_seconds first_seen last_seen dataset"},
		{"dataset", at(domain["grandmasters"], 1)["dataset"].(map[string]any), "priority1 clock_class clock_accuracy " +
			"offset_scaled_log_variance priority2 steps_removed current_utc_offset current_utc_offset_valid leap59 leap61 " +
			"ptp_timescale time_traceable frequency_traceable synchronization_uncertain time_source"},
		{"port", a, "port role mac ip vlan transport messages two_step mean_path_delay forward_delay timestamp_source"},
		{"delay", a["forward_delay"].(map[string]any), "count min median p99 max"},
		{"alert", at(r["alerts"], 0), "alert severity raised resolved network domain sdo_id grandmaster port interface " +
			"reason direction certainty count summary expected observed frame references"},
	} {
		for f := range strings.FieldsSeq(c.fields) {
			if _, ok := c.object[f]; !ok {
				t.Errorf("%s: no field %s", c.name, f)
			}
		}
	}
	for _, f := range []string{"reverse_delay", "mean_link_delay", "offset"} {
		if _, ok := a[f]; ok {
			t.Errorf("%s was not measured, yet it is there", f)
		}
	}
}

// hostile is a fixture in which every text a stranger can choose tries to
// write to the terminal.
func hostile() *Snapshot {
	const evil = "\x1b]0;owned\a\x1b[2J\u009b31m\u202eabc\n  CRITICAL forged\tline\x7f"
	s := fixture()
	s.Captures[0].File, s.Captures[0].Fault = evil, evil
	s.Captures[0].Malformed[ptp.Malformation(evil)] = 1
	s.Captures[0].Skipped = map[string]uint64{evil: 1}
	d := &s.View.Domains[0]
	d.Scope.Network, d.Profile, d.BestReason = evil, evil, evil
	d.Grandmasters[1].Name = evil
	d.Ports[2].Interface, d.Ports[2].Version = evil, evil
	for i := range s.View.Alerts {
		a := &s.View.Alerts[i]
		a.Scope.Network, a.Interface, a.Reason, a.Summary, a.Expected, a.Observed = evil, evil, evil, evil, evil, evil
		a.Frame = packet.Frame{File: evil, Number: 1}
		a.References = []string{evil}
	}
	return s
}

func TestReportLeavesTheTerminalAlone(t *testing.T) {
	lines := func(b []byte) int { return bytes.Count(b, []byte("\n")) }
	for _, format := range []Format{Text, JSON} {
		got := writeReport(t, format, hostile())
		for line := range strings.Lines(string(got)) {
			if line = strings.TrimSuffix(line, "\n"); !isPrintable(line) {
				t.Errorf("%s: %q", format, line)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "CRITICAL forged") {
				t.Errorf("%s: forged line %q", format, line)
			}
		}
		if format == JSON && !json.Valid(got) {
			t.Error("the JSON report does not parse")
		}
		if lines(got) < lines(writeReport(t, format, fixture())) {
			t.Errorf("%s: the report lost lines", format)
		}
	}
	var back Report
	if err := json.Unmarshal(writeReport(t, JSON, hostile()), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(NewReport(hostile()), &back); diff != "" {
		t.Errorf("escaping changed the JSON report (-want +got)\n%s", diff)
	}
}

func TestReportTextIsShort(t *testing.T) {
	s := flood(1, 5000)
	s.View.Alerts = append(s.View.Alerts, fixtureAlerts()...)
	text := string(writeReport(t, Text, s))
	if n := strings.Count(text, "\n"); n > 8*(maxTextRows+10) {
		t.Errorf("%d lines for 5000 ports and 1000 alerts", n)
	}
	if !strings.Contains(text, "CRITICAL PTPGrandmasterLost") || !strings.Contains(text, "... and 962 more") {
		t.Error("1000 warnings hide the critical alert, or nothing says that there are more")
	}
	if !strings.Contains(text, "... and 4960 more; --format json has them all") {
		t.Error("the report does not say what it left out")
	}
	if !strings.Contains(text, clockA.String()) {
		t.Error("the real grandmaster is not in it")
	}
}

func TestReportFormatUnknown(t *testing.T) {
	err := WriteReport(&bytes.Buffer{}, "yaml", fixture())
	if err == nil || err.Error() != `report format "yaml": text and json are accepted` {
		t.Errorf("got %v", err)
	}
}

func TestDurationWord(t *testing.T) {
	for _, c := range []struct {
		seconds float64
		want    string
	}{
		{0, "0 ns"}, {17.26e-9, "17.3 ns"}, {-512e-9, "-512.0 ns"}, {999.96e-9, "1.000 µs"}, {1.5e-6, "1.500 µs"},
		{999.9996e-6, "1.000 ms"}, {-0.0025, "-2.500 ms"}, {0.9999996, "1.000 s"}, {37, "37.000 s"},
	} {
		if got := words.Fixed(c.seconds); got != c.want {
			t.Errorf("words.Fixed(%v) = %q, want %q", c.seconds, got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"gm-a µs ü": "gm-a µs ü", "a\x1bb": `a\x1bb`, "a\nb\t": `a\nb\t`, "\xff\xc2": `\xff\xc2`, "\u202e": `\u202e`,
		"\U000e0001": `\U000e0001`, `back\slash "quote"`: `back\slash "quote"`, "\ufffd": "\ufffd", "": "",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("gm\x1b[31m\xff")
	f.Add("\u009b\u202e\U000e0001\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := printable(s)
		if !isPrintable(got) {
			t.Errorf("printable(%q) = %q does not print", s, got)
		}
		if isPrintable(s) && got != s {
			t.Errorf("printable(%q) = %q changes what prints", s, got)
		}
		// Escaping what encoding/json wrote must not change what it means.
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var plain, escaped string
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(escapeJSON(text), &escaped); err != nil || plain != escaped {
			t.Errorf("escapeJSON(%s) means %q (%v), want %q", text, escaped, err, plain)
		}
		if !isPrintable(string(escapeJSON(text))) {
			t.Errorf("escapeJSON(%s) does not print", text)
		}
	})
}

func TestTimeJSON(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for want, in := range map[string]Time{
		"null":                             {},
		`"2026-10-09T12:00:00.000000000Z"`: {start.In(zone)},
		`"2026-10-09T12:00:00.000000001Z"`: {start.Add(1)},
	} {
		if got, err := json.Marshal(in); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestEventsGolden(t *testing.T) {
	alerts := fixtureAlerts()
	raised := alerts[0]
	raised.Resolved, raised.LastSeen = time.Time{}, raised.Raised
	var b bytes.Buffer
	w := NewEventWriter(&b)
	for _, f := range []analysis.Finding{
		{At: start, Event: analysis.GrandmasterAppeared, Scope: fixtureScope, Grandmaster: clockA, Port: port(clockA, 1), Frame: packet.Frame{File: "lab.pcapng", Number: 1}},
		{At: at(30 * time.Second), Event: analysis.IncidentOpened, Scope: fixtureScope, Incident: &analysis.Incident{
			ID: 7, Scope: fixtureScope, Opened: at(30 * time.Second), Severity: analysis.Critical,
		}},
		{At: at(30 * time.Second), Event: analysis.AlertRaised, Scope: fixtureScope, Grandmaster: clockA, Alert: &raised},
		{At: at(32 * time.Second), Event: analysis.AlertResolved, Scope: fixtureScope, Grandmaster: clockA, Alert: &alerts[0]},
		{At: at(92 * time.Second), Event: analysis.IncidentClosed, Incident: &analysis.Incident{
			ID: 8, Opened: at(30 * time.Second), Closed: at(92 * time.Second), Severity: analysis.Critical, Alerts: 1,
		}},
		{At: at(time.Minute), Event: analysis.GrandmasterChanged, Scope: fixtureScope, Grandmaster: clockB, Previous: clockA, Port: port(clockB, 2), Frame: packet.Frame{Number: 7}},
		{At: at(time.Hour), Event: analysis.GrandmasterForgotten, Scope: fixtureScope, Grandmaster: clockA},
	} {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "testdata/events.jsonl", b.Bytes())
}

// An event about an alert holds the very fields of the report's alert.
func TestAlertEventIsTheAlertOfTheReport(t *testing.T) {
	alert := fixtureAlerts()[1]
	var b bytes.Buffer
	if err := NewEventWriter(&b).Write(&analysis.Finding{At: alert.Raised, Event: analysis.AlertRaised, Alert: &alert}); err != nil {
		t.Fatal(err)
	}
	var event, inReport map[string]any
	if err := json.Unmarshal(b.Bytes(), &event); err != nil {
		t.Fatal(err)
	}
	report, err := json.Marshal(newAlertReport(&alert))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(report, &inReport); err != nil {
		t.Fatal(err)
	}
	inReport["event"], inReport["at"] = "raised", "2026-10-09T12:01:00.000000000Z"
	if diff := cmp.Diff(inReport, event); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := bytes.Count(b.Bytes(), []byte("\n")); n != 1 || !bytes.HasPrefix(b.Bytes(), []byte(`{"event":"raised",`)) {
		t.Errorf("not one line that starts with its event: %s", b.Bytes())
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

func TestWriteErrorsAreReported(t *testing.T) {
	for _, format := range []Format{Text, JSON} {
		if err := WriteReport(failingWriter{}, format, fixture()); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
	if err := NewEventWriter(failingWriter{}).Write(&analysis.Finding{}); err == nil {
		t.Error("event: no error")
	}
}
