package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/state"
)

// rig is an agent with a state_dir, and the clock of what it hears.
type rig struct {
	t      *testing.T
	config *config.Config
	at     time.Time
	seq    uint16

	*watcher
	source *fakeSource
	reload chan<- os.Signal
	stop   func()
}

// newRig has a folder and no agent yet. Its time is a while ago, so that an
// agent that starts again is not ahead of what was saved.
func newRig(t *testing.T) *rig {
	c := loopback()
	c.Interfaces = []config.Interface{{Name: "eth0"}}
	c.StateDir = filepath.Join(t.TempDir(), "state")
	c.ControlSocket = filepath.Join(c.StateDir, "ptpwatch.sock")
	return &rig{t: t, config: c, at: time.Now().Add(-5 * time.Minute)}
}

func (r *rig) start() {
	r.t.Helper()
	r.watcher, r.source, r.reload, r.stop = startWith(r.t, r.config, func() (*config.Config, error) { return r.config, nil })
}

// seconds lets some pass, in which these announce themselves.
func (r *rig) seconds(n int, speakers ...ptp.PortIdentity) {
	for range 8 * n {
		for _, gm := range speakers {
			r.seq++
			m := announce(gm, uint8(128-gm.ClockIdentity%4), r.seq) // gm2 is better than gm1
			r.source.out <- event{&m, r.at}
		}
		r.at = r.at.Add(time.Second / 8)
	}
	r.source.beat(r.at)
}

// alerts are those that hold, by name and reason.
func (r *rig) alerts() (list []string) {
	for _, a := range r.store.Load().View.Alerts {
		if a.Resolved.IsZero() {
			list = append(list, strings.TrimSpace(a.Name+" "+a.Reason))
		}
	}
	return list
}

// ask asks the agent, which answers at a beat.
func (r *rig) ask(request BaselineRequest) *BaselineResponse {
	r.t.Helper()
	answered := make(chan *BaselineResponse, 1)
	go func() {
		response, err := AskBaseline(r.t.Context(), r.config.ControlSocket, request)
		if err != nil {
			response = &BaselineResponse{Error: err.Error()}
		}
		answered <- response
	}()
	for {
		select {
		case response := <-answered:
			return response
		case r.source.out <- event{at: r.at}:
			time.Sleep(time.Millisecond)
		}
	}
}

// told are the records of the journal, each in a few words.
func (r *rig) told() (list []string) {
	r.t.Helper()
	files, _ := filepath.Glob(filepath.Join(r.config.StateDir, "journal", "*.jsonl"))
	slices.Sort(files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var record journal.Record
			if err := json.Unmarshal(line, &record); err != nil {
				r.t.Fatalf("%v: %s", err, line)
			}
			if record.Kind == journal.Quarter || record.Kind == journal.Config {
				continue // audit_test.go is about them
			}
			var d struct {
				Event, Alert, Reason, Act string
				Interfaces                []string
				Resumed, Distrust         bool
				By                        *struct{ UID int }
				Changes                   []BaselineChange
				Accepted                  *bool
			}
			if err := json.Unmarshal(record.Data, &d); err != nil {
				r.t.Fatalf("%v: %s", err, line)
			}
			words := []string{string(record.Kind), d.Event, d.Alert, d.Act, d.Reason}
			if record.Kind == journal.Start {
				words = append(words, fmt.Sprint(d.Interfaces, " resumed=", d.Resumed, " distrust=", d.Distrust))
			}
			for _, c := range d.Changes {
				words = append(words, fmt.Sprintf("%s/%d/%s %v->%v by %t", c.Network, c.Domain, c.SdoID, c.Before, c.After, d.By.UID == os.Geteuid()))
			}
			if d.Accepted != nil {
				words = append(words, fmt.Sprint("accepted=", *d.Accepted))
			}
			list = append(list, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
		}
	}
	return list
}

// TestRestart: an agent that starts again knows what was learned and goes on
// where the last one was, and all of it is in the journal.
func TestRestart(t *testing.T) {
	r := newRig(t)
	r.start()
	r.seconds(3, gm1)
	if got := r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "first start"}); got.Error != "" || len(got.Changes) != 1 {
		t.Fatalf("accept: %+v", got)
	}
	r.seconds(15) // gm1 is lost
	if diff := cmp.Diff([]string{"PTPGrandmasterLost silence"}, r.alerts()); diff != "" {
		t.Errorf("before (-want +got)\n%s", diff)
	}
	r.stop()

	r.at = r.at.Add(time.Minute)
	r.start()
	r.seconds(1)
	if diff := cmp.Diff([]string{"PTPGrandmasterLost silence"}, r.alerts()); diff != "" {
		t.Errorf("after (-want +got)\n%s", diff)
	}
	got := r.ask(BaselineRequest{Act: ListBaselines})
	if len(got.Baselines) != 1 || got.Baselines[0].State != "pinned" || len(got.Baselines[0].Senders) != 1 ||
		!slices.Equal(got.Baselines[0].Grandmasters, []string{gm1.ClockIdentity.String()}) {
		t.Errorf("baselines %+v", got)
	}
	r.seconds(2, gm1)
	r.seconds(2, gm1, gm2) // which nobody accepted
	if got := r.alerts(); !slices.ContainsFunc(got, func(a string) bool { return strings.HasPrefix(a, "PTPRogueGrandmaster") }) {
		t.Errorf("with a rogue: %v", got)
	}
	r.stop()

	list := r.told()
	once := slices.DeleteFunc(slices.Clone(list), func(l string) bool { return !strings.Contains(l, "PTPGrandmasterLost") })
	if diff := cmp.Diff([]string{"event raised PTPGrandmasterLost silence", "event resolved PTPGrandmasterLost silence"}, once); diff != "" {
		t.Errorf("PTPGrandmasterLost in the journal (-want +got)\n%s", diff)
	}
	want := []string{
		"start [eth0] resumed=false distrust=false",
		"act accept first start eth0/0/0x000 []->[" + gm1.ClockIdentity.String() + "] by true",
		"stop",
		"start [eth0] resumed=true distrust=false",
		"stop",
	}
	acts := slices.DeleteFunc(list, func(l string) bool { return strings.HasPrefix(l, "event") })
	if diff := cmp.Diff(want, acts); diff != "" {
		t.Errorf("journal (-want +got)\n%s", diff)
	}
}

// TestLongPause: after ten minutes what was learned counts, and nothing else of
// what was.
func TestLongPause(t *testing.T) {
	r := newRig(t)
	r.at = time.Now().Add(-30 * time.Minute)
	r.start()
	r.seconds(3, gm1)
	r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
	r.seconds(15)
	r.stop()
	r.at = time.Now()
	r.start()
	r.seconds(15)
	if got := r.alerts(); len(got) > 0 {
		t.Errorf("alerts %v", got)
	}
	got := r.ask(BaselineRequest{Act: ListBaselines})
	if len(got.Baselines) != 1 || got.Baselines[0].Heard || got.Baselines[0].State != "pinned" {
		t.Errorf("baselines %+v", got)
	}
	r.seconds(8, gm2)
	if got := r.alerts(); len(got) == 0 {
		t.Error("a clock that was not learned may lead")
	}
}

// TestDamagedBaselines: the file is kept for somebody to look at, nothing that
// is heard takes its place, also after another start, until an operator accepts
// it.
func TestDamagedBaselines(t *testing.T) {
	r := newRig(t)
	r.start()
	r.seconds(3, gm1)
	r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
	r.stop()
	file := filepath.Join(r.config.StateDir, baselinesFile)
	if err := os.WriteFile(file, []byte(`{"version":1,"sha256":"00","content":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.config.Domains = []config.Domain{{Profile: "auto", LearnFor: time.Second}}

	const degraded = "PTPWatchDegraded state_damaged"
	for range 2 {
		r.at = r.at.Add(time.Second)
		r.start()
		r.seconds(20, gm2)
		if got := r.alerts(); !slices.Contains(got, degraded) {
			t.Errorf("alerts %v, want %s", got, degraded)
		}
		if got := r.ask(BaselineRequest{Act: ListBaselines}); len(got.Baselines) != 1 || got.Baselines[0].State != "learning" {
			t.Errorf("baselines %+v, want none pinned", got)
		}
		r.stop()
		if kept, _ := filepath.Glob(file + ".damaged-*"); len(kept) != 1 {
			t.Errorf("set aside: %q", kept)
		}
	}

	r.start()
	r.seconds(3, gm2)
	if got := r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "looked at it"}); got.Error != "" {
		t.Fatal(got.Error)
	}
	r.seconds(1, gm2)
	r.seconds(70, gm2) // it ends a minute after
	if got := r.alerts(); slices.Contains(got, degraded) {
		t.Errorf("accepted, and still %v", got)
	}
	r.stop()
	var saved savedBaselines
	d, err := state.Open(r.config.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.File(baselinesFile, baselinesVersion).Read(&saved); err != nil || saved.Distrust || len(saved.Baselines) != 1 {
		t.Errorf("saved %+v, %v", saved, err)
	}
}

// TestForeignState: a saved analysis that is damaged, or says what no baseline
// does, is not believed.
func TestForeignState(t *testing.T) {
	for name, change := range map[string]func(r *rig){
		"damaged":            func(r *rig) { damage(r, trackerFile) },
		"without a baseline": func(r *rig) { remove(r, baselinesFile) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.start()
			r.seconds(3, gm1)
			r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
			r.stop()
			change(r)
			r.start()
			r.seconds(2, gm1)
			want := "learning"
			if name == "damaged" {
				want = "pinned"
			}
			if got := r.ask(BaselineRequest{Act: ListBaselines}); len(got.Baselines) != 1 || got.Baselines[0].State != want {
				t.Errorf("baselines %+v, want %s", got, want)
			}
			if got := r.alerts(); len(got) > 0 {
				t.Errorf("alerts %v", got)
			}
		})
	}
}

func damage(r *rig, name string) {
	if err := os.WriteFile(filepath.Join(r.config.StateDir, name), []byte("{}"), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func remove(r *rig, name string) {
	if err := os.Remove(filepath.Join(r.config.StateDir, name)); err != nil {
		r.t.Fatal(err)
	}
}

// TestNothingCanBeKept: the agent says so and watches all the same.
func TestNothingCanBeKept(t *testing.T) {
	r := newRig(t)
	if err := os.WriteFile(r.config.StateDir, nil, 0o600); err != nil { // no folder
		t.Fatal(err)
	}
	r.start()
	r.seconds(3, gm1)
	if !slices.Contains(r.alerts(), "PTPWatchDegraded state_unwritable") {
		t.Errorf("alerts %v", r.alerts())
	}
	if s := r.store.Load(); s.Memory != nil || s.View.Domains[0].Best != gm1.ClockIdentity {
		t.Errorf("memory %+v, best %v", s.Memory, s.View.Domains[0].Best)
	}
}

// TestDiskGoes: what cannot be written any more is told, counted and written
// later; an act that cannot be recorded is not done.
func TestDiskGoes(t *testing.T) {
	r := newRig(t)
	journalDir := filepath.Join(r.config.StateDir, "journal")
	if err := os.MkdirAll(r.config.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journalDir, nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(r.config.StateDir, baselinesFile+".new"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.seconds(3, gm1)
	got := r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
	if !strings.Contains(got.Error, "cannot be recorded") {
		t.Errorf("accept: %+v", got)
	}
	if got := r.ask(BaselineRequest{Act: ListBaselines}); len(got.Baselines) != 1 || got.Baselines[0].State != "learning" {
		t.Errorf("baselines %+v", got)
	}
	r.seconds(1, gm1)
	if !slices.Contains(r.alerts(), "PTPWatchDegraded journal_unwritable") {
		t.Errorf("alerts %v", r.alerts())
	}
	if m := r.store.Load().Memory; m.JournalErrors == 0 || m.JournalRecords > 0 {
		t.Errorf("%+v", m)
	}

	if err := os.Remove(journalDir); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the journal", func() bool { return r.memory.journal.Stats().Fault == "" })
	got = r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
	if !strings.Contains(got.Error, "done, but not kept") || len(got.Changes) != 1 {
		t.Errorf("accept: %+v", got)
	}
	r.seconds(1, gm1)
	if !slices.Contains(r.alerts(), "PTPWatchDegraded state_unwritable") {
		t.Errorf("alerts %v", r.alerts())
	}
	if err := os.Remove(filepath.Join(r.config.StateDir, baselinesFile+".new")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the baselines", func() bool { return r.memory.baselines.failing() == nil })
	r.stop()
	if list := r.told(); list[0] != "start [eth0] resumed=false distrust=false" || !strings.HasPrefix(list[len(list)-1], "stop") {
		t.Errorf("journal %q", list)
	}
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// TestOneAgentAFolder: the second is refused.
func TestOneAgentAFolder(t *testing.T) {
	r := newRig(t)
	r.start()
	err := Run(t.Context(), RunOptions{Config: r.config, Log: r.options.Log})
	if !errors.Is(err, state.ErrInUse) {
		t.Errorf("a second agent: %v", err)
	}
}

// TestReloadKeepsBaselines, and is in the journal.
func TestReloadKeepsBaselines(t *testing.T) {
	r := newRig(t)
	r.start()
	r.seconds(3, gm1)
	r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "r"})
	before := r.config
	changed := *before
	changed.Limits.Clocks = 100
	r.config = &changed
	r.reload <- os.Interrupt
	r.seconds(1, gm1)
	r.config = &config.Config{} // listens to nothing
	r.reload <- os.Interrupt
	r.seconds(1, gm1)
	r.config = before
	got := r.ask(BaselineRequest{Act: ListBaselines})
	if len(got.Baselines) != 1 || got.Baselines[0].State != string(analysis.StatePinned) {
		t.Errorf("%+v", got)
	}
	r.stop()
	reloads := slices.DeleteFunc(r.told(), func(l string) bool { return !strings.HasPrefix(l, "reload") })
	if diff := cmp.Diff([]string{"reload accepted=true", "reload accepted=false"}, reloads); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestInterfaceHealth: an interface that is down is told, also after a restart,
// until it is no longer listened to.
func TestInterfaceHealth(t *testing.T) {
	r := newRig(t)
	both := *r.config
	both.Interfaces = []config.Interface{{Name: "eth0"}, {Name: "eth1"}}
	one := r.config
	r.config = &both
	r.start()
	r.source.mu.Lock()
	r.source.down = "eth1"
	r.source.mu.Unlock()
	r.seconds(2, gm1)
	const down = "PTPWatchDegraded interface_down"
	if got := r.alerts(); !slices.Equal(got, []string{down}) {
		t.Errorf("alerts %v, want %s", got, down)
	}
	r.config = one
	r.reload <- os.Interrupt
	r.seconds(2, gm1)
	if got := r.alerts(); len(got) > 0 {
		t.Errorf("no longer listened to: alerts %v", got)
	}
	r.config = &both
	r.source.mu.Lock()
	r.source.down = "eth0"
	r.source.mu.Unlock()
	r.reload <- os.Interrupt
	r.seconds(2, gm1)
	if got := r.alerts(); !slices.Equal(got, []string{down}) {
		t.Errorf("alerts %v, want %s", got, down)
	}
	r.stop()
	r.at = r.at.Add(time.Second)
	other := both
	other.Interfaces = []config.Interface{{Name: "eth1"}}
	r.config = &other
	r.start()
	r.seconds(2, gm1)
	if got := r.alerts(); len(got) > 0 {
		t.Errorf("of an interface that this agent does not have: %v", got)
	}
}
