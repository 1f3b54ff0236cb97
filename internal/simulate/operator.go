package simulate

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// What operators do, and what breaks.

// startKeys switch clocks on.
type startKeys struct {
	Nodes []ref `yaml:"nodes,required"` // clocks
}

func (k *startKeys) bind(m *model, h *happening) func() func() {
	is := m.instances(k.Nodes)
	return func() func() {
		for _, i := range is {
			h.marks(i)
			i.Start()
		}
		return func() {
			for _, i := range is {
				i.Stop()
			}
		}
	}
}

// stopKeys switch clocks off.
type stopKeys struct {
	Nodes []ref `yaml:"nodes,required"` // clocks
}

func (k *stopKeys) bind(m *model, h *happening) func() func() {
	is := m.instances(k.Nodes)
	return func() func() {
		h.touched(h.at)
		for _, i := range is {
			i.Stop()
		}
		return func() {
			for _, i := range is {
				i.Start()
			}
		}
	}
}

func (m *model) instances(rs []ref) (is []*node.Instance) {
	for n := range rs {
		for _, t := range m.named(&rs[n]) {
			if t.instance == nil {
				m.problem(rs[n].line, rs[n].key, "%q is no clock", t.name)
				continue
			}
			is = append(is, t.instance)
		}
	}
	return is
}

// marks has what an instance sends from now on count to the episode: all, or
// messages of some types.
func (h *happening) marks(i *node.Instance, types ...ptp.MessageType) {
	if h.episode != nil {
		i.Mark(h.mark.Episode, h.mark.Touched, types...)
	}
}

// setKeys change what clocks are configured with.
type setKeys struct {
	Nodes []ref `yaml:"nodes,required"` // clocks; what is set are the attributes
	attributeKeys
}

func (k *setKeys) bind(m *model, h *happening) func() func() {
	is := m.instances(k.Nodes)
	return func() func() {
		before := make([]node.Settings, len(is))
		for n, i := range is {
			before[n] = i.Settings
			k.apply(&i.Settings)
			h.marks(i, k.shows()...)
			i.Reconfigure()
		}
		return func() {
			for n, i := range is {
				i.Settings = before[n]
				i.Mark(0, nil)
				i.Reconfigure()
			}
		}
	}
}

// shows are the messages in which the change is seen; none for all.
func (k *setKeys) shows() []ptp.MessageType {
	switch {
	case k.Signed != nil || k.MinorVersion != nil || k.Domain != nil || k.SdoID != nil || k.VLAN != nil || k.TTL != nil:
		return nil
	case k.Sync != nil || k.TwoStep != nil:
		return []ptp.MessageType{ptp.Sync}
	case k.DelayRespLog != nil:
		return []ptp.MessageType{ptp.DelayResp}
	}
	return []ptp.MessageType{ptp.AnnounceMessage}
}

// clockEvent is a clock that goes wrong.
type clockEvent struct {
	Nodes []ref    `yaml:"nodes"`    // clocks
	Taps  []ref    `yaml:"taps"`     // taps, for the clocks that stamp
	Step  duration `yaml:"step"`     // of the time
	Drift fraction `yaml:"drift"`    // added to the frequency; undone, what it has done stays
	Hold  bool     `yaml:"holdover"` // the reference is lost
}

func (k *clockEvent) bind(m *model, h *happening) func() func() {
	is := m.instances(k.Nodes)
	var clocks []*oscillator.Clock
	for _, i := range is {
		clocks = append(clocks, i.Clock())
	}
	for n := range k.Taps {
		if t := m.tapNamed(&k.Taps[n]); t != nil {
			clocks = append(clocks, t.clock)
		}
	}
	return func() func() {
		for _, i := range is {
			h.marks(i, ptp.FollowUp, ptp.DelayResp, ptp.Sync)
		}
		h.touched(h.at)
		for _, c := range clocks {
			c.Step(h.at, float64(k.Step))
			c.Steer(h.at, c.Rate()+float64(k.Drift))
			c.Oscillator().Hold(k.Hold)
		}
		return func() {
			now := m.net.Now()
			for _, c := range clocks { // a drift ends; what it has done stays
				c.Steer(now, c.Rate()-float64(k.Drift))
				c.Oscillator().Hold(false)
			}
			for _, i := range is {
				i.Mark(0, nil)
			}
		}
	}
}

// linkEvent changes links.
type linkEvent struct {
	Links     []ref     `yaml:"links,required"`
	Delay     *span     `yaml:"delay"`     // as of links
	Asymmetry duration  `yaml:"asymmetry"` // of that delay
	Loss      *share    `yaml:"loss"`
	Down      *bool     `yaml:"down"` // nothing gets through
	Load      *loadKeys `yaml:"load"`
	LoadBack  *loadKeys `yaml:"load_back"`
}

func (k *linkEvent) bind(m *model, h *happening) func() func() {
	var ls []*network.Link
	for n := range k.Links {
		ls = append(ls, m.linksOf(&k.Links[n])...)
	}
	there, back := make([]event.Time, len(ls)), make([]event.Time, len(ls))
	for n, l := range ls {
		if k.Delay != nil {
			there[n], back[n] = m.ways(&k.Links[0], l.Name, m.drawn(*k.Delay, h.name+" "+l.Name), event.Time(k.Asymmetry))
		}
	}
	return func() func() {
		h.touched(h.at)
		undo := make([]func(), len(ls))
		for n, l := range ls {
			undo[n] = l.Restore()
			if k.Delay != nil {
				l.SetDelay(there[n], back[n])
			}
			k.apply(m, l)
		}
		m.rerouted(h.at)
		return func() {
			for _, u := range undo {
				u()
			}
			m.rerouted(h.end)
		}
	}
}

// apply changes all but the delay.
func (k *linkEvent) apply(m *model, l *network.Link) {
	if k.Loss != nil {
		l.SetLoss(float64(*k.Loss))
	}
	if k.Down != nil {
		l.SetDown(*k.Down)
	}
	m.load(l, 0, k.Load)
	if k.LoadBack != nil {
		m.load(l, 1, k.LoadBack)
	} else {
		m.load(l, 1, k.Load)
	}
}

// rerouted notes that delays are others from now on.
func (m *model) rerouted(at event.Time) { m.changed = append(m.changed, m.paths(at)...) }

// captureKeys make a tap lose frames.
type captureKeys struct {
	Taps []ref `yaml:"taps,required"`
	Loss share `yaml:"loss,required"` // of frames
}

func (k *captureKeys) bind(m *model, h *happening) func() func() {
	var ts []*tap
	for n := range k.Taps {
		if t := m.tapNamed(&k.Taps[n]); t != nil {
			ts = append(ts, t)
		}
	}
	return func() func() {
		h.touched(h.at)
		for _, t := range ts {
			t.SetLoss(float64(k.Loss))
		}
		return func() {
			for _, t := range ts {
				t.SetLoss(float64(t.keys.Loss))
			}
		}
	}
}

// leapKeys insert a leap second: clocks that show UTC show a second less from
// then on.
type leapKeys struct{}

func (k *leapKeys) bind(m *model, h *happening) func() func() {
	return func() func() {
		h.touched(h.at)
		for _, t := range m.taps {
			if t.timescale == "utc" && t.keys.ClockOf == nil {
				t.clock.Move(-1e9)
			}
		}
		return nil
	}
}
