package dashboards

// phases are the situations in which a query must have data. In the calm and in
// the hijacked network of the tests it must have none otherwise.
type phases uint8

const (
	calm     phases = 1 << iota // a simulated network on a good day
	hijacked                    // the same, a rogue having taken over at one site
	live                        // an agent at work, scraped by a Prometheus that has the rules
	stamping                    // an agent beside ptp4l on network adapters that stamp

	never phases = 0
	usual        = calm | hijacked
)

var source = dataSource{Type: "prometheus", UID: "${datasource}"}

// over is a query over the time that is looked at.
func over(expr, legend string) *query {
	return &query{DataSource: source, Expr: expr, LegendFormat: legend, Format: "time_series", Range: true, EditorMode: "code", in: usual}
}

// now is a query of what is the case at the end of that time.
func now(expr, legend string) *query {
	q := over(expr, legend)
	q.Range, q.Instant = false, true
	return q
}

// count is how many series an expression has, 0 when it has none; above says
// where it is more than 0.
func count(expr string, above phases) *query {
	q := now("count("+expr+") or vector(0)", "")
	q.in, q.above = usual|live, above
	return q
}

// when says in which situations the query has data, if not in the usual ones.
func (q *query) when(p phases) *query {
	q.in = p
	return q
}

// build gives a panel what all have.
func build(kind, title, unit, description string, queries ...*query) *panel {
	for i, q := range queries {
		q.RefID = string(rune('A' + i))
	}
	return &panel{
		Type: kind, Title: title, Description: description, DataSource: &source, Targets: queries,
		FieldConfig: &fieldConfig{
			Defaults: fields{
				Unit: unit, Color: map[string]any{"mode": "palette-classic"}, Custom: map[string]any{}, Mappings: []mapping{},
				Thresholds: thresholds{Mode: "absolute", Steps: []threshold{{Color: "blue"}}},
			},
			Overrides: []override{},
		},
	}
}

// graph is lines over time.
func graph(title, unit, description string, queries ...*query) *panel {
	p := build("timeseries", title, unit, description, queries...)
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": false,
		"axisPlacement": "auto", "thresholdsStyle": map[string]any{"mode": "off"},
	}
	p.Options = map[string]any{
		"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": map[string]any{"mode": "multi", "sort": "none"},
	}
	return p
}

// stepped says that the values are settings, not measurements.
func (p *panel) stepped() *panel {
	p.FieldConfig.Defaults.Custom["lineInterpolation"] = "stepAfter"
	return p
}

// fromZero begins the axis at 0.
func (p *panel) fromZero() *panel {
	p.FieldConfig.Defaults.Min = new(0.0)
	return p
}

// logarithmic is for values of several decades.
func (p *panel) logarithmic() *panel {
	p.FieldConfig.Defaults.Custom["scaleDistribution"] = map[string]any{"type": "log", "log": 10}
	return p
}

// limit draws a line at what is allowed.
func (p *panel) limit(at float64) *panel {
	p.warn(at)
	p.FieldConfig.Defaults.Custom["thresholdsStyle"] = map[string]any{"mode": "line"}
	return p
}

// warn turns orange from a value on.
func (p *panel) warn(from float64) *panel {
	p.FieldConfig.Defaults.Thresholds.Steps = []threshold{{Color: "blue"}, {Color: "orange", Value: &from}}
	return p
}

// number is one figure.
func number(title, unit, description string, q *query) *panel {
	p := build("stat", title, unit, description, q)
	p.FieldConfig.Defaults.Color["mode"] = "thresholds"
	p.Options = map[string]any{
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		"colorMode":     "background", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
	}
	return p
}

// state is what a value means: a word, and a colour that is not all there is.
type state struct{ word, color string }

const (
	good  = "blue"
	minor = "light-orange"
	bad   = "dark-orange"
	plain = "#8e8e8e"
)

// states spells values from 0 on as words.
func (p *panel) states(list ...state) *panel {
	options := map[string]any{}
	for value, s := range list {
		options[string(rune('0'+value))] = map[string]any{"text": s.word, "color": s.color, "index": value}
	}
	p.FieldConfig.Defaults.Mappings = []mapping{{Type: "value", Options: options}}
	p.FieldConfig.Defaults.Color["mode"] = "thresholds"
	return p
}

// timeline is a bar of states for each series.
func timeline(title, description string, queries ...*query) *panel {
	p := build("state-timeline", title, "none", description, queries...)
	p.FieldConfig.Defaults.Custom = map[string]any{"lineWidth": 0, "fillOpacity": 80}
	p.Options = map[string]any{
		"mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.85,
		"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": map[string]any{"mode": "single", "sort": "none"},
	}
	return p
}

// table is a line for each series, its value under a name of its own; columns
// are the labels to show, in that order.
func table(title, unit, description, value string, q *query, columns ...string) *panel {
	q.Format, q.Range, q.Instant = "table", false, true
	p := build("table", title, unit, description, q)
	p.FieldConfig.Defaults.Color["mode"] = "thresholds"
	p.FieldConfig.Defaults.Custom = map[string]any{"align": "auto", "displayMode": "auto", "inspect": false, "cellOptions": map[string]any{"type": "auto"}}
	p.FieldConfig.Overrides = []override{{
		Matcher: property{ID: "byName", Options: value},
		Properties: []property{
			{ID: "custom.displayMode", Value: "color-background"},
			{ID: "custom.cellOptions", Value: map[string]any{"type": "color-background", "mode": "basic"}},
		},
	}}
	p.Options = map[string]any{"showHeader": true, "frameIndex": 0}
	order := map[string]int{}
	for i, c := range append(columns, "Value") {
		order[c] = i
	}
	p.Transformations = []transformation{{ID: "organize", Options: map[string]any{
		"excludeByName": map[string]bool{"Time": true}, "indexByName": order, "renameByName": map[string]string{"Value": value},
	}}}
	return p
}

// heat is a histogram over time.
func heat(title, unit, description, buckets string) *panel {
	q := over(buckets, "{{le}}")
	q.Format = "heatmap"
	p := build("heatmap", title, unit, description, q)
	p.heatmapKeys = &heatmapKeys{
		DataFormat: "tsbuckets", HideZeroBuckets: true,
		Color:  map[string]any{"mode": "spectrum", "colorScheme": "interpolateBlues", "cardColor": "#1f60c4", "colorScale": "sqrt", "exponent": 0.5},
		YAxis:  map[string]any{"format": unit, "logBase": 1, "show": true},
		XAxis:  map[string]any{"show": true},
		Legend: map[string]any{"show": true}, Tooltip: map[string]any{"show": true, "showHistogram": false},
	}
	return p
}

// toGrandmaster links each line of a graph, or of a table, to its grandmaster.
func (p *panel) toGrandmaster() *panel {
	const to = "/d/ptpwatch-grandmaster?${__url_time_range}&${datasource:queryparam}"
	if p.Type != "table" {
		p.FieldConfig.Defaults.Links = []fieldLink{{"This grandmaster", to +
			"&var-network=${__field.labels.network}&var-domain=${__field.labels.domain}&var-grandmaster=${__field.labels.grandmaster}"}}
		return p
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
		Matcher: property{ID: "byName", Options: "grandmaster"},
		Properties: []property{{ID: "links", Value: []fieldLink{{"This grandmaster", to +
			"&var-network=${__data.fields.network}&var-domain=${__data.fields.domain}&var-grandmaster=${__data.fields.grandmaster}"}}}},
	})
	return p
}
