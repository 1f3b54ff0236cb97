package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/labtest"
)

// TestRunKeepsItsBaseline through kill -9, and an operator sees and changes it.
func TestRunKeepsItsBaseline(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	dir := filepath.Join(t.TempDir(), "state")
	baseline := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("ptpwatch", append(append([]string{"baseline"}, args...), "--state-dir", dir)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v: %s", cmd.Args, err, out)
		}
		return string(out)
	}
	p := beginRun(t, "-i", "right", "--state-dir", dir)
	announce(t, "left", north, 0)
	p.shows(1, "grandmaster_best", best("right", north)...)
	p.shows(1, "baseline_state", `network="right"`, `state="learning"`)
	if got := baseline("list"); !strings.Contains(got, "right    0       0x000  learning") {
		t.Errorf("list: %s", got)
	}
	want := fmt.Sprintf("network right, domain 0, sdo_id 0x000: %s, was none\n", north)
	if got := baseline("accept", "--reason", "CHG-1", "--domain", "0"); got != want {
		t.Errorf("accept: %q, want %q", got, want)
	}
	p.shows(1, "baseline_state", `network="right"`, `state="pinned"`)
	p.exceeds(0, "journal_records_total")
	p.signal(syscall.SIGKILL)
	<-p.ended

	p = beginRun(t, "-i", "right", "--state-dir", dir)
	p.shows(1, "grandmaster_best", best("right", north)...)
	p.shows(1, "baseline_state", `network="right"`, `state="pinned"`)
	if got := baseline("list"); !strings.Contains(got, "pinned") || !strings.Contains(got, north.String()) {
		t.Errorf("list: %s", got)
	}
	other := exec.Command("ptpwatch", "run", "-i", "right", "--state-dir", dir, "--listen", "127.0.0.1:0")
	if out, err := other.CombinedOutput(); err == nil || !strings.Contains(string(out), "in use by another process") {
		t.Errorf("a second agent: %v: %s", err, out)
	}
	p.stop()

	files, _ := filepath.Glob(filepath.Join(dir, "journal", "*.jsonl"))
	if len(files) != 1 {
		t.Fatalf("journal %q", files)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for line := range bytes.Lines(data) {
		var r journal.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if r.Kind == journal.Act && (!strings.Contains(string(r.Data), `"reason":"CHG-1"`) || !strings.Contains(string(r.Data), `"uid":0`)) {
			t.Errorf("act %s", r.Data)
		}
		if !slices.Contains([]journal.Kind{journal.Event, journal.Recovered, journal.Quarter, journal.Config}, r.Kind) {
			kinds = append(kinds, string(r.Kind))
		}
	}
	if got := strings.Join(kinds, " "); got != "start act start stop" {
		t.Errorf("journal: %s", got)
	}
}

// TestRunIsBlind: a tap interface that goes down is told as what it is, and no
// clock is called lost.
func TestRunIsBlind(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	file := write(t, "ptpwatch.yaml", "interfaces:\n  - name: right\ndetectors:\n  PTPGrandmasterLost: {after: 1s}\n")
	p := beginRun(t, "--config", file)
	stop := announce(t, "left", north, 0)
	p.shows(1, "grandmaster_best", best("right", north)...)

	labtest.IP(t, "link set right down")
	p.shows(1, "alert_active", `alert="PTPWatchDegraded"`, `interface="right"`)
	time.Sleep(3 * time.Second) // long enough for the silence to be told
	p.shows(0, "alerts_total", `alert="PTPGrandmasterLost"`)
	labtest.IP(t, "link set right up")
	p.shows(1, "capture_interface_up", `interface="right"`)
	p.exceeds(0, "grandmaster_best", best("right", north)...)
	p.shows(0, "alerts_total", `alert="PTPGrandmasterLost"`)

	stop()
	p.shows(1, "alerts_total", `alert="PTPGrandmasterLost"`)
	p.stop()
}
