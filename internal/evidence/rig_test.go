package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// rig is a Recorder beside an analysis, as an agent has them, on a clock of its
// own.
type rig struct {
	t        testing.TB
	options  Options
	settings Settings
	tracker  *analysis.Tracker
	recorder *Recorder
	decoder  *capture.Decoder
	at       time.Time
	numbers  map[string]uint64
	sequence map[ptp.PortIdentity]uint16
	raised   []analysis.Alert // critical ones
	heard    int

	mu      sync.Mutex
	records []Record // of the journal
}

var epoch = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{
		t: t, at: epoch, decoder: capture.NewDecoder(), numbers: make(map[string]uint64), sequence: make(map[ptp.PortIdentity]uint16),
		options: Options{
			Dir: filepath.Join(t.TempDir(), "evidence"), Before: 20 * time.Second, After: 20 * time.Second,
			Memory: 4 << 20, MaxBytes: 1 << 30, MaxAge: 1000 * time.Hour, Agent: "ptpwatch test",
		},
		settings: Settings{Analysis: analysis.Config{LearnFor: time.Minute}},
	}
	return r
}

// begin makes the rig's parts, as it is set by now.
func (r *rig) begin() {
	r.tracker = analysis.New(r.settings.Analysis)
	r.recorder = New(r.options, func() Basis { return Basis{r.tracker.State(), r.tracker.Baselines()} },
		Log{Record: func(_ time.Time, kind journal.Kind, data any) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.records = append(r.records, data.(Record))
		}}, slog.New(slog.DiscardHandler))
	r.recorder.Restart(r.at, r.settings)
}

func (r *rig) find(f analysis.Finding) {
	if f.Event != analysis.AlertRaised {
		return
	}
	if f.Alert.Severity == analysis.Critical {
		r.raised = append(r.raised, *f.Alert)
	}
	r.recorder.Raised(f.At, f.Alert, f.Alert)
}

// hear lets a message come in on an interface now.
func (r *rig) hear(iface string, m ptp.Message, change ...func(*packet.Observation)) {
	r.t.Helper()
	m.VersionPTP, m.MinorVersionPTP = 2, 1
	from := m.SourcePortIdentity
	m.SequenceID = r.sequence[from]
	r.sequence[from]++
	frame := append([]byte{0x01, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, byte(from.ClockIdentity), 0x88, 0xf7}, ptp.AppendMessage(nil, &m)...)
	for len(frame) < 60 {
		frame = append(frame, 0)
	}
	r.hearFrame(iface, frame, change...)
}

func (r *rig) hearFrame(iface string, frame []byte, change ...func(*packet.Observation)) {
	r.t.Helper()
	var o packet.Observation
	if !r.decoder.Decode(capture.Frame{Link: capture.LinkEthernet, Data: frame, Length: len(frame)}, &o) {
		r.t.Fatalf("not PTP: % x", frame)
	}
	r.numbers[iface]++
	r.heard++
	o.At, o.Stamp, o.Software, o.StampSource = r.at, r.at.Add(-time.Microsecond), r.at.Add(-time.Microsecond), packet.StampSoftware
	o.Interface, o.Tap, o.Network, o.Frame.Number = iface, iface, iface, r.numbers[iface]
	for _, c := range change {
		c(&o)
	}
	r.recorder.Observe(&o, frame)
	r.tracker.Handle(&o, r.find)
}

// seconds lets some pass, in which these announce themselves on eth0 eight times
// a second.
func (r *rig) seconds(n int, speakers ...ptp.Message) {
	r.t.Helper()
	for range n {
		for range 8 {
			for _, m := range speakers {
				r.hear("eth0", m)
			}
			r.at = r.at.Add(time.Second / 8)
		}
		r.tick()
	}
}

func (r *rig) tick() {
	r.tracker.HandleTick(r.at, r.find)
	r.recorder.Tick(r.at)
}

func announce(clock ptp.ClockIdentity, priority2 uint8) ptp.Message {
	return ptp.Message{
		Type: ptp.AnnounceMessage, SourcePortIdentity: ptp.PortIdentity{ClockIdentity: clock, PortNumber: 1}, LogMessageInterval: -3,
		Flags: ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagCurrentUTCOffsetValid,
		Announce: ptp.Announce{
			CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: priority2, TimeSource: 0x20,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
			GrandmasterIdentity:     clock,
		},
	}
}

const (
	gm1 ptp.ClockIdentity = 0x001d7ffffe800201
	gm2 ptp.ClockIdentity = 0x001d7ffffe800202
	gm3 ptp.ClockIdentity = 0x001d7ffffe800203
)

// write writes all that waits, as at the end of an agent.
func (r *rig) write() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.recorder.Run(ctx); err != nil {
		r.t.Fatal(err)
	}
}

// documents are those in the folder, oldest first.
func (r *rig) documents() (all []*Document) {
	r.t.Helper()
	entries, parts, err := list(r.options.Dir)
	if err != nil || len(parts) > 0 {
		r.t.Fatalf("%v, half written: %q", err, parts)
	}
	for _, e := range entries {
		d, err := Read(filepath.Join(r.options.Dir, e.name+documentSuffix))
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func (d *Document) alert(t testing.TB, i int) analysis.Alert {
	t.Helper()
	var a analysis.Alert
	if err := json.Unmarshal(d.Alerts[i].Event, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// replay judges the frames of a document as the agent did, from what the
// document says and nothing else, and returns what is critical, and the frames.
func (r *rig) replay(d *Document) (raised []analysis.Alert, heard []packet.Observation) {
	r.t.Helper()
	tracker, err := analysis.Resume(d.Settings, d.State)
	if err != nil {
		r.t.Fatal(err)
	}
	find := func(f analysis.Finding) {
		if f.Event == analysis.AlertRaised && f.Alert.Severity == analysis.Critical {
			raised = append(raised, *f.Alert)
		}
	}
	files, err := capture.OpenFiles([]string{filepath.Join(r.options.Dir, d.Frames.File)}, nil, capture.Options{Naming: d.Naming})
	if err != nil {
		r.t.Fatal(err)
	}
	defer files.Close()
	for {
		var o packet.Observation
		if err := files.Next(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			r.t.Fatal(err)
		}
		tracker.Handle(&o, find)
		heard = append(heard, o)
	}
	tracker.HandleTick(d.Frames.Until, find)
	return raised, heard
}

// wait waits for something to become true of the recorder.
func (r *rig) wait(what string, true func(Stats) bool) {
	r.t.Helper()
	for begin := time.Now(); !true(r.recorder.Stats()); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			r.t.Fatalf("waited for %s: %+v", what, r.recorder.Stats())
		}
	}
}

// hijack is calm, a rogue, and calm, and then the evidence of it is gathered.
func (r *rig) hijack() {
	r.seconds(100, announce(gm1, 100))
	r.seconds(1, announce(gm1, 100), announce(gm3, 50))
	r.seconds(60, announce(gm1, 100))
}
