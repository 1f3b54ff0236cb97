package score

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

func run(t *testing.T, cases []Case, workers int) []*Result {
	t.Helper()
	results, err := Run(t.Context(), cases, workers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func corpus(t *testing.T, from, to uint64, names ...string) []Case {
	t.Helper()
	cases, err := Corpus(names, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func printed(t *testing.T, b *Board, f Format) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out, f); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A lost grandmaster is found; where nothing happens nobody cries; the limit of
// path delay finds what is larger, and the sequence heuristic a replay.
func TestCorpus(t *testing.T) {
	for _, c := range []struct {
		scenario string
		found    map[string]int
		episodes int
	}{
		{"gm-lost", map[string]int{Product: 2}, 2},
		{"ab-networks", map[string]int{}, 0},
		{"compliance-within", map[string]int{}, 0},
		{"compliance-uk-rts25/warning", map[string]int{Product: 2, "60-s slope": 2, "5-min EWMA": 2}, 2},
		{"compliance-g8271/critical", map[string]int{Product: 2, "60-s slope": 1, "5-min EWMA": 2}, 2},
		{"gm-step-peer-delay/+1us", map[string]int{Product: 2}, 2},
		{"correction-tamper-peer-delay", map[string]int{Product: 2}, 2},
		{"management-set/time", map[string]int{"static limit": 2, "60-s slope": 2, "5-min EWMA": 2}, 2},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			results := run(t, corpus(t, 1, 2, c.scenario), 2)
			b := NewBoard(results, nil)
			found := map[string]int{}
			for _, d := range b.Detectors {
				if d.Found > 0 {
					found[d.Detector] = d.Found
				}
			}
			if diff := cmp.Diff(c.found, found); diff != "" || b.Detectors[0].Episodes != c.episodes {
				t.Errorf("%d episodes, found by (-want +got):\n%s", b.Detectors[0].Episodes, diff)
			}
			if b.Detectors[0].FalseAlarms.Count > 0 {
				t.Errorf("false alarms: %+v", b.False)
			}
			for _, r := range results {
				networks := 1
				if c.scenario == "ab-networks" {
					networks = 2
				}
				if m := r.Streams.Minutes() / float64(networks); m < 8 || m > 10 {
					t.Errorf("Sync was heard for %v", r.Streams)
				}
			}
		})
	}
}

// However many work at it, the scoreboard is the same, byte for byte.
func TestDeterministic(t *testing.T) {
	cases := corpus(t, 1, 2, "gm-lost", "identity-clone/100us")
	one := printed(t, NewBoard(run(t, cases, 1), nil), JSON)
	if diff := cmp.Diff(one, printed(t, NewBoard(run(t, cases, 3), nil), JSON)); diff != "" {
		t.Errorf("(-one worker +three):\n%s", diff)
	}
}

// record writes what simulate does into a directory, and returns the capture.
func record(t *testing.T, dir, scenario, name string) []byte {
	t.Helper()
	s, err := simulate.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	var capture bytes.Buffer
	what, err := s.Run(t.Context(), 3, &capture)
	if err != nil {
		t.Fatal(err)
	}
	var labels bytes.Buffer
	if err := what.Write(&labels); err != nil {
		t.Fatal(err)
	}
	put(t, dir, name+".json", labels.Bytes())
	return capture.Bytes()
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Captures on disk score as the scenarios do while they are simulated. What is
// wrong with some of them is said, and the others are scored.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	capture := record(t, dir, "gm-lost", "lost")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(capture); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "lost.pcapng.gz", zipped.Bytes())
	put(t, dir, "README", []byte("what is neither is left alone"))
	cases, err := Directory(dir)
	if err != nil || len(cases) != 1 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	want := strings.ReplaceAll(printed(t, NewBoard(run(t, corpus(t, 3, 3, "gm-lost"), 1), nil), JSON), `"gm-lost"`, `"x"`)
	got := strings.ReplaceAll(printed(t, NewBoard(run(t, cases, 1), nil), JSON), `"gm-lost"`, `"x"`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-simulated +from disk):\n%s", diff)
	}

	labels, err := os.ReadFile(filepath.Join(dir, "lost.json"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "alone.pcap", capture)
	put(t, dir, "cut.pcapng", capture[:len(capture)/2])
	put(t, dir, "cut.json", labels)
	put(t, dir, "lost.pcapng.zst", nil)
	put(t, dir, "mute.json", labels)
	put(t, dir, "odd.pcapng", capture)
	put(t, dir, "odd.json", []byte(`{"attack": "rogue-grandmaster"}`))
	put(t, dir, "strange.pcapng", capture)
	put(t, dir, "strange.json", bytes.Replace(labels, []byte("grandmasters"), []byte("grandfathers"), 1))
	cases, err = Directory(dir)
	for _, name := range []string{"alone.pcap: no truth about it: " + dir, "lost.pcapng.zst: another capture has the truth", "mute.json: no capture mute.pcapng"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not in: %v", name, err)
		}
	}
	results, err := Run(t.Context(), cases, 2, nil)
	for _, text := range []string{"cut.pcapng: ", `odd.json: read truth: json: unknown field "attack"`, "strange.pcapng: config of the truth:"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in: %v", text, err)
		}
	}
	if len(results) != 1 || results[0].Capture != "lost.pcapng.gz" {
		t.Errorf("%d results", len(results))
	}
}

// A capture is replayed with the configuration that its truth says, without one
// if it says none; a recording of real clocks knows nothing of their errors.
func TestConfiguration(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*truth.Truth)
		found  int
	}{
		{"switched off", func(t *truth.Truth) { t.Config += "detectors:\n  PTPGrandmasterLost: {enabled: false}\n" }, 0},
		{"none", func(t *truth.Truth) { t.Config, t.Clocks, t.Interfaces = "", nil, nil }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "lost.pcapng", record(t, dir, "gm-lost", "lost"))
			what, err := readTruth(filepath.Join(dir, "lost.json"))
			if err != nil {
				t.Fatal(err)
			}
			c.change(what)
			var labels bytes.Buffer
			if err := what.Write(&labels); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "lost.json", labels.Bytes())
			cases, err := Directory(dir)
			if err != nil {
				t.Fatal(err)
			}
			b := NewBoard(run(t, cases, 1), nil)
			if d := b.Detectors[0]; d.Found != c.found || d.ErrorMedian != nil {
				t.Errorf("%d found, want %d: %+v", d.Found, c.found, d)
			}
		})
	}
}

// The truth that the documentation shows can be read.
func TestDocumentedTruth(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "how-to", "score.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	example, _, _ := strings.Cut(rest, "```")
	what, err := truth.Read(strings.NewReader(example))
	if err != nil {
		t.Fatal(err)
	}
	if e := what.Episodes[0]; e.Type != "replay" || len(e.Alerts) != 2 || !e.First.Before(e.End) {
		t.Errorf("%+v", e)
	}
	if _, err := config.Parse("example", []byte(what.Config), agent.Alerts()); err != nil {
		t.Error(err)
	}
}
