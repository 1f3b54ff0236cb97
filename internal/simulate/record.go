package simulate

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// recorder writes what taps see, from the end of the warm-up on.
type recorder struct {
	model      *model
	out        *capture.Writer
	interfaces map[*tap]int
	record     capture.Record
	octets     []byte
	frames     uint64
	seen       func(f *network.Frame) // is shown what is written, for tests; nil for nobody
	err        error                  // the first; nothing is written after
}

func (m *model) newRecorder(w io.Writer) (*recorder, error) {
	out, err := capture.NewWriter(w, "ptpwatch")
	if err != nil {
		return nil, err
	}
	r := &recorder{model: m, out: out, interfaces: map[*tap]int{}}
	for _, t := range m.taps {
		i, err := out.AddInterface(t.keys.Name, capture.LinkEthernet)
		if err != nil {
			return nil, err
		}
		r.interfaces[t] = i
	}
	return r, nil
}

// frame is called by a tap.
func (r *recorder) frame(t *tap, ns int64, f *network.Frame) {
	if r.model.net.Now() < r.model.zero || r.err != nil {
		return
	}
	r.octets = f.AppendWire(r.octets[:0])
	r.record.Time, r.record.Data = ns, r.octets
	if r.err = r.out.Write(r.interfaces[t], &r.record); r.err != nil {
		return
	}
	r.frames++
	if r.seen != nil {
		r.seen(f)
	}
	if f.Episode > 0 {
		if e := r.model.episodes[f.Episode-1]; e.firstFrame == 0 {
			e.firstFrame = r.frames
		}
	}
}

// series collects the error of a clock.
type series struct {
	out   *truth.Series
	error func(at event.Time) float64 // ps
	name  string                      // of a PTP clock
}

// maxValues is how many errors a series keeps.
const maxValues = 3600

// watch makes the series of all clocks and taps.
func (m *model) watch(t *truth.Truth) (all []series) {
	length := event.Time(m.file.Duration)
	every := max(event.Second, (length/maxValues+event.Second-1)/event.Second*event.Second).Duration()
	for i := range t.Clocks {
		s := &t.Clocks[i].Error
		s.Interval = every
		th := m.things[t.Clocks[i].Name]
		one := series{s, th.clock.Error, th.name}
		all = append(all, one)
		th.instance.Observe = func(at event.Time) { m.peak(&one, at, one.now(at)) }
	}
	for i, tap := range m.taps {
		s := &t.Interfaces[i].Error
		s.Interval = every
		all = append(all, series{s, tap.clock.Error, ""})
	}
	return all
}

// aftermath is for how long an episode's effects on clocks count as its own.
const aftermath = 30 * event.Second

func (s *series) now(at event.Time) truth.Nanoseconds { return truth.Nanoseconds(s.error(at) / 1000) }

// peak notes an error if it is the largest so far.
func (m *model) peak(s *series, at event.Time, e truth.Nanoseconds) {
	if at < m.zero {
		return
	}
	e = truth.Nanoseconds(math.Abs(float64(e)))
	s.out.MaxAbs = max(s.out.MaxAbs, e)
	for _, ep := range m.episodes {
		if s.name != "" && at >= ep.start && at < ep.end+aftermath {
			ep.maxError[s.name] = max(ep.maxError[s.name], e)
		}
	}
}

// sample notes every clock's error at a time.
func (m *model) sample(all []series, at event.Time) {
	elapsed := (at - m.zero).Duration()
	for i := range all {
		s := &all[i]
		e := s.now(at)
		m.peak(s, at, e)
		if elapsed%s.out.Interval == 0 {
			s.out.Values = append(s.out.Values, e)
		}
	}
}

// newTruth is what is known before anything has happened.
func (m *model) newTruth(s *Scenario) *truth.Truth {
	t := &truth.Truth{
		Scenario: s.Name, Description: s.Description, Seed: m.net.Seed, Start: m.start,
		Duration: event.Time(m.file.Duration).Duration(), Config: m.config(),
	}
	for _, tap := range m.taps {
		i := truth.Interface{Name: tap.keys.Name, Clock: tap.clock.Oscillator().Class().Name, Timescale: string(tap.timescale)}
		if tap.link != nil {
			i.Link = tap.link.Name
		}
		if tap.mirror != nil {
			i.Switch = tap.mirror.name
		}
		t.Interfaces = append(t.Interfaces, i)
	}
	for _, th := range m.order {
		if th.instance != nil {
			t.Clocks = append(t.Clocks, truth.Clock{Name: th.name, Identity: th.instance.Identity.String(), Role: string(th.role)})
		}
	}
	return t
}

// finish adds what is known afterwards.
func (m *model) finish(t *truth.Truth) {
	t.Frames = m.writer.frames
	for _, e := range m.episodes {
		e.Start, e.End, e.FirstFrame, e.MaxError = m.when(e.start), m.when(e.end), e.firstFrame, e.maxError
		if e.first != event.Never {
			e.First = m.when(e.first)
		} else {
			e.First = time.Time{}
		}
		t.Episodes = append(t.Episodes, e.Episode)
	}
}

func (r *recorder) flush() error {
	if r.err == nil {
		r.err = r.out.Flush()
	}
	if r.err != nil {
		return fmt.Errorf("write capture: %w", r.err)
	}
	return nil
}
