package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What Grafana 8.3, the oldest that is served, and the newest both take: a
// colour mode that one does not know blanks a page.
var (
	panelTypes = []string{"row", "stat", "state-timeline", "table", "timeseries", "heatmap"}
	colorModes = []string{"palette-classic", "thresholds", "fixed"}
	// Told apart by those who do not see red or green; where they say something, a
	// word says it too.
	colors = []string{"blue", "light-orange", "orange", "dark-orange", plain}
	units  = []string{"none", "s", "bytes", "Bps", "pps", "cps", "cpm", "percentunit"}
)

func TestDashboardsAreWellKept(t *testing.T) {
	uids := map[string]bool{}
	for _, d := range all() {
		uids[d.UID] = true
	}
	for _, d := range all() {
		t.Run(d.UID, func(t *testing.T) {
			text, err := d.render()
			if err != nil {
				t.Fatal(err)
			}
			lintDashboard(t, d, string(text))
			for _, m := range regexp.MustCompile(`"/d/([^?"]+)\?`).FindAllStringSubmatch(string(text), -1) {
				if !uids[m[1]] {
					t.Errorf("a link leads to %s, which does not exist", m[1])
				}
			}
			for _, p := range d.Panels {
				lintPanel(t, d, p)
			}
		})
	}
}

func lintDashboard(t *testing.T, d *dashboard, text string) {
	t.Helper()
	if strings.Contains(text, "__inputs") {
		t.Error("provisioning resolves no __inputs")
	}
	if d.ID != nil || d.Editable || d.SchemaVersion != 39 || len(d.UID) > 40 || !slices.Contains(d.Tags, "ptpwatch") || d.Description == "" {
		t.Errorf("id %v, editable %t, schemaVersion %d, uid %s, tags %v, description %q", d.ID, d.Editable, d.SchemaVersion, d.UID, d.Tags, d.Description)
	}
	if v := d.Templating.List[0]; v.Name != "datasource" || v.Type != "datasource" || v.Query != "prometheus" {
		t.Errorf("the first variable is not the data source: %+v", v)
	}
	for _, v := range d.Templating.List[1:] {
		if v.DataSource.UID != "${datasource}" || v.Label == "" || !v.Multi || !v.IncludeAll || v.Refresh != 2 || v.AllValue != ".+" && v.AllValue != ".*" {
			t.Errorf("variable %+v", v)
		}
		if !strings.Contains(text, `=~\"$`+v.Name+`\"`) {
			t.Errorf("nothing uses the variable %s", v.Name)
		}
	}
	for _, m := range regexp.MustCompile(`\$([a-z]+)\b`).FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(d.Templating.List, func(v variable) bool { return v.Name == m[1] }) {
			t.Errorf("there is no variable %s", m[1])
		}
	}
}

func lintPanel(t *testing.T, d *dashboard, p *panel) {
	t.Helper()
	if !slices.Contains(panelTypes, p.Type) || p.Title == "" || p.GridPos.W < 4 || p.GridPos.X+p.GridPos.W > 24 {
		t.Errorf("%s: type %s, place %+v", p.Title, p.Type, p.GridPos)
	}
	for _, q := range d.Panels {
		if q != p && overlap(q.GridPos, p.GridPos) {
			t.Errorf("%s and %s overlap", p.Title, q.Title)
		}
	}
	if p.Type == "row" {
		return
	}
	if !strings.Contains(p.Description, "ealthy") {
		t.Errorf("%s: the description does not say what healthy looks like: %q", p.Title, p.Description)
	}
	for _, q := range p.Targets {
		if q.DataSource != source || q.Expr == "" || q.Instant == q.Range {
			t.Errorf("%s: query %+v", p.Title, q)
		}
		if strings.Contains(q.Expr, "rate(") && !strings.Contains(q.Expr, "[$__rate_interval]") && !strings.Contains(q.Expr, "[1m]") {
			t.Errorf("%s: a rate over a fixed time: %s", p.Title, q.Expr)
		}
	}
	if p.Type == "heatmap" {
		return
	}
	f := p.FieldConfig.Defaults
	if !slices.Contains(units, f.Unit) || !slices.Contains(colorModes, f.Color["mode"].(string)) {
		t.Errorf("%s: unit %q, colours %v", p.Title, f.Unit, f.Color)
	}
	config, err := json.Marshal(p.FieldConfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"color":"([^"]*)"`).FindAllStringSubmatch(string(config), -1) {
		if m[1] != "" && !slices.Contains(colors, m[1]) {
			t.Errorf("%s: colour %q", p.Title, m[1])
		}
	}
	if p.Type == "state-timeline" && len(f.Mappings) == 0 {
		t.Errorf("%s: its states have no words", p.Title)
	}
}

func overlap(a, b gridPos) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}
