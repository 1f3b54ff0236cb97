package reference

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Alarm is one that a detector has raised.
type Alarm struct {
	Detector  string
	At        time.Time
	Interface string
	Network   string
	Domain    uint8
	SdoID     ptp.SdoID
	Port      ptp.PortIdentity // whose messages it is about
	Until     time.Time        // when it ended; zero while it holds
}

// Detectors are the names of all, as Alarm.Detector has them.
var Detectors = []string{StaticLimit, Slope, EWMA, Sequence}

// The detectors.
const (
	StaticLimit = "static limit"
	Slope       = "60-s slope"
	EWMA        = "5-min EWMA"
	Sequence    = "sequenceId seen"
)

// quiet is how long a detector must have nothing to say before its alarm ends.
const quiet = time.Minute

// most bounds each table: a stranger may invent identities without end. What
// comes when a table is full is not watched.
const most = 4096

// source is a port as heard on an interface.
type source struct {
	iface, network string
	domain         uint8
	sdoID          ptp.SdoID
	port           ptp.PortIdentity
}

func sourceOf(o *packet.Observation, p ptp.PortIdentity) source {
	return source{o.Interface, o.Network, o.Message.DomainNumber, o.Message.SdoID, p}
}

// Watch has every detector look at a replay.
type Watch struct {
	alarms   []Alarm
	last     map[held]*state
	delays   map[source]*delays
	requests map[source]request
	flows    map[flow]*sequence
}

type held struct {
	detector string
	source   source
}

// state is of the alarm of one detector about one source.
type state struct {
	alarm int // its place among all
	seen  time.Time
}

// NewWatch has seen nothing.
func NewWatch() *Watch {
	return &Watch{
		last: map[held]*state{}, delays: map[source]*delays{},
		requests: map[source]request{}, flows: map[flow]*sequence{},
	}
}

// Handle takes the next observation.
func (w *Watch) Handle(o *packet.Observation) {
	if o.Malformed != "" || o.V1 != nil {
		return
	}
	w.sequences(o)
	w.exchange(o)
}

// Alarms are those raised so far, in their order; the ones that have ended say
// when.
func (w *Watch) Alarms() []Alarm {
	for _, s := range w.last {
		w.alarms[s.alarm].Until = s.seen.Add(quiet)
	}
	return w.alarms
}

// alarm notes that a detector sees something wrong.
func (w *Watch) alarm(detector string, at time.Time, about source) {
	key := held{detector, about}
	s := w.last[key]
	switch {
	case s == nil:
		s = &state{}
		w.last[key] = s
	case at.Sub(s.seen) <= quiet:
		s.seen = at
		return
	default:
		w.alarms[s.alarm].Until = s.seen.Add(quiet)
	}
	s.alarm, s.seen = len(w.alarms), at
	w.alarms = append(w.alarms, Alarm{
		Detector: detector, At: at, Interface: about.iface, Network: about.network,
		Domain: about.domain, SdoID: about.sdoID, Port: about.port,
	})
}

// room finds the entry of a bounded table or makes one, nil when it is full.
func room[K comparable, V any](table map[K]*V, key K, fresh func() *V) *V {
	v := table[key]
	if v == nil && len(table) < most {
		v = fresh()
		table[key] = v
	}
	return v
}
