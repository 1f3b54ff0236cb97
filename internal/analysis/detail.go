package analysis

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/tamper"
	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Detail is all that a detector has learned, and what it has gathered, in JSON. In
// a file it is compressed: gzip in base64.
type Detail []byte

// mostDetail is more than any takes.
const mostDetail = 16 << 20

// detailOf writes down what a value keeps.
func detailOf(v keep.Keeper) Detail {
	text, err := keep.Marshal(v)
	if err != nil {
		panic(err) // a type that cannot be kept, whatever is in it: a fault of the program
	}
	return text
}

func (d Detail) into(v keep.Keeper) error { return keep.Unmarshal(d, v) }

// MarshalText implements encoding.TextMarshaler.
func (d Detail) MarshalText() ([]byte, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(d); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return base64.StdEncoding.AppendEncode(nil, packed.Bytes()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Detail) UnmarshalText(text []byte) error {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	if err != nil {
		return fmt.Errorf("detail: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, mostDetail+1))
	if err != nil {
		return fmt.Errorf("detail: %w", err)
	}
	if len(plain) > mostDetail {
		return fmt.Errorf("detail: more than %d MiB", mostDetail>>20)
	}
	*d = plain
	return nil
}

// layout is of all that is kept in Details.
var layout = keep.Layout(&timing{}, &court{}, &span{})

// TimingState is what delays between a port and a tap are usually, and what may
// become an alert of theirs.
type TimingState struct {
	Port   ptp.PortIdentity `json:"port"`
	Tap    string           `json:"tap"`
	Detail Detail           `json:"detail"`
}

// mostDetailed is how many of them there are: each takes 100 KiB, 30 of them
// compressed. Those on which something is suspected go first.
const mostDetailed = 64

// detailed are the timings whose details are kept, in order of keys.
func (t *Tracker) detailed() (list []keptTiming) {
	for _, e := range t.ports.entries {
		for _, tm := range e.value.timings {
			if tm.tampering != nil || tm.path.Blocks() > 0 {
				list = append(list, keptTiming{pathKey{e.value.domain.scope, e.value.id, tm.tap}, tm})
			}
		}
	}
	for key, tm := range t.kept {
		list = append(list, keptTiming{key, tm})
	}
	if len(list) > mostDetailed {
		slices.SortFunc(list, func(a, b keptTiming) int {
			return cmp.Or(cmp.Compare(b.timing.path.Stage(), a.timing.path.Stage()), a.compare(b))
		})
		list = list[:mostDetailed]
	}
	slices.SortFunc(list, keptTiming.compare)
	return list
}

type keptTiming struct {
	key    pathKey
	timing *timing
}

func (k keptTiming) compare(o keptTiming) int {
	return cmp.Or(k.key.scope.compare(o.key.scope), k.key.port.Compare(o.key.port), strings.Compare(k.key.tap, o.key.tap))
}

// timingStates are those of one scope.
func timingStates(list []keptTiming, s Scope) (states []TimingState) {
	for _, k := range list {
		if k.key.scope == s {
			states = append(states, TimingState{k.key.port, k.key.tap, detailOf(k.timing)})
		}
	}
	return states
}

func (t *Tracker) resumeTimings(scope Scope, list []TimingState) error {
	for _, s := range list {
		if len(t.kept) == min(mostDetailed, t.cfg.Limits.TimingPorts) {
			return nil
		}
		tm := &timing{tap: s.Tap}
		if err := s.Detail.into(tm); err != nil {
			return fmt.Errorf("what was learned of %s at %s: %w", s.Port, s.Tap, err)
		}
		t.kept[pathKey{scope, s.Port, s.Tap}] = tm
	}
	return nil
}

// recallTiming takes up what is kept of a timing; nil where nothing is.
func (t *Tracker) recallTiming(key pathKey, d *domain) *timing {
	tm := t.kept[key]
	delete(t.kept, key)
	if tm == nil || tm.adopt(t.adoptClock, d) != nil {
		return nil
	}
	return tm
}

// adoptClock finds the clock that stamps of which this is a picture, or makes it;
// nil when there is no room.
func (t *Tracker) adoptClock(picture *delay.Clock) *delay.Clock {
	for _, c := range t.stampClocks {
		if c.Source == picture.Source && c.Name == picture.Name {
			return c.Clock
		}
	}
	if len(t.stampClocks) == maxStampClocks {
		return nil
	}
	t.stampClocks = append(t.stampClocks, &stampClock{Clock: picture})
	return picture
}

// adopt ends reading a timing.
func (tm *timing) adopt(known func(*delay.Clock) *delay.Clock, d *domain) error {
	if w := tm.tampering; w != nil {
		w.epoch = d.epoch
		w.asking = make([]*delay.Client, len(w.now))
		for i := range w.asking {
			w.asking[i] = new(delay.Client) // nobody yet
		}
		for _, way := range []*tamperedWay{&w.forward, &w.reverse} {
			if way.clock != nil {
				way.clock = known(way.clock) // which the Meter has, too
			}
		}
	}
	return tm.Adopt(known)
}

// Kept implements keep.Keeper.
func (tm *timing) Kept() keep.Fields {
	return keep.Fields{
		{Name: "interface", Value: &tm.iface}, {Name: "meter", Value: &tm.Meter}, {Name: "path", Value: &tm.path}, {Name: "tampering", Value: &tm.tampering},
	}
}

// Kept implements keep.Keeper.
func (w *pathWatch) Kept() keep.Fields {
	return keep.Fields{{Name: "path", Value: &w.Path}, {Name: "step", Value: &w.step}, {Name: "asked", Value: &w.asked}, {Name: "others", Value: &w.others}}
}

// Kept implements keep.Keeper.
func (w *tampering) Kept() keep.Fields {
	return keep.Fields{
		{Name: "forward", Value: &w.forward}, {Name: "reverse", Value: &w.reverse}, {Name: "clients", Value: &w.clients}, {Name: "now", Value: &w.now},
	}
}

// Check implements keep.Checker.
func (w *tampering) Check() error {
	if len(w.now) > tamper.MaxClients {
		return fmt.Errorf("%d clients, want %d at most", len(w.now), tamper.MaxClients)
	}
	return nil
}

// Kept implements keep.Keeper.
func (w *tamperedWay) Kept() keep.Fields {
	return keep.Fields{
		{Name: "way", Value: &w.Way}, {Name: "clock", Value: &w.clock}, {Name: "steps", Value: &w.steps}, {Name: "base", Value: &w.base}, {Name: "explained", Value: &w.explained},
	}
}

// SpanState is what messages usually take from one tap to another.
type SpanState struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Detail Detail `json:"detail"`
}

func (t *Tracker) spanStates() (list []SpanState) {
	for _, s := range append(slices.Clone(t.spans), t.keptSpans...) {
		list = append(list, SpanState{s.way.From, s.way.To, detailOf(s)})
	}
	return list
}

func (t *Tracker) resumeSpans(list []SpanState) error {
	for _, s := range list[:min(len(list), transit.MaxWays)] {
		kept := &span{way: &transit.Way{From: s.From, To: s.To}}
		if err := s.Detail.into(kept); err != nil {
			return fmt.Errorf("what was learned of the way from %s to %s: %w", s.From, s.To, err)
		}
		t.keptSpans = append(t.keptSpans, kept)
	}
	return nil
}

// newSpan is what is judged of a way that has just been seen.
func (t *Tracker) newSpan(w *transit.Way) *span {
	i := slices.IndexFunc(t.keptSpans, func(s *span) bool { return s.way.From == w.From && s.way.To == w.To })
	if i < 0 {
		return &span{way: w}
	}
	s := t.keptSpans[i]
	t.keptSpans = slices.Delete(t.keptSpans, i, i+1)
	s.way = w
	return s
}

// Kept implements keep.Keeper.
func (s *span) Kept() keep.Fields {
	return keep.Fields{
		{Name: "span", Value: &s.Span}, {Name: "syncs", Value: &s.syncs}, {Name: "requests", Value: &s.requests}, {Name: "negative", Value: &s.negative},
	}
}
