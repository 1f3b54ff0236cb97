package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"sigs.k8s.io/yaml"
)

var root = filepath.Join("..", "..")

// load reads the file as Docker Compose does, held against its schema.
func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "dashboards", "compose.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// What is mounted is there, and where it is expected.
func TestMounts(t *testing.T) {
	project := load(t)
	// What each image reads of itself, and where the provider of dashboards looks.
	want := map[string][]string{
		"prometheus":   {"/etc/prometheus/prometheus.yml", "/etc/prometheus/rules.yml"},
		"alertmanager": {"/etc/alertmanager/alertmanager.yml"},
		"grafana":      {"/etc/grafana/provisioning", dashboards(t)},
	}
	for name, service := range project.Services {
		var targets []string
		for _, v := range service.Volumes {
			targets = append(targets, v.Target)
			if _, err := os.Stat(v.Source); err != nil || v.Type != "bind" || !v.ReadOnly {
				t.Errorf("%s mounts %s %s (read-only: %t): %v", name, v.Type, v.Source, v.ReadOnly, err)
			}
		}
		if !slices.Equal(targets, want[name]) {
			t.Errorf("%s mounts %q, want %q", name, targets, want[name])
		}
	}
}

// dashboards is the folder that Grafana is told to read them from.
func dashboards(t *testing.T) string {
	t.Helper()
	var file struct {
		Providers []struct{ Options struct{ Path string } }
	}
	read(t, "dashboards/grafana/provisioning/dashboards/*.y*ml", &file)
	if len(file.Providers) != 1 {
		t.Fatalf("%d providers of dashboards", len(file.Providers))
	}
	return file.Providers[0].Options.Path
}

// read reads the one file that a pattern names.
func read(t *testing.T, pattern string, into any) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(names) != 1 {
		t.Fatalf("%s: %d files: %v", pattern, len(names), err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", names[0], err)
	}
}

// All four share the agent's addresses, and whoever looks for another on
// 127.0.0.1 finds it there; beyond this host nobody does.
func TestAddresses(t *testing.T) {
	project := load(t)
	var published []string
	for name, service := range project.Services {
		if name != "agent" && service.NetworkMode != "service:agent" {
			t.Errorf("%s is on network %q", name, service.NetworkMode)
		}
		for _, p := range service.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, p.Published, p.HostIP)
			}
			published = append(published, p.Published)
		}
	}
	slices.Sort(published)
	if want := []string{"3000", "9090", "9093", "9588"}; !slices.Equal(published, want) {
		t.Errorf("published are %q, want %q", published, want)
	}
	var prometheus struct {
		Scrape []struct {
			Static []struct{ Targets []string } `json:"static_configs"`
		} `json:"scrape_configs"`
		Alerting struct {
			Alertmanagers []struct {
				Static []struct{ Targets []string } `json:"static_configs"`
			}
		}
	}
	read(t, "dashboards/prometheus.yml", &prometheus)
	if got := prometheus.Scrape[0].Static[0].Targets; !slices.Equal(got, []string{"127.0.0.1:9588"}) {
		t.Errorf("Prometheus scrapes %q", got)
	}
	if got := prometheus.Alerting.Alertmanagers[0].Static[0].Targets; !slices.Equal(got, []string{"127.0.0.1:9093"}) {
		t.Errorf("Prometheus tells %q", got)
	}
	var sources struct{ Datasources []struct{ URL string } }
	read(t, "dashboards/grafana/provisioning/datasources/*.y*ml", &sources)
	if got := sources.Datasources[0].URL; !strings.HasSuffix(got, ":9090") {
		t.Errorf("Grafana asks %s", got)
	}
}

// The image is built of what the repository has, and of the binary of make
// build.
func TestBuild(t *testing.T) {
	build := load(t).Services["agent"].Build
	if build == nil {
		t.Fatal("the agent is not built")
	}
	want, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if build.Context != want {
		t.Errorf("it is built in %s, want %s", build.Context, want)
	}
	recipe, err := os.ReadFile(filepath.Join(build.Context, build.Dockerfile))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range build.Args {
		if !strings.Contains(string(recipe), "ARG "+name+"\n") || *value != "bin/ptpwatch" {
			t.Errorf("argument %s=%s", name, *value)
		}
	}
}
