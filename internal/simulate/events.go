package simulate

import (
	"fmt"
	"reflect"

	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// eventKeys is something that happens at a time, and with "for" ends after a
// while.
type eventKeys struct {
	At      span    `yaml:"at,required"` // since the beginning of the capture; of a range, all of one episode with the same range get the same time
	For     *length `yaml:"for"`         // after which it is undone
	Episode *ref    `yaml:"episode"`     // of `truth` that it is a part of
	place
	verbs
}

// onset names the chance by which the event begins: what belongs to one
// episode and has the same range begins at the same time.
func (k *eventKeys) onset() string {
	if k.Episode == nil {
		return k.key
	}
	return fmt.Sprintf("%s %d..%d", k.Episode.name, k.At.from, k.At.to)
}

// verbs are what can happen; of each event exactly one is given. All are
// actions.
type verbs struct {
	Start   *startKeys   `yaml:"start"`       // clocks are switched on
	Stop    *stopKeys    `yaml:"stop"`        // clocks are switched off
	Set     *setKeys     `yaml:"set"`         // clocks are configured anew
	Clock   *clockEvent  `yaml:"clock"`       // clocks go wrong
	Link    *linkEvent   `yaml:"link"`        // links change
	Capture *captureKeys `yaml:"capture"`     // taps lose frames
	Leap    *leapKeys    `yaml:"leap_second"` // UTC has a leap second: clocks of taps that show it do

	Delay  *delayKeys  `yaml:"delay"`   // a device in a link holds frames up
	Drop   *dropKeys   `yaml:"drop"`    // a device in a link takes frames away
	Modify *modifyKeys `yaml:"modify"`  // a device in a link changes messages
	Rogue  *rogueKeys  `yaml:"correct"` // a transparent clock lies about residence times

	Announce  *announceKeys  `yaml:"announce"`     // a host sends Announces
	Sync      *syncKeys      `yaml:"sync"`         // a host sends Syncs and Follow_Ups, one to each of a clock's
	Respond   *respondKeys   `yaml:"respond"`      // a host answers Delay_Reqs
	Peer      *peerKeys      `yaml:"respond_peer"` // a host answers Pdelay_Reqs
	Replay    *replayKeys    `yaml:"replay"`       // a host records and plays again
	Flood     *floodKeys     `yaml:"flood"`        // a host sends very many messages
	Request   *requestKeys   `yaml:"request"`      // a host asks for unicast transmission
	Manage    *manageKeys    `yaml:"manage"`       // a host sends Management messages
	Signal    *signalKeys    `yaml:"signal"`       // a host sends Signaling messages
	Malformed *malformedKeys `yaml:"malform"`      // a host sends messages that are none
}

// action is what an event does.
type action interface {
	// bind finds what the action is about in a model, where m.problem is for
	// what cannot be found. Do makes it happen; what do returns ends it, nil if
	// there is nothing to end.
	bind(m *model, e *happening) (do func() (undo func()))
}

// happening is an event of a model.
type happening struct {
	at, end event.Time // the end is Never if nothing ends it
	episode *episode   // nil for none
	mark    attack.Mark
	name    string // for chance of its own
}

// actions are the verbs that are given.
func (v *verbs) actions() (given []action) {
	r := reflect.ValueOf(v).Elem()
	for _, f := range r.Fields() {
		if !f.IsNil() {
			given = append(given, f.Interface().(action))
		}
	}
	return given
}

// events has the network do what the file says will happen.
func (m *model) events() {
	for i := range m.file.Events {
		k := &m.file.Events[i]
		given := k.actions()
		if len(given) != 1 {
			m.problem(k.line, k.key, "%d things happen: give exactly one of %v", len(given), sortedKeys(fields(reflect.ValueOf(&k.verbs).Elem())))
			continue
		}
		h := &happening{at: m.zero + m.drawn(k.At, k.onset()), end: event.Never, name: k.key}
		last := m.zero + event.Time(m.file.Duration)
		if k.For != nil {
			h.end = h.at + event.Time(*k.For)
		}
		if h.at < m.zero || h.at >= last {
			m.problem(k.line, k.key, "it happens outside the scenario's duration")
		}
		if k.Episode != nil {
			if h.episode = m.episode(k.Episode.name); h.episode == nil {
				m.problem(k.line, k.key, "no episode is called %q under truth", k.Episode.name)
			} else {
				h.episode.during(h.at, min(h.end, last))
			}
		}
		h.mark = h.episode.mark()
		m.schedule(h, given[0].bind(m, h))
	}
	for _, e := range m.episodes {
		if e.start == event.Never {
			m.problem(e.line, "truth", "no event belongs to episode %q", e.Name)
		}
	}
}

func (m *model) schedule(h *happening, do func() func()) {
	m.net.At(h.at, func() {
		undo := do()
		if undo != nil && h.end != event.Never {
			m.net.At(h.end-1, undo) // before what begins then
		}
	})
}

// touched notes that the event has had its effect.
func (h *happening) touched(at event.Time) {
	if h.mark.Touched != nil {
		h.mark.Touched(at)
	}
}
