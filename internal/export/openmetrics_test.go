package export

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A scraper that prefers OpenMetrics gets it, and it parses.
func TestOpenMetrics(t *testing.T) {
	s := newTestServer(fixture())
	base := "http://" + serve(t, s)
	resp, body := get(t, http.DefaultClient, base+"/metrics", "application/openmetrics-text; version=1.0.0")
	if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/openmetrics-text; version=1.0.0") {
		t.Fatalf("Content-Type %q", got)
	}
	families, err := parseOpenMetrics(body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ptpwatch_messages":                               "counter",
		"ptpwatch_capture_bytes":                          "counter bytes",
		"ptpwatch_forward_delay_seconds":                  "gauge seconds",
		"ptpwatch_grandmaster_clock_class":                "gauge",
		"ptpwatch_config_last_reload_successful":          "gauge",
		"ptpwatch_grandmaster_current_utc_offset_seconds": "gauge seconds",
	} {
		if got := families[name]; got != want {
			t.Errorf("family %s is %q, want %q", name, got, want)
		}
	}
}

var (
	metadataLine = regexp.MustCompile(`^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$`)
	sampleLine   = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$`)
	suffixes     = map[string][]string{
		"counter": {"_total"}, "gauge": {""}, "unknown": {""}, "summary": {"", "_sum", "_count"},
		"histogram": {"_bucket", "_sum", "_count"}, "info": {"_info"},
	}
)

// parseOpenMetrics reads an exposition by the rules of OpenMetrics 1.0:
// families in one piece, metadata before samples, the suffix that a type asks
// for, no series twice, an EOF. It returns each family's type and unit.
func parseOpenMetrics(page string) (map[string]string, error) {
	kinds, units, seen := map[string]string{}, map[string]string{}, map[string]bool{}
	body, ok := strings.CutSuffix(page, "# EOF\n")
	if !ok {
		return nil, fmt.Errorf("no # EOF at the end")
	}
	family := ""
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if m := metadataLine.FindStringSubmatch(line); m != nil {
			if m[2] != family && seen[m[2]] {
				return nil, fmt.Errorf("family %s in two pieces: %s", m[2], line)
			}
			family = m[2]
			seen[family] = true
			switch m[1] {
			case "TYPE":
				kinds[family] = m[3]
			case "UNIT":
				if m[3] != "" && !strings.HasSuffix(family, "_"+m[3]) {
					return nil, fmt.Errorf("unit is not the name's end: %s", line)
				}
				units[family] = m[3]
			}
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("neither metadata nor a sample: %s", line)
		}
		suffix, ok := strings.CutPrefix(m[1], family)
		if !ok || !slices.Contains(suffixes[kinds[family]], suffix) {
			return nil, fmt.Errorf("sample does not fit family %s of type %s: %s", family, kinds[family], line)
		}
		series := m[1] + m[2]
		if seen[series] && series != family {
			return nil, fmt.Errorf("series twice: %s", line)
		}
		seen[series] = true
	}
	for name := range kinds {
		kinds[name] = strings.TrimSpace(kinds[name] + " " + units[name])
	}
	return kinds, nil
}
