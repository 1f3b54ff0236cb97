package export

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
)

// answers are what each path of the API answers with; nil is not JSON.
var answers = map[string]struct {
	summary string
	value   any
}{
	"/api/v1/report":          {"All that is known now: the object that ptpwatch replay --format json prints. Made at most once a second.", Report{}},
	"/api/v1/status":          {"How things are in short.", Status{}},
	"/api/v1/openapi.yaml":    {"This document.", nil},
	"/api/v1/evidence/{file}": {"A file of evidence, pcapng or JSON, as the evidence of an alert names it. Only to clients that gave a password or a verified certificate.", nil},
}

type dict = map[string]any

// writer makes OpenAPI schemas of Go types, and descriptions of their comments.
type writer struct {
	schemas  dict
	comments map[string]string // by Type or Type.Field
}

func (w *writer) schema(t reflect.Type) dict {
	switch {
	case t == reflect.TypeFor[Time]():
		return dict{"type": []string{"string", "null"}, "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		s := w.schema(t.Elem())
		if ref, ok := s["$ref"]; ok {
			return dict{"oneOf": []any{dict{"$ref": ref}, dict{"type": "null"}}}
		}
		if name, ok := s["type"].(string); ok {
			s["type"] = []string{name, "null"}
		}
		return s
	case t.Kind() == reflect.Struct:
		name := t.Name()
		if _, ok := w.schemas[name]; !ok {
			w.schemas[name] = nil // it may hold itself
			s := dict{"type": "object", "properties": dict{}, "additionalProperties": false}
			var required []string
			w.fields(t, s["properties"].(dict), &required)
			s["required"] = required
			w.describe(s, name)
			w.schemas[name] = s
		}
		return dict{"$ref": "#/components/schemas/" + name}
	case t.Kind() == reflect.Slice:
		return dict{"type": "array", "items": w.schema(t.Elem())}
	case t.Kind() == reflect.Map:
		return dict{"type": "object", "additionalProperties": w.schema(t.Elem())}
	}
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number"}
	if name, ok := kinds[t.Kind()]; ok {
		return dict{"type": name}
	}
	return dict{"type": "integer"}
}

func (w *writer) fields(t reflect.Type, properties dict, required *[]string) {
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			w.fields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		s := w.schema(f.Type)
		w.describe(s, t.Name()+"."+f.Name)
		properties[name] = s
		if options != "omitempty" {
			*required = append(*required, name)
		}
	}
}

func (w *writer) describe(s dict, what string) {
	if text := w.comments[what]; text != "" {
		s["description"] = text
	}
}

// comments reads what the sources say of types and their fields.
func comments(t *testing.T, files ...string) map[string]string {
	t.Helper()
	said := map[string]string{}
	words := func(groups ...*ast.CommentGroup) string {
		var text []string
		for _, g := range groups {
			text = append(text, strings.Fields(g.Text())...)
		}
		return strings.Join(text, " ")
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range decl.Specs {
				typ, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				said[typ.Name.Name] = words(decl.Doc, typ.Doc)
				if fields, ok := typ.Type.(*ast.StructType); ok {
					for _, f := range fields.Fields.List {
						for _, name := range f.Names {
							said[typ.Name.Name+"."+name.Name] = words(f.Doc, f.Comment)
						}
					}
				}
			}
		}
	}
	return said
}

// newOpenAPI writes the document.
func newOpenAPI(t *testing.T) []byte {
	t.Helper()
	packet, _ := filepath.Glob("../packet/*.go")
	reports, _ := filepath.Glob("report*.go")
	w := &writer{schemas: dict{}, comments: comments(t, slices.Concat(packet, reports, []string{"status.go"})...)}
	paths := dict{}
	for path, a := range answers {
		content := dict{"application/yaml": dict{}}
		operation := dict{"summary": a.summary}
		if strings.Contains(path, "{file}") {
			content = dict{"application/octet-stream": dict{}}
			operation["parameters"] = []any{dict{"name": "file", "in": "path", "required": true, "schema": dict{"type": "string"}}}
		}
		if a.value != nil {
			content = dict{"application/json": dict{"schema": w.schema(reflect.TypeOf(a.value))}}
		}
		responses := dict{"200": dict{"description": a.summary, "content": content}}
		if path == "/api/v1/report" {
			responses["503"] = dict{"description": fmt.Sprintf("%d reports are being read already: try again after Retry-After.", maxReports)}
		}
		if strings.Contains(path, "{file}") {
			responses["403"] = dict{"description": "The web configuration asks for no authentication."}
			responses["404"] = dict{"description": "There is no such file, or no longer."}
			responses["503"] = dict{"description": fmt.Sprintf("%d files are being read already: try again after Retry-After.", maxDownloads)}
		}
		operation["responses"] = responses
		paths[path] = dict{"get": operation}
	}
	text, err := yaml.Marshal(dict{
		"openapi": "3.1.0",
		"info": dict{
			"title": "ptpwatch", "version": "1", "license": dict{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "What the agent knows, to read only. Identities are strings in linuxptp's form, times are RFC 3339 in UTC, durations are seconds; null stands for what does not exist (yet). Fields are added without notice; none is renamed.",
		},
		"paths": paths, "components": dict{"schemas": w.schemas},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte("# Generated from the types in internal/export by `go generate ./internal/export`; do not edit.\n"), text...)
}

func TestOpenAPIUpToDate(t *testing.T) { golden(t, "web/openapi.yaml", newOpenAPI(t)) }

// TestOpenAPIIsTrue holds what the server answers against the document that it
// serves: every path of one is in the other, and so is every field.
func TestOpenAPIIsTrue(t *testing.T) {
	s := newTestServer(everything())
	s.opts.WebConfigFile, _ = webConfig(t)
	s.opts.EvidenceDir = t.TempDir()
	if err := os.WriteFile(filepath.Join(s.opts.EvidenceDir, "1.pcapng"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(path string) (*httptest.ResponseRecorder, bool) {
		w := httptest.NewRecorder()
		path = strings.ReplaceAll(path, "{file}", "1.pcapng")
		s.http.Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w, w.Code == 200
	}
	served, ok := ask("/api/v1/openapi.yaml")
	if !ok {
		t.Fatal(served)
	}
	var doc struct {
		Paths map[string]struct {
			Get struct {
				Responses map[string]struct {
					Content map[string]struct{ Schema dict }
				}
			}
		}
		Components struct{ Schemas map[string]dict }
	}
	if err := yaml.Unmarshal(served.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	var documented, routed []string
	seen := map[string]bool{}
	for path, p := range doc.Paths {
		documented = append(documented, path)
		w, ok := ask(path)
		if !ok {
			t.Errorf("GET %s: %d", path, w.Code)
		}
		content, ok := p.Get.Responses["200"].Content[w.Header().Get("Content-Type")]
		if !ok {
			t.Errorf("GET %s answers with %q, which is not documented", path, w.Header().Get("Content-Type"))
		}
		if content.Schema == nil {
			continue
		}
		var value any
		if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
		check{t, doc.Components.Schemas, seen}.value(path, content.Schema, value)
	}
	for _, e := range s.api() {
		routed = append(routed, e.path)
	}
	slices.Sort(documented)
	slices.Sort(routed)
	if diff := cmp.Diff(routed, documented); diff != "" {
		t.Errorf("paths: -served +documented\n%s", diff)
	}
	for name, schema := range doc.Components.Schemas {
		for property := range schema["properties"].(dict) {
			if !seen[name+"."+property] {
				t.Errorf("%s.%s is documented and was not served", name, property)
			}
		}
	}
}

// everything is a snapshot that has a value for every field.
func everything() *Snapshot {
	s := fixture()
	d := &s.View.Domains[0]
	all := analysis.Summary{Count: 3, Min: 1e-6, Median: 2e-6, P99: 3e-6, Max: 4e-6, Last: 2e-6}
	timings := d.Ports[2].Timings
	for i := range timings {
		t := &timings[i]
		t.Bounds[0] = analysis.BoundView{Basis: "route", Seconds: 1e-6}
		t.Forward, t.Reverse, t.MeanPathDelay, t.MeanLinkDelay, t.Offset = all, all, all, all, all
		t.StampClock, t.ClockSteps, t.Relative, t.EgressForward, t.Statistics, t.Bounds = "ptp0", 1, true, true, timings[0].Statistics, timings[len(timings)-1].Bounds
		t.Path = &detect.State{
			Stage: "suspect", Frozen: &detect.Frozen{Since: start.UnixNano(), Mean: 1e-6, Wander: 1e-9}, Block: 16, Threshold: 5e-9,
			Noise: detect.Noise{Count: 9, Centre: 1e-6, Scale: 1e-9}, Moved: map[string]float64{"asymmetry": 9e-9},
			Power: detect.Power{Step: 1e-9, StepUnnamed: 1e-9, Clock: 1e-9, Ramp: 1e-9},
		}
	}
	s.Evidence = &Evidence{Files: map[EvidenceKey]string{KeyOfEvidence(&s.View.Alerts[1]): "20261009T120100Z-PTPUnknownGrandmaster.pcapng"}}
	s.Captures[0].Interface, s.Captures[0].Fault = "eth0", "cut short"
	for len(s.View.Alerts) <= maxReportAlerts { // so that some are left out
		s.View.Alerts = append(s.View.Alerts, analysis.Alert{Name: "PTPFlood", Severity: analysis.Warning, Raised: start, Resolved: at(time.Second)})
	}
	return s
}

// check holds values against schemas.
type check struct {
	t       *testing.T
	schemas map[string]dict
	seen    map[string]bool // Schema.property with a value other than null
}

func (c check) value(where string, schema dict, v any) {
	if ref, ok := schema["$ref"].(string); ok {
		name := filepath.Base(ref)
		c.object(where, name, c.schemas[name], v)
		return
	}
	if choice, ok := schema["oneOf"].([]any); ok {
		if v != nil {
			c.value(where, choice[0].(dict), v)
		}
		return
	}
	if got, want := kindOf(v), fmt.Sprint(schema["type"]); !strings.Contains(want, got) && !(got == "integer" && strings.Contains(want, "number")) {
		c.t.Errorf("%s is %s, documented as %s", where, got, want)
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			c.value(fmt.Sprintf("%s[%d]", where, i), schema["items"].(dict), item)
		}
	case dict:
		for key, item := range v {
			c.value(where+"."+key, schema["additionalProperties"].(dict), item)
		}
	}
}

func (c check) object(where, name string, schema dict, v any) {
	fields, ok := v.(dict)
	if !ok {
		c.t.Errorf("%s is %v, want an object", where, v)
		return
	}
	properties := schema["properties"].(dict)
	for key, item := range fields {
		p, ok := properties[key].(dict)
		if !ok {
			c.t.Errorf("%s.%s is served and not documented", where, key)
			continue
		}
		if item != nil {
			c.seen[name+"."+key] = true
		}
		c.value(where+"."+key, p, item)
	}
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if _, ok := fields[key.(string)]; !ok {
			c.t.Errorf("%s lacks %s", where, key)
		}
	}
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	}
	return "object"
}
