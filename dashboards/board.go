package dashboards

import (
	"bytes"
	"encoding/json"
)

// all are the dashboards.
func all() []*dashboard {
	return []*dashboard{overview(), grandmaster(), path(), agentHealth(), fleet()}
}

// render is a dashboard as Grafana reads it.
func (d *dashboard) render() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(d)
	return b.Bytes(), err
}

// newDashboard is one without panels.
func newDashboard(name, title, description string, chosen ...variable) *dashboard {
	return &dashboard{
		UID: "ptpwatch-" + name, Title: "PTP / " + title, Description: description, Tags: []string{"ptpwatch", "ptp"},
		SchemaVersion: 39, Version: 1, GraphTooltip: 1, Refresh: "15s", Timezone: "utc", Time: timeRange{"now-1h", "now"},
		Templating: templating{append([]variable{
			{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus", Refresh: 1},
			optional("cluster", "Cluster", "label_values(ptpwatch_build_info, cluster)"),
			choice("job", "Job", `label_values(ptpwatch_build_info{cluster=~"$cluster"}, job)`),
			choice("instance", "Instance", `label_values(ptpwatch_build_info{cluster=~"$cluster",job=~"$job"}, instance)`),
		}, chosen...)},
		Annotations: annotations{[]annotation{{
			Name: "Critical alerts", Enable: true, DataSource: source, IconColor: "orange",
			Expr:        by("max", "alert, cluster, network, domain, grandmaster", agents.of("alert_active", `severity="critical"`)) + " == 1",
			TitleFormat: "{{alert}}", TextFormat: "network {{network}}, domain {{domain}}, grandmaster {{grandmaster}}",
		}}},
		Links: []link{
			{Title: "PTP dashboards", Type: "dashboards", Icon: "external link", Tags: []string{"ptpwatch"}, IncludeVars: true, KeepTime: true},
			{Title: "Runbooks", Type: "link", Icon: "doc", URL: "https://github.com/ptpwatch/ptpwatch/tree/main/docs/alerts", Tags: []string{}, TargetBlank: true},
		},
	}
}

// The variables that some dashboards have beyond those of all.
var (
	networkVariable     = optional("network", "Network", "label_values("+agents.of("baseline_state")+", network)")
	domainVariable      = optional("domain", "Domain", "label_values("+agents.of("baseline_state", `network=~"$network"`)+", domain)")
	grandmasterVariable = optional("grandmaster", "Grandmaster", "label_values("+domains.of("grandmaster_info")+", grandmaster)")
	interfaceVariable   = optional("interface", "Interface or tap", "label_values("+clocks.of("timing_info")+", interface)")
)

// choice lets the reader choose values of a label; all of them at first.
func choice(name, label, query string) variable {
	return variable{
		Name: name, Label: label, Type: "query", Query: query, Definition: query, DataSource: &source, Refresh: 2, Sort: 1,
		Multi: true, IncludeAll: true, AllValue: ".+", Current: current{"All", "$__all"},
	}
}

// optional is a choice of a label that not every series has: all is those without
// it, too.
func optional(name, label, query string) variable {
	v := choice(name, label, query)
	v.AllValue = ".*"
	return v
}

// section begins a part of the dashboard.
func (d *dashboard) section(title string) {
	d.put(&panel{Type: "row", Title: title, Collapsed: new(false), Panels: []*panel{}}, 0, d.bottom(), 24, 1)
}

// line puts panels side by side, as wide as each other.
func (d *dashboard) line(height int, panels ...*panel) {
	y, width := d.bottom(), 24/len(panels)
	for i, p := range panels {
		d.put(p, i*width, y, width, height)
	}
}

func (d *dashboard) put(p *panel, x, y, w, h int) {
	p.ID, p.GridPos = len(d.Panels)+1, gridPos{x, y, w, h}
	d.Panels = append(d.Panels, p)
}

// bottom is where the next line begins.
func (d *dashboard) bottom() (y int) {
	for _, p := range d.Panels {
		y = max(y, p.GridPos.Y+p.GridPos.H)
	}
	return y
}
