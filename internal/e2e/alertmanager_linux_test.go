package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	linuxptp "github.com/ptpwatch/ptpwatch/internal/lab"
)

const (
	alertmanagerAddress = "127.0.0.1:9093"
	receiverAddress     = "127.0.0.1:9099"
)

// shipped is a folder of its own with the rules and the examples that ship. They
// are read here, so that go test knows when they have changed.
func shipped(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob("../../dashboards/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// notification is what Alertmanager has sent to a webhook.
type notification struct {
	at     time.Time
	Status string
	Alerts []struct {
		Status      string
		Labels      map[string]string
		Annotations map[string]string
	}
}

// names are those of its alerts, each once, sorted.
func (n notification) names() (all []string) {
	for _, a := range n.Alerts {
		all = append(all, a.Labels["alertname"])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// receiver is who is paged: a web server in the monitor's namespace.
type receiver struct {
	mu   sync.Mutex
	sent map[string][]notification // by route
	t    *testing.T
}

// notified are all notifications that a route has sent.
func (r *receiver) notified(route string) []notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent[route])
}

// got waits for a route's notification, the first of which is 0.
func (r *receiver) got(route string, i int, within time.Duration) notification {
	r.t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		if sent := r.notified(route); len(sent) > i {
			return sent[i]
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no notification %d of route %s within %v; sent were %+v", i+1, route, within, r.sent)
		}
	}
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	n := notification{at: time.Now()}
	if err := json.NewDecoder(request.Body).Decode(&n); err != nil {
		r.t.Errorf("%s: %v", request.URL, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	route := strings.TrimPrefix(request.URL.Path, "/")
	r.sent[route] = append(r.sent[route], n)
}

// page starts the Alertmanager of the example in the monitor's namespace, and
// who is paged by it.
func (l *lab) page(t *testing.T, network *linuxptp.Network) *receiver {
	t.Helper()
	listener, err := network.Listen("monitor", receiverAddress)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{t: t, sent: make(map[string][]notification)}
	server := &http.Server{Handler: r}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	dir := shipped(t)
	l.monitor(t, "prometheus-alertmanager", "--config.file", filepath.Join(dir, "alertmanager.yml"), "--storage.path", filepath.Join(dir, "data"),
		"--web.listen-address", alertmanagerAddress, "--cluster.listen-address=", "--log.level", "warn")
	eventually(t, "Alertmanager", func() error {
		_, err := l.amtool(t, "alert", "query")
		return err
	})
	return r
}

// amtool asks the Alertmanager in the monitor's namespace.
func (l *lab) amtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	args = append([]string{"netns", "exec", l.namespaces + "-monitor", "amtool", "--alertmanager.url", "http://" + alertmanagerAddress}, args...)
	out, err := exec.CommandContext(t.Context(), "ip", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("amtool %q: %w: %s", args, err, out)
	}
	return string(out), nil
}

// states are the states of the alerts that Alertmanager has, by name and
// network, as amtool tells them.
func (l *lab) states(t *testing.T) map[string]string {
	t.Helper()
	out, err := l.amtool(t, "alert", "query", "--active", "--inhibited", "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	var alerts []struct {
		Labels map[string]string
		Status struct{ State string }
	}
	if err := json.Unmarshal([]byte(out), &alerts); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	states := make(map[string]string)
	for _, a := range alerts {
		states[strings.TrimSpace(a.Labels["alertname"]+" "+a.Labels["network"])] = a.Status.State
	}
	return states
}

// alarms is an Alertmanager with no Prometheus before it.
type alarms struct {
	*lab
	t        *testing.T
	web      *http.Client
	receiver *receiver
}

func newAlarms(t *testing.T) *alarms {
	t.Helper()
	s := lay(t, 0, nil)
	return &alarms{s.lab, t, s.web(), s.page(t, s.network)}
}

// fire hands alerts to Alertmanager as Prometheus does.
func (a *alarms) fire(alerts ...map[string]string) {
	a.t.Helper()
	var body []map[string]any
	for _, labels := range alerts {
		body = append(body, map[string]any{"labels": labels})
	}
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := a.web.Post("http://"+alertmanagerAddress+"/api/v2/alerts", "application/json", bytes.NewReader(text))
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	if said, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		a.t.Fatalf("Alertmanager says %s: %s", response.Status, said)
	}
}

// clockAlert are the labels of an alert about a clock in domain 24.
func clockAlert(name, severity, network string) map[string]string {
	return map[string]string{
		"alertname": name, "severity": severity, "cluster": "site1", "network": network, "domain": "24", "sdo_id": "0x000",
	}
}

// TestFortyAgentsOnePage: an incident is one page, though forty agents see it
// and it raises two alerts. What is critical and comes later is told all the
// same: a rogue does not hide that a grandmaster's time steps.
func TestFortyAgentsOnePage(t *testing.T) {
	t.Parallel()
	const agents = 40
	const interval = time.Minute // of the group
	a := newAlarms(t)
	for i := range agents { // each by a Prometheus of its own, as fast as they can
		for _, name := range []string{"PTPRogueGrandmaster", "PTPIllegalClockQuality"} {
			labels := clockAlert(name, "critical", "fabric-a")
			labels["prometheus"] = fmt.Sprintf("prometheus-%d", i)
			a.fire(labels)
		}
	}
	a.fire(clockAlert("PTPRogueGrandmaster", "critical", "fabric-b")) // another incident
	a.receiver.got("page", 1, 10*time.Second)
	a.fire(clockAlert("PTPTimeStep", "critical", "fabric-b"))
	a.receiver.got("page", 2, interval+10*time.Second)
	time.Sleep(10 * time.Second)
	got := make(map[string][]string) // by network, what each page tells
	for _, n := range a.receiver.notified("page") {
		network := n.Alerts[0].Labels["network"]
		got[network] = append(got[network], fmt.Sprintf("%d: %s", len(n.Alerts), strings.Join(n.names(), " ")))
	}
	want := map[string][]string{
		"fabric-a": {fmt.Sprintf("%d: PTPIllegalClockQuality PTPRogueGrandmaster", 2*agents)},
		"fabric-b": {"1: PTPRogueGrandmaster", "2: PTPRogueGrandmaster PTPTimeStep"},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("pages, -want +got:\n%s", diff)
	}
}

// TestInhibition: a page holds back tickets about the same clocks and nothing
// else.
func TestInhibition(t *testing.T) {
	t.Parallel()
	a := newAlarms(t)
	other := clockAlert("PTPFlood", "warning", "fabric-a")
	other["sdo_id"] = "0x100"
	a.fire(
		clockAlert("PTPRogueGrandmaster", "critical", "fabric-a"),
		clockAlert("PTPTimeStep", "critical", "fabric-a"),
		clockAlert("PTPGrandmasterChanged", "warning", "fabric-a"),
		clockAlert("PTPTransportAnomaly", "info", "fabric-a"),
		clockAlert("PTPGrandmasterChanged", "warning", "fabric-b"),
		other,
		map[string]string{"alertname": "PTPWatchDown", "severity": "critical", "cluster": "site1", "instance": "a:9588"},
		map[string]string{"alertname": "PTPWatchDrops", "severity": "warning", "cluster": "site1", "instance": "b:9588"},
	)
	want := map[string]string{
		"PTPRogueGrandmaster fabric-a": "active", "PTPTimeStep fabric-a": "active",
		"PTPGrandmasterChanged fabric-a": "suppressed", "PTPTransportAnomaly fabric-a": "suppressed",
		"PTPGrandmasterChanged fabric-b": "active", "PTPFlood fabric-a": "active",
		"PTPWatchDown": "active", "PTPWatchDrops": "active",
	}
	eventually(t, "inhibition", func() error { // which is decided when the group is looked at
		if diff := gocmp.Diff(want, a.states(t)); diff != "" {
			return fmt.Errorf("-want +amtool:\n%s", diff)
		}
		return nil
	})
	a.receiver.got("page", 1, 10*time.Second)
	a.receiver.got("ticket", 2, time.Minute)
	told := make(map[string][]string) // by route, the names of each notification
	for _, route := range []string{"page", "ticket"} {
		for _, n := range a.receiver.notified(route) {
			told[route] = append(told[route], strings.Join(n.names(), " "))
		}
		slices.Sort(told[route])
	}
	wantTold := map[string][]string{
		"page":   {"PTPRogueGrandmaster PTPTimeStep", "PTPWatchDown"},
		"ticket": {"PTPFlood", "PTPGrandmasterChanged", "PTPWatchDrops"},
	}
	if diff := gocmp.Diff(wantTold, told); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRoutes has amtool check the example, and where alerts would go.
func TestRoutes(t *testing.T) {
	t.Parallel()
	config := filepath.Join(shipped(t), "alertmanager.yml")
	if out, err := exec.Command("amtool", "check-config", config).CombinedOutput(); err != nil {
		t.Fatalf("amtool check-config: %v: %s", err, out)
	}
	for _, test := range []struct{ labels, receiver string }{
		{"alertname=PTPRogueGrandmaster severity=critical cluster=site1 network=eth0 domain=24 sdo_id=0x000", "page"},
		{"alertname=PTPWatchDown severity=critical", "page"},
		{"alertname=PTPGrandmasterChanged severity=warning", "ticket"},
		{"alertname=PTPMalformed severity=info", "keep"},
		{"alertname=PTPWatchdog severity=none", "alive"},
		{"alertname=PTPWatchdog severity=critical", "alive"},
		{"alertname=SomebodyElses", "keep"},
	} {
		args := append([]string{"config", "routes", "test", "--config.file", config, "--verify.receivers", test.receiver}, strings.Fields(test.labels)...)
		if out, err := exec.Command("amtool", args...).CombinedOutput(); err != nil {
			t.Errorf("%s: want %s: %v: %s", test.labels, test.receiver, err, out)
		}
	}
}
