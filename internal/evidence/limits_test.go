package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// TestLimits: by size and by age the oldest goes, and the journal is told before
// it does; the newest stays.
func TestLimits(t *testing.T) {
	r := newRig(t)
	r.options.MaxBytes = 1 << 20
	r.begin()
	kept := 0
	for range 12 {
		r.hijack()
		r.write()
		kept++
		if s := r.recorder.Stats(); s.Bytes > r.options.MaxBytes || s.Bytes == 0 || s.Written != uint64(kept) {
			t.Fatalf("%+v", s)
		}
	}
	docs := r.documents()
	if len(docs) < 3 || len(docs) > 11 || docs[len(docs)-1].Seq != 12 || docs[0].Seq != uint64(13-len(docs)) {
		t.Fatalf("%d documents, %d to %d", len(docs), docs[0].Seq, docs[len(docs)-1].Seq)
	}
	var size int64
	files, _ := os.ReadDir(r.options.Dir)
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if len(files) != 2*len(docs) || size != r.recorder.Stats().Bytes {
		t.Errorf("%d files of %d octets, %+v", len(files), size, r.recorder.Stats())
	}
	var named, wantNamed []string // what alerts are told to have is there
	for _, e := range r.recorder.Evidenced() {
		if e.Name == "" || e.Raised.IsZero() {
			t.Errorf("an alert without a name or time: %+v", e)
		}
		named = append(named, e.File)
	}
	for _, d := range docs {
		wantNamed = append(wantNamed, d.Frames.File)
	}
	if diff := cmp.Diff(wantNamed, slices.Compact(named)); diff != "" {
		t.Errorf("alerts have (-want +got)\n%s", diff)
	}
	var removed []uint64
	for _, record := range r.records {
		if record.Event == Removed {
			removed = append(removed, record.Seq)
		}
	}
	var want []uint64
	for seq := uint64(1); seq < docs[0].Seq; seq++ {
		want = append(want, seq)
	}
	if diff := cmp.Diff(want, removed); diff != "" {
		t.Errorf("the journal is told of (-want +got)\n%s", diff)
	}

	old := time.Now().Add(-2 * r.options.MaxAge)
	for _, f := range files {
		if err := os.Chtimes(filepath.Join(r.options.Dir, f.Name()), old, old); err != nil {
			t.Fatal(err)
		}
	}
	r.write() // another agent's start
	if docs := r.documents(); len(docs) != 1 || docs[0].Seq != 12 {
		t.Errorf("of those that are too old %d are left", len(docs))
	}

	r.options.MaxBytes = 1
	r.begin()
	r.hijack()
	r.write()
	if docs := r.documents(); len(docs) != 1 || docs[0].Seq != 13 {
		t.Errorf("%d documents, the last %d", len(docs), docs[0].Seq)
	}
}

// TestOthersFiles in the folder are left alone.
func TestOthersFiles(t *testing.T) {
	r := newRig(t)
	r.options.MaxBytes = 1
	if err := os.MkdirAll(r.options.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	theirs := []string{"monday.pcapng", "12-notes.json", "00000001-x.json", "00000009-20260101T000000Z-PTPFlood.pcapng.part.bak", "00000001-20260101T000000Z-.pcapng"}
	ours := []string{"00000009-20260101T000000Z-PTPFlood.pcapng.part", "00000009-20260101T000000Z-PTPFlood.json.part", "00000009-20260101T000000Z-PTPFlood.pcapng"}
	for _, name := range append(slices.Clone(theirs), ours...) {
		if err := os.WriteFile(filepath.Join(r.options.Dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.begin()
	r.write()
	var left []string
	files, _ := os.ReadDir(r.options.Dir)
	for _, f := range files {
		left = append(left, f.Name())
	}
	slices.Sort(theirs)
	if diff := cmp.Diff(theirs, left); diff != "" {
		t.Errorf("left (-want +got)\n%s", diff)
	}
}

// TestSlowDisk: while nothing is written nobody waits, memory is bounded, and
// what does not fit is counted.
func TestSlowDisk(t *testing.T) {
	r := newRig(t)
	r.options.Memory = 1 << 20
	r.settings.Analysis.Domains = []analysis.DomainConfig{{Baseline: analysis.BaselineListed, Grandmasters: []analysis.GrandmasterConfig{{Identity: gm1}}}}
	r.begin()
	r.seconds(100, announce(gm1, 100))
	for i := range 100 { // each alert with more than the ring holds
		for range 500 {
			r.hearFrame("eth0", padded)
		}
		for range 3 {
			r.hear(fmt.Sprint("eth", i+1), announce(gm1, 100))
			r.hear(fmt.Sprint("eth", i+1), announce(gm3, 50))
			r.at = r.at.Add(time.Second / 8)
		}
		r.seconds(3, announce(gm1, 100))
		if held := r.recorder.held; held > 2*r.options.Memory {
			t.Fatalf("%d octets are held", held)
		}
		if r.recorder.ring.size > r.options.Memory {
			t.Fatalf("%d octets in the ring", r.recorder.ring.size)
		}
	}
	r.recorder.Finish(r.at)
	lost := r.recorder.Stats().Lost
	r.write()
	s := r.recorder.Stats()
	if lost == 0 || s.Lost != lost || s.Written == 0 || r.recorder.held != 0 {
		t.Errorf("%+v, %d octets are held", s, r.recorder.held)
	}
	docs := r.documents()
	for _, d := range docs {
		if got, _ := r.replay(d); len(got) < len(d.Alerts) {
			t.Errorf("%s: %d alerts, the replay has %d", d.Frames.File, len(d.Alerts), len(got))
		}
	}
	if last := docs[len(docs)-1]; last.Frames.Cut == "" {
		t.Errorf("%+v: it has less than was asked for and does not say so", last.Frames)
	}
}
