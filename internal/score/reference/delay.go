package reference

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// delays is what is measured of a port that answers Delay_Req: the mean path
// delay between it and us, a mean a second.
type delays struct {
	sync     event // the last two-step Sync, until its Follow_Up
	waiting  bool
	forward  float64 // ns, of the last Sync
	at       time.Time
	measured bool // forward is set

	second   int64 // since the epoch, of what is being summed
	sum      float64
	count    int
	monitors []monitor
}

// event is an event message as it was heard.
type event struct {
	sequence   uint16
	stamp      time.Time
	correction float64
}

// request is the last Delay_Req of a port.
type request = event

// stale is how old the forward delay may be and still be the counterpart of a
// reverse one.
const stale = 20 * time.Second

// monitor looks at the mean path delay of each second, in ns, and says whether
// there is something wrong.
type monitor interface {
	name() string
	wrong(second int64, delay float64) bool
}

func newDelays() *delays {
	return &delays{monitors: []monitor{&static{}, &slope{}, &ewma{}}}
}

// exchange measures as a client would (IEEE 1588-2019 11.3): meanPathDelay =
// ((t2 - t1) + (t4 - t3))/2, where t2 and t3 are our own stamps.
func (w *Watch) exchange(o *packet.Observation) {
	m := &o.Message
	from := sourceOf(o, m.SourcePortIdentity)
	switch m.Type {
	case ptp.Sync:
		if d := room(w.delays, from, newDelays); d != nil {
			d.sync = eventOf(o)
			if d.waiting = m.Flags.Has(ptp.FlagTwoStep); !d.waiting {
				d.origin(&d.sync, m, 0)
			}
		}
	case ptp.FollowUp:
		if d := w.delays[from]; d != nil && d.waiting && d.sync.sequence == m.SequenceID {
			d.waiting = false
			d.origin(&d.sync, m, correction(m))
		}
	case ptp.DelayReq:
		if _, known := w.requests[from]; known || len(w.requests) < most {
			w.requests[from] = eventOf(o)
		}
	case ptp.DelayResp:
		asked, known := w.requests[sourceOf(o, m.PortIdentity)]
		if d := w.delays[from]; d != nil && known && asked.sequence == m.SequenceID {
			w.answered(d, from, &asked, o)
		}
	}
}

// origin takes the forward delay of a Sync.
func (d *delays) origin(sync *event, m *ptp.Message, more float64) {
	if t1, ok := ptp.Nanoseconds(m.Timestamp); ok {
		d.forward = float64(sync.stamp.UnixNano()-t1) - sync.correction - more
		d.at, d.measured = sync.stamp, true
	}
}

// answered takes the reverse delay, and looks at what was measured in the
// second before when another one begins.
func (w *Watch) answered(d *delays, from source, asked *request, o *packet.Observation) {
	t4, ok := ptp.Nanoseconds(o.Message.Timestamp)
	if !ok || !d.measured || asked.stamp.Sub(d.at).Abs() > stale {
		return
	}
	reverse := float64(t4-asked.stamp.UnixNano()) - (correction(&o.Message) - asked.correction)
	if second := o.At.Unix(); second != d.second {
		if d.count > 0 {
			d.look(w, o.At, from)
		}
		d.second, d.sum, d.count = second, 0, 0
	}
	d.sum += (d.forward + reverse) / 2
	d.count++
}

func (d *delays) look(w *Watch, at time.Time, from source) {
	for _, m := range d.monitors {
		if m.wrong(d.second, d.sum/float64(d.count)) {
			w.alarm(m.name(), at, from)
		}
	}
}

func eventOf(o *packet.Observation) event {
	return event{o.Message.SequenceID, o.Stamp, correction(&o.Message)}
}

// correction is in ns (IEEE 1588-2019 13.3.2.9).
func correction(m *ptp.Message) float64 { return float64(m.CorrectionField) / 65536 }
