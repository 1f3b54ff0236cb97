package evidence

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// sameAlert holds alerts against each other but for the file their frame is in.
var sameAlert = cmp.Options{cmpopts.IgnoreFields(analysis.Alert{}, "Frame", "References")}

// TestReplayRaisesTheSame: whatever raised a critical alert, what the evidence
// holds raises it again, at the same time, with the same words, by the frame that
// the evidence names.
func TestReplayRaisesTheSame(t *testing.T) {
	best, other := announce(gm1, 100), announce(gm2, 128)
	sync := ptp.Message{Type: ptp.Sync, SourcePortIdentity: best.SourcePortIdentity, LogMessageInterval: -3}
	lying := best
	lying.Announce.CurrentUTCOffset = 36
	for _, c := range []struct {
		name  string
		set   func(*Settings)
		hear  func(*rig)
		alert string
		frame bool // raised it
	}{
		{"a rogue after hours of calm", nil, func(r *rig) {
			r.seconds(3600, best)
			r.seconds(5, best, announce(gm3, 50))
			r.seconds(60, best)
		}, analysis.AlertRogueGrandmaster, true},
		{"a rogue while it is learned", nil, func(r *rig) {
			r.seconds(5, best)
			r.seconds(60, best, announce(gm3, 50))
		}, analysis.AlertRogueGrandmaster, true},
		{"a rogue by the list", func(s *Settings) {
			s.Analysis.Domains = []analysis.DomainConfig{{Baseline: analysis.BaselineListed, Grandmasters: []analysis.GrandmasterConfig{{Identity: gm2}}}}
		}, func(r *rig) { r.seconds(60, best, other) }, analysis.AlertRogueGrandmaster, true},
		{"a rogue after all fell silent and were forgotten", nil, func(r *rig) {
			r.seconds(120, best)
			r.seconds(1200)
			r.raised = nil // that it was lost
			r.seconds(60, announce(gm3, 50))
		}, analysis.AlertRogueGrandmaster, true},
		{"a rogue by a threshold of the configuration, as critical", func(s *Settings) {
			s.Analysis.Alerts = map[string]analysis.AlertConfig{analysis.AlertUnknownGrandmaster: {Severity: analysis.Critical}}
		}, func(r *rig) {
			r.seconds(120, best)
			r.seconds(60, best, announce(gm3, 200))
		}, analysis.AlertUnknownGrandmaster, true},
		{"silence", nil, func(r *rig) {
			r.seconds(120, best)
			r.seconds(60)
		}, analysis.AlertGrandmasterLost, false},
		{"silence of Announces alone", nil, func(r *rig) {
			r.seconds(120, best, sync)
			r.seconds(60, sync)
		}, analysis.AlertAnnounceTimeout, false},
		{"a wrong offset to UTC", nil, func(r *rig) {
			r.seconds(120, best)
			r.seconds(30, lying)
		}, analysis.AlertTimePropertiesInvalid, true},
		{"two senders of one identity", nil, func(r *rig) {
			r.seconds(120, best)
			for range 60 {
				r.seconds(1, best)
				r.hear("eth0", best, func(o *packet.Observation) {})
				clone(r, best)
			}
		}, analysis.AlertClockIdentityClone, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			if c.set != nil {
				c.set(&r.settings)
			}
			r.begin()
			c.hear(r)
			r.recorder.Finish(r.at)
			r.write()
			want := r.raised
			if len(want) == 0 || want[0].Name != c.alert {
				t.Fatalf("raised %+v, want %s first", want, c.alert)
			}
			docs := r.documents()
			d := docs[len(docs)-1]
			got, heard := r.replay(d)
			if len(docs) > 1 { // what came before is in those before
				first := d.alert(t, 0)
				want = want[slices.IndexFunc(want, func(a analysis.Alert) bool { return a.Raised.Equal(first.Raised) && a.Name == first.Name }):]
			}
			if diff := cmp.Diff(want, got, sameAlert); diff != "" {
				t.Errorf("-raised then +raised by the replay\n%s", diff)
			}
			if uint64(len(heard)) != d.Frames.Count {
				t.Errorf("%d frames in the file, %d by the document", len(heard), d.Frames.Count)
			}
			for i, a := range d.Alerts {
				if a.Frame != got[i].Frame.Number || (a.Frame > 0) != (want[i].Frame.Number > 0) {
					t.Errorf("alert %d: frame %d by the document, %d by the replay", i, a.Frame, got[i].Frame.Number)
				}
			}
			if c.frame && d.Alerts[0].Frame == 0 {
				t.Error("no frame is named")
			}
		})
	}
}

// clone sends a message of the same port identity from elsewhere.
func clone(r *rig, m ptp.Message) {
	m.VersionPTP, m.MinorVersionPTP, m.SequenceID = 2, 1, r.sequence[m.SourcePortIdentity]+9000
	r.hearFrame("eth0", append([]byte{0x01, 0x1b, 0x19, 0, 0, 0, 6, 6, 6, 6, 6, 6, 0x88, 0xf7}, ptp.AppendMessage(nil, &m)...))
}

// TestFile: what Wireshark's users see, and what there is of a frame.
func TestFile(t *testing.T) {
	r := newRig(t)
	r.begin()
	best := announce(gm1, 100)
	r.seconds(120, best)
	nic := r.at.Add(37*time.Second + 5)
	r.hear("eth1", best, func(o *packet.Observation) {
		o.Egress, o.Hardware, o.Stamp, o.StampSource, o.StampClock, o.Length = true, nic, nic, packet.StampHardware, "ptp1", 1500
	})
	r.at = r.at.Add(7)
	r.hear("eth0", best, func(o *packet.Observation) { o.Hardware = nic }) // measured with the system's all the same
	rogueAt := r.at.Add(9)
	r.at = rogueAt
	r.seconds(60, announce(gm3, 50))
	r.write()

	docs := r.documents()
	if len(docs) != 1 || len(docs[0].Alerts) != 1 {
		t.Fatalf("%d documents: %+v", len(docs), docs)
	}
	d := docs[0]
	if want := fmt.Sprintf("00000001-%s-PTPRogueGrandmaster.pcapng", rogueAt.Format("20060102T150405Z")); d.Frames.File != want {
		t.Errorf("file %q, want %q", d.Frames.File, want)
	}
	f := d.Frames
	if lead := rogueAt.Sub(f.From); lead < r.options.Before || lead > r.options.Before*5/4+time.Second || !f.Until.Equal(rogueAt.Add(r.options.Before*5/4)) || f.Cut != "" {
		t.Errorf("frames from %v until %v, cut %q; the alert at %v", f.From, f.Until, f.Cut, rogueAt)
	}
	data, err := os.ReadFile(filepath.Join(r.options.Dir, f.File))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := capture.NewReader(f.File, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var record capture.Record
	for record.Number < d.Alerts[0].Frame {
		if err := reader.Next(&record); err != nil {
			t.Fatal(err)
		}
		if alerts := strings.Count(string(record.Comment), "raised by this frame"); (record.Number == d.Alerts[0].Frame) != (alerts == 1) {
			t.Errorf("frame %d: comment %q", record.Number, record.Comment)
		}
	}
	comment := string(record.Comment)
	for _, part := range []string{
		"PTPRogueGrandmaster (critical) raised by this frame, frame 962 of eth0", "; expected: ", "; observed: ", gm3.String(),
		"\nptpwatch-stamps: frame=962 source=software software=",
	} {
		if !strings.Contains(comment, part) {
			t.Errorf("the deciding frame's comment lacks %q: %q", part, comment)
		}
	}
	if record.Time != rogueAt.UnixNano() {
		t.Errorf("its time %d, want %d", record.Time, rogueAt.UnixNano())
	}
	_, heard := r.replay(d)
	i := slices.IndexFunc(heard, func(o packet.Observation) bool { return o.Interface == "eth1" })
	if o := heard[i]; !o.Egress || !o.Stamp.Equal(nic) || o.StampSource != packet.StampHardware || o.StampClock != "ptp1" || !o.Hardware.Equal(nic) ||
		!o.Software.Equal(o.At.Add(-time.Microsecond)) || o.Length != 1500 {
		t.Errorf("eth1: %+v", o)
	}
	if o := heard[i+1]; o.Egress || !o.Stamp.Equal(o.Software) || o.StampSource != packet.StampSoftware || !o.Hardware.Equal(nic) || o.StampClock != "" || o.At.Sub(heard[i].At) != 7 {
		t.Errorf("eth0: %+v", o)
	}
}

// TestOneEvidenceForManyAlerts: a storm of alerts, however long, puts no frame
// in more than two files, and no alert is without evidence.
func TestOneEvidenceForManyAlerts(t *testing.T) {
	for _, c := range []struct{ before, after time.Duration }{{20 * time.Second, 20 * time.Second}, {20 * time.Second, time.Second}, {2 * time.Second, 30 * time.Second}} {
		r := newRig(t)
		r.options.Before, r.options.After = c.before, c.after
		r.begin()
		for i := range 130 { // another rogue each second, on a network of its own
			for range 8 {
				r.hear(fmt.Sprint("eth", i), announce(gm1, 100))
				r.hear(fmt.Sprint("eth", i), announce(gm3, 50))
				r.at = r.at.Add(time.Second / 8)
			}
			r.tick()
		}
		r.recorder.Finish(r.at)
		r.write()
		docs := r.documents()
		var frames, alerts int
		for i, d := range docs {
			frames += int(d.Frames.Count)
			alerts += len(d.Alerts)
			if got, _ := r.replay(d); len(got) < len(d.Alerts) {
				t.Errorf("%v: %s: %d alerts, the replay has %d", c, d.Frames.File, len(d.Alerts), len(got))
			}
			if i > 1 && d.Frames.From.Before(docs[i-2].Frames.Until) {
				t.Errorf("%v: %s and %s share frames, and there is one between", c, docs[i-2].Frames.File, d.Frames.File)
			}
		}
		if alerts != len(r.raised) || alerts < 100 || frames > 2*r.heard || frames < r.heard*9/10 || len(docs) < 2 {
			t.Errorf("%v: %d files with %d frames of %d and %d alerts of %d", c, len(docs), frames, r.heard, alerts, len(r.raised))
		}
	}
}

// TestNoEvidence for what is not critical, or is about the monitor itself.
func TestNoEvidence(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.seconds(120, announce(gm1, 100))
	r.seconds(30, announce(gm1, 100), announce(gm3, 200)) // PTPUnknownGrandmaster
	r.tracker.HandleTroubles([]analysis.Trouble{{Reason: "evidence_unwritable"}}, r.at, r.find)
	r.seconds(60, announce(gm1, 100))
	r.recorder.Finish(r.at)
	r.write()
	if docs := r.documents(); len(docs) > 0 || len(r.raised) != 1 {
		t.Errorf("%d documents, raised %+v", len(docs), r.raised)
	}
}

// TestRestart: evidence does not reach back beyond a change that the messages
// did not make.
func TestRestart(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.seconds(120, announce(gm1, 100))
	if err := r.tracker.ResetBaseline(analysis.Scope{Network: "eth0"}, r.at, r.find); err != nil {
		t.Fatal(err)
	}
	r.settings.Analysis.Alerts = map[string]analysis.AlertConfig{analysis.AlertFlood: {Disabled: true}}
	r.tracker.Reconfigure(r.settings.Analysis, r.at, r.find)
	r.recorder.Restart(r.at, r.settings)
	changed := r.at
	r.seconds(3, announce(gm1, 100))
	r.seconds(5, announce(gm1, 100), announce(gm3, 50))
	r.recorder.Restart(r.at, r.settings) // and an operator looks at it at once
	r.seconds(60, announce(gm1, 100))
	r.write()
	docs := r.documents()
	if len(docs) != 1 {
		t.Fatalf("%d documents", len(docs))
	}
	d := docs[0]
	if f := d.Frames; f.From.Before(changed) || f.Count != 8*(3+5+5) || f.Cut == "" || f.Until.Sub(changed) != 8*time.Second {
		t.Errorf("%+v, the change at %v", f, changed)
	}
	if !d.Settings.Alerts[analysis.AlertFlood].Disabled {
		t.Errorf("settings %+v", d.Settings)
	}
	got, _ := r.replay(d)
	if diff := cmp.Diff(r.raised, got, sameAlert); diff != "" || got[0].Name != analysis.AlertRogueGrandmaster {
		t.Errorf("-raised then +raised by the replay\n%s", diff)
	}
}
