package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/evidence"
	"github.com/ptpwatch/ptpwatch/internal/labtest"
)

// evidenceRig is an agent that keeps evidence on a small file system of its own.
type evidenceRig struct {
	*process
	config, state, dir string
}

func newEvidenceRig(t *testing.T) *evidenceRig {
	t.Helper()
	labtest.Enter(t)
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	r := &evidenceRig{state: filepath.Join(t.TempDir(), "state"), dir: t.TempDir()}
	if err := unix.Mount("tmpfs", r.dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(r.dir, unix.MNT_DETACH) })
	labtest.Cable(t, "left", "right")
	r.config = write(t, "ptpwatch.yaml", `
interfaces:
  - name: right
networks:
  - name: plant
    interfaces: [right]
domains:
  - domain: 0
    learn_for: 2s
evidence: {dir: `+r.dir+`, before: 2s, after: 1s}
detectors:
  PTPGrandmasterLost: {after: 1s}
`)
	r.start(t)
	return r
}

func (r *evidenceRig) start(t *testing.T) {
	t.Helper()
	r.process = beginRun(t, "--config", r.config, "--state-dir", r.state)
}

// files are the JSON files of the evidence.
func (r *evidenceRig) files() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "*.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	return files
}

// verify runs verify-evidence and returns its exit status and all that it says.
func (r *evidenceRig) verify() (status int, text string) {
	r.t.Helper()
	cmd := exec.Command("ptpwatch", "verify-evidence", r.dir, "--journal", filepath.Join(r.state, "journal"))
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func (r *evidenceRig) whole(evidences string) {
	r.t.Helper()
	if status, text := r.verify(); status != statusDone || !strings.HasSuffix(text, "\nwhole\n") || !strings.Contains(text, "\nevidence: "+evidences+",") {
		r.t.Errorf("verify-evidence: exit status %d: %s", status, text)
	}
}

// replayed are the critical alerts that a replay raises from a document and its
// frames alone, and those that the document holds, but for the frames.
func (r *evidenceRig) replayed(file string) (got, want []map[string]any) {
	r.t.Helper()
	d, err := evidence.Read(file)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, a := range d.Alerts {
		want = append(want, eventOf(r.t, a.Event))
	}
	cmd := exec.Command("ptpwatch", "replay", "--format", "jsonl", "--fail-on", "critical", "--state", file, strings.TrimSuffix(file, ".json")+".pcapng")
	out, _ := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != statusAlerted {
		r.t.Errorf("%v: exit status %d", cmd.Args, code)
	}
	for line := range bytes.Lines(out) {
		if e := eventOf(r.t, line); e["event"] == "raised" && e["severity"] == "critical" {
			got = append(got, e)
		}
	}
	return got, want
}

func eventOf(t testing.TB, text []byte) (e map[string]any) {
	t.Helper()
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	delete(e, "frame")
	return e
}

// TestRunKeepsEvidence of a hijack, which a replay judges as the agent did, and
// of which nothing can be changed unseen. A full disk is told and survived, and
// so is kill -9.
func TestRunKeepsEvidence(t *testing.T) {
	r := newEvidenceRig(t)
	announce(t, "left", north, 0)
	r.shows(1, "baseline_state", `network="plant"`, `state="pinned"`)
	r.exceeds(2, "evidence_buffer_seconds")
	stop := announce(t, "left", north-1, 0)
	r.shows(1, "alert_active", `alert="PTPRogueGrandmaster"`, `network="plant"`)
	r.shows(1, "evidence_written_total")
	files := r.files()
	got, want := r.replayed(files[0])
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 || got[0]["alert"] != "PTPRogueGrandmaster" {
		t.Errorf("-evidence +replay\n%s", diff)
	}
	if out, err := exec.Command("tshark", "-n", "-r", strings.TrimSuffix(files[0], ".json")+".pcapng", "-Y", `frame.comment contains "raised by this frame"`,
		"-T", "fields", "-e", "ptp.v2.clockidentity", "-e", "frame.comment").CombinedOutput(); err != nil ||
		!strings.Contains(string(out), "0x001d7ffffe800249\tPTPRogueGrandmaster (critical) raised by this frame") {
		t.Errorf("tshark: %v: %s", err, out)
	}
	r.whole("1")
	stop()

	filler := filepath.Join(r.dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 4<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	heard, _ := r.metric("messages_total")
	stop = announce(t, "left", north-2, 0)
	r.exceeds(0, "evidence_errors_total")
	r.shows(1, "alert_active", `alert="PTPWatchDegraded"`)
	r.exceeds(heard+16, "messages_total")
	r.shows(0, "capture_drops_total")
	r.logs("evidence cannot be written", "no space left on device")
	r.whole("1")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r.shows(2, "evidence_written_total")
	r.shows(0, "evidence_lost_total")
	got, want = r.replayed(r.files()[1])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-evidence +replay\n%s", diff)
	}
	stop()

	stop = announce(t, "left", north-3, 0)
	r.shows(1, "alert_active", `alert="PTPRogueGrandmaster"`, `grandmaster="`+(north-3).String()+`"`)
	time.Sleep(100 * time.Millisecond)
	r.signal(syscall.SIGKILL)
	<-r.ended
	r.whole("2")
	stop()
	r.start(t)
	defer announce(t, "left", north-4, 0)()
	r.shows(1, "evidence_written_total")
	r.stop()
	r.whole("3")

	frames := strings.TrimSuffix(r.files()[1], ".json") + ".pcapng"
	data, err := os.ReadFile(frames)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(data, []byte{0x88, 0xf7})
	for _, change := range []func() error{
		func() error { return os.WriteFile(frames, slices.Replace(slices.Clone(data), i, i+1, 0x89), 0o600) },
		func() error { return os.Remove(frames) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		status, text := r.verify()
		if status != statusFailed || !strings.Contains(text, "ptpwatch: broken links: 1, the first: "+filepath.Base(frames)[:8]) || !strings.Contains(text, filepath.Base(frames)) {
			t.Errorf("a tampered file: exit status %d: %s", status, text)
		}
	}
}
